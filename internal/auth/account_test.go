package auth_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/testkit"
)

const (
	prefs = "PATCH /v1/account/prefs"
	name  = "PATCH /v1/account/name"
)

// Every route about one's own account is closed to guests, whatever they send.
func TestAGuestHasNoAccount(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		key := testkit.Header{"X-Appwrite-Key", s.Key(t, nil, "*")}
		routes := []string{whoAmI, "DELETE /v1/account", name, email, phone, password, "GET /v1/account/prefs", prefs, "PATCH /v1/account/status",
			sessions, "DELETE /v1/account/sessions", "GET /v1/account/sessions/current", "PATCH /v1/account/sessions/current", "DELETE /v1/account/sessions/current"}
		for _, route := range routes {
			for caller, headers := range map[string][]testkit.Header{"a guest": nil, "nonsense": {testkit.As("nonsense")}, "a key": {key}} {
				if reply := s.Call(t, route, nil, headers...); reply.Status != 401 || reply.Text("type") != "general_unauthorized_scope" {
					t.Errorf("%s by %s: %d %s", route, caller, reply.Status, reply.Body)
				}
			}
		}
	})
}

func TestTheAccountAsItIsShown(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		made := s.Call(t, signUp, filled(testkit.Map{"userId": "walter"})).Want(201)
		s.Clock.Advance(time.Minute)
		session := s.SignIn(t, walter)
		got := s.Call(t, whoAmI, nil, testkit.As(session)).Want(200)
		if diff := cmp.Diff(string(made.Body), string(got.Body)); diff != "" {
			t.Errorf("what was signed up and what is shown (-signed up +shown)\n%s", diff)
		}
		const then = "2026-03-01T12:00:00.000+00:00"
		want := testkit.Map{
			"$id": "walter", "$createdAt": then, "$updatedAt": then, "name": "Walter White", "registration": then, "status": true, "labels": []any{},
			"passwordUpdate": then, "email": walter, "phone": "", "emailVerification": false, "emailCanonical": walter, "emailIsFree": false,
			"emailIsDisposable": false, "emailIsCorporate": true, "emailIsCanonical": true, "phoneVerification": false, "mfa": false, "prefs": testkit.Map{},
			"targets": []any{testkit.Map{"$id": got.Get("targets.0.$id"), "$createdAt": then, "$updatedAt": then, "name": "", "userId": "walter",
				"providerId": nil, "providerType": "email", "identifier": walter, "expired": false}},
			"accessedAt": then, "impersonator": false, "impersonatorUserId": nil,
		}
		var body testkit.Map
		if err := json.Unmarshal(got.Body, &body); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, body); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

func TestChangingTheName(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		me := testkit.As(session)
		for label, body := range map[string]testkit.Map{"none": {}, "empty": {"name": ""}, "null": {"name": nil}, "a number": {"name": 1}, "129 characters": {"name": strings.Repeat("ä", 129)},
			"a NUL": {"name": "a\x00b"}} {
			if reply := s.Call(t, name, body, me); reply.Status != 400 || reply.Text("type") != "general_argument_invalid" {
				t.Errorf("%s: %d %s", label, reply.Status, reply.Body)
			}
		}
		s.Clock.Advance(time.Minute)
		for _, good := range []string{"W", strings.Repeat("ä", 128), "  Walter  ", "瓦尔特 👩‍🔬 <b>&amp;</b> \"'\\ \u202e", "\u2028\t\n"} {
			if reply := s.Call(t, name, testkit.Map{"name": good}, me).Want(200); reply.Text("name") != good || reply.Text("$id") != id || reply.Text("email") != walter {
				t.Errorf("%q became %s", good, reply.Body)
			}
			if again := s.Call(t, whoAmI, nil, me).Want(200); again.Text("name") != good || again.Text("$updatedAt") != "2026-03-01T12:01:00.000+00:00" {
				t.Errorf("%q is read as %s", good, again.Body)
			}
		}
	})
}

func TestPreferences(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		me := testkit.As(session)
		read := func() string { return string(s.Call(t, "GET /v1/account/prefs", nil, me).Want(200).Body) }
		if got := read(); got != "{}" {
			t.Errorf("nobody's preferences are %s", got)
		}
		full := `{"x":"` + strings.Repeat("x", 65535-8) + `"}`
		for label, c := range map[string]struct{ sent, kept string }{
			"an object":                {`{"theme":"dark"}`, ""},
			"as a whole":               {`{"language":"de"}`, ""},
			"an empty object":          {`{}`, ""},
			"an empty list":            {`[]`, `{}`},
			"numbers as written":       {`{"a":1.0,"b":1e3,"c":12345678901234567890,"d":-0,"e":0.10}`, ""},
			"empty ones inside":        {`{"a":{},"b":[],"c":null,"d":""}`, ""},
			"members in their order":   {`{"b":1,"a":2,"10":3,"9":4}`, ""},
			"keys that look a list":    {`{"0":"a","1":"b"}`, ""},
			"letters of all alphabets": {`{"naïve":"日本語 👩‍🔬 <&>\\/\u00e4"}`, ""},
			"names with dots":          {`{"a.b":{"$id":1,"":2}}`, ""},
			"blanks between":           {"{ \"a\" : [ 1 , 2 ] \n}", `{"a":[1,2]}`},
			"64 KiB, almost":           {full, ""},
		} {
			t.Run(label, func(t *testing.T) {
				if c.kept == "" {
					c.kept = c.sent
				}
				reply := s.Call(t, prefs, `{"prefs":`+c.sent+`}`, me).Want(200)
				if got := read(); got != c.kept {
					t.Errorf("sent %.100s, kept %.100s", c.sent, got)
				}
				if reply.Text("email") != walter || !strings.Contains(string(reply.Body), `"prefs":`+c.kept) {
					t.Errorf("the answer is no account: %.300s", reply.Body)
				}
			})
		}
		s.Call(t, prefs, `{"prefs":{"kept":true}}`, me).Want(200)
		for label, bad := range map[string]string{"nothing": `{}`, "null": `{"prefs":null}`, "text": `{"prefs":"{}"}`, "a number": `{"prefs":1}`, "a truth": `{"prefs":true}`,
			"a list": `{"prefs":["a"]}`, "one byte too many": `{"prefs":` + strings.Replace(full, "x", "xx", 1) + `}`,
			"too many bytes of few letters": `{"prefs":{"x":"` + strings.Repeat("👩", 20_000) + `"}}`} {
			if reply := s.Call(t, prefs, bad, me); reply.Status != 400 || reply.Text("type") != "general_argument_invalid" {
				t.Errorf("%s: %d %.300s", label, reply.Status, reply.Body)
			}
		}
		if got := read(); got != `{"kept":true}` {
			t.Errorf("after refusals the preferences are %.300s", got)
		}
	})
}

// Blocking oneself is the panic button: nothing of the account answers any more, and only an operator opens it.
func TestBlockingOneself(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		elsewhere := s.SignIn(t, walter)
		reply := s.Call(t, "PATCH /v1/account/status", testkit.Map{"status": true}, testkit.As(session)).Want(200)
		if reply.Get("status") != false || reply.Text("$id") != id {
			t.Errorf("%s", reply.Body)
		}
		wantCleared(t, reply)
		if user := stored(t, s, id); user.Status || !user.SelfBlocked {
			t.Errorf("stored as %+v", user)
		}
		// Those who were signed in are told so, rather than treated as strangers.
		for _, one := range []string{session, elsewhere} {
			s.Call(t, whoAmI, nil, testkit.As(one)).Want(403, "user_blocked")
			s.Call(t, signIn, credentials(walter, testkit.Password), testkit.As(one)).Want(403, "user_blocked")
			s.Call(t, "PATCH /v1/account/status", nil, testkit.As(one)).Want(403, "user_blocked")
			s.Call(t, "DELETE /v1/account", nil, testkit.As(one)).Want(403, "user_blocked")
		}
		s.Call(t, signIn, credentials(walter, testkit.Password)).Want(403, "user_blocked")
		s.Call(t, signUp, filled(nil)).Want(409, "user_already_exists")
	})
}

// wantCleared fails the test unless an answer takes the session back from the client.
func wantCleared(t testing.TB, reply *testkit.Reply) {
	t.Helper()
	cookies := reply.Header.Values("Set-Cookie")
	if len(cookies) != 2 || reply.Header.Get("X-Fallback-Cookies") != "[]" {
		t.Fatalf("cookies %q, fallback %q", cookies, reply.Header.Get("X-Fallback-Cookies"))
	}
	for i, start := range []string{"a_session_demo_legacy=deleted; ", "a_session_demo=deleted; "} {
		if !strings.HasPrefix(cookies[i], start) || !strings.Contains(cookies[i], "Max-Age=0;") || !strings.Contains(cookies[i], "expires=Thu, 01-Jan-1970") {
			t.Errorf("cookie %q", cookies[i])
		}
	}
}
