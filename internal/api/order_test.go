package api_test

import (
	"strings"
	"testing"

	"latchkey/internal/api"
	"latchkey/internal/model"
	"latchkey/internal/testkit"
)

const (
	signIn = "POST /v1/account/sessions/email"
	whoAmI = "GET /v1/account"
	evil   = "https://evil.example"
)

// halfSigned is somebody whose second factor is missing.
func halfSigned(u *model.User, _ *model.Session) {
	u.MFA, u.Email, u.EmailVerification = true, "half@example.com", true
}

// orders lists what is refused for one reason although there are others, in the order of the checks.
var orders = []struct {
	name   string
	given  func(t *testing.T, s *testkit.Server) []header
	route  string
	body   string
	status int
	kind   string
}{
	{"an origin before an unknown project", fixed("X-Appwrite-Project", "nowhere", "Origin", evil), whoAmI, "", 403, "general_unknown_origin"},
	{"an origin before a body that is too large", fixed("Origin", evil), signIn, strings.Repeat(" ", api.MaxBody+1), 403, "general_unknown_origin"},
	{"a body that is too large before an unknown project", fixed("X-Appwrite-Project", "nowhere"), signIn, strings.Repeat(" ", api.MaxBody+1), 413, "general_payload_too_large"},
	{"an unknown project before a bad JWT", fixed("X-Appwrite-Project", "nowhere", "X-Appwrite-JWT", "x"), whoAmI, "", 404, "project_not_found"},
	{"an unknown project before a bad key", fixed("X-Appwrite-Project", "nowhere", "X-Appwrite-Key", "standard_x"), whoAmI, "", 404, "project_not_found"},
	{"an unknown project before an unknown route", fixed("X-Appwrite-Project", "nowhere"), "GET /v1/nothing", "", 404, "project_not_found"},
	{"an origin before an unknown route", fixed("Origin", evil), "GET /v1/nothing", "", 403, "general_unknown_origin"},
	{"a bad JWT before a service that is off", serviceOff("X-Appwrite-JWT", "x"), whoAmI, "", 401, "user_jwt_invalid"},
	{"a service that is off before the protocol", serviceOff(), whoAmI, "", 403, "general_service_disabled"},
	{"a protocol that is off before the scope", protocolOff, whoAmI, "", 403, "general_api_disabled"},
	{"the scope before the parameters", nil, "PATCH /v1/account/name", "{}", 401, "general_unauthorized_scope"},
	{"the scope before a malformed body", nil, "PATCH /v1/account/name", "{", 401, "general_unauthorized_scope"},
	{"a block before a password reset", as(func(u *model.User, s *model.Session) { halfSigned(u, s); u.Status, u.ResetRequired = false, true }), whoAmI, "", 403, "user_blocked"},
	{"a password reset before the second factor", as(func(u *model.User, s *model.Session) { halfSigned(u, s); u.ResetRequired = true }), whoAmI, "", 412, "user_password_reset_required"},
	{"a block before the second factor", as(func(u *model.User, s *model.Session) { halfSigned(u, s); u.Status = false }), whoAmI, "", 403, "user_blocked"},
	{"a block on a sign-in route too", as(func(u *model.User, _ *model.Session) { u.Status = false }), signIn, "{}", 403, "user_blocked"},
	{"the second factor before the limit", and(full, as(halfSigned)), signIn, guess, 401, "user_more_factors_required"},
	{"the second factor before the session that is there", as(halfSigned), signIn, guess, 401, "user_more_factors_required"},
	{"the second factor before the parameters", as(halfSigned), "PATCH /v1/account/name", "{}", 401, "user_more_factors_required"},
	{"the limit before a method that is off", and(full, methodOff), signIn, guess, 429, "general_rate_limit_exceeded"},
	{"the limit before the session that is there", and(full, as(nil)), signIn, guess, 429, "general_rate_limit_exceeded"},
	{"a method that is off before the session that is there", and(methodOff, as(nil)), signIn, guess, 501, "user_auth_method_unsupported"},
	{"a method that is off before the parameters", methodOff, signIn, "{}", 501, "user_auth_method_unsupported"},
	{"the session that is there before the parameters", as(nil), signIn, "{}", 401, "user_session_already_exists"},
	{"the session that is there before a malformed body", as(nil), signIn, "{", 401, "user_session_already_exists"},
	{"the parameters in their order", nil, signIn, `{"password":"short"}`, 400, "general_argument_invalid"},
	{"nothing", nil, signIn, guess, 401, "user_invalid_credentials"},
}

// guess is a sign-in with parameters that are well-formed and wrong.
const guess = `{"email":"guess@example.com","password":"wrong password"}`

// fixed sends headers: name, value, name, value.
func fixed(pairs ...string) func(*testing.T, *testkit.Server) []header {
	return func(*testing.T, *testkit.Server) []header {
		var list []header
		for i := 0; i < len(pairs); i += 2 {
			list = append(list, header{pairs[i], pairs[i+1]})
		}
		return list
	}
}

func serviceOff(pairs ...string) func(*testing.T, *testkit.Server) []header {
	return func(t *testing.T, s *testkit.Server) []header {
		set(t, s, func(settings *model.Settings) {
			settings.Services, settings.APIs = map[string]bool{"account": false}, map[string]bool{"rest": false}
		})
		return fixed(pairs...)(t, s)
	}
}

func protocolOff(t *testing.T, s *testkit.Server) []header {
	set(t, s, func(settings *model.Settings) { settings.APIs = map[string]bool{"rest": false} })
	return nil
}

func methodOff(t *testing.T, s *testkit.Server) []header {
	set(t, s, func(settings *model.Settings) { settings.AuthMethods.EmailPassword = false })
	return nil
}

// full uses up the limit of guess.
func full(t *testing.T, s *testkit.Server) []header {
	for range 10 {
		ask(t, s.URL, signIn, guess).Want(401, "user_invalid_credentials")
	}
	return nil
}

// as is a caller with the cookie of a session.
func as(change func(*model.User, *model.Session)) func(*testing.T, *testkit.Server) []header {
	return func(t *testing.T, s *testkit.Server) []header {
		_, session := person(t, s, change)
		return headers(testkit.As(session))
	}
}

func and(steps ...func(*testing.T, *testkit.Server) []header) func(*testing.T, *testkit.Server) []header {
	return func(t *testing.T, s *testkit.Server) []header {
		var list []header
		for _, step := range steps {
			list = append(list, step(t, s)...)
		}
		return list
	}
}

func TestChecksComeInTheContractsOrder(t *testing.T) {
	each(t, testkit.Options{}, func(t *testing.T, shared *testkit.Server) {
		for _, c := range orders {
			t.Run(c.name, func(t *testing.T) {
				s := testkit.Serve(t, testkit.Sibling(t, shared.DB), testkit.NewClock(), testkit.Options{})
				var list []header
				if c.given != nil {
					list = c.given(t, s)
				}
				ask(t, s.URL, c.route, c.body, list...).Want(c.status, c.kind)
			})
		}
	})
}

func TestParametersAreReportedInTheirOrder(t *testing.T) {
	each(t, testkit.Options{NoLimits: true}, func(t *testing.T, s *testkit.Server) {
		for body, want := range map[string]string{
			`{}`: `Param "userId" is not optional.`,
			`{"userId":"$","email":1,"password":"x"}`:                              "Invalid `userId` param:",
			`{"userId":"a","password":"x"}`:                                        `Param "email" is not optional.`,
			`{"userId":"a","email":1,"password":"x"}`:                              "Invalid `email` param:",
			`{"userId":"a","email":"a@b.de","password":"x"}`:                       "Invalid `password` param:",
			`{"userId":"a","email":"a@b.de","password":"correct horse","name":""}`: "Invalid `name` param:",
		} {
			if got := ask(t, s.URL, "POST /v1/account", body).Want(400, "general_argument_invalid").Text("message"); !strings.HasPrefix(got, want) {
				t.Errorf("%s: %s", body, got)
			}
		}
	})
}

func TestSwitchesDoNotBindServersAndOperators(t *testing.T) {
	each(t, testkit.Options{ConsoleSignUp: "open"}, func(t *testing.T, s *testkit.Server) {
		key := header{"X-Appwrite-Key", s.Key(t, nil, "sessions.write", "health.read")}
		_, operator := member(t, s, "owner")
		set(t, s, func(settings *model.Settings) {
			settings.Services, settings.APIs = map[string]bool{"account": false, "health": false}, map[string]bool{"rest": false}
			settings.AuthMethods.Anonymous, settings.AuthMethods.EmailPassword = false, false
		})
		s.Call(t, "GET /v1/health", nil, key).Want(200)
		s.Call(t, "GET /v1/health", nil, operator...).Want(200)
		s.Call(t, "POST /v1/account/sessions/anonymous", "{}", key).Want(201)
		s.Call(t, "POST /v1/account", testkit.Map{"userId": "w", "email": "walter@example.com", "password": testkit.Password}, key).Want(201)
		s.Call(t, "POST /v1/account/sessions/anonymous", "{}").Want(403, "general_service_disabled")
	})
}

func TestRefusalsBeforeTheLimitAreNotCounted(t *testing.T) {
	each(t, testkit.Options{}, func(t *testing.T, s *testkit.Server) {
		half := as(halfSigned)(t, s)
		for range 12 {
			ask(t, s.URL, signIn, guess, half...).Want(401, "user_more_factors_required")
			ask(t, s.URL, signIn, guess, header{"Origin", evil}).Want(403, "general_unknown_origin")
		}
		if got := ask(t, s.URL, signIn, guess).Want(401, "user_invalid_credentials").Header.Get("X-RateLimit-Remaining"); got != "9" {
			t.Errorf("%s left", got)
		}
	})
}
