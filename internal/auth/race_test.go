package auth_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// The crowds that sign up, sign in and move at once are tests of package app. Here a call is stopped at the
// moment between its look and its write, which a crowd meets only by luck, while another one goes through.

// stopped serves a second time through a gate of its own, so that a call there can be stopped where it hashes.
func stopped(t testing.TB, s *testkit.Server) (*testkit.Server, *secret.Gate) {
	t.Helper()
	gate := secret.NewGate(1, 10)
	return hashing(t, s, testkit.CheapHash, gate), gate
}

// md5 is what testkit.Password is stored as by people who come from elsewhere. Signing in with it hashes twice:
// to verify, and to store it anew.
var md5 = model.Password{Kind: "md5", Hash: "26cddb9f7d28f3d57a5a7c824b1216b7"}

// What happens to an account between the look at its password and the session must not be overtaken by it.
func TestASignInThatIsOvertaken(t *testing.T) {
	days := unlimited(func(p *model.Policies) { p.SelfDeletion.GraceDays = 7 })
	each(t, days, func(t *testing.T, s *testkit.Server) {
		slow, gate := stopped(t, s)
		for label, c := range map[string]struct {
			meanwhile func(session string) *testkit.Reply
			status    int
			kind      string
		}{
			"by a new password": {func(session string) *testkit.Reply {
				return s.Call(t, password, change(other, testkit.Password), testkit.As(session))
			}, 401, "user_invalid_credentials"},
			"by a deletion": {func(session string) *testkit.Reply {
				set(t, s, func(p *model.Policies) { p.SelfDeletion.GraceDays = 0 })
				defer set(t, s, func(p *model.Policies) { p.SelfDeletion.GraceDays = 7 })
				return s.Call(t, "DELETE /v1/account", nil, testkit.As(session))
			}, 401, "user_invalid_credentials"},
			"by a deletion with days of grace": {func(session string) *testkit.Reply {
				return s.Call(t, "DELETE /v1/account", nil, testkit.As(session))
			}, 201, ""},
			"by a new hash of the same password": {func(string) *testkit.Reply {
				return s.Call(t, signIn, credentials("overtaken@example.com", testkit.Password))
			}, 201, ""},
			"by a new address": {func(session string) *testkit.Reply {
				return s.Call(t, email, credentials("moved@example.com", testkit.Password), testkit.As(session))
			}, 201, ""},
			"by the end of all sessions": {func(session string) *testkit.Reply {
				return s.Call(t, "DELETE /v1/account/sessions", nil, testkit.As(session))
			}, 201, ""},
		} {
			t.Run(label, func(t *testing.T) {
				id, session := guest(t, s)
				s.Call(t, email, credentials("overtaken@example.com", testkit.Password), testkit.As(session)).Want(200)
				defer remove(t, s, id)
				user := stored(t, s, id)
				s.Write(t, func(tx *store.Tx) { tx.RehashPassword(user, md5) })
				var reply *testkit.Reply
				hashes(t, gate, func() { reply = slow.Call(t, signIn, credentials("overtaken@example.com", testkit.Password)) }, func(n int) {
					if n == 2 {
						if between := c.meanwhile(session); between.Status >= 400 {
							t.Errorf("%d %s", between.Status, between.Body)
						}
					}
				})
				if reply.Status != c.status || reply.Text("type") != c.kind {
					t.Fatalf("%d %s", reply.Status, reply.Body)
				}
				if c.status == 201 {
					s.Call(t, whoAmI, nil, testkit.As(reply.Session())).Want(200)
					if user := stored(t, s, id); user.DeleteAt != 0 {
						t.Errorf("somebody who is signed in is deleted at %s", user.DeleteAt)
					}
					return
				}
				left, err := s.DB.Sessions(t.Context(), testkit.Demo, id, 0)
				if err != nil || len(left) > 1 || len(left) == 1 && left[0].Provider != "anonymous" {
					t.Errorf("the old password left %v, %v", left, err)
				}
			})
		}
	})
}

// remove deletes a user, if there still is one.
func remove(t testing.TB, s *testkit.Server, id string) {
	t.Helper()
	if _, err := s.DB.UserByID(t.Context(), testkit.Demo, id); err == nil {
		s.Write(t, func(tx *store.Tx) { tx.DeleteUser(testkit.Demo, id) })
	}
}

// A change that was proved by a password must not happen after that password is no longer it: the thief of a
// session would move the account to an address of their own while its owner locks them out.
func TestAChangeThatIsOvertaken(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		slow, gate := stopped(t, s)
		for i, c := range []struct {
			label     string
			change    func(session string) *testkit.Reply
			meanwhile func(session string) *testkit.Reply
			status    int
			email     string // afterwards
		}{
			{"an address, by a new password",
				func(session string) *testkit.Reply {
					return slow.Call(t, email, credentials("thief@example.com", testkit.Password), testkit.As(session))
				},
				func(session string) *testkit.Reply {
					return s.Call(t, password, change(other, testkit.Password), testkit.As(session))
				},
				401, "w0@example.com"},
			{"a number, by a new password",
				func(session string) *testkit.Reply {
					return slow.Call(t, phone, number("+4915112345678", testkit.Password), testkit.As(session))
				},
				func(session string) *testkit.Reply {
					return s.Call(t, password, change(other, testkit.Password), testkit.As(session))
				},
				401, "w1@example.com"},
			{"a password, by another",
				func(session string) *testkit.Reply {
					return slow.Call(t, password, change("thief's password", testkit.Password), testkit.As(session))
				},
				func(session string) *testkit.Reply {
					return s.Call(t, password, change(other, testkit.Password), testkit.As(session))
				},
				401, "w2@example.com"},
			{"an address, by another",
				func(session string) *testkit.Reply {
					return slow.Call(t, email, credentials("late@example.com", testkit.Password), testkit.As(session))
				},
				func(session string) *testkit.Reply {
					return s.Call(t, email, credentials("early@example.com", testkit.Password), testkit.As(session))
				},
				200, "late@example.com"},
			{"an address, by the same one",
				func(session string) *testkit.Reply {
					return slow.Call(t, email, credentials("same@example.com", testkit.Password), testkit.As(session))
				},
				func(session string) *testkit.Reply {
					return s.Call(t, email, credentials("same@example.com", testkit.Password), testkit.As(session))
				},
				409, "same@example.com"},
			{"an address, by the end of the account",
				func(session string) *testkit.Reply {
					return slow.Call(t, email, credentials("gone@example.com", testkit.Password), testkit.As(session))
				},
				func(session string) *testkit.Reply { return s.Call(t, "DELETE /v1/account", nil, testkit.As(session)) },
				401, ""},
		} {
			t.Run(c.label, func(t *testing.T) {
				id, session := s.Member(t, fmt.Sprintf("w%d@example.com", i))
				var reply *testkit.Reply
				hashes(t, gate, func() { reply = c.change(session) }, func(n int) {
					if n == 1 {
						c.meanwhile(session)
					}
				})
				if reply.Status != c.status {
					t.Fatalf("%d %s", reply.Status, reply.Body)
				}
				if c.email == "" {
					return
				}
				user := stored(t, s, id)
				if want := []string{"email:" + c.email}; user.Email != c.email || user.Phone != "" || !cmp.Equal(targets(t, s, id), want) {
					t.Errorf("the address is %s, the number %q, the targets %q", user.Email, user.Phone, targets(t, s, id))
				}
				if c.status == 200 && reply.Text("targets.0.identifier") != c.email {
					t.Errorf("%s", reply.Body)
				}
			})
		}
	})
}

// Of the many addresses that one account asks for at once it has one in the end, and messages go to that one.
func TestAddressesAskedForAtOnce(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		const crowd = 12
		id, session := s.Member(t, walter)
		ends := testkit.AtOnce(crowd, func(i int) *testkit.Reply {
			return s.Call(t, email, credentials(fmt.Sprintf("w%d@example.com", i), testkit.Password), testkit.As(session))
		})
		if ends["ok"] != crowd {
			t.Errorf("the changes ended as %v", ends)
		}
		if got, want := targets(t, s, id), []string{"email:" + stored(t, s, id).Email}; !cmp.Equal(got, want) {
			t.Errorf("targets %q, want %q", got, want)
		}
	})
}

// Of many who ask for one number one has it, and of the others nothing has changed.
func TestOneNumberIsTakenOnce(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		const crowd = 20
		guests, people := make([]string, crowd), make([]string, crowd)
		for i := range guests {
			people[i], guests[i] = guest(t, s)
		}
		ends := testkit.AtOnce(crowd, func(i int) *testkit.Reply {
			return s.Call(t, phone, number("+4915112345678", testkit.Password), testkit.As(guests[i]))
		})
		if ends["ok"] != 1 || ends["user_target_already_exists"] != crowd-1 {
			t.Errorf("%d who asked for one number ended as %v", crowd, ends)
		}
		having := 0
		for _, id := range people {
			if user := stored(t, s, id); user.HasPassword() {
				having++
				if user.Phone == "" || !cmp.Equal(targets(t, s, id), []string{"sms:+4915112345678"}) {
					t.Errorf("%+v", user)
				}
			}
		}
		if having != 1 {
			t.Errorf("%d have a password by now", having)
		}
	})
}

// Of many first passwords at once exactly one is the first.
func TestAFirstPasswordIsSetOnce(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		const crowd = 12
		_, session := guest(t, s)
		var winner string
		ends := testkit.AtOnce(crowd, func(i int) *testkit.Reply {
			secret := fmt.Sprintf("password number %d", i)
			reply := s.Call(t, password, change(secret, ""), testkit.As(session))
			if reply.Status == 200 {
				winner = secret
			}
			return reply
		})
		if ends["ok"] != 1 || ends["user_invalid_credentials"] != crowd-1 {
			t.Fatalf("%d first passwords ended as %v", crowd, ends)
		}
		s.Call(t, email, credentials(walter, winner), testkit.As(session)).Want(200)
		s.Call(t, signIn, credentials(walter, winner)).Want(201)
	})
}

// A session that is ended and extended at once is ended.
func TestAnEndedSessionIsNotExtended(t *testing.T) {
	each(t, unlimited(func(p *model.Policies) { p.SessionLimit.Total = 0 }), func(t *testing.T, s *testkit.Server) {
		const crowd = 30
		s.SignUp(t, walter)
		_, here := opened(t, s, walter)
		far, elsewhere := opened(t, s, walter)
		ends := testkit.AtOnce(crowd, func(i int) *testkit.Reply {
			if i == crowd/2 {
				return s.Call(t, own("DELETE", far), nil, testkit.As(here))
			}
			return s.Call(t, own("PATCH", far), nil, testkit.As(here))
		})
		if ends["ok"]+ends["user_session_not_found"] != crowd {
			t.Errorf("%v", ends)
		}
		s.Call(t, whoAmI, nil, testkit.As(elsewhere)).Want(401)
	})
}
