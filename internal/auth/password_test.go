package auth_test

import (
	"strings"
	"testing"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/testkit"
)

// change is the body of a change of password.
func change(now, old string) testkit.Map { return testkit.Map{"password": now, "oldPassword": old} }

func TestChangingThePassword(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		me := testkit.As(session)
		for _, c := range []struct {
			name   string
			body   any
			status int
			kind   string
		}{
			{"nothing", testkit.Map{}, 400, "general_argument_invalid"},
			{"without the old one", testkit.Map{"password": other}, 401, "user_invalid_credentials"},
			{"with an empty old one", change(other, ""), 401, "user_invalid_credentials"},
			{"with a wrong old one", change(other, "wrong password"), 401, "user_invalid_credentials"},
			{"with an old one that nobody can have", change(other, strings.Repeat("x", 300)), 401, "user_invalid_credentials"},
			{"too short", change("1234567", testkit.Password), 400, "general_argument_invalid"},
			{"too long", change(strings.Repeat("x", 257), testkit.Password), 400, "general_argument_invalid"},
			{"the old one no text", testkit.Map{"password": other, "oldPassword": 1}, 400, "general_argument_invalid"},
		} {
			t.Run(c.name, func(t *testing.T) { s.Call(t, password, c.body, me).Want(c.status, c.kind) })
		}
		s.SignIn(t, walter) // nothing has changed
		before := stored(t, s, id)
		s.Clock.Advance(time.Minute)
		reply := s.Call(t, password, change(other, testkit.Password), me).Want(200)
		after := stored(t, s, id)
		if reply.Text("passwordUpdate") != after.PasswordUpdate.String() || after.PasswordUpdate <= before.PasswordUpdate || after.UpdatedAt != after.PasswordUpdate {
			t.Errorf("passwordUpdate %s, was %s", reply.Text("passwordUpdate"), before.PasswordUpdate)
		}
		if strings.Contains(string(reply.Body), after.Password.Hash) || reply.Get("password") != nil {
			t.Errorf("the answer shows a hash: %s", reply.Body)
		}
		s.Call(t, signIn, credentials(walter, testkit.Password)).Want(401, "user_invalid_credentials")
		s.Call(t, signIn, credentials(walter, other)).Want(201)
		s.Call(t, password, change(other, other), me).Want(200) // the same again is no fault without a history
	})
}

func TestTheFirstPassword(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := guest(t, s)
		if user := stored(t, s, id); user.HasPassword() || user.PasswordUpdate != 0 {
			t.Fatal("an anonymous user has a password")
		}
		s.Call(t, password, change(other, "whatever it says"), testkit.As(session)).Want(200)
		s.Call(t, password, change(testkit.Password, "whatever it says"), testkit.As(session)).Want(401, "user_invalid_credentials")
		s.Call(t, email, credentials(walter, other), testkit.As(session)).Want(200)
		s.Call(t, signIn, credentials(walter, other)).Want(201)
	})
}

// A new password signs out everywhere else, if the project has it so.
func TestANewPasswordEndsTheOtherSessions(t *testing.T) {
	t.Parallel()
	for name, ends := range map[string]bool{"by policy": true, "not by policy": false} {
		t.Run(name, func(t *testing.T) {
			each(t, unlimited(func(p *model.Policies) { p.SessionInvalidation.Enabled = ends }), func(t *testing.T, s *testkit.Server) {
				_, here := s.Member(t, walter)
				elsewhere := s.SignIn(t, walter)
				_, stranger := s.Member(t, "jesse@example.com")
				s.Call(t, password, change(other, "wrong password"), testkit.As(here)).Want(401)
				s.Call(t, whoAmI, nil, testkit.As(elsewhere)).Want(200)
				s.Call(t, password, change(other, testkit.Password), testkit.As(here)).Want(200)
				want := 200
				if ends {
					want = 401
				}
				s.Call(t, whoAmI, nil, testkit.As(elsewhere)).Want(want)
				s.Call(t, whoAmI, nil, testkit.As(here)).Want(200)
				s.Call(t, whoAmI, nil, testkit.As(stranger)).Want(200)
			})
		})
	}
}

// Policies for passwords hold wherever one is set: at sign-up, at a change, and for the first one that comes
// with an address or a number.
func TestPasswordPoliciesHoldEverywhere(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		_, member := s.Member(t, walter)
		s.Call(t, "PATCH /v1/account/name", testkit.Map{"name": "Walter White"}, testkit.As(member)).Want(200)
		everywhere := func(t *testing.T, chosen, kind string) {
			t.Helper()
			_, anonymous := guest(t, s)
			_, caller := guest(t, s)
			for name, reply := range map[string]*testkit.Reply{
				"signing up": s.Call(t, signUp, testkit.Map{"userId": "heisenberg", "email": "walter@example.org", "name": "Walter White", "password": chosen}),
				"changing":   s.Call(t, password, change(chosen, testkit.Password), testkit.As(member)),
				"converting": s.Call(t, email, credentials("walter@example.net", chosen), testkit.As(anonymous)),
				"calling":    s.Call(t, phone, testkit.Map{"phone": "+4915112345678", "password": chosen}, testkit.As(caller)),
			} {
				if name == "calling" && kind == "password_personal_data" {
					continue // a user with a number only has no name and no address
				}
				if reply.Status != 400 || reply.Text("type") != kind {
					t.Errorf("%s: %d %s", name, reply.Status, reply.Body)
				}
			}
		}
		t.Run("dictionary", func(t *testing.T) {
			set(t, s, func(p *model.Policies) { p.PasswordDictionary.Enabled = true })
			defer set(t, s, func(p *model.Policies) { p.PasswordDictionary.Enabled = false })
			everywhere(t, "password", "general_argument_invalid")
			everywhere(t, "football", "general_argument_invalid")
			// It is a list of exact words, and no matter of signing in.
			s.Call(t, signUp, filled(testkit.Map{"email": "a@example.com", "password": "Football!"})).Want(201)
			s.Call(t, signIn, credentials(walter, "password")).Want(401, "user_invalid_credentials")
		})
		t.Run("strength", func(t *testing.T) {
			set(t, s, func(p *model.Policies) {
				p.PasswordStrength = model.Strength{Min: 12, Uppercase: true, Lowercase: true, Number: true, Symbols: true}
			})
			defer set(t, s, func(p *model.Policies) { p.PasswordStrength = model.Strength{Min: 8} })
			for _, weak := range []string{"correct-horse-1", "CORRECT-HORSE-1", "Correct-Horse-X", "Correct Horse 1", "Horse-12345"} {
				everywhere(t, weak, "general_argument_invalid")
			}
			s.Call(t, signUp, filled(testkit.Map{"email": "b@example.com", "password": "Horse-123456"})).Want(201)
			s.SignIn(t, walter) // who has a weaker one may still sign in
		})
		t.Run("personal data", func(t *testing.T) {
			set(t, s, func(p *model.Policies) { p.PasswordPersonal.Enabled = true })
			defer set(t, s, func(p *model.Policies) { p.PasswordPersonal.Enabled = false })
			everywhere(t, "my-WALTER-1234", "password_personal_data")
			for _, c := range []struct {
				name     string
				password string
				status   int
			}{
				{"the id", "x-heisenberg-x", 400}, {"the address", "jesse@example.com", 400}, {"the local part", "xxJESSExx", 400},
				{"the name", "xx Jesse Pinkman xx", 400}, {"half the name", "xx Pinkman xx", 201},
			} {
				reply := s.Call(t, signUp, testkit.Map{"userId": "heisenberg", "email": "jesse@example.com", "name": "Jesse Pinkman", "password": c.password})
				if reply.Status != c.status || c.status == 400 && reply.Text("type") != "password_personal_data" {
					t.Errorf("%s: %d %s", c.name, reply.Status, reply.Body)
				}
			}
			// The literal that asks for an id is none; a name of two letters is in too many words.
			s.Call(t, signUp, testkit.Map{"userId": "unique()", "email": "jp@example.com", "name": "Jo", "password": "jo-jp-unique()-1"}).Want(201)
		})
	})
}

func TestThePasswordHistory(t *testing.T) {
	each(t, unlimited(func(p *model.Policies) { p.PasswordHistory.Total = 3 }), func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		now := testkit.Password
		for _, c := range []struct {
			name, next string
			ok         bool
		}{
			{"the present one", testkit.Password, false},
			{"a second", "password number 2", true},
			{"the first", testkit.Password, false},
			{"a third", "password number 3", true},
			{"the first is still remembered", testkit.Password, false},
			{"the second", "password number 2", false},
			{"a fourth", "password number 4", true},
			{"the second is the oldest remembered", "password number 2", false},
			{"the first is forgotten", testkit.Password, true},
			{"the second is forgotten by that", "password number 2", true},
		} {
			t.Run(c.name, func(t *testing.T) {
				reply := s.Call(t, password, change(c.next, now), testkit.As(session))
				if !c.ok {
					reply.Want(400, "password_recently_used")
					return
				}
				reply.Want(200)
				now = c.next
			})
		}
		s.Call(t, signIn, credentials(walter, now)).Want(201)
		// A wrong old password is told before anything about the history.
		s.Call(t, password, change(now, "wrong password"), testkit.As(session)).Want(401, "user_invalid_credentials")
	})
}

// Switched on later, the history knows the present password all the same.
func TestAHistoryThatBeginsLate(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		_, converted := guest(t, s)
		s.Call(t, email, credentials("jesse@example.com", testkit.Password), testkit.As(converted)).Want(200)
		set(t, s, func(p *model.Policies) { p.PasswordHistory.Total = 5 })
		for _, one := range []string{session, converted} {
			s.Call(t, password, change(testkit.Password, testkit.Password), testkit.As(one)).Want(400, "password_recently_used")
			s.Call(t, password, change(other, testkit.Password), testkit.As(one)).Want(200)
			s.Call(t, password, change(other, other), testkit.As(one)).Want(400, "password_recently_used")
		}
		// The first password of a user is the first of the history.
		_, late := guest(t, s)
		s.Call(t, email, credentials("hank@example.com", testkit.Password), testkit.As(late)).Want(200)
		s.Call(t, password, change(other, testkit.Password), testkit.As(late)).Want(200)
		s.Call(t, password, change(testkit.Password, other), testkit.As(late)).Want(400, "password_recently_used")
	})
}
