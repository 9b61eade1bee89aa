package api_test

import (
	"testing"

	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// member writes an operator with a role in the demo project and returns what their console sends.
func member(t testing.TB, s *testkit.Server, role string) (*model.User, []header) {
	t.Helper()
	user, session := person(t, s, func(u *model.User, _ *model.Session) {
		u.Project, u.Email = model.ConsoleProject, role+"@console.example"
	})
	if role != "" {
		s.Write(t, func(tx *store.Tx) {
			tx.UpsertOperator(&store.Operator{Project: testkit.Demo, UserID: user.ID, Role: role, CreatedAt: user.CreatedAt})
		})
	}
	return user, headers(header{"Cookie", "a_session_console=" + session}, header{"X-Appwrite-Mode", "admin"})
}

func TestOperatorsActByTheirRole(t *testing.T) {
	each(t, testkit.Options{ConsoleSignUp: "open"}, func(t *testing.T, s *testkit.Server) {
		for _, c := range []struct {
			role, route, body string
			status            int
			kind              string
		}{
			{"owner", "GET /v1/health", "", 200, ""},
			{"admin", "GET /v1/health", "", 200, ""},
			{"developer", "GET /v1/health", "", 200, ""},
			{"analyst", "GET /v1/health", "", 200, ""},
			{"analyst", "GET /v1/locale", "", 200, ""},
			{"owner", "GET /v1/account", "", 401, "general_unauthorized_scope"},
			{"developer", "GET /v1/account", "", 401, "general_unauthorized_scope"},
			{"owner", "DELETE /v1/account", "{}", 401, "general_unauthorized_scope"},
			{"owner", "DELETE /v1/account/sessions", "{}", 401, "general_unauthorized_scope"},
			{"owner", "PATCH /v1/account/name", `{"name":"x"}`, 401, "general_unauthorized_scope"},
			{"owner", "POST /v1/account/sessions/anonymous", "{}", 401, "user_session_already_exists"},
			{"analyst", "POST /v1/account/sessions/anonymous", "{}", 401, "general_unauthorized_scope"},
			{"analyst", "POST /v1/account", "{}", 401, "general_unauthorized_scope"},
			{"", "GET /v1/health", "", 401, "user_unauthorized"},
			{"billing", "GET /v1/health", "", 401, "user_unauthorized"},
			{"guests", "GET /v1/health", "", 401, "user_unauthorized"},
			{"keys", "GET /v1/health", "", 401, "user_unauthorized"},
		} {
			t.Run(c.role+" "+c.route, func(t *testing.T) {
				_, list := member(t, s, c.role)
				want := s.Call(t, c.route, orNil(c.body), list...)
				if c.kind == "" {
					want.Want(c.status)
				} else {
					want.Want(c.status, c.kind)
				}
				// The person goes: addresses are unique.
				s.Write(t, func(tx *store.Tx) {
					user, err := tx.UserByEmail(model.ConsoleProject, c.role+"@console.example")
					if err != nil {
						t.Fatal(err)
					}
					tx.DeleteUser(model.ConsoleProject, user.ID)
				})
			})
		}
	})
}

// orNil makes an empty body none.
func orNil(body string) any {
	if body == "" {
		return nil
	}
	return body
}

func TestAdminModeAsksForTheConsolesSession(t *testing.T) {
	each(t, testkit.Options{}, func(t *testing.T, s *testkit.Server) {
		admin := header{"X-Appwrite-Mode", "admin"}
		console := header{"X-Appwrite-Project", "console"}
		_, owner := member(t, s, "owner")
		cookie := owner[0]
		_, session := person(t, s, nil)

		s.Call(t, "GET /v1/health?mode=admin", nil, cookie).Want(200)
		s.Call(t, "GET /v1/health", nil, cookie).Want(401, "general_unauthorized_scope") // no mode: a guest of the project
		s.Call(t, "GET /v1/health", nil, cookie, header{"X-Appwrite-Mode", "default"}).Want(401, "general_unauthorized_scope")
		s.Call(t, "GET /v1/health", nil, testkit.As(session), admin).Want(401, "general_unauthorized_scope") // the app's own user is nobody there
		s.Call(t, "GET /v1/health", nil, header{"X-Appwrite-Session", session}, admin).Want(401, "general_unauthorized_scope")
		s.Call(t, "GET /v1/account", nil, cookie, console).Want(200)
		s.Call(t, "GET /v1/account", nil, cookie, console, admin).Want(400, "general_bad_request")
		s.Call(t, "GET /v1/account", nil, console, admin).Want(400, "general_bad_request")
		s.Call(t, "GET /v1/health", nil, cookie, admin, header{"X-Appwrite-Project", "nowhere"}).Want(404, "project_not_found")
	})
}

func TestOperatorsAreGatedByTheirOwnAccount(t *testing.T) {
	each(t, testkit.Options{}, func(t *testing.T, s *testkit.Server) {
		owner, list := member(t, s, "owner")
		owner.MFA, owner.EmailVerification = true, true
		s.Write(t, func(tx *store.Tx) { tx.UpdateUserMFA(owner); tx.UpdateUserVerified(owner) })
		s.Call(t, "GET /v1/health", nil, list...).Want(401, "user_more_factors_required")
		owner.Status = false
		s.Write(t, func(tx *store.Tx) { tx.UpdateUserStatus(owner) })
		s.Call(t, "GET /v1/health", nil, list...).Want(403, "user_blocked")
		s.Write(t, func(tx *store.Tx) { tx.DeleteOperator(testkit.Demo, owner.ID) })
		s.Call(t, "GET /v1/health", nil, list...).Want(401, "user_unauthorized")
	})
}
