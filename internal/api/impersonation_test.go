package api_test

import (
	"testing"
	"time"

	"latchkey/internal/api"
	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// support makes somebody who may act as others, and somebody to act as.
func support(t testing.TB, s *testkit.Server) (agent, target *model.User, session string, as header) {
	t.Helper()
	agent, session = person(t, s, func(u *model.User, _ *model.Session) {
		u.Impersonator, u.Email, u.Name = true, "agent@example.com", "Agent"
	})
	target, _ = person(t, s, func(u *model.User, _ *model.Session) {
		u.Email, u.Phone, u.Name = "walter@example.com", "+16175551212", "Walter"
	})
	return agent, target, session, header{"X-Appwrite-Impersonate-User-Id", target.ID}
}

func TestWhoIsActedAs(t *testing.T) {
	each(t, testkit.Options{}, func(t *testing.T, s *testkit.Server) {
		agent, target, session, byID := support(t, s)
		third, _ := person(t, s, nil)
		email, phone := header{"X-Appwrite-Impersonate-User-Email", " Walter@Example.com"}, header{"X-Appwrite-Impersonate-User-Phone", target.Phone}
		for _, c := range []struct {
			name, route string
			list        []header
			want        string
		}{
			{"nobody", whoAmI, nil, agent.ID},
			{"by id", whoAmI, headers(byID), target.ID},
			{"by email", whoAmI, headers(email), target.ID},
			{"by phone", whoAmI, headers(phone), target.ID},
			{"the id before the email", whoAmI, headers(header{"X-Appwrite-Impersonate-User-Id", third.ID}, email), third.ID},
			{"an unknown id before a known email", whoAmI, headers(header{"X-Appwrite-Impersonate-User-Id", "nobody"}, email), agent.ID},
			{"the email before the phone", whoAmI, headers(header{"X-Appwrite-Impersonate-User-Email", "nobody@example.com"}, phone), agent.ID},
			{"by the query", whoAmI + "?impersonateUserId=" + target.ID, nil, target.ID},
			{"by the query in lower case", whoAmI + "?impersonateuseremail=walter%40example.com", nil, target.ID},
			{"by a list", whoAmI + "?impersonateUserId[]=" + target.ID, nil, agent.ID},
			{"no text", whoAmI + "?impersonateUserId=%00", nil, agent.ID},
			{"no UTF-8", whoAmI, headers(header{"X-Appwrite-Impersonate-User-Id", "\xff"}), agent.ID},
			{"oneself", whoAmI, headers(header{"X-Appwrite-Impersonate-User-Id", agent.ID}), agent.ID},
		} {
			reply := ask(t, s.URL, c.route, "", append(c.list, testkit.As(session))...).Want(200)
			if reply.Text("$id") != c.want {
				t.Errorf("%s: %s", c.name, reply.Body)
			}
			if by := reply.Get("impersonatorUserId"); c.want != agent.ID && by != agent.ID || c.want == agent.ID && by == target.ID {
				t.Errorf("%s: impersonatorUserId is %v", c.name, by)
			}
		}
		_, plain := person(t, s, nil)
		if got := ask(t, s.URL, whoAmI, "", testkit.As(plain), byID).Want(200).Text("$id"); got == target.ID {
			t.Error("somebody without the mark acted as another")
		}
		ask(t, s.URL, whoAmI, "", byID).Want(401, "general_unauthorized_scope")
		ask(t, s.URL, serverHealth, "", byID, header{"X-Appwrite-Key", s.Key(t, nil)}).Want(200)
		ask(t, s.URL, whoAmI, "", byID, jwt(token(t, s, testkit.Demo, agent, "", time.Hour))).Want(200)
	})
}

func TestWhatMayBeDoneInAnothersName(t *testing.T) {
	t.Parallel()
	s := alone(t, testkit.Options{})
	agent, target, session, as := support(t, s)
	users := api.Define(api.Spec{Route: "GET /v1/list", Scope: api.ScopeUsersRead, Status: 204, About: "Reads users."},
		func(*api.Call, *api.None) (api.Empty, error) { return api.Empty{}, nil })
	url, cookie := extended(t, s, users), testkit.As(session)
	for _, c := range []struct {
		route, body string
		status      int
		kind        string
	}{
		{"PATCH /v1/account/name", `{"name":"Heisenberg"}`, 200, ""},
		{"PATCH /v1/account/prefs", `{"prefs":{"a":1}}`, 200, ""},
		{"GET /v1/account/prefs", "", 200, ""},
		{"GET /v1/list", "", 204, ""},
		{"PATCH /v1/account/email", `{"email":"x@example.com","password":"correct horse 1"}`, 401, "user_unauthorized"},
		{"PATCH /v1/account/phone", `{"phone":"+16175551213","password":"correct horse 1"}`, 401, "user_unauthorized"},
		{"PATCH /v1/account/password", `{"password":"correct horse 2"}`, 401, "user_unauthorized"},
		{"PATCH /v1/account/status", "{}", 401, "user_unauthorized"},
		{"DELETE /v1/account", "{}", 401, "user_unauthorized"},
		{anonymous, "{}", 401, "user_session_already_exists"},
		{signIn, guess, 401, "user_session_already_exists"},
	} {
		if reply := ask(t, url, c.route, c.body, cookie, as); reply.Status != c.status || reply.Text("type") != c.kind {
			t.Errorf("%s: %d %s", c.route, reply.Status, reply.Body)
		}
	}
	ask(t, url, "GET /v1/list", "", cookie).Want(401, "general_unauthorized_scope") // the right comes with acting as another
	got, err := s.DB.UserByID(t.Context(), testkit.Demo, target.ID)
	if err != nil || got.Name != "Heisenberg" || got.Prefs != `{"a":1}` || got.AccessedAt != target.AccessedAt {
		t.Errorf("the target is %+v, %v", got, err)
	}
	// Sessions are the agent's own, whoever they act as.
	if list := ask(t, url, "GET /v1/account/sessions", "", cookie, as).Want(200); list.Text("sessions.0.userId") != agent.ID {
		t.Errorf("%s", list.Body)
	}
	ask(t, url, "DELETE /v1/account/sessions", "{}", cookie, as).Want(204)
	ask(t, url, whoAmI, "", cookie, as).Want(401, "general_unauthorized_scope")
}

func TestBothAccountsMustBeInOrder(t *testing.T) {
	each(t, testkit.Options{}, func(t *testing.T, s *testkit.Server) {
		agent, target, session, as := support(t, s)
		for _, user := range []*model.User{agent, target} {
			user.Status = false
			s.Write(t, func(tx *store.Tx) { tx.UpdateUserStatus(user) })
			ask(t, s.URL, whoAmI, "", testkit.As(session), as).Want(403, "user_blocked")
			user.Status = true
			s.Write(t, func(tx *store.Tx) { tx.UpdateUserStatus(user) })
		}
		agent.MFA, agent.EmailVerification = true, true
		s.Write(t, func(tx *store.Tx) { tx.UpdateUserMFA(agent); tx.UpdateUserVerified(agent) })
		ask(t, s.URL, whoAmI, "", testkit.As(session), as).Want(401, "user_more_factors_required")
	})
}
