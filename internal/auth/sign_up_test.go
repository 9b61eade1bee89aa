package auth_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// filled is a good sign-up with some members changed; nil takes one away.
func filled(change testkit.Map) testkit.Map {
	body := testkit.Map{"userId": "unique()", "email": walter, "password": testkit.Password, "name": "Walter White"}
	for name, value := range change {
		body[name] = value
		if value == nil {
			delete(body, name)
		}
	}
	return body
}

func TestSigningUp(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		for _, c := range []struct {
			name string
			body testkit.Map
			want testkit.Map // members of the answer
		}{
			{"as apps do", filled(nil), testkit.Map{"email": walter, "name": "Walter White", "phone": "", "status": true, "emailVerification": false}},
			{"an id of one's own", filled(testkit.Map{"userId": "Walter.White_1-x", "email": "a@example.com"}), testkit.Map{"$id": "Walter.White_1-x"}},
			{"the longest id", filled(testkit.Map{"userId": strings.Repeat("w", 36), "email": "b@example.com"}), testkit.Map{"$id": strings.Repeat("w", 36)}},
			{"without a name", filled(testkit.Map{"name": nil, "email": "c@example.com"}), testkit.Map{"name": ""}},
			{"the longest name", filled(testkit.Map{"name": strings.Repeat("ä", 128), "email": "d@example.com"}), testkit.Map{"name": strings.Repeat("ä", 128)}},
			{"an address in capitals, with blanks", filled(testkit.Map{"email": "  Skyler@Example.COM "}), testkit.Map{"email": "skyler@example.com", "targets.0.identifier": "skyler@example.com"}},
			{"the shortest password", filled(testkit.Map{"password": "12345678", "email": "e@example.com"}), nil},
			{"the longest password", filled(testkit.Map{"password": strings.Repeat("x", 256), "email": "f@example.com"}), nil},
			{"what else is sent is not looked at", filled(testkit.Map{"email": "g@example.com", "labels": []string{"admin"}, "emailVerification": true, "status": false}),
				testkit.Map{"emailVerification": false, "status": true, "labels": []any{}}},
		} {
			reply := s.Call(t, signUp, c.body).Want(201)
			for path, want := range c.want {
				if diff := cmp.Diff(want, reply.Get(path)); diff != "" {
					t.Errorf("%s: %s (-want +got)\n%s", c.name, path, diff)
				}
			}
			if reply.Session() != "" || reply.Header.Get("X-Fallback-Cookies") != "" {
				t.Errorf("%s: signed in by signing up", c.name)
			}
			s.Call(t, signIn, credentials(reply.Text("email"), c.body["password"].(string))).Want(201)
		}
	})
}

func TestSignUpsThatAreRefused(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		const bad = "general_argument_invalid"
		for _, c := range []struct {
			name   string
			change testkit.Map
			word   string // what the message names
		}{
			{"no id", testkit.Map{"userId": nil}, "userId"},
			{"an empty id", testkit.Map{"userId": ""}, "userId"},
			{"an id that begins with a special character", testkit.Map{"userId": "_walter"}, "userId"},
			{"an id with a blank", testkit.Map{"userId": "wal ter"}, "userId"},
			{"an id beyond ASCII", testkit.Map{"userId": "wälter"}, "userId"},
			{"an id too long", testkit.Map{"userId": strings.Repeat("w", 37)}, "userId"},
			{"an id that is a number", testkit.Map{"userId": 7}, "userId"},
			{"no address", testkit.Map{"email": nil}, "email"},
			{"an empty address", testkit.Map{"email": ""}, "email"},
			{"no address at all", testkit.Map{"email": "walter"}, "email"},
			{"a list of addresses", testkit.Map{"email": []string{walter}}, "email"},
			{"no password", testkit.Map{"password": nil}, "password"},
			{"an empty password", testkit.Map{"password": ""}, "password"},
			{"five characters", testkit.Map{"password": "12345"}, "password"},
			{"one byte too few", testkit.Map{"password": "1234567"}, "password"},
			{"one byte too many", testkit.Map{"password": strings.Repeat("x", 257)}, "password"},
			{"bytes count, not characters", testkit.Map{"password": strings.Repeat("ä", 129)}, "password"},
			{"a NUL", testkit.Map{"password": "1234567\x00"}, "password"},
			{"a password that is a number", testkit.Map{"password": 12345678}, "password"},
			{"an empty name", testkit.Map{"name": ""}, "name"},
			{"a name too long", testkit.Map{"name": strings.Repeat("ä", 129)}, "name"},
			{"the first bad one is told", testkit.Map{"email": "x", "password": "x", "name": ""}, "email"},
		} {
			reply := s.Call(t, signUp, filled(c.change)).Want(400, bad)
			if message := reply.Text("message"); !strings.Contains(strings.ReplaceAll(message, `"`, "`"), "`"+c.word+"`") {
				t.Errorf("%s: the message is %q", c.name, message)
			}
		}
		if n, err := s.DB.CountUsers(t.Context(), testkit.Demo); n != 0 || err != nil {
			t.Errorf("%d users came of refused sign-ups, %v", n, err)
		}
	})
}

func TestWhatIsTakenCannotSignUp(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id := s.SignUp(t, walter)
		s.Write(t, func(tx *store.Tx) {
			tx.InsertIdentity(&model.Identity{Project: testkit.Demo, ID: "i1", UserID: id, Provider: "github", ProviderUID: "1", ProviderEmail: "walter@github.example"})
		})
		for _, c := range []struct {
			name   string
			change testkit.Map
			status int
			kind   string
		}{
			{"the address", nil, 409, "user_already_exists"},
			{"the address in another spelling", testkit.Map{"email": " WALTER@example.com"}, 409, "user_already_exists"},
			{"the id", testkit.Map{"userId": id, "email": "w@example.com"}, 409, "user_already_exists"},
			{"both", testkit.Map{"userId": id}, 409, "user_already_exists"},
			{"the address at a provider", testkit.Map{"email": "Walter@GitHub.example"}, 400, "general_bad_request"},
		} {
			t.Run(c.name, func(t *testing.T) { s.Call(t, signUp, filled(c.change)).Want(c.status, c.kind) })
		}
		// A refused sign-up changes nothing about the one who was there.
		if got := s.Call(t, whoAmI, nil, testkit.As(s.SignIn(t, walter))).Want(200); got.Text("$id") != id || got.Text("name") != "Walter" {
			t.Errorf("%s", got.Body)
		}
	})
}

// A server may have given an address to somebody as a target. Whoever owns the address signs up all the same, without one.
func TestAnAddressThatIsATargetCanSignUp(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		key := testkit.Header{"X-Appwrite-Key", s.Key(t, nil, "targets.write")}
		id := s.SignUp(t, "jesse@example.com")
		s.Call(t, "POST /v1/users/"+id+"/targets", testkit.Map{"targetId": "work", "providerType": "email", "identifier": walter}, key).Want(201)
		made := s.Call(t, signUp, filled(nil)).Want(201)
		if list, is := made.Get("targets").([]any); !is || len(list) != 0 {
			t.Errorf("%s", made.Body)
		}
		if me := s.Call(t, whoAmI, nil, testkit.As(s.SignIn(t, walter))).Want(200); string(me.Body) == "" || me.Text("$id") != made.Text("$id") {
			t.Errorf("%s", me.Body)
		}
		s.Call(t, signUp, filled(nil)).Want(409, "user_already_exists")
	})
}

// Ids belong to a project, and so do addresses.
func TestProjectsShareNoPeople(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		s.Write(t, func(tx *store.Tx) {
			tx.UpsertProject(&model.Project{ID: "second", Name: "Second", Settings: model.DefaultSettings()})
		})
		second := testkit.Header{"X-Appwrite-Project", "second"}
		s.Call(t, signUp, filled(testkit.Map{"userId": "walter"})).Want(201)
		s.Call(t, signIn, credentials(walter, testkit.Password), second).Want(401, "user_invalid_credentials")
		s.Call(t, signUp, filled(testkit.Map{"userId": "walter"}), second).Want(201)
		session := s.SignIn(t, walter)
		s.Call(t, whoAmI, nil, second, testkit.Header{"X-Appwrite-Session", session}).Want(401, "general_unauthorized_scope")
	})
}

func TestTheUserLimit(t *testing.T) {
	each(t, unlimited(func(p *model.Policies) { p.UserLimit.Total = 2 }), func(t *testing.T, s *testkit.Server) {
		s.SignUp(t, walter)
		_, session := guest(t, s)
		s.Call(t, signUp, filled(testkit.Map{"email": "a@example.com"})).Want(400, "user_count_exceeded")
		s.Call(t, signUp, filled(nil)).Want(400, "user_count_exceeded")
		s.Call(t, anonymous, nil).Want(400, "user_count_exceeded")
		s.Call(t, anonymous, nil, testkit.Header{"X-Appwrite-Key", s.Key(t, nil, "sessions.write")}).Want(400, "user_count_exceeded")
		s.SignIn(t, walter) // who is there may sign in
		// Blocked users count; deleted ones do not.
		s.Call(t, "PATCH /v1/account/status", nil, testkit.As(s.SignIn(t, walter))).Want(200)
		s.Call(t, anonymous, nil).Want(400, "user_count_exceeded")
		s.Call(t, "DELETE /v1/account", nil, testkit.As(session)).Want(204)
		s.Call(t, anonymous, nil).Want(201)
		set(t, s, func(p *model.Policies) { p.UserLimit.Total = 0 })
		s.Call(t, signUp, filled(testkit.Map{"email": "b@example.com"})).Want(201)
	})
}

func TestAddressesThatAProjectDoesNotWant(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		_, session := guest(t, s)
		for _, c := range []struct {
			name, kind, bad, good string
			policy                func(*model.Policies) *model.Switch
		}{
			{"throw-away", "user_email_disposable", "a@mailinator.com", "a1@gmail.com", func(p *model.Policies) *model.Switch { return &p.DenyDisposable }},
			{"alias", "user_email_not_canonical", "a.b+c@gmail.com", "ab2@gmail.com", func(p *model.Policies) *model.Switch { return &p.DenyAliased }},
			{"free", "user_email_free", "ab@gmail.com", "a3@example.com", func(p *model.Policies) *model.Switch { return &p.DenyFree }},
			{"no company", "user_email_not_corporate", "ab@gmail.com", "a4@example.com", func(p *model.Policies) *model.Switch { return &p.DenyCorporate }},
		} {
			t.Run(c.name, func(t *testing.T) {
				set(t, s, func(p *model.Policies) { c.policy(p).Enabled = true })
				defer set(t, s, func(p *model.Policies) { c.policy(p).Enabled = false })
				s.Call(t, signUp, filled(testkit.Map{"email": c.bad})).Want(400, c.kind)
				s.Call(t, email, credentials(strings.ToUpper(c.bad), testkit.Password), testkit.As(session)).Want(400, c.kind)
				s.Call(t, signUp, filled(testkit.Map{"email": c.good})).Want(201)
			})
		}
	})
}
