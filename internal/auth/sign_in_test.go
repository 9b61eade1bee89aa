package auth_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

func TestSigningIn(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id := s.SignUp(t, walter)
		right := credentials(walter, testkit.Password)
		for _, c := range []struct {
			name, route string
			body        any
			status      int
			kind        string
		}{
			{"as apps do", signIn, right, 201, ""},
			{"as old apps do", "POST /v1/account/sessions", right, 201, ""},
			{"in capitals, with blanks", signIn, credentials(" WALTER@Example.com ", testkit.Password), 201, ""},
			{"a wrong password", signIn, credentials(walter, "wrong password"), 401, "user_invalid_credentials"},
			{"the password in capitals", signIn, credentials(walter, strings.ToUpper(testkit.Password)), 401, "user_invalid_credentials"},
			{"the password and a blank", signIn, credentials(walter, testkit.Password+" "), 401, "user_invalid_credentials"},
			{"nobody", signIn, credentials("jesse@example.com", testkit.Password), 401, "user_invalid_credentials"},
			{"an alias of the address", signIn, credentials("walter+x@example.com", testkit.Password), 401, "user_invalid_credentials"},
			{"empty texts", signIn, credentials("", ""), 400, "general_argument_invalid"},
			{"nothing", signIn, testkit.Map{}, 400, "general_argument_invalid"},
			{"no address", signIn, credentials("walter", testkit.Password), 400, "general_argument_invalid"},
			{"seven bytes", signIn, credentials(walter, "1234567"), 400, "general_argument_invalid"},
			{"257 bytes", signIn, credentials(walter, strings.Repeat("x", 257)), 400, "general_argument_invalid"},
		} {
			t.Run(c.name, func(t *testing.T) {
				reply := s.Call(t, c.route, c.body)
				if c.status != 201 {
					reply.Want(c.status, c.kind)
					if reply.Session() != "" {
						t.Error("a refusal hands out a session")
					}
					return
				}
				reply.Want(201)
				if me := s.Call(t, whoAmI, nil, testkit.As(reply.Session())).Want(200); reply.Text("userId") != id || me.Text("$id") != id {
					t.Errorf("%s is %s", reply.Body, me.Body)
				}
			})
		}
		session := s.SignIn(t, walter)
		s.Call(t, signIn, right, testkit.As(session)).Want(401, "user_session_already_exists")
		s.Call(t, anonymous, nil, testkit.As(session)).Want(401, "user_session_already_exists")
	})
}

// plain is an answer without what differs between any two.
func plain(reply *testkit.Reply) (status int, header http.Header, body string) {
	header = reply.Header.Clone()
	for _, name := range []string{"X-Request-Id", "Date", "X-Ratelimit-Remaining", "X-Ratelimit-Reset"} {
		if name == "X-Request-Id" && header.Get(name) == "" {
			reply.T.Error("an answer without a request id")
		}
		header.Del(name)
	}
	return reply.Status, header, string(reply.Body)
}

// Whether there is an account must not show in the answer to a sign-in that fails.
func TestFailedSignInsLookTheSame(t *testing.T) {
	each(t, testkit.Options{}, func(t *testing.T, s *testkit.Server) {
		s.SignUp(t, walter)
		blocked := s.SignUp(t, "blocked@example.com")
		s.Write(t, func(tx *store.Tx) {
			user := stored(t, s, blocked)
			user.Status = false
			tx.UpdateUserStatus(user)
			tx.InsertUser(&model.User{Project: testkit.Demo, ID: "none", Email: "none@example.com", Status: true, Prefs: "{}"})
			tx.InsertUser(&model.User{Project: testkit.Demo, ID: "empty", Email: "empty@example.com", Status: true, Prefs: "{}", PasswordUpdate: 1,
				Password: model.Password{Kind: "argon2"}})
		})
		status, header, body := plain(s.Call(t, signIn, credentials(walter, "wrong password")).Want(401, "user_invalid_credentials"))
		for name, address := range map[string]string{"nobody": "nobody@example.com", "without a password": "none@example.com",
			"with an empty hash": "empty@example.com", "blocked": "blocked@example.com"} {
			gotStatus, gotHeader, gotBody := plain(s.Call(t, signIn, credentials(address, "wrong password")))
			if diff := cmp.Diff(header, gotHeader); status != gotStatus || body != gotBody || diff != "" {
				t.Errorf("%s: %d %s (-want +got)\n%s", name, gotStatus, gotBody, diff)
			}
		}
		s.Call(t, signIn, credentials("blocked@example.com", testkit.Password)).Want(403, "user_blocked")
	})
}

func TestWaysOfSigningInThatAreOff(t *testing.T) {
	off := testkit.Options{NoLimits: true, Settings: func(s *model.Settings) { s.AuthMethods.EmailPassword, s.AuthMethods.Anonymous = false, false }}
	each(t, off, func(t *testing.T, s *testkit.Server) {
		key := testkit.Header{"X-Appwrite-Key", s.Key(t, nil, "sessions.write")}
		closed := map[string]any{signUp: filled(nil), signIn: credentials(walter, testkit.Password), "POST /v1/account/sessions": "{}", anonymous: nil}
		for route, body := range closed {
			s.Call(t, route, body).Want(501, "user_auth_method_unsupported")
		}
		s.Call(t, signUp, filled(nil), key).Want(201)
		session := s.Call(t, signIn, credentials(walter, testkit.Password), key).Want(201).Session()
		s.Call(t, anonymous, nil, key).Want(201)
		// Who is signed in stays so, and may change their own address and password.
		s.Call(t, email, credentials("w@example.com", testkit.Password), testkit.As(session)).Want(200)
		s.Call(t, password, change(other, testkit.Password), testkit.As(session)).Want(200)
	})
}

func TestWhatASessionTells(t *testing.T) {
	each(t, testkit.Options{NoLimits: true, Proxies: true}, func(t *testing.T, s *testkit.Server) {
		id := s.SignUp(t, walter)
		const phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
		reply := s.Call(t, signIn, credentials(" Walter@example.com", testkit.Password), testkit.Header{"User-Agent", phone},
			testkit.Header{"X-Forwarded-For", "8.8.8.8"}, testkit.Header{"X-Appwrite-Locale", "de"}).Want(201)
		wanted := testkit.Map{
			"userId": id, "provider": "email", "providerUid": walter, "providerAccessToken": "", "providerAccessTokenExpiry": "", "providerRefreshToken": "",
			"ip": "8.8.8.8", "countryCode": "us", "countryName": "Vereinigte Staaten", "osCode": "IOS", "osVersion": "17.5", "clientType": "browser", "clientName": "Mobile Safari", "deviceName": "smartphone",
			"deviceBrand": "Apple", "current": true, "factors": []any{"password"}, "secret": "", "mfaUpdatedAt": "",
			"expire": "2027-03-01T12:00:00.000+00:00", "$createdAt": "2026-03-01T12:00:00.000+00:00",
		}
		for path, want := range wanted {
			if diff := cmp.Diff(want, reply.Get(path)); diff != "" {
				t.Errorf("%s (-want +got)\n%s", path, diff)
			}
		}
		// Later on it tells the same, from wherever it is asked.
		again := s.Call(t, "GET /v1/account/sessions/current", nil, testkit.As(reply.Session()), testkit.Header{"X-Appwrite-Locale", "de"}, testkit.Header{"User-Agent", "curl/8"}).Want(200)
		if diff := cmp.Diff(string(reply.Body), string(again.Body)); diff != "" {
			t.Errorf("read again (-first +again)\n%s", diff)
		}
	})
}

// A server that signs somebody in gets the secret in the body; a client only in its cookie.
func TestWhoSeesASecret(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		s.SignUp(t, walter)
		key := testkit.Header{"X-Appwrite-Key", s.Key(t, nil, "sessions.write")}
		ways := map[string]any{signIn: credentials(walter, testkit.Password), anonymous: nil}
		for route, body := range ways {
			if reply := s.Call(t, route, body).Want(201); reply.Get("secret") != "" || reply.Session() == "" {
				t.Errorf("%s by a client: %s", route, reply.Body)
			}
			reply := s.Call(t, route, body, key).Want(201)
			secret := reply.Text("secret")
			if secret == "" || secret != reply.Session() {
				t.Errorf("%s by a server: the secret is %q, the cookie %q", route, secret, reply.Session())
			}
			me := testkit.Header{"X-Appwrite-Session", secret}
			for _, reading := range []string{"GET /v1/account/sessions/current", sessions} {
				if again := s.Call(t, reading, nil, me).Want(200); strings.Contains(string(again.Body), secret) {
					t.Errorf("%s shows the secret again", reading)
				}
			}
		}
	})
}

func TestAnonymousSignIn(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		reply := s.Call(t, anonymous, nil).Want(201)
		if reply.Text("provider") != "anonymous" || reply.Text("providerUid") != "" || reply.Text("factors.0") != "anonymous" {
			t.Errorf("%s", reply.Body)
		}
		me := s.Call(t, whoAmI, nil, testkit.As(reply.Session())).Want(200)
		wanted := testkit.Map{"$id": reply.Text("userId"), "name": "", "email": "", "phone": "", "passwordUpdate": "", "status": true, "emailVerification": false,
			"emailCanonical": nil, "targets": []any{}, "labels": []any{}, "prefs": testkit.Map{}, "accessedAt": "2026-03-01T12:00:00.000+00:00"}
		for path, want := range wanted {
			if diff := cmp.Diff(want, me.Get(path)); diff != "" {
				t.Errorf("%s (-want +got)\n%s", path, diff)
			}
		}
		if again := s.Call(t, anonymous, nil).Want(201); again.Text("userId") == reply.Text("userId") {
			t.Error("two guests are one")
		}
		s.Call(t, anonymous, nil, testkit.Header{"X-Appwrite-Project", model.ConsoleProject}).Want(401, "user_anonymous_console_prohibited")
	})
}

// guesses is the budget that holds one person's sessions which guess the password asked for a change.
func TestGuessingThePasswordOfAChange(t *testing.T) {
	each(t, testkit.Options{Proxies: true}, func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		_, jesse := s.Member(t, "jesse@example.com")
		n := 0
		try := func(session, guess string) *testkit.Reply {
			n++ // from elsewhere each time, and by another route: it is one budget
			routes := []string{email, phone, password}
			body := testkit.Map{"email": "w@example.com", "phone": "+4915112345678", "password": guess}
			if n%3 == 2 {
				body = change(other, guess)
			}
			return s.Call(t, routes[n%3], body, testkit.As(session), s.From(string(rune('a'+n))))
		}
		for range 9 {
			try(session, "wrong password").Want(401, "user_invalid_credentials")
		}
		try(session, testkit.Password).Want(200) // the right one sets the budget back
		if n%3 == 2 {
			t.Fatal("that changed the password")
		}
		for range 10 {
			try(session, "wrong password").Want(401, "user_invalid_credentials")
		}
		s.Clock.Advance(10 * time.Minute)
		refused := try(session, testkit.Password).Want(429, "general_rate_limit_exceeded")
		if refused.Header.Get("Retry-After") != "3000" {
			t.Errorf("Retry-After %s", refused.Header.Get("Retry-After"))
		}
		for range 4 {
			try(session, testkit.Password).Want(429)
		}
		try(jesse, "wrong password").Want(401)                                 // everybody has a budget of their own
		s.Call(t, whoAmI, nil, testkit.As(session)).Want(200)                  // and it is about passwords
		s.SignIn(t, s.Call(t, whoAmI, nil, testkit.As(session)).Text("email")) // asked for a change
		s.Clock.Advance(50 * time.Minute)
		try(session, testkit.Password).Want(200)
	})
}

// An address that tries one password on many accounts runs into a budget of its own.
func TestTryingOnePasswordOnManyAccounts(t *testing.T) {
	each(t, testkit.Options{Proxies: true, HashQueue: 1000}, func(t *testing.T, s *testkit.Server) {
		s.SignUp(t, walter)
		here, elsewhere := testkit.Header{"X-Forwarded-For", "192.0.2.1"}, testkit.Header{"X-Forwarded-For", "192.0.2.2"}
		right := credentials(walter, testkit.Password)
		for range 20 {
			s.Call(t, signIn, right, here).Want(201) // no wrong guesses
		}
		ends := testkit.AtOnce(320, func(i int) *testkit.Reply {
			return s.Call(t, signIn, credentials("w"+strings.Repeat("x", i%60)+string(rune('a'+i/60))+"@example.com", testkit.Password), here)
		})
		if want := map[string]int{"user_invalid_credentials": 300, "general_rate_limit_exceeded": 20}; !cmp.Equal(ends, want) {
			t.Errorf("320 guesses ended as %v, want %v", ends, want)
		}
		s.Call(t, signIn, right, here).Want(429, "general_rate_limit_exceeded")
		s.Call(t, signIn, right, elsewhere).Want(201)
		s.Clock.Advance(time.Hour)
		s.Call(t, signIn, right, here).Want(201)
	})
}
