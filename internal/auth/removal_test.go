package auth_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/auth"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/testkit"
)

const removeAccount = "DELETE /v1/account"

// janitor is one that works over a server's database by its clock.
func janitor(s *testkit.Server, holder string) *auth.Janitor {
	return &auth.Janitor{DB: s.DB, Clock: s.Clock.Now, Log: slog.New(slog.DiscardHandler), Holder: holder}
}

// clean sweeps until it is clean, and returns how many rows went.
func clean(t testing.TB, s *testkit.Server) (gone int) {
	t.Helper()
	for {
		n, err := janitor(s, "test").Sweep(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return gone
		}
		gone += n
	}
}

// lives says whether a user is still stored.
func lives(t testing.TB, s *testkit.Server, id string) bool {
	t.Helper()
	_, err := s.DB.UserByID(t.Context(), testkit.Demo, id)
	if err != nil && !errors.Is(err, fault.UserNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

func TestDeletingOnesAccount(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		s.Call(t, signUp, filled(testkit.Map{"userId": "walter"})).Want(201)
		here, elsewhere := s.SignIn(t, walter), s.SignIn(t, walter)
		s.Call(t, phone, number("+4915112345678", testkit.Password), testkit.As(here)).Want(200)
		_, jesse := s.Member(t, "jesse@example.com")
		reply := s.Call(t, removeAccount, "{}", testkit.As(here)).Want(204)
		wantCleared(t, reply)
		if len(reply.Body) > 0 || lives(t, s, "walter") {
			t.Errorf("204 with %q; the user is there: %v", reply.Body, lives(t, s, "walter"))
		}
		for _, session := range []string{here, elsewhere} {
			s.Call(t, whoAmI, nil, testkit.As(session)).Want(401, "general_unauthorized_scope")
			s.Call(t, removeAccount, nil, testkit.As(session)).Want(401, "general_unauthorized_scope")
		}
		s.Call(t, signIn, credentials(walter, testkit.Password)).Want(401, "user_invalid_credentials")
		s.Call(t, whoAmI, nil, testkit.As(jesse)).Want(200)
		// Id, address and number are free at once, and nothing of the old account comes with them.
		again := s.Call(t, signUp, filled(testkit.Map{"userId": "walter", "name": "Somebody else"})).Want(201)
		if again.Text("phone") != "" || again.Get("targets.1") != nil || again.Text("targets.0.identifier") != walter {
			t.Errorf("%s", again.Body)
		}
		session := s.SignIn(t, walter)
		if n := total(t, s, session); n != 1 {
			t.Errorf("%d sessions", n)
		}
		s.Call(t, phone, number("+4915112345678", testkit.Password), testkit.As(session)).Want(200)
		_, anonymous := guest(t, s)
		s.Call(t, removeAccount, nil, testkit.As(anonymous)).Want(204)
	})
}

func TestDeletingThatIsForbidden(t *testing.T) {
	each(t, unlimited(func(p *model.Policies) { p.SelfDeletion.Enabled = false }), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		reply := s.Call(t, removeAccount, nil, testkit.As(session)).Want(400, "user_deletion_prohibited")
		if len(reply.Header.Values("Set-Cookie")) > 0 || reply.Header.Get("X-Fallback-Cookies") != "" {
			t.Errorf("a refusal signs out: %v", reply.Header)
		}
		s.Call(t, whoAmI, nil, testkit.As(session)).Want(200)
		if got, want := events(t, s, id), []string{"user.create", "session.create"}; !cmp.Equal(got, want) {
			t.Errorf("the log says %q, want %q", got, want)
		}
	})
}

// With days of grace a deletion signs out everywhere, and is forgotten by whoever signs in again.
func TestDaysOfGrace(t *testing.T) {
	const days = 7 * 24 * time.Hour
	grace := unlimited(func(p *model.Policies) { p.SelfDeletion.GraceDays, p.SessionDuration.Duration = 7, 31536000 })
	each(t, grace, func(t *testing.T, s *testkit.Server) {
		regrets, session := s.Member(t, walter)
		elsewhere := s.SignIn(t, walter)
		leaves, other := s.Member(t, "jesse@example.com")
		stays, _ := s.Member(t, "hank@example.com")
		for _, one := range []string{session, other} {
			wantCleared(t, s.Call(t, removeAccount, nil, testkit.As(one)).Want(204))
		}
		for _, one := range []string{session, elsewhere, other} {
			s.Call(t, whoAmI, nil, testkit.As(one)).Want(401, "general_unauthorized_scope")
		}
		s.Call(t, signUp, filled(nil)).Want(409, "user_already_exists")
		s.Call(t, signIn, credentials(walter, "wrong password")).Want(401) // no sign-in

		s.Clock.Advance(days - time.Millisecond)
		if n := clean(t, s); n != 0 || !lives(t, s, regrets) || !lives(t, s, leaves) {
			t.Fatalf("%d rows went before their time", n)
		}
		back := s.SignIn(t, walter)
		s.Clock.Advance(time.Millisecond)
		if n := clean(t, s); n != 1 || lives(t, s, leaves) || !lives(t, s, regrets) || !lives(t, s, stays) {
			t.Errorf("%d users went; of those who left, came back and stayed there are %v %v %v", n, lives(t, s, leaves), lives(t, s, regrets), lives(t, s, stays))
		}
		s.Call(t, whoAmI, nil, testkit.As(back)).Want(200)
		s.Call(t, signIn, credentials("jesse@example.com", testkit.Password)).Want(401, "user_invalid_credentials")
		s.SignUp(t, "jesse@example.com")
		// Who came back may change their mind once more, and has all the days again.
		s.Call(t, removeAccount, nil, testkit.As(back)).Want(204)
		s.Clock.Advance(days)
		clean(t, s)
		if lives(t, s, regrets) {
			t.Error("the second wish was not granted")
		}
	})
}

func TestTheJanitorRemovesWhatHasExpired(t *testing.T) {
	each(t, unlimited(func(p *model.Policies) { p.SessionDuration.Duration = 3600 }), func(t *testing.T, s *testkit.Server) {
		id := s.SignUp(t, walter)
		_, first := opened(t, s, walter)
		s.SignIn(t, walter)
		s.Clock.Advance(30 * time.Minute)
		s.Call(t, own("PATCH", "current"), nil, testkit.As(first)).Want(200) // made early, but extended
		s.Clock.Advance(30 * time.Minute)
		if n := clean(t, s); n != 0 {
			t.Errorf("%d rows went in the millisecond that they are still good for", n)
		}
		s.Clock.Advance(time.Millisecond)
		if n := clean(t, s); n != 1 {
			t.Errorf("%d rows went, want the one session", n)
		}
		s.Call(t, whoAmI, nil, testkit.As(first)).Want(200)
		if list, err := s.DB.Sessions(t.Context(), testkit.Demo, id, 0); len(list) != 1 || err != nil {
			t.Errorf("%d sessions are stored, %v", len(list), err)
		}
	})
}

// Run cleans at once and then every minute, until it is told to end; of two janitors one works.
func TestOneJanitorWorks(t *testing.T) {
	each(t, unlimited(func(p *model.Policies) { p.SelfDeletion.GraceDays = 1 }), func(t *testing.T, s *testkit.Server) {
		leave := func(address string) string {
			id, session := s.Member(t, address)
			s.Call(t, removeAccount, nil, testkit.As(session)).Want(204)
			s.Clock.Advance(24 * time.Hour)
			return id
		}
		run := func(holder string) (end func()) {
			ctx, cancel := context.WithCancel(t.Context())
			over := make(chan struct{})
			go func() {
				defer close(over)
				janitor(s, holder).Run(ctx)
			}()
			return func() { cancel(); <-over }
		}
		first := leave(walter)
		end := run("one")
		until(t, "the janitor to clean", func() bool { return !lives(t, s, first) })
		end()
		held, err := s.DB.AcquireLease(t.Context(), "janitor", "two", time.Minute)
		if held || err != nil {
			t.Errorf("the lease can be had by another: %v, %v", held, err)
		}
		second := leave("jesse@example.com") // a day later the lease is long over
		end = run("two")
		until(t, "the other janitor to clean", func() bool { return !lives(t, s, second) })
		end()
	})
}

// Everything that is done to an account is in the log, with who did it and from where; what was refused is not.
func TestTheSecurityLog(t *testing.T) {
	each(t, testkit.Options{NoLimits: true, Proxies: true}, func(t *testing.T, s *testkit.Server) {
		from, agent := testkit.Header{"X-Forwarded-For", "8.8.8.8"}, testkit.Header{"User-Agent", "Test/1"}
		s.Call(t, signUp, filled(testkit.Map{"userId": "walter"}), from, agent).Want(201)
		session := s.SignIn(t, walter)
		me := testkit.As(session)
		far, _ := opened(t, s, walter)
		s.Clock.Advance(time.Second)
		for _, c := range []struct {
			route string
			body  any
			good  int
			event string
		}{
			{name, testkit.Map{"name": "Heisenberg"}, 200, "user.update"},
			{name, testkit.Map{"name": ""}, 400, ""},
			{prefs, testkit.Map{"prefs": testkit.Map{}}, 200, "user.update"},
			{email, credentials("w@example.com", "wrong password"), 401, ""},
			{email, credentials("w@example.com", testkit.Password), 200, "user.update"},
			{email, credentials("w@example.com", testkit.Password), 409, ""},
			{phone, number("+4915112345678", testkit.Password), 200, "user.update"},
			{password, change(testkit.Password, "wrong password"), 401, ""},
			{own("PATCH", "current"), nil, 200, "session.update"},
			{own("GET", "current"), nil, 200, ""},
			{own("DELETE", far), nil, 204, "session.delete"},
			{own("DELETE", far), nil, 404, ""},
			{password, change(other, testkit.Password), 200, "user.update"},
			{whoAmI, nil, 200, ""},
			{"DELETE /v1/account/sessions", nil, 204, "session.delete"},
		} {
			before := events(t, s, "walter")
			s.Call(t, c.route, c.body, me, from, agent).Want(c.good)
			after := events(t, s, "walter")
			want := before
			if c.event != "" {
				want = append(before[:len(before):len(before)], c.event)
			}
			if diff := cmp.Diff(want, after); diff != "" {
				t.Errorf("%s, %d (-want +got)\n%s", c.route, c.good, diff)
			}
			s.Clock.Advance(time.Second)
		}
		s.Call(t, signIn, credentials("w@example.com", testkit.Password)).Want(401)
		last := s.Call(t, signIn, credentials("w@example.com", other), from, agent).Want(201).Session()
		s.Clock.Advance(time.Second)
		s.Call(t, removeAccount, nil, testkit.As(last), from, agent).Want(204)

		log, err := s.DB.AuditsByActor(t.Context(), testkit.Demo, "walter", 100, 0)
		if err != nil || len(log) < 3 {
			t.Fatalf("%d entries, %v", len(log), err)
		}
		for i := range log {
			log[i].ID, log[i].Time = "", 0
		}
		entry := model.Audit{Project: testkit.Demo, Event: "user.create", Resource: "user/walter", ActorType: "user", ActorID: "walter", ActorName: "Walter White",
			ActorMail: walter, Mode: "default", IP: "8.8.8.8", UserAgent: "Test/1", Country: "us"}
		if diff := cmp.Diff(entry, log[len(log)-1]); diff != "" {
			t.Errorf("the first entry (-want +got)\n%s", diff)
		}
		entry.Event, entry.ActorName, entry.ActorMail = "user.delete", "Heisenberg", "w@example.com"
		if diff := cmp.Diff(entry, log[0]); diff != "" {
			t.Errorf("the last entry (-want +got)\n%s", diff)
		}
		entry.Event = "session.create"
		if diff := cmp.Diff(entry, log[1]); diff != "" {
			t.Errorf("the one before (-want +got)\n%s", diff)
		}
	})
}
