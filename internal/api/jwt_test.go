package api_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// token signs a JWT of a project for a user; an empty session binds it to the user's counter alone.
func token(t testing.TB, s *testkit.Server, signer string, user *model.User, session string, after time.Duration) string {
	t.Helper()
	text, err := secret.SignJWT(s.Keys.Derive("jwt", signer), secret.JWTClaims{UserID: user.ID, SessionID: session, Counter: user.TokenCounter,
		RegisteredClaims: secret.Until(s.Clock.Now().Add(after))})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// jwt carries a JWT.
func jwt(text string) header { return header{"X-Appwrite-JWT", text} }

func TestJWTs(t *testing.T) {
	each(t, testkit.Options{}, func(t *testing.T, s *testkit.Server) {
		other(t, s, "other")
		var session *model.Session
		user, cookie := person(t, s, func(_ *model.User, made *model.Session) { session = made })
		good := token(t, s, testkit.Demo, user, session.ID, time.Hour)
		head, rest, _ := strings.Cut(good, ".")
		claims, _, _ := strings.Cut(rest, ".")
		none := base64.RawURLEncoding.EncodeToString([]byte(`{"typ":"JWT","alg":"none"}`))
		for _, c := range []struct {
			name, token string
			status      int
			kind        string
		}{
			{"good", good, 200, ""},
			{"without a session", token(t, s, testkit.Demo, user, "", time.Hour), 200, ""},
			{"expired", token(t, s, testkit.Demo, user, session.ID, 0), 401, "user_jwt_invalid"},
			{"signed by another project", token(t, s, "other", user, session.ID, time.Hour), 401, "user_jwt_invalid"},
			{"of a session that never was", token(t, s, testkit.Demo, user, "never", time.Hour), 401, "general_unauthorized_scope"},
			{"of a user that never was", token(t, s, testkit.Demo, &model.User{ID: "never"}, "", time.Hour), 401, "general_unauthorized_scope"},
			{"of no user", token(t, s, testkit.Demo, &model.User{}, "", time.Hour), 401, "user_jwt_invalid"},
			{"unsigned", none + "." + claims + ".", 401, "user_jwt_invalid"},
			{"with its signature cut off", head + "." + claims + ".", 401, "user_jwt_invalid"},
			{"in two parts", head + "." + claims, 401, "user_jwt_invalid"},
			{"with a letter changed", good[:len(good)-4] + "AAAA", 401, "user_jwt_invalid"},
			{"a session", cookie, 401, "user_jwt_invalid"},
			{"nonsense", "x", 401, "user_jwt_invalid"},
			{"huge", strings.Repeat("a.", 50_000), 401, "user_jwt_invalid"},
		} {
			reply := ask(t, s.URL, whoAmI, "", jwt(c.token))
			if reply.Status != c.status || reply.Text("type") != c.kind {
				t.Errorf("%s: %d %s", c.name, reply.Status, reply.Body)
			}
			reply = ask(t, s.URL, whoAmI+"?jwt="+c.token, "")
			if reply.Status != c.status {
				t.Errorf("%s, in the query: %d %s", c.name, reply.Status, reply.Body)
			}
		}
		// A JWT proves who asks; it is no session of its own.
		ask(t, s.URL, "GET /v1/account/sessions/current", "", jwt(good)).Want(404, "user_session_not_found")
		ask(t, s.URL, anonymous, "{}", jwt(good)).Want(401, "user_session_already_exists")
		if got := ask(t, s.URL, "PATCH /v1/account/sessions/"+session.ID, "{}", jwt(good)).Want(200).Header.Values("Set-Cookie"); len(got) > 0 {
			t.Errorf("a JWT became a cookie: %q", got)
		}
	})
}

func TestWhatEndsAJWT(t *testing.T) {
	each(t, testkit.Options{}, func(t *testing.T, s *testkit.Server) {
		var session *model.Session
		made := func(_ *model.User, m *model.Session) { session = m }
		user, cookie := person(t, s, made)
		bound, free := token(t, s, testkit.Demo, user, session.ID, time.Hour), token(t, s, testkit.Demo, user, "", time.Hour)
		ask(t, s.URL, "DELETE /v1/account/sessions/current", "{}", testkit.As(cookie)).Want(204)
		ask(t, s.URL, whoAmI, "", jwt(bound)).Want(401, "general_unauthorized_scope")
		ask(t, s.URL, whoAmI, "", jwt(free)).Want(200)

		user.Status, user.TokenCounter = false, user.TokenCounter+1
		s.Write(t, func(tx *store.Tx) { tx.UpdateUserStatus(user) })
		ask(t, s.URL, whoAmI, "", jwt(free)).Want(401, "general_unauthorized_scope")

		user, _ = person(t, s, made)
		bound = token(t, s, testkit.Demo, user, session.ID, 48*time.Hour)
		user.Status = false
		s.Write(t, func(tx *store.Tx) { tx.UpdateUserStatus(user) })
		ask(t, s.URL, whoAmI, "", jwt(bound)).Want(403, "user_blocked")
		s.Clock.Advance(24*time.Hour + time.Second) // the session ends before the JWT
		ask(t, s.URL, whoAmI, "", jwt(bound)).Want(401, "general_unauthorized_scope")

		user, _ = person(t, s, made)
		bound = token(t, s, testkit.Demo, user, session.ID, time.Hour)
		s.Write(t, func(tx *store.Tx) { tx.DeleteUser(testkit.Demo, user.ID) })
		ask(t, s.URL, whoAmI, "", jwt(bound)).Want(401, "general_unauthorized_scope")
	})
}

func TestAJWTBesideASession(t *testing.T) {
	t.Parallel()
	s := alone(t, testkit.Options{})
	var session *model.Session
	user, cookie := person(t, s, func(_ *model.User, made *model.Session) { session = made })
	_, stranger := person(t, s, nil)
	good := jwt(token(t, s, testkit.Demo, user, session.ID, time.Hour))
	gone := jwt(token(t, s, testkit.Demo, user, "gone", time.Hour))
	for _, h := range carried(cookie) {
		ask(t, s.URL, "GET /v1/account/sessions/current", "", h, good).Want(200) // the same person: their session stays current
		ask(t, s.URL, whoAmI, "", h, gone).Want(403, "user_jwt_and_cookie_set")
		ask(t, s.URL, whoAmI, "", h, jwt("x")).Want(401, "user_jwt_invalid")
	}
	for _, h := range carried(stranger) {
		ask(t, s.URL, whoAmI, "", h, good).Want(403, "user_jwt_and_cookie_set")
	}
	ask(t, s.URL, whoAmI, "", testkit.As("deleted"), good).Want(200)
	key := header{"X-Appwrite-Key", s.Key(t, nil, "*")}
	ask(t, s.URL, serverHealth, "", key, good).Want(200)
	ask(t, s.URL, serverHealth, "", key, jwt("x")).Want(401, "user_jwt_invalid")
}

func TestTheFactorsOfAJWTAreThoseOfItsSession(t *testing.T) {
	t.Parallel()
	s := alone(t, testkit.Options{})
	var session *model.Session
	user, _ := person(t, s, func(u *model.User, made *model.Session) { halfSigned(u, made); session = made })
	ask(t, s.URL, whoAmI, "", jwt(token(t, s, testkit.Demo, user, session.ID, time.Hour))).Want(401, "user_more_factors_required")
	ask(t, s.URL, whoAmI, "", jwt(token(t, s, testkit.Demo, user, "", time.Hour))).Want(200) // made by a server, which vouches
	session.Factors = []string{"password", "email"}
	s.Write(t, func(tx *store.Tx) { tx.UpdateSessionFactors(session) })
	ask(t, s.URL, whoAmI, "", jwt(token(t, s, testkit.Demo, user, session.ID, time.Hour))).Want(200)
}
