package auth_test

import (
	"strconv"
	"testing"
	"time"

	"latchkey/internal/auth"
	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// TestLastAccessMovesOnceADay holds when accessedAt of a user, a key and a project moves, and when it does not.
func TestLastAccessMovesOnceADay(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := testkit.Serve(t, db, testkit.NewClock(), testkit.Options{})
		begin := model.At(s.Clock.Now())
		id, session := s.Member(t, "walter@example.com")
		keyText := s.Key(t, nil, "health.read")
		asUser := func() { s.Call(t, "GET /v1/account", nil, testkit.As(session)).Want(200) }
		asKey := func() { s.Call(t, "GET /v1/health", nil, testkit.Header{"X-Appwrite-Key", keyText}).Want(200) }
		expect := func(what string, user, key, project model.Time) {
			t.Helper()
			s.Touches.Flush(t.Context())
			u, err := db.UserByID(t.Context(), testkit.Demo, id)
			if err != nil {
				t.Fatal(err)
			}
			k, err := db.KeyByHash(t.Context(), testkit.Demo, secret.HashToken(keyText))
			if err != nil {
				t.Fatal(err)
			}
			p, err := db.Project(t.Context(), testkit.Demo)
			if err != nil {
				t.Fatal(err)
			}
			if u.AccessedAt != user || k.AccessedAt != key || p.AccessedAt != project {
				t.Errorf("%s: user %d, key %d, project %d; want %d, %d, %d", what, u.AccessedAt, k.AccessedAt, p.AccessedAt, user, key, project)
			}
		}
		asUser()
		asKey()
		expect("a new user, a key never used", begin, begin, begin)

		s.Clock.Advance(24*time.Hour - time.Millisecond)
		asUser()
		asKey()
		expect("within a day", begin, begin, begin)

		s.Clock.Advance(time.Millisecond)
		later := model.At(s.Clock.Now())
		s.Call(t, "GET /v1/account", nil).Want(401)
		expect("a guest who is refused", begin, begin, begin)
		asUser()
		expect("a day later, by the user", later, begin, later)

		s.Clock.Advance(time.Hour)
		asUser()
		asKey()
		expect("an hour after that, by both", later, later+model.Time(time.Hour/time.Millisecond), later)
	})
}

// TestLastAccessNeverWaits holds that a full queue drops a touch: without a writer, requests go on.
func TestLastAccessNeverWaits(t *testing.T) {
	t.Parallel()
	touches := auth.NewTouches(nil, testkit.NewClock().Now, nil)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 10000 {
			touches.User(&model.User{Project: testkit.Demo, ID: strconv.Itoa(i)})
		}
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Error("a request waits for the writer of last accesses")
	}
}
