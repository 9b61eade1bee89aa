package auth_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/model"
	"latchkey/internal/testkit"
)

// own is the path of one session.
func own(method, id string) string { return method + " /v1/account/sessions/" + id }

// opened signs in and returns the session's id and its encoded secret.
func opened(t testing.TB, s *testkit.Server, email string) (id, session string) {
	t.Helper()
	reply := s.Call(t, signIn, credentials(email, testkit.Password)).Want(201)
	return reply.Text("$id"), reply.Session()
}

// ids lists the ids of the sessions that an owner sees, and which of them is current.
func ids(t testing.TB, s *testkit.Server, session string) (list []string, current string) {
	t.Helper()
	reply := s.Call(t, sessions, nil, testkit.As(session)).Want(200)
	for i := 0; reply.Get("sessions."+strconv.Itoa(i)) != nil; i++ {
		id := reply.Text("sessions." + strconv.Itoa(i) + ".$id")
		list = append(list, id)
		if reply.Get("sessions."+strconv.Itoa(i)+".current") == true {
			current += id
		}
	}
	if reply.Get("total") != float64(len(list)) {
		t.Errorf("the total is %v of %d", reply.Get("total"), len(list))
	}
	return list, current
}

func TestTheListOfSessions(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		s.SignUp(t, walter)
		s.Member(t, "jesse@example.com")
		var want, secrets []string
		for range 4 { // the clock stands still for the last two
			id, session := opened(t, s, walter)
			want, secrets = append(want, id), append(secrets, session)
			if len(want) < 3 {
				s.Clock.Advance(time.Second)
			}
		}
		for i, session := range secrets {
			list, current := ids(t, s, session)
			if diff := cmp.Diff(want, list); diff != "" || current != want[i] {
				t.Errorf("session %d: current is %s (-want +got)\n%s", i, current, diff)
			}
			one := s.Call(t, own("GET", "current"), nil, testkit.As(session)).Want(200)
			named := s.Call(t, own("GET", want[i]), nil, testkit.As(session)).Want(200)
			if string(one.Body) != string(named.Body) || one.Text("$id") != want[i] || one.Get("current") != true {
				t.Errorf("current: %s\nby id: %s", one.Body, named.Body)
			}
			if far := s.Call(t, own("GET", want[(i+1)%4]), nil, testkit.As(session)).Want(200); far.Get("current") != false || far.Text("secret") != "" {
				t.Errorf("a session elsewhere: %s", far.Body)
			}
		}
	})
}

// What is no session of one's own is not there, whoever it belongs to.
func TestSessionsThatAreNotOnesOwn(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		s.SignUp(t, "jesse@example.com")
		id, jesse := opened(t, s, "jesse@example.com")
		me := testkit.As(session)
		for _, method := range []string{"GET", "PATCH", "DELETE"} {
			for _, which := range []string{id, "never", strings.Repeat("0", 25), "Current", "CURRENT"} {
				s.Call(t, own(method, which), nil, me).Want(404, "user_session_not_found")
			}
			for _, which := range []string{"_x", strings.Repeat("0", 37), "a%20b", "%F0%9F%91%A9"} {
				s.Call(t, own(method, which), nil, me).Want(400, "general_argument_invalid")
			}
		}
		s.Call(t, own("DELETE", ""), nil, me).Want(404, "general_route_not_found")
		if got := total(t, s, session); got != 1 {
			t.Errorf("%d sessions are left", got)
		}
		s.Call(t, whoAmI, nil, testkit.As(jesse)).Want(200)
	})
}

func TestSigningOut(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		s.SignUp(t, walter)
		first, here := opened(t, s, walter)
		second, there := opened(t, s, walter)
		third, elsewhere := opened(t, s, walter)

		reply := s.Call(t, own("DELETE", third), "{}", testkit.As(here)).Want(204)
		if len(reply.Body) > 0 || len(reply.Header.Values("Set-Cookie")) > 0 || reply.Header.Get("X-Fallback-Cookies") != "" {
			t.Errorf("signing out elsewhere answered %v %s", reply.Header, reply.Body)
		}
		s.Call(t, whoAmI, nil, testkit.As(elsewhere)).Want(401, "general_unauthorized_scope")
		s.Call(t, own("DELETE", third), nil, testkit.As(here)).Want(404, "user_session_not_found")

		wantCleared(t, s.Call(t, own("DELETE", "current"), "{}", testkit.As(here)).Want(204))
		for _, name := range []string{"current", first, second} {
			s.Call(t, own("DELETE", name), nil, testkit.As(here)).Want(401, "general_unauthorized_scope")
		}
		wantCleared(t, s.Call(t, own("DELETE", second), nil, testkit.As(there)).Want(204)) // one's own by its id
		s.Call(t, whoAmI, nil, testkit.As(there)).Want(401)
		s.SignIn(t, walter)
	})
}

func TestSigningOutEverywhere(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, here := s.Member(t, walter)
		elsewhere := s.SignIn(t, walter)
		_, jesse := s.Member(t, "jesse@example.com")
		reply := s.Call(t, "DELETE /v1/account/sessions", "{}", testkit.As(here)).Want(204)
		wantCleared(t, reply)
		if len(reply.Body) > 0 {
			t.Errorf("204 with %s", reply.Body)
		}
		for _, session := range []string{here, elsewhere} {
			s.Call(t, whoAmI, nil, testkit.As(session)).Want(401, "general_unauthorized_scope")
		}
		s.Call(t, whoAmI, nil, testkit.As(jesse)).Want(200)
		if list, err := s.DB.Sessions(t.Context(), testkit.Demo, id, 0); len(list) > 0 || err != nil {
			t.Errorf("%d sessions are left, %v", len(list), err)
		}
		s.SignIn(t, walter)
	})
}

func TestTheSessionLimit(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		s.SignUp(t, walter)
		_, stranger := s.Member(t, "jesse@example.com")
		var opens, secrets []string
		next := func() {
			id, session := opened(t, s, walter)
			opens, secrets = append(opens, id), append(secrets, session)
		}
		last := func() string { return secrets[len(secrets)-1] }
		for range 10 {
			next()
		}
		s.Call(t, whoAmI, nil, testkit.As(secrets[0])).Want(200)
		for range 3 { // in the same millisecond too the oldest goes
			next()
			if list, _ := ids(t, s, last()); !cmp.Equal(list, opens[len(opens)-10:]) {
				t.Errorf("after %d sign-ins: %v of %v", len(opens), list, opens)
			}
			s.Call(t, whoAmI, nil, testkit.As(secrets[len(secrets)-11])).Want(401, "general_unauthorized_scope")
		}
		set(t, s, func(p *model.Policies) { p.SessionLimit.Total = 2 })
		s.Call(t, whoAmI, nil, testkit.As(secrets[len(secrets)-10])).Want(200) // a lower limit ends nothing by itself
		next()
		if list, _ := ids(t, s, last()); !cmp.Equal(list, opens[len(opens)-2:]) {
			t.Errorf("limit 2: %v", list)
		}
		set(t, s, func(p *model.Policies) { p.SessionLimit.Total = 1 })
		next()
		if list, current := ids(t, s, last()); len(list) != 1 || current != opens[len(opens)-1] {
			t.Errorf("limit 1: %v, current %s", list, current)
		}
		set(t, s, func(p *model.Policies) { p.SessionLimit.Total = 0 })
		for range 12 {
			next()
		}
		if n := total(t, s, last()); n != 13 {
			t.Errorf("no limit: %d", n)
		}
		s.Call(t, whoAmI, nil, testkit.As(stranger)).Want(200)
	})
}

func TestASessionExpires(t *testing.T) {
	each(t, unlimited(func(p *model.Policies) { p.SessionDuration.Duration, p.SessionLimit.Total = 3600, 2 }), func(t *testing.T, s *testkit.Server) {
		s.SignUp(t, walter)
		id, session := opened(t, s, walter)
		if reply := s.Call(t, own("GET", id), nil, testkit.As(session)).Want(200); reply.Text("expire") != "2026-03-01T13:00:00.000+00:00" {
			t.Errorf("%s", reply.Body)
		}
		s.Clock.Advance(30 * time.Minute)
		later, second := opened(t, s, walter)
		s.Clock.Advance(30 * time.Minute)
		s.Call(t, whoAmI, nil, testkit.As(session)).Want(200) // through the millisecond it expires in
		s.Clock.Advance(time.Millisecond)
		s.Call(t, whoAmI, nil, testkit.As(session)).Want(401, "general_unauthorized_scope")
		for _, method := range []string{"GET", "PATCH", "DELETE"} {
			s.Call(t, own(method, id), nil, testkit.As(second)).Want(404, "user_session_not_found")
		}
		if list, _ := ids(t, s, second); !cmp.Equal(list, []string{later}) {
			t.Errorf("%v, want %s alone", list, later)
		}
		// A longer duration brings nothing back, and one that has expired takes no place.
		set(t, s, func(p *model.Policies) { p.SessionDuration.Duration = 86400 })
		s.Call(t, whoAmI, nil, testkit.As(session)).Want(401)
		third, _ := opened(t, s, walter)
		if list, _ := ids(t, s, second); !cmp.Equal(list, []string{later, third}) {
			t.Errorf("%v, want %s and %s", list, later, third)
		}
		// Who comes with an expired session is a guest, and may sign in.
		s.Call(t, signIn, credentials(walter, testkit.Password), testkit.As(session)).Want(201)
	})
}

func TestExtendingASession(t *testing.T) {
	each(t, unlimited(func(p *model.Policies) { p.SessionDuration.Duration = 3600 }), func(t *testing.T, s *testkit.Server) {
		s.SignUp(t, walter)
		id, session := opened(t, s, walter)
		far, elsewhere := opened(t, s, walter)
		s.Clock.Advance(40 * time.Minute)
		reply := s.Call(t, own("PATCH", "current"), "{}", testkit.As(session)).Want(200)
		if reply.Text("$id") != id || reply.Text("expire") != "2026-03-01T13:40:00.000+00:00" || reply.Get("current") != true || reply.Text("secret") != "" ||
			reply.Text("$updatedAt") != "2026-03-01T12:40:00.000+00:00" || reply.Text("$createdAt") != "2026-03-01T12:00:00.000+00:00" {
			t.Errorf("%s", reply.Body)
		}
		if reply.Session() != session {
			t.Errorf("the cookie is sent again as %q", reply.Header.Values("Set-Cookie"))
		}
		if again := s.Call(t, own("GET", id), nil, testkit.As(session)).Want(200); string(again.Body) != string(reply.Body) {
			t.Errorf("extended %s\nread     %s", reply.Body, again.Body)
		}
		remote := s.Call(t, own("PATCH", id), nil, testkit.As(elsewhere)).Want(200)
		if remote.Session() != "" || remote.Get("current") != false {
			t.Errorf("extending a session elsewhere: %v %s", remote.Header, remote.Body)
		}
		s.Clock.Advance(30 * time.Minute)
		s.Call(t, whoAmI, nil, testkit.As(elsewhere)).Want(401)
		s.Call(t, own("PATCH", far), nil, testkit.As(session)).Want(404, "user_session_not_found")
		// A setting that was lowered shortens.
		set(t, s, func(p *model.Policies) { p.SessionDuration.Duration = 60 })
		s.Call(t, own("PATCH", id), nil, testkit.As(session)).Want(200)
		s.Clock.Advance(61 * time.Second)
		s.Call(t, whoAmI, nil, testkit.As(session)).Want(401)
	})
}
