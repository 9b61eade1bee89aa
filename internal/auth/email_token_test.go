package auth_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/app"
	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

func TestACodeByMail(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		reply := s.Call(t, emailToken, testkit.Map{"userId": "walter", "email": " Walter@Example.com", "phrase": true}).Want(201)
		m := s.Message(t)
		want := map[string]string{"user": "", "otp": m.Values["otp"], "phrase": reply.Text("phrase"), "minutes": "15", "agentDevice": "", "agentClient": m.Values["agentClient"], "agentOs": ""}
		if diff := cmp.Diff(want, m.Values); diff != "" {
			t.Errorf("the mail says otherwise (-want +got)\n%s", diff)
		}
		if !regexp.MustCompile(`^[0-9]{6}$`).MatchString(m.Values["otp"]) || !regexp.MustCompile(`^[A-Z][a-z]+ [a-z]+$`).MatchString(reply.Text("phrase")) {
			t.Errorf("code %q, phrase %q", m.Values["otp"], reply.Text("phrase"))
		}
		end := model.At(s.Clock.Now().Add(15 * time.Minute))
		if m.Kind != model.MessageOTP || m.To != walter || m.ToName != "" || m.Expire != end || reply.Text("expire") != end.String() {
			t.Errorf("%s to %q %q until %s, the answer says %s", m.Kind, m.ToName, m.To, m.Expire, reply.Text("expire"))
		}
		if reply.Text("userId") != "walter" || reply.Text("secret") != "" || reply.Session() != "" {
			t.Errorf("%s", reply.Body)
		}
		session := s.Call(t, redeem, proof("walter", m.Values["otp"])).Want(201)
		if session.Text("provider") != "token" || session.Get("factors.0") != "email" || session.Get("current") != true || session.Text("secret") != "" {
			t.Errorf("%s", session.Body)
		}
		me := s.Call(t, whoAmI, nil, testkit.As(session.Session())).Want(200)
		if me.Get("emailVerification") != true || me.Text("targets.0.identifier") != walter || me.Text("passwordUpdate") != "" || me.Text("name") != "" {
			t.Errorf("%s", me.Body)
		}
		s.Call(t, redeem, proof("walter", m.Values["otp"])).Want(401, "user_invalid_token")
		if diff := cmp.Diff([]string{"session.create", "session.create"}, events(t, s, "walter")); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAKnownAddressKeepsItsAccount(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		_, stranger := s.Member(t, "jesse@example.com")
		before := stored(t, s, id)
		// The id that is asked for counts for new accounts alone, and neither does it matter who asks.
		for _, body := range []testkit.Map{{"userId": "unique()", "email": walter}, {"userId": "heisenberg", "email": "WALTER@example.com"}, {"userId": stored(t, s, id).ID, "email": walter}} {
			x := ask(t, s, emailToken, body, testkit.As(stranger))
			if x.userID != id || x.message.Values["user"] != "Walter" {
				t.Errorf("%s for %v", x.userID, x.message)
			}
		}
		if diff := cmp.Diff(before, stored(t, s, id)); diff != "" {
			t.Errorf("asking for a code changed the account\n%s", diff)
		}
		s.Call(t, whoAmI, nil, testkit.As(session)).Want(200)
		// A new account takes nothing over from whoever was signed in when it was made.
		x := ask(t, s, emailToken, testkit.Map{"userId": "unique()", "email": "new@example.com"}, testkit.As(stranger))
		if user := stored(t, s, x.userID); user.Name != "" || user.HasPassword() || user.Phone != "" {
			t.Errorf("%+v", user)
		}
	})
}

func TestOneCodeLives(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		first, second := code(t, s, walter), code(t, s, walter)
		if first.secret != second.secret {
			s.Call(t, redeem, first.proof()).Want(401, "user_invalid_token")
		}
		link, phone := magic(t, s, walter), text(t, s, mobile)
		enter(t, s, second)
		enter(t, s, link) // a code of another purpose ends no link
		enter(t, s, phone)
		late := code(t, s, walter)
		s.Clock.Advance(15 * time.Minute)
		enter(t, s, late) // through its last millisecond
		late = code(t, s, walter)
		s.Clock.Advance(15*time.Minute + time.Millisecond)
		s.Call(t, redeem, late.proof()).Want(401, "user_invalid_token")
	})
}

func TestFiveWrongTriesEndACode(t *testing.T) {
	o := unlimited(nil)
	o.Proxies = true
	each(t, o, func(t *testing.T, s *testkit.Server) {
		link := magic(t, s, walter)
		for tries, status := range map[int]int{4: 201, 5: 401} {
			x := code(t, s, walter)
			for i := range tries {
				body := proof(x.userID, x.wrong())
				if i == 0 {
					body = proof(x.userID, strings.Repeat("a", 64)) // whatever it looks like, it is a wrong try
				}
				s.Call(t, []string{redeem, redeemMagic, redeemPhone}[i%3], body, s.From(string(rune('a'+i)))).Want(401, "user_invalid_token")
			}
			if reply := s.Call(t, redeem, x.proof()); reply.Status != status {
				t.Errorf("after %d wrong tries: %d %s", tries, reply.Status, reply.Body)
			}
		}
		enter(t, s, link) // a link is not guessed, so it does not end
		// Each purpose counts for itself: guessing at a sign-in leaves a code that verifies alone, and the other way.
		me := enter(t, s, code(t, s, walter))
		s.Call(t, phone, testkit.Map{"phone": mobile, "password": testkit.Password}, testkit.As(me)).Want(200)
		s.Messages(t)
		check := ask(t, s, verifyPhone, nil, testkit.As(me))
		x := code(t, s, walter)
		for range 5 {
			s.Call(t, verifiedPhone, proof(check.userID, check.wrong())).Want(401, "user_invalid_token")
		}
		s.Call(t, verifiedPhone, check.proof()).Want(401, "user_invalid_token")
		enter(t, s, x)
	})
}

func TestServersAreToldTheSecret(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		key := testkit.Header{"X-Appwrite-Key", s.Key(t, nil, "sessions.write")}
		mail := s.Call(t, emailToken, testkit.Map{"userId": "unique()", "email": walter}, key).Want(201)
		link := s.Call(t, magicURL, testkit.Map{"userId": "unique()", "email": walter, "url": page}, key).Want(201)
		sms := s.Call(t, phoneToken, testkit.Map{"userId": "unique()", "phone": mobile}, key).Want(201)
		lost := s.Call(t, recovery, testkit.Map{"email": walter, "url": page}, key).Want(201)
		put := map[string]*model.Message{}
		for _, m := range s.Messages(t) {
			put[m.Kind] = m // a message is sent all the same
		}
		if got := mail.Text("secret"); len(got) != 6 || got != secretOf(t, put[model.MessageOTP]) {
			t.Errorf("code %q", got)
		}
		if got := link.Text("secret"); len(got) != 64 || got != secretOf(t, put[model.MessageMagicURL]) {
			t.Errorf("link %q", got)
		}
		if got := lost.Text("secret"); len(got) != 256 || got != secretOf(t, put[model.MessageRecovery]) {
			t.Errorf("recovery %q", got)
		}
		encoded := sms.Text("secret")
		id, inner, _ := secret.DecodeSession(encoded)
		if id != sms.Text("userId") || inner != secretOf(t, put[model.MessagePhoneCode]) {
			t.Errorf("%s is %s of %s", encoded, inner, id)
		}
		// Both habits work: the encoded text, and what is inside; but not for somebody else.
		s.Call(t, redeem, proof(mail.Text("userId"), encoded)).Want(401, "user_invalid_token")
		session := s.Call(t, redeem, proof(id, encoded), key, testkit.Header{"X-Forwarded-User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"}).Want(201)
		if session.Text("secret") == "" || session.Text("clientName") != "Firefox" {
			t.Errorf("%s", session.Body)
		}
		again := s.Call(t, phoneToken, testkit.Map{"userId": "unique()", "phone": mobile}, key).Want(201)
		_, inner, _ = secret.DecodeSession(again.Text("secret"))
		s.Call(t, redeemPhone, proof(id, inner)).Want(201)
		if used := s.Call(t, recovered, testkit.Map{"userId": lost.Text("userId"), "secret": lost.Text("secret"), "password": other}, key).Want(200); used.Text("secret") != "" {
			t.Errorf("a used secret or its hash is shown: %s", used.Body)
		}
	})
}

func TestWhoMayBecomeAnAccount(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, _ := s.Member(t, walter)
		s.Write(t, func(tx *store.Tx) {
			tx.InsertIdentity(&model.Identity{Project: testkit.Demo, ID: "i1", UserID: id, Provider: "github", ProviderUID: "1", ProviderEmail: "linked@example.com"})
		})
		for _, c := range []struct {
			label, route string
			body         testkit.Map
			policy       func(*model.Policies)
			status       int
			kind         string
		}{
			{"an address of another's identity, code", emailToken, testkit.Map{"userId": "unique()", "email": "linked@example.com"}, nil, 400, "general_bad_request"},
			{"an address of another's identity, link", magicURL, testkit.Map{"userId": "unique()", "email": "linked@example.com"}, nil, 409, "user_email_already_exists"},
			{"an address of another's identity, link, hidden", magicURL, testkit.Map{"userId": "unique()", "email": "linked@example.com"},
				func(p *model.Policies) { p.HideAccounts.Enabled = true }, 400, "general_bad_request"},
			{"an id that is taken, code", emailToken, testkit.Map{"userId": id, "email": "a@example.com"}, nil, 409, "user_already_exists"},
			{"an id that is taken, phone", phoneToken, testkit.Map{"userId": id, "phone": "+4915112345670"}, nil, 409, "user_already_exists"},
			{"a full project, code", emailToken, testkit.Map{"userId": "unique()", "email": "a@example.com"}, func(p *model.Policies) { p.UserLimit.Total = 1 }, 400, "user_count_exceeded"},
			{"a full project, phone", phoneToken, testkit.Map{"userId": "unique()", "phone": "+4915112345670"}, func(p *model.Policies) { p.UserLimit.Total = 1 }, 400, "user_count_exceeded"},
			{"a full project, somebody there", emailToken, testkit.Map{"userId": "unique()", "email": walter}, func(p *model.Policies) { p.UserLimit.Total = 1 }, 201, ""},
			{"a free address", magicURL, testkit.Map{"userId": "unique()", "email": "a@gmail.com"}, func(p *model.Policies) { p.DenyFree.Enabled = true }, 400, "user_email_free"},
			{"an alias", emailToken, testkit.Map{"userId": "unique()", "email": "a+b@gmail.com"}, func(p *model.Policies) { p.DenyAliased.Enabled = true }, 400, "user_email_not_canonical"},
			{"a wrong id", emailToken, testkit.Map{"userId": "wrongId$", "email": "a@example.com"}, nil, 400, "general_argument_invalid"},
			{"no address", emailToken, testkit.Map{"userId": "unique()"}, nil, 400, "general_argument_invalid"},
			{"a wrong address", emailToken, testkit.Map{"userId": "unique()", "email": "wrongemail"}, nil, 400, "general_argument_invalid"},
			{"a wrong number", phoneToken, testkit.Map{"userId": "unique()", "phone": "0151"}, nil, 400, "general_argument_invalid"},
			{"a foreign page", magicURL, testkit.Map{"userId": "unique()", "email": "a@example.com", "url": "https://evil.example"}, nil, 400, "general_argument_invalid"},
			{"null for what may be left out", magicURL, testkit.Map{"userId": "unique()", "email": walter, "url": nil, "phrase": nil}, nil, 201, ""},
		} {
			t.Run(c.label, func(t *testing.T) {
				if c.policy != nil {
					set(t, s, c.policy)
					defer set(t, s, func(p *model.Policies) { *p = model.DefaultSettings().Policies })
				}
				reply := s.Call(t, c.route, c.body)
				if reply.Status != c.status || reply.Text("type") != c.kind {
					t.Errorf("%d %s", reply.Status, reply.Body)
				}
				if n := len(s.Messages(t)); n > 0 && c.status != 201 {
					t.Errorf("%d messages were put all the same", n)
				}
			})
		}
	})
}

// A target of another user that has the address already is theirs; the new account has none, and works.
func TestATargetOfAnother(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, _ := s.Member(t, walter)
		s.Write(t, func(tx *store.Tx) {
			tx.InsertTarget(&model.Target{Project: testkit.Demo, ID: "t1", UserID: id, ProviderType: model.TargetEmail, Identifier: "second@example.com"})
		})
		x := code(t, s, "second@example.com")
		enter(t, s, x)
		if x.userID == id || len(stored(t, s, x.userID).Targets) != 0 {
			t.Errorf("%s has %v", x.userID, stored(t, s, x.userID).Targets)
		}
	})
}

func TestABlockedPersonIsSentNothing(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, _ := s.Member(t, walter)
		link := magic(t, s, walter)
		block(t, s, id, true)
		known := s.Call(t, emailToken, testkit.Map{"userId": "unique()", "email": walter}).Want(201)
		if known.Text("userId") != id || len(s.Messages(t)) != 0 {
			t.Errorf("%s", known.Body)
		}
		// Who has the secret may know; who has not may not. The secret stays good.
		s.Call(t, redeem, link.proof()).Want(403, "user_blocked")
		s.Call(t, redeem, proof(id, "123456")).Want(401, "user_invalid_token")
		block(t, s, id, false)
		enter(t, s, link)
	})
}

func TestNobodyToCarryMessages(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		s.Call(t, phone, testkit.Map{"phone": mobile, "password": testkit.Password}, testkit.As(session)).Want(200)
		s.Messages(t)
		mute := without(t, s, func(string) bool { return false })
		for _, route := range []string{emailToken, magicURL, phoneToken, recovery, recoveryOTP, verify, verifyOTP, verifyPhone} {
			kind := "general_smtp_disabled"
			if route == phoneToken || route == verifyPhone {
				kind = "general_phone_disabled"
			}
			mute.Call(t, route, testkit.Map{"userId": "unique()", "email": "new@example.com", "phone": "+4915112345670", "url": page}, testkit.As(session)).Want(503, kind)
		}
		// What tells of something that happens anyway does not stop it.
		mute.Call(t, password, change(other, testkit.Password), testkit.As(session)).Want(200)
		if list := kinds(t, s); len(list) != 0 {
			t.Errorf("%v", list)
		}
	})
}

// without is a second server over s that reaches people only by some channels.
func without(t testing.TB, s *testkit.Server, reach func(channel string) bool) *testkit.Server {
	t.Helper()
	return twin(t, s, func(p *app.Parts) {
		p.Reach = func(_ context.Context, _ *model.Project, channel string) bool { return reach(channel) }
	})
}
