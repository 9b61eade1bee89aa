package testkit_test

import (
	"testing"

	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

func TestASignUpSignInSignOut(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := testkit.Serve(t, db, testkit.NewClock(), testkit.Options{})
		id, session := s.Member(t, "walter@example.com")
		got := s.Call(t, "GET /v1/account", nil, testkit.As(session)).Want(200)
		if got.Text("$id") != id || got.Text("targets.0.identifier") != "walter@example.com" {
			t.Errorf("%s", got.Body)
		}
		s.Call(t, "DELETE /v1/account/sessions/current", "{}", testkit.As(session)).Want(204)
		s.Call(t, "GET /v1/account", nil, testkit.As(session)).Want(401, "general_unauthorized_scope")
	})
}
