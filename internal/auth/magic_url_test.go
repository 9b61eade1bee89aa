package auth_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

func TestAMagicLink(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		for _, c := range []struct{ page, before, after string }{
			{"http://127.0.0.1:5173/magiclogin?next=a%20b&secret=mine&x=1&secret=two&x=2#/home", "http://127.0.0.1:5173/magiclogin?next=a+b&secret=", "#/home"},
			{"appwrite-callback-demo://", "appwrite-callback-demo://?userId=", ""},
			{"", "https://auth.example.com/console/auth/magic-url?userId=", ""},
		} {
			reply := s.Call(t, magicURL, testkit.Map{"userId": "unique()", "email": walter, "url": c.page}).Want(201)
			m := s.Message(t)
			link := m.Values["redirect"]
			if !strings.HasPrefix(link, c.before) || !strings.HasSuffix(link, c.after) || !strings.Contains(link, "expire="+url.QueryEscape(reply.Text("expire"))) {
				t.Errorf("%q became %s", c.page, link)
			}
			at, err := url.Parse(link)
			if err != nil {
				t.Fatal(err)
			}
			query := at.Query()
			if query.Get("userId") != reply.Text("userId") || len(query.Get("secret")) != 64 || query.Get("project") != testkit.Demo || len(query["secret"]) != 1 {
				t.Errorf("%s", link)
			}
			if m.Kind != model.MessageMagicURL || m.Values["minutes"] != "60" || m.Values["phrase"] != "" || m.Expire != model.At(s.Clock.Now().Add(time.Hour)) {
				t.Errorf("%+v", m)
			}
			session := s.Call(t, redeemMagic, proof(query.Get("userId"), query.Get("secret"))).Want(201)
			if session.Text("provider") != "magic-url" || session.Get("factors.0") != "email" {
				t.Errorf("%s", session.Body)
			}
		}
	})
}

// Two mails in one inbox must both work, and reading either is no way in a second time. The path of old apps leads
// to the same rule.
func TestLinksLiveSideBySide(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		first, second := magic(t, s, walter), ask(t, s, "POST /v1/account/sessions/magic-url", testkit.Map{"userId": "unique()", "email": walter, "url": page, "phrase": true})
		if second.message.Values["phrase"] == "" {
			t.Error("no phrase")
		}
		enter(t, s, first)
		enter(t, s, second)
		s.Call(t, redeem, first.proof()).Want(401, "user_invalid_token")
		late := magic(t, s, walter)
		s.Clock.Advance(time.Hour)
		enter(t, s, late)
		late = magic(t, s, walter)
		s.Clock.Advance(time.Hour + time.Millisecond)
		s.Call(t, redeem, late.proof()).Want(401, "user_invalid_token")
	})
}

// Programs that look at mail follow links, and browsers look ahead: nothing but the method of the contract takes
// a secret.
func TestLookingTakesNothing(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		session := enter(t, s, code(t, s, "jesse@example.com"))
		id := stored(t, s, s.Call(t, whoAmI, nil, testkit.As(session)).Text("$id")).ID
		s.Write(t, func(tx *store.Tx) {
			user := stored(t, s, id)
			user.EmailVerification = false
			tx.UpdateUserVerified(user)
		})
		link := magic(t, s, walter)
		check := ask(t, s, verify, testkit.Map{"url": page}, testkit.As(session))
		lost := ask(t, s, recovery, testkit.Map{"email": "jesse@example.com", "url": page})
		for _, x := range []sent{link, check, lost} {
			query := "?" + url.Values{"userId": {x.userID}, "secret": {x.secret}, "project": {testkit.Demo}, "password": {other}}.Encode()
			for _, path := range []string{"/v1/account/sessions/token", "/v1/account/sessions/magic-url", "/v1/account/sessions/phone", "/v1/account/verification", "/v1/account/verifications/email", "/v1/account/recovery"} {
				for _, method := range []string{"GET", "HEAD"} {
					request, _ := http.NewRequest(method, s.URL+path+query, nil)
					reply, err := http.DefaultClient.Do(request)
					if err != nil {
						t.Fatal(err)
					}
					reply.Body.Close()
					if reply.StatusCode < 400 {
						t.Errorf("%s %s: %d", method, path, reply.StatusCode)
					}
				}
			}
		}
		enter(t, s, link)
		s.Call(t, verifiedMail, check.proof()).Want(200)
		s.Call(t, recovered, lost.newPassword(other)).Want(200)
	})
}

// A secret is for one thing. Each is brought to every place that takes one; nothing but its own takes it, and
// whatever refused it has left it good.
func TestASecretIsForOnePurpose(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		takers := map[string][]string{
			"email-otp": {redeem, redeemMagic, redeemPhone}, "magic-url": {redeem, redeemMagic, redeemPhone}, "phone": {redeem, redeemMagic, redeemPhone},
			"verification": {verifiedMail, "PUT /v1/account/verification"}, "verification-otp": {verifiedOTP}, "phone-verification": {verifiedPhone, "PUT /v1/account/verification/phone"}, "recovery": {recovered}, "recovery-otp": {recoveredOTP},
		}
		all := []string{redeem, redeemMagic, redeemPhone, verifiedMail, "PUT /v1/account/verification", verifiedOTP, verifiedPhone, "PUT /v1/account/verification/phone", recovered, recoveredOTP}
		id, session := s.Member(t, walter)
		s.Call(t, phone, testkit.Map{"phone": mobile, "password": testkit.Password}, testkit.As(session)).Want(200)
		s.Messages(t)
		fresh := map[string]func() sent{
			"email-otp": func() sent { return code(t, s, walter) }, "magic-url": func() sent { return magic(t, s, walter) }, "phone": func() sent { return text(t, s, mobile) },
			"verification":       func() sent { return ask(t, s, verify, testkit.Map{"url": page}, testkit.As(session)) },
			"verification-otp":   func() sent { return ask(t, s, verifyOTP, testkit.Map{}, testkit.As(session)) },
			"phone-verification": func() sent { return ask(t, s, verifyPhone, nil, testkit.As(session)) },
			"recovery":           func() sent { return ask(t, s, recovery, testkit.Map{"email": walter, "url": page}) },
			"recovery-otp":       func() sent { return ask(t, s, recoveryOTP, testkit.Map{"email": walter}) },
		}
		for _, purpose := range []string{"verification", "verification-otp", "phone-verification", "email-otp", "magic-url", "phone", "recovery", "recovery-otp"} {
			user := stored(t, s, id)
			user.EmailVerification, user.PhoneVerification = false, false
			s.Write(t, func(tx *store.Tx) { tx.UpdateUserVerified(user) })
			x := fresh[purpose]()
			for _, route := range all {
				if !slices.Contains(takers[purpose], route) {
					s.Call(t, route, x.newPassword(other)).Want(401, "user_invalid_token")
				}
			}
			reply := s.Call(t, takers[purpose][0], x.newPassword(other))
			if reply.Status >= 300 {
				t.Errorf("%s is refused where it belongs: %s", purpose, reply.Body)
			}
			if purpose == "recovery" {
				session = s.Call(t, signIn, credentials(walter, other)).Want(201).Session()
			}
			s.Messages(t)
		}
	})
}

// A secret proves the address it was sent to. Moved behind the server's back, so that not the end of all tokens
// with a change of address is what helps.
func TestASecretIsForOneAddress(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		s.Call(t, phone, testkit.Map{"phone": mobile, "password": testkit.Password}, testkit.As(session)).Want(200)
		s.Messages(t)
		type brought struct {
			route string
			x     sent
		}
		list := []brought{{redeem, code(t, s, walter)}, {redeem, magic(t, s, walter)}, {redeem, text(t, s, mobile)},
			{verifiedMail, ask(t, s, verify, testkit.Map{"url": page}, testkit.As(session))}, {verifiedOTP, ask(t, s, verifyOTP, testkit.Map{}, testkit.As(session))},
			{verifiedPhone, ask(t, s, verifyPhone, nil, testkit.As(session))},
			{recovered, ask(t, s, recovery, testkit.Map{"email": walter, "url": page})}, {recoveredOTP, ask(t, s, recoveryOTP, testkit.Map{"email": walter})}}
		old := stored(t, s, id)
		moved := *old
		moved.Email, moved.Phone = "new@example.com", "+4915112345679"
		s.Write(t, func(tx *store.Tx) { tx.UpdateUserEmail(&moved); tx.UpdateUserPhone(&moved) })
		for _, b := range list {
			s.Call(t, b.route, b.x.newPassword(other)).Want(401, "user_invalid_token")
		}
		if user := stored(t, s, id); user.EmailVerification || user.PhoneVerification {
			t.Error("the new address is verifiedMail by what was sent to the old one")
		}
		s.Write(t, func(tx *store.Tx) { tx.UpdateUserEmail(old); tx.UpdateUserPhone(old) })
		enter(t, s, list[1].x) // what was refused for its address alone has not been taken
		// And the usual way: whoever changes the address ends whatever was sent to the old one.
		link := magic(t, s, walter)
		s.Call(t, email, credentials("other@example.com", testkit.Password), testkit.As(session)).Want(200)
		s.Call(t, redeem, proof(id, link.secret)).Want(401, "user_invalid_token")
	})
}

func TestNobodysSecret(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		walters, jesses := magic(t, s, walter), magic(t, s, "jesse@example.com")
		for _, body := range []testkit.Map{proof("ewewe", walters.secret), proof("unique()", walters.secret), proof(jesses.userID, walters.secret),
			proof(walters.userID, strings.ToUpper(walters.secret)), proof(walters.userID, walters.secret+"0"), proof(walters.userID, walters.secret[:63])} {
			s.Call(t, redeem, body).Want(401, "user_invalid_token")
		}
		for _, body := range []testkit.Map{{"userId": walters.userID}, {"secret": walters.secret}, {"userId": walters.userID, "secret": 123456},
			proof(walters.userID, ""), proof(walters.userID, strings.Repeat("a", 257)), proof("$", walters.secret)} {
			s.Call(t, redeem, body).Want(400, "general_argument_invalid")
		}
		s.Call(t, verifiedMail, proof("unique()", "a")).Want(400, "general_argument_invalid")
		session := enter(t, s, walters)
		s.Call(t, redeem, jesses.proof(), testkit.As(session)).Want(401, "user_session_already_exists")
		enter(t, s, jesses)
	})
}
