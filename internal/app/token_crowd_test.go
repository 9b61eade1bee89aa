package app_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"testing"

	"latchkey/internal/app"
	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
	"latchkey/internal/testkit/engines"
)

const (
	emailToken = "POST /v1/account/tokens/email"
	magicURL   = "POST /v1/account/tokens/magic-url"
	redeem     = "POST /v1/account/sessions/token"
)

// secretOf reads the secret that a message carries.
func secretOf(t testing.TB, m *model.Message) string {
	t.Helper()
	if code := m.Values["otp"]; code != "" {
		return code
	}
	link, err := url.Parse(m.Values["redirect"])
	if err != nil {
		t.Fatal(err)
	}
	return link.Query().Get("secret")
}

// asked asks for a secret by mail and returns the proof of having read it.
func asked(t testing.TB, s *testkit.Server, route, email string) testkit.Map {
	t.Helper()
	id := s.Call(t, route, testkit.Map{"userId": "unique()", "email": email}).Want(201).Text("userId")
	return testkit.Map{"userId": id, "secret": secretOf(t, s.Message(t))}
}

// opened opens a database that may have been opened before.
func opened(t *testing.T, o store.Options) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

// reopened is the server that starts when s has been stopped: another connection to the same database, the same
// keys, and nothing remembered.
func reopened(t *testing.T, s *testkit.Server, o store.Options) *testkit.Server {
	t.Helper()
	next := *s
	next.DB = opened(t, o).WithClock(func() model.Time { return model.At(s.Clock.Now()) })
	next.Parts.DB = next.DB
	next.Assembly = app.Assemble(next.Parts)
	server := httptest.NewServer(next.Handler)
	t.Cleanup(server.Close)
	next.URL = server.URL
	return &next
}

// Of 500 who bring one secret at the same time, one gets a session; nobody after them does, and a restart changes
// neither: not for a secret that was used before it, nor for one that was only sent.
func TestASecretSignsInOnce(t *testing.T) {
	t.Parallel()
	crowd, later := 500, 500
	if testing.Short() {
		later = 50
	}
	for _, engine := range []string{store.SQLite, store.Postgres} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			o := store.Options{}
			if engine == store.Postgres {
				o.URL = engines.URL(t)
			} else {
				o.Path = filepath.Join(t.TempDir(), "latchkey.db")
			}
			db := opened(t, o)
			s := crowded(t, db, func(set *model.Settings) { set.Policies.SessionLimit.Total = 0 })
			for _, route := range []string{magicURL, emailToken} {
				used, spare := asked(t, s, route, "walter@example.com"), asked(t, s, magicURL, "walter@example.com")
				rush := func(s *testkit.Server, secret testkit.Map, crowd int) map[string]int {
					return testkit.AtOnce(crowd, func(i int) *testkit.Reply {
						return s.Call(t, []string{redeem, "PUT /v1/account/sessions/magic-url", "PUT /v1/account/sessions/phone"}[i%3], secret)
					})
				}
				if ends := rush(s, used, crowd); ends["ok"] != 1 || ends["user_invalid_token"] != crowd-1 {
					t.Errorf("%d calls with one secret ended as %v", crowd, ends)
				}
				next := reopened(t, s, o)
				if ends := rush(next, used, later); ends["user_invalid_token"] != later {
					t.Errorf("after a restart %d calls with a used secret ended as %v", later, ends)
				}
				if ends := rush(next, spare, later); ends["ok"] != 1 || ends["user_invalid_token"] != later-1 {
					t.Errorf("after a restart %d calls with a secret sent before ended as %v", later, ends)
				}
				sessions, err := db.Sessions(t.Context(), testkit.Demo, used["userId"].(string), 0)
				if err != nil || len(sessions) != 2*map[string]int{magicURL: 1, emailToken: 2}[route] {
					t.Errorf("%d sessions, %v", len(sessions), err)
				}
			}
		})
	}
}

// Guesses that come at once are counted one after another: the sixth finds no code, be it the right one.
func TestGuessesAtOnceAreNotFree(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := crowded(t, db, nil)
		right := asked(t, s, emailToken, "walter@example.com")
		for round := range 5 {
			const crowd = 100
			ends := testkit.AtOnce(crowd, func(i int) *testkit.Reply {
				guess := "000000"
				if guess == right["secret"] {
					guess = "000001"
				}
				return s.Call(t, redeem, testkit.Map{"userId": right["userId"], "secret": guess})
			})
			if ends["user_invalid_token"] != crowd {
				t.Errorf("%v", ends)
			}
			if reply := s.Call(t, redeem, right); reply.Status != 401 {
				t.Errorf("round %d: after %d wrong guesses at once the right one is answered %d", round, crowd, reply.Status)
			}
			right = asked(t, s, emailToken, "walter@example.com")
		}
	})
}

// Of codes that are asked for at the same time one lives: were they all good, a guess would count for each of them.
func TestOfCodesAskedForAtOnceOneLives(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := crowded(t, db, nil)
		id, session := s.Member(t, "walter@example.com")
		for _, c := range []struct {
			route, purpose string
			body           testkit.Map
		}{
			{"POST /v1/account/recovery/otp", model.PurposeRecoveryOTP, testkit.Map{"email": "walter@example.com"}},
			{"POST /v1/account/verifications/email/otp", model.PurposeVerificationOTP, testkit.Map{}},
			{emailToken, model.PurposeEmailOTP, testkit.Map{"userId": "unique()", "email": "walter@example.com"}},
		} {
			for range 3 {
				const crowd = 40
				if ends := testkit.AtOnce(crowd, func(int) *testkit.Reply { return s.Call(t, c.route, c.body, testkit.As(session)) }); ends["ok"] != crowd {
					t.Fatalf("%s: %v", c.route, ends)
				}
				live := map[string]bool{}
				for _, m := range s.Messages(t) {
					claim := &store.TokenClaim{Project: testkit.Demo, UserID: id, Purposes: []string{c.purpose},
						SecretHash: s.Rules.HashSecret(testkit.Demo, id, secretOf(t, m)), Addresses: []string{"walter@example.com"}}
					if token, err := db.Token(t.Context(), claim, model.At(s.Clock.Now())); err == nil {
						live[token.ID] = true
					}
				}
				if len(live) != 1 {
					t.Errorf("%s: of %d codes %d live", c.route, crowd, len(live))
				}
			}
		}
	})
}

// Of a crowd with one link, one verifies the address; of a crowd with one link and a password each, one sets it, and
// that one is what signs in.
func TestALinkVerifiesAndRecoversOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := crowded(t, db, nil)
		const crowd = 60
		id, session := s.Member(t, "walter@example.com")
		s.Call(t, "POST /v1/account/verifications/email", testkit.Map{"url": "http://localhost/x"}, testkit.As(session)).Want(201)
		check := testkit.Map{"userId": id, "secret": secretOf(t, s.Message(t))}
		if ends := testkit.AtOnce(crowd, func(int) *testkit.Reply { return s.Call(t, "PUT /v1/account/verifications/email", check) }); ends["ok"] != 1 || ends["user_invalid_token"] != crowd-1 {
			t.Errorf("%d verifications by one link ended as %v", crowd, ends)
		}
		s.Call(t, "POST /v1/account/recovery", testkit.Map{"email": "walter@example.com", "url": "http://localhost/x"}).Want(201)
		secret := secretOf(t, s.Message(t))
		chosen := func(i int) string { return fmt.Sprintf("the new password %d", i) }
		won := make(chan int, crowd)
		ends := testkit.AtOnce(crowd, func(i int) *testkit.Reply {
			reply := s.Call(t, "PUT /v1/account/recovery", testkit.Map{"userId": id, "secret": secret, "password": chosen(i)})
			if reply.Status == 200 {
				won <- i
			}
			return reply
		})
		if ends["ok"] != 1 || ends["user_invalid_token"] != crowd-1 {
			t.Fatalf("%d recoveries by one link ended as %v", crowd, ends)
		}
		s.Call(t, "POST /v1/account/sessions/email", testkit.Map{"email": "walter@example.com", "password": chosen(<-won)}).Want(201)
	})
}

// A crowd that asks for the same new address at once makes one account, and each is answered with its id.
func TestOneAddressBecomesOneAccount(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := crowded(t, db, nil)
		const crowd = 100
		seen := make([]string, crowd)
		ends := testkit.AtOnce(crowd, func(i int) *testkit.Reply {
			reply := s.Call(t, emailToken, testkit.Map{"userId": "unique()", "email": []string{"walter@example.com", "Walter@Example.com"}[i%2]})
			seen[i] = reply.Text("userId")
			return reply
		})
		if ends["ok"] != crowd {
			t.Errorf("%v", ends)
		}
		for _, id := range seen {
			if id != seen[0] {
				t.Fatalf("%s and %s", id, seen[0])
			}
		}
		project, err := s.DB.Project(t.Context(), testkit.Demo)
		if err != nil {
			t.Fatal(err)
		}
		project.Settings.Policies.UserLimit.Total = 5
		s.Write(t, func(tx *store.Tx) { tx.UpsertProject(project) })
		if err := s.Projects.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		ends = testkit.AtOnce(crowd, func(i int) *testkit.Reply {
			return s.Call(t, magicURL, testkit.Map{"userId": "unique()", "email": "w" + string(rune('a'+i%26)) + string(rune('a'+i/26)) + "@example.com"})
		})
		if ends["ok"] != 4 || ends["user_count_exceeded"] != crowd-4 {
			t.Errorf("a project of five took %v", ends)
		}
	})
}
