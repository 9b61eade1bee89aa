package auth_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// firefox is a device with a name.
var firefox = testkit.Header{"User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"}

func TestPeopleAreToldOfChanges(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		me := testkit.As(session)
		s.Call(t, password, change(other, testkit.Password), me, firefox, testkit.Header{"X-Appwrite-Locale", "de"}).Want(200)
		m := s.Message(t)
		want := map[string]string{"user": "Walter", "device": "Firefox", "ipAddress": "127.0.0.1", "country": "Unbekannt"}
		if m.Values["country"] == "" {
			t.Error("no country")
		}
		want["country"] = m.Values["country"]
		if diff := cmp.Diff(want, m.Values); diff != "" || m.Kind != model.NoticePassword || m.To != walter || m.ToName != "Walter" || m.Locale != "de" {
			t.Errorf("%+v\n%s", m, diff)
		}
		s.Call(t, email, credentials("new@example.com", other), me).Want(200)
		list := s.Messages(t)
		if len(list) != 2 || list[0].Values["email"] != "new@example.com" || list[1].Values["email"] != "new@example.com" {
			t.Fatalf("%d notices", len(list))
		}
		to := []string{list[0].To, list[1].To}
		slices.Sort(to)
		if diff := cmp.Diff([]string{"new@example.com", walter}, to); diff != "" || list[0].Kind != model.NoticeEmail {
			t.Error(diff)
		}
		s.Call(t, phone, testkit.Map{"phone": mobile, "password": other}, me).Want(200)
		if m := s.Message(t); m.Kind != model.NoticePhone || m.To != "new@example.com" || m.Values["phone"] != mobile {
			t.Errorf("%+v", m)
		}
		s.Call(t, email, credentials("third@example.com", "a wrong guess"), me).Want(401)
		if list := kinds(t, s); len(list) != 0 {
			t.Errorf("what did not happen is told: %v", list)
		}
		set(t, s, func(p *model.Policies) { p.AccountNotices.Enabled = false })
		s.Call(t, password, change(testkit.Password, other), me).Want(200)
		s.Call(t, recovered, lose(t, s, "new@example.com").newPassword(other)).Want(200)
		if list := kinds(t, s); len(list) != 0 {
			t.Errorf("told against the policy: %v", list)
		}
		// Whoever had no address is told nothing about getting one.
		set(t, s, func(p *model.Policies) { p.AccountNotices.Enabled = true })
		_, nameless := guest(t, s)
		s.Call(t, email, credentials("first@example.com", testkit.Password), testkit.As(nameless)).Want(200)
		if list := kinds(t, s); len(list) != 0 {
			t.Errorf("%v", list)
		}
	})
}

func TestSessionAlerts(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		s.SignUp(t, walter)
		s.SignIn(t, walter)
		s.SignIn(t, walter)
		if list := kinds(t, s); len(list) != 0 {
			t.Errorf("alerted without the policy: %v", list)
		}
		set(t, s, func(p *model.Policies) { p.SessionAlert.Enabled = true })
		s.Call(t, signIn, credentials(walter, testkit.Password), firefox).Want(201)
		if m := s.Message(t); m.Kind != model.MessageSessionAlert || m.To != walter || m.Values["device"] != "Firefox" || m.Values["ipAddress"] != "127.0.0.1" || m.Values["user"] != "Walter" {
			t.Errorf("%+v", m)
		}
		s.Call(t, signIn, credentials(walter, testkit.Password), testkit.Header{"User-Agent", "tool/1"}).Want(201)
		if m := s.Message(t); m.Values["device"] != "tool/1" {
			t.Errorf("%+v", m)
		}
		// Not of a sign-in from the very mailbox, and not of the first one.
		enter(t, s, code(t, s, walter))
		enter(t, s, magic(t, s, walter))
		s.SignUp(t, "jesse@example.com")
		s.SignIn(t, "jesse@example.com")
		_, nameless := guest(t, s)
		s.Call(t, whoAmI, nil, testkit.As(nameless)).Want(200)
		if list := kinds(t, s); len(list) != 0 {
			t.Errorf("%v", list)
		}
		// But of one by a number.
		_, session := s.Member(t, "skyler@example.com")
		s.Call(t, phone, testkit.Map{"phone": mobile, "password": testkit.Password}, testkit.As(session)).Want(200)
		s.Messages(t)
		enter(t, s, text(t, s, mobile))
		if diff := cmp.Diff([]string{"sessionAlert skyler@example.com"}, kinds(t, s)); diff != "" {
			t.Error(diff)
		}
		// An alert that cannot leave stops nobody.
		mute := without(t, s, func(string) bool { return false })
		mute.Call(t, signIn, credentials(walter, testkit.Password)).Want(201)
		if list := kinds(t, s); len(list) != 0 {
			t.Errorf("%v", list)
		}
	})
}

// prepare makes an account with somebody else's address, as a thief would who waits for its owner, and returns the
// thief's session.
func prepare(t testing.TB, s *testkit.Server) (id, session string) {
	t.Helper()
	id, session = s.Member(t, walter)
	s.Call(t, phone, testkit.Map{"phone": mobile, "password": testkit.Password}, testkit.As(session)).Want(200)
	s.Call(t, "PATCH /v1/account/prefs", testkit.Map{"prefs": testkit.Map{"theme": "dark"}}, testkit.As(session)).Want(200)
	s.Write(t, func(tx *store.Tx) {
		tx.InsertIdentity(&model.Identity{Project: testkit.Demo, ID: "i" + id[:10], UserID: id, Provider: "github", ProviderUID: id, ProviderEmail: "thief@example.com"})
	})
	s.Messages(t)
	return id, session
}

func TestTheFirstProofOfAnAddress(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		for _, by := range []struct {
			label string
			enter func(t testing.TB) string
			told  []string
		}{
			{"a code", func(t testing.TB) string { return enter(t, s, code(t, s, walter)) }, []string{"noticeProven " + walter}},
			{"a link", func(t testing.TB) string { return enter(t, s, magic(t, s, walter)) }, []string{"noticeProven " + walter}},
			{"a recovery", func(t testing.TB) string {
				s.Call(t, recovered, lose(t, s, walter).newPassword(other)).Want(200)
				return s.Call(t, signIn, credentials(walter, other)).Want(201).Session()
			}, []string{"noticeProven " + walter, "noticeRecovered " + walter}},
		} {
			for _, wipes := range []bool{false, true} {
				set(t, s, func(p *model.Policies) { p.FirstProofWipe.Enabled, p.SessionInvalidation.Enabled = wipes, wipes })
				id, thief := prepare(t, s)
				spare := text(t, s, mobile)
				me := s.Call(t, whoAmI, nil, testkit.As(by.enter(t))).Want(200)
				if me.Text("$id") != id || me.Get("emailVerification") != true || me.Text("name") != "Walter" || me.Text("prefs.theme") != "dark" {
					t.Errorf("%s: %s", by.label, me.Body)
				}
				told := kinds(t, s)
				slices.Sort(told)
				status, kept := 200, mobile
				if wipes {
					status, kept = 401, ""
					if diff := cmp.Diff(by.told, told); diff != "" {
						t.Errorf("%s: %s", by.label, diff)
					}
					s.Call(t, redeem, spare.proof()).Want(401, "user_invalid_token")
					s.Call(t, signIn, credentials(walter, testkit.Password)).Want(401, "user_invalid_credentials")
				}
				s.Call(t, whoAmI, nil, testkit.As(thief)).Want(status)
				if me.Text("phone") != kept {
					t.Errorf("%s, wipes %v: the number is %q", by.label, wipes, me.Text("phone"))
				}
				_, err := s.DB.IdentityByUID(t.Context(), testkit.Demo, "github", id)
				if (err != nil) != wipes {
					t.Errorf("%s, wipes %v: the thief's identity: %v", by.label, wipes, err)
				}
				if wipes {
					// What is proved once is the owner's: nothing is taken from them the next time.
					s.Messages(t)
					session := enter(t, s, code(t, s, walter))
					s.Call(t, password, change("my own password", map[bool]string{true: other}[by.label == "a recovery"]), testkit.As(session)).Want(200)
					s.Messages(t)
					enter(t, s, magic(t, s, walter))
					s.Call(t, signIn, credentials(walter, "my own password")).Want(201)
				}
				remove(t, s, id)
			}
		}
		// An account that a code has just made holds nothing of anybody: nobody is told of nothing.
		set(t, s, func(p *model.Policies) { p.FirstProofWipe.Enabled = true })
		enter(t, s, code(t, s, "brandnew@example.com"))
		if list := kinds(t, s); len(list) != 0 {
			t.Errorf("%v", list)
		}
	})
}
