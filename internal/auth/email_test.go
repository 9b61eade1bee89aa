package auth_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// number is the body of a change of number.
func number(phone, password string) testkit.Map {
	return testkit.Map{"phone": phone, "password": password}
}

// verified marks a user's address and number as verified.
func verified(t testing.TB, s *testkit.Server, id string) {
	t.Helper()
	user := stored(t, s, id)
	user.EmailVerification, user.PhoneVerification = true, true
	s.Write(t, func(tx *store.Tx) { tx.UpdateUserVerified(user) })
}

// targets lists what messages to a user go to, as kind:identifier.
func targets(t testing.TB, s *testkit.Server, id string) []string {
	t.Helper()
	list := []string{}
	for _, target := range stored(t, s, id).Targets {
		list = append(list, target.ProviderType+":"+target.Identifier)
	}
	return list
}

func TestChangingTheEmail(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		me := testkit.As(session)
		verified(t, s, id)
		before := stored(t, s, id)
		s.Clock.Advance(time.Minute)
		reply := s.Call(t, email, credentials(" Heisenberg+x@Gmail.COM", testkit.Password), me).Want(200)
		for path, want := range map[string]any{"$id": id, "email": "heisenberg+x@gmail.com", "emailVerification": false, "phoneVerification": true,
			"emailCanonical": "heisenberg@gmail.com", "emailIsFree": true, "emailIsCorporate": false, "emailIsCanonical": false,
			"targets.0.identifier": "heisenberg+x@gmail.com", "targets.0.$id": before.Targets[0].ID, "targets.1": nil,
			"$updatedAt": "2026-03-01T12:01:00.000+00:00", "passwordUpdate": before.PasswordUpdate.String()} {
			if diff := cmp.Diff(want, reply.Get(path)); diff != "" {
				t.Errorf("%s (-want +got)\n%s", path, diff)
			}
		}
		if again := s.Call(t, whoAmI, nil, me).Want(200); string(again.Body) != string(reply.Body) {
			t.Errorf("answered %s\nread     %s", reply.Body, again.Body)
		}
		// The old address is free at once, and signs nobody in.
		s.Call(t, signIn, credentials(walter, testkit.Password)).Want(401, "user_invalid_credentials")
		s.Call(t, signIn, credentials("heisenberg+x@gmail.com", testkit.Password)).Want(201)
		if other := s.SignUp(t, walter); other == id {
			t.Error("two people have one id")
		}
	})
}

func TestChangesOfEmailThatAreRefused(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		jesse := s.SignUp(t, "jesse@example.com")
		_, anonymous := guest(t, s)
		s.Write(t, func(tx *store.Tx) {
			tx.InsertIdentity(&model.Identity{Project: testkit.Demo, ID: "i1", UserID: jesse, Provider: "github", ProviderUID: "1", ProviderEmail: "jp@github.example"})
			tx.InsertIdentity(&model.Identity{Project: testkit.Demo, ID: "i2", UserID: id, Provider: "github", ProviderUID: "2", ProviderEmail: "ww@github.example"})
		})
		verified(t, s, id)
		for _, c := range []struct {
			label  string
			body   testkit.Map
			status int
			kind   string
		}{
			{"nothing", testkit.Map{}, 400, "general_argument_invalid"},
			{"no address", credentials("walter", testkit.Password), 400, "general_argument_invalid"},
			{"an empty address", credentials("", testkit.Password), 400, "general_argument_invalid"},
			{"no password", testkit.Map{"email": "w@example.com"}, 400, "general_argument_invalid"},
			{"an empty password", credentials("w@example.com", ""), 400, "general_argument_invalid"},
			{"a wrong password", credentials("w@example.com", "wrong password"), 401, "user_invalid_credentials"},
			{"a wrong password for a taken address", credentials("jesse@example.com", "wrong password"), 401, "user_invalid_credentials"},
			{"a taken address", credentials("JESSE@example.com", testkit.Password), 409, "user_target_already_exists"},
			{"the same address", credentials(" Walter@example.com", testkit.Password), 409, "user_target_already_exists"},
			{"the address of another at a provider", credentials("JP@github.example", testkit.Password), 400, "general_bad_request"},
		} {
			t.Run(c.label, func(t *testing.T) { s.Call(t, email, c.body, testkit.As(session)).Want(c.status, c.kind) })
		}
		s.Call(t, email, credentials("jesse@example.com", other), testkit.As(anonymous)).Want(409, "user_target_already_exists")
		s.Call(t, password, change(testkit.Password, ""), testkit.As(anonymous)).Want(200) // that gave no password
		if user := stored(t, s, id); user.Email != walter || !user.EmailVerification || user.PasswordUpdate == 0 {
			t.Errorf("refusals left %+v", user)
		}
		if got := targets(t, s, id); !cmp.Equal(got, []string{"email:" + walter}) {
			t.Errorf("targets %q", got)
		}
		s.Call(t, email, credentials("ww@github.example", testkit.Password), testkit.As(session)).Want(200) // one's own at a provider
	})
}

// A guest who gives an address and a password becomes somebody who can sign in, and stays the same user.
func TestAnAnonymousUserBecomesAMember(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := guest(t, s)
		s.Call(t, prefs, testkit.Map{"prefs": testkit.Map{"theme": "dark"}}, testkit.As(session)).Want(200)
		s.Clock.Advance(time.Minute)
		reply := s.Call(t, email, credentials(walter, testkit.Password), testkit.As(session)).Want(200)
		for path, want := range map[string]any{"$id": id, "email": walter, "emailVerification": false, "passwordUpdate": "2026-03-01T12:01:00.000+00:00",
			"prefs.theme": "dark", "targets.0.identifier": walter, "targets.0.providerType": "email"} {
			if diff := cmp.Diff(want, reply.Get(path)); diff != "" {
				t.Errorf("%s (-want +got)\n%s", path, diff)
			}
		}
		if here := s.Call(t, "GET /v1/account/sessions/current", nil, testkit.As(session)).Want(200); here.Text("provider") != "anonymous" {
			t.Errorf("the session is %s", here.Body)
		}
		if signed := s.Call(t, signIn, credentials(walter, testkit.Password)).Want(201); signed.Text("userId") != id {
			t.Errorf("signed in as %s", signed.Body)
		}
		s.Call(t, email, credentials("w@example.com", "another password"), testkit.As(session)).Want(401, "user_invalid_credentials")
	})
}

// With a password set before, the one that comes with the address has to be it.
func TestAGuestWithAPasswordProvesIt(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := guest(t, s)
		me := testkit.As(session)
		s.Call(t, password, change(other, ""), me).Want(200)
		s.Call(t, email, credentials(walter, testkit.Password), me).Want(401, "user_invalid_credentials")
		s.Call(t, email, credentials(walter, other), me).Want(200)
		s.Call(t, phone, number("+4915112345678", other), me).Want(200)
		if got, want := targets(t, s, id), []string{"email:" + walter, "sms:+4915112345678"}; !cmp.Equal(got, want) {
			t.Errorf("targets %q, want %q", got, want)
		}
	})
}

func TestChangingThePhone(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		_, jesse := s.Member(t, "jesse@example.com")
		_, anonymous := guest(t, s)
		me := testkit.As(session)
		const first, second = "+4915112345678", "+12025550123"
		for _, c := range []struct {
			label, phone, password string
			status                 int
			kind                   string
		}{
			{"no number", "4915112345678", testkit.Password, 400, "general_argument_invalid"},
			{"no country", "+0015112345678", testkit.Password, 400, "general_argument_invalid"},
			{"letters", "+49151abc", testkit.Password, 400, "general_argument_invalid"},
			{"empty", "", testkit.Password, 400, "general_argument_invalid"},
			{"a password nobody has", first, "1234567", 400, "general_argument_invalid"},
			{"a wrong password", first, "wrong password", 401, "user_invalid_credentials"},
			{"a first number", first, testkit.Password, 200, ""},
			{"the same number", first, testkit.Password, 409, "user_target_already_exists"},
			{"another number", second, testkit.Password, 200, ""},
			{"back again", first, testkit.Password, 200, ""},
		} {
			t.Run(c.label, func(t *testing.T) {
				verified(t, s, id)
				reply := s.Call(t, phone, number(c.phone, c.password), me)
				if c.status != 200 {
					reply.Want(c.status, c.kind)
					return
				}
				reply.Want(200)
				if reply.Text("phone") != c.phone || reply.Get("phoneVerification") != false || reply.Get("emailVerification") != true {
					t.Errorf("%s", reply.Body)
				}
				if got, want := targets(t, s, id), []string{"email:" + walter, "sms:" + c.phone}; !cmp.Equal(got, want) {
					t.Errorf("targets %q, want %q", got, want)
				}
			})
		}
		s.Call(t, phone, number(first, testkit.Password), testkit.As(jesse)).Want(409, "user_target_already_exists")
		s.Call(t, phone, number(first, other), testkit.As(anonymous)).Want(409, "user_target_already_exists")
		s.Call(t, phone, number(second, other), testkit.As(anonymous)).Want(200) // free again
		s.Call(t, email, credentials("a@example.com", other), testkit.As(anonymous)).Want(200)
	})
}

// Somebody who pushes to an address of another must not take it from them.
func TestATargetOfAnotherKindTakesNoAddress(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		push := model.Target{Project: testkit.Demo, ID: "t1", UserID: id, ProviderType: model.TargetPush, Identifier: "jesse@example.com"}
		s.Write(t, func(tx *store.Tx) { tx.InsertTarget(&push) })
		s.SignUp(t, "jesse@example.com")
		s.Call(t, email, credentials("w@example.com", testkit.Password), testkit.As(session)).Want(200)
		if got, want := targets(t, s, id), []string{"push:jesse@example.com", "email:w@example.com"}; !cmp.Equal(got, want) {
			t.Errorf("targets %q, want %q", got, want)
		}
	})
}
