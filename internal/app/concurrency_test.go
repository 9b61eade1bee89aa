package app_test

import (
	"fmt"
	"sync"
	"testing"

	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// crowded serves without rate limits and with a hash queue that takes everybody, so that every call of a crowd
// reaches the rule it is about.
func crowded(t *testing.T, db *store.DB, settings func(*model.Settings)) *testkit.Server {
	t.Helper()
	return testkit.Serve(t, db, testkit.NewClock(), testkit.Options{NoLimits: true, HashQueue: 1000, Settings: settings})
}

func TestOneAddressSignsUpOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := crowded(t, db, nil)
		const crowd = 200
		ends := testkit.AtOnce(crowd, func(i int) *testkit.Reply {
			email := []string{"walter@example.com", "Walter@Example.com", " walter@example.com"}[i%3]
			return s.Call(t, "POST /v1/account", testkit.Map{"userId": "unique()", "email": email, "password": testkit.Password})
		})
		if ends["ok"] != 1 || ends["user_already_exists"] != crowd-1 {
			t.Errorf("%d sign-ups with one address ended as %v", crowd, ends)
		}
		s.SignIn(t, "walter@example.com")
	})
}

func TestOneIDSignsUpOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := crowded(t, db, nil)
		const crowd = 60
		ends := testkit.AtOnce(crowd, func(i int) *testkit.Reply {
			return s.Call(t, "POST /v1/account", testkit.Map{"userId": "walter", "email": fmt.Sprintf("w%d@example.com", i), "password": testkit.Password})
		})
		if ends["ok"] != 1 || ends["user_already_exists"] != crowd-1 {
			t.Errorf("%d sign-ups with one id ended as %v", crowd, ends)
		}
	})
}

func TestSignInsNeverLeaveMoreSessionsThanAllowed(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		const crowd, limit = 100, 10
		s := crowded(t, db, nil)
		id := s.SignUp(t, "walter@example.com")
		most := 0
		var mu sync.Mutex
		ends := testkit.AtOnce(crowd, func(int) *testkit.Reply {
			reply := s.Call(t, "POST /v1/account/sessions/email", testkit.Map{"email": "walter@example.com", "password": testkit.Password})
			sessions, err := db.Sessions(t.Context(), testkit.Demo, id, model.At(s.Clock.Now()))
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			most = max(most, len(sessions))
			mu.Unlock()
			return reply
		})
		if ends["ok"] != crowd {
			t.Errorf("%d sign-ins ended as %v", crowd, ends)
		}
		if most != limit {
			t.Errorf("there were up to %d sessions, want %d", most, limit)
		}
	})
}

func TestAnonymousSignInsNeverPassTheUserLimit(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		const crowd, limit = 100, 7
		s := crowded(t, db, func(set *model.Settings) { set.Policies.UserLimit.Total = limit })
		ends := testkit.AtOnce(crowd, func(int) *testkit.Reply { return s.Call(t, "POST /v1/account/sessions/anonymous", nil) })
		if ends["ok"] != limit || ends["user_count_exceeded"] != crowd-limit {
			t.Errorf("%d sign-ins into %d places ended as %v", crowd, limit, ends)
		}
		if n, err := db.CountUsers(t.Context(), testkit.Demo); err != nil || n != limit {
			t.Errorf("%d users, %v", n, err)
		}
	})
}

func TestOneAddressMovesOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		const crowd = 20
		s := crowded(t, db, nil)
		sessions := make([]string, crowd)
		for i := range sessions {
			_, sessions[i] = s.Member(t, fmt.Sprintf("w%d@example.com", i))
		}
		ends := testkit.AtOnce(crowd, func(i int) *testkit.Reply {
			return s.Call(t, "PATCH /v1/account/email", testkit.Map{"email": "wanted@example.com", "password": testkit.Password}, testkit.As(sessions[i]))
		})
		if ends["ok"] != 1 || ends["user_target_already_exists"] != crowd-1 {
			t.Errorf("%d moves to one address ended as %v", crowd, ends)
		}
	})
}

func TestChangesAtOnceDoNotUndoEachOther(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := crowded(t, db, nil)
		_, session := s.Member(t, "walter@example.com")
		changes := []struct {
			route string
			body  testkit.Map
		}{
			{"PATCH /v1/account/name", testkit.Map{"name": "Heisenberg"}},
			{"PATCH /v1/account/prefs", testkit.Map{"prefs": testkit.Map{"theme": "dark"}}},
			{"PATCH /v1/account/phone", testkit.Map{"phone": "+4915112345678", "password": testkit.Password}},
			{"PATCH /v1/account/email", testkit.Map{"email": "heisenberg@example.com", "password": testkit.Password}},
		}
		ends := testkit.AtOnce(len(changes), func(i int) *testkit.Reply {
			return s.Call(t, changes[i].route, changes[i].body, testkit.As(session))
		})
		if ends["ok"] != len(changes) {
			t.Fatalf("the changes ended as %v", ends)
		}
		account := s.Call(t, "GET /v1/account", nil, testkit.As(session)).Want(200)
		for path, want := range map[string]string{"name": "Heisenberg", "prefs.theme": "dark", "phone": "+4915112345678", "email": "heisenberg@example.com"} {
			if got := account.Text(path); got != want {
				t.Errorf("%s is %q, want %q", path, got, want)
			}
		}
	})
}

// A sign-in with the old password that has been verified, but not written, when the password changes must not
// leave a session behind.
func TestTheOldPasswordLeavesNoSession(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		// Without a session limit: the session that asks for the change must not be evicted before it has.
		s := crowded(t, db, func(set *model.Settings) { set.Policies.SessionLimit.Total = 0 })
		id, session := s.Member(t, "walter@example.com")
		const crowd = 40
		ends := testkit.AtOnce(crowd, func(i int) *testkit.Reply {
			if i == crowd/2 {
				return s.Call(t, "PATCH /v1/account/password", testkit.Map{"password": "battery staple 2", "oldPassword": testkit.Password}, testkit.As(session))
			}
			return s.Call(t, "POST /v1/account/sessions/email", testkit.Map{"email": "walter@example.com", "password": testkit.Password})
		})
		if ends["ok"]+ends["user_invalid_credentials"] != crowd || ends["ok"] == 0 {
			t.Errorf("sign-ins around a new password ended as %v", ends)
		}
		s.Call(t, "POST /v1/account/sessions/email", testkit.Map{"email": "walter@example.com", "password": "battery staple 2"}).Want(201)
		sessions, err := db.Sessions(t.Context(), testkit.Demo, id, model.At(s.Clock.Now()))
		if err != nil || len(sessions) > 2 {
			t.Errorf("%d sessions are left, %v", len(sessions), err)
		}
	})
}
