package auth_test

import (
	"strings"
	"testing"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/testkit"
)

const jwts = "POST /v1/account/jwts"

// bearer carries a JWT.
func bearer(token string) testkit.Header { return testkit.Header{"X-Appwrite-JWT", token} }

// jwtOf makes a JWT of a session.
func jwtOf(t testing.TB, s *testkit.Server, session string) string {
	t.Helper()
	return s.Call(t, jwts, nil, testkit.As(session)).Want(201).Text("jwt")
}

func TestMakingAJWT(t *testing.T) {
	each(t, testkit.Options{}, func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		me := testkit.As(session)
		for label, body := range map[string]any{"zero": testkit.Map{"duration": 0}, "too long": testkit.Map{"duration": 3601}, "negative": testkit.Map{"duration": -1},
			"a fraction": testkit.Map{"duration": 1.5}, "words": testkit.Map{"duration": "long"}} {
			if reply := s.Call(t, jwts, body, me); reply.Status != 400 || reply.Text("type") != "general_argument_invalid" {
				t.Errorf("%s: %d %s", label, reply.Status, reply.Body)
			}
		}
		reply := s.Call(t, "POST /v1/account/jwt", testkit.Map{"duration": "900"}, me).Want(201)
		if got := reply.Header.Get("X-RateLimit-Remaining"); got != "94" { // the old path counts on the same counter, bad calls too
			t.Errorf("%s calls are left", got)
		}
		s.Call(t, jwts, nil).Want(401, "general_unauthorized_scope")
		s.Call(t, jwts, nil, testkit.Header{"X-Appwrite-Key", s.Key(t, nil, "*")}).Want(401, "general_unauthorized_scope")
		token := reply.Text("jwt")
		if got := s.Call(t, whoAmI, nil, bearer(token)).Want(200).Text("$id"); got != id {
			t.Errorf("the JWT is %s's", got)
		}
		// No JWT by a JWT; beside the session that made it, the session makes the new one.
		s.Call(t, jwts, nil, bearer(token)).Want(403, "user_jwt_creation_denied")
		s.Call(t, jwts, nil, bearer(token), me).Want(201)
	})
}

func TestAJWTLastsAsLongAsItWasMadeFor(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		usual := jwtOf(t, s, session)
		short := s.Call(t, jwts, testkit.Map{"duration": 5}, testkit.As(session)).Want(201).Text("jwt")
		s.Clock.Advance(4 * time.Second)
		s.Call(t, whoAmI, nil, bearer(short)).Want(200)
		s.Clock.Advance(2 * time.Second)
		s.Call(t, whoAmI, nil, bearer(short)).Want(401, "user_jwt_invalid")
		s.Clock.Advance(890 * time.Second)
		s.Call(t, whoAmI, nil, bearer(usual)).Want(200)
		s.Clock.Advance(10 * time.Second)
		s.Call(t, whoAmI, nil, bearer(usual)).Want(401, "user_jwt_invalid")
	})
}

func TestWhatEndsTheJWTsOfASession(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		phone, laptop := s.SignIn(t, walter), s.SignIn(t, walter)
		here, there, away := jwtOf(t, s, session), jwtOf(t, s, phone), jwtOf(t, s, laptop)
		s.Call(t, "DELETE /v1/account/sessions/current", nil, testkit.As(laptop)).Want(204)
		s.Call(t, whoAmI, nil, bearer(away)).Want(401, "general_unauthorized_scope")
		s.Call(t, whoAmI, nil, bearer(there)).Want(200)
		// A new password ends the other sessions, and what they have signed.
		s.Call(t, password, change(other, testkit.Password), testkit.As(session)).Want(200)
		s.Call(t, whoAmI, nil, bearer(there)).Want(401, "general_unauthorized_scope")
		s.Call(t, whoAmI, nil, bearer(here)).Want(200)
		s.Call(t, "PATCH /v1/account/status", nil, testkit.As(session)).Want(200)
		if user := stored(t, s, id); user.Status {
			t.Fatal("not blocked")
		}
		if reply := s.Call(t, whoAmI, nil, bearer(here)); reply.Status < 400 {
			t.Errorf("a blocked user's JWT is answered: %s", reply.Body)
		}
	})
}

func TestAJWTWhereTheMethodIsOff(t *testing.T) {
	o := unlimited(nil)
	o.Settings = func(set *model.Settings) { set.AuthMethods.JWT = false }
	each(t, o, func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		s.Call(t, jwts, testkit.Map{"duration": "x"}, testkit.As(session)).Want(501, "user_auth_method_unsupported")
	})
}

// The parts of a JWT are contract: SDKs and apps read the claims.
func TestTheFormOfAJWT(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		parts := strings.Split(jwtOf(t, s, session), ".")
		if len(parts) != 3 {
			t.Fatalf("%d parts", len(parts))
		}
		head, claims := decoded(t, parts[0]), decoded(t, parts[1])
		if head["alg"] != "HS256" || head["typ"] != "JWT" || len(head) != 2 {
			t.Errorf("head %v", head)
		}
		if claims["userId"] == "" || claims["sessionId"] == "" || claims["exp"] != float64(testkit.Start.Add(900*time.Second).Unix()) || len(claims) != 3 {
			t.Errorf("claims %v", claims)
		}
	})
}
