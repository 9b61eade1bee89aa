package api_test

import (
	"net/http"
	"strings"
	"testing"

	"latchkey/internal/api"
	"latchkey/internal/model"
	"latchkey/internal/testkit"
)

// places are the platforms of the demo project beside localhost.
var places = []model.Platform{
	{Type: model.PlatformWeb, ID: "web", Value: "example.com"},
	{Type: model.PlatformWeb, ID: "sub", Value: "*.example.net"},
	{Type: model.PlatformApple, ID: "ios", Value: "com.example.app"},
	{Type: model.PlatformAndroid, ID: "android", Value: "com.example.droid"},
	{Type: model.PlatformScheme, ID: "scheme", Value: "myapp"},
}

const health = "GET /v1/ping"

func TestOrigins(t *testing.T) {
	t.Parallel()
	s := alone(t, testkit.Options{Platforms: places})
	for _, origin := range []string{
		"https://example.com", "http://example.com", "https://example.com:8443", "https://EXAMPLE.com",
		"https://a.example.net", "https://a.b.example.net", "http://localhost", "http://localhost:5173", "http://127.0.0.1:3000", "http://[::1]:3000",
		"appwrite-ios://com.example.app", "appwrite-macos://com.example.app", "appwrite-android://com.example.droid", "exp://192.168.1.5:8081",
		"appwrite-callback-demo://", "myapp://", "tauri://localhost",
	} {
		for _, route := range []string{health, "POST /v1/account/sessions/anonymous"} {
			reply := ask(t, s.URL, route, "", header{"Origin", origin})
			if reply.Status >= 300 {
				t.Errorf("%s from %s: %d %s", route, origin, reply.Status, reply.Body)
			}
			wantReadable(t, reply, origin)
		}
	}
	for _, origin := range []string{
		evil, "https://evil-example.com", "https://example.com.evil.example", "https://evilexample.net", "https://example.net", "https://sub.example.com",
		"https://example.com@evil.example", "https://user@example.com", "https://example.com.", "null", "NULL", "file://", "http://", "https://",
		"example.com", "//example.com", "http://127.0.0.2", "http://localhost.evil.example", "http://evil.example#localhost", "http://evil.example\\.example.com",
		"appwrite-ios://com.other.app", "appwrite-android://com.example.app", "appwrite-callback-other://", "appwrite-callback-console://", "capacitor://localhost",
		"javascript://localhost", "https://com.example.app", "https://exämple.com", " https://evil.example", strings.Repeat("https://a.example.net", 40),
	} {
		for _, route := range []string{health, whoAmI, "POST /v1/account/sessions/anonymous", "GET /v1/nothing"} {
			reply := ask(t, s.URL, route, "", header{"Origin", origin}).Want(403, "general_unknown_origin")
			wantUnreadable(t, reply)
			if len(reply.Header.Values("Set-Cookie")) > 0 {
				t.Errorf("%s: a refused page was given cookies", origin)
			}
		}
	}
}

// wantReadable fails the test unless a page of the origin may read the answer.
func wantReadable(t testing.TB, reply *testkit.Reply, origin string) {
	t.Helper()
	want := map[string]string{
		"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true", "Vary": "Origin",
		"Access-Control-Expose-Headers": "X-Appwrite-Session, X-Fallback-Cookies, X-Appwrite-Warning, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After, X-Request-Id",
	}
	for name, value := range want {
		if got := reply.Header.Values(name); len(got) != 1 || got[0] != value {
			t.Errorf("%d from %s: %s is %q", reply.Status, origin, name, got)
		}
	}
}

// wantUnreadable fails the test if any page may read the answer.
func wantUnreadable(t testing.TB, reply *testkit.Reply) {
	t.Helper()
	for name := range reply.Header {
		if strings.HasPrefix(name, "Access-Control-") {
			t.Errorf("%d with %s: %s", reply.Status, name, reply.Header.Get(name))
		}
	}
	if reply.Header.Get("Vary") != "Origin" {
		t.Errorf("Vary is %q", reply.Header.Get("Vary"))
	}
}

func TestARefusalToAnAllowedPageIsReadable(t *testing.T) {
	t.Parallel()
	s := alone(t, testkit.Options{Platforms: places})
	page := header{"Origin", "https://example.com"}
	for _, c := range []struct {
		route, body string
		status      int
		kind        string
		more        []header
	}{
		{whoAmI, "", 401, "general_unauthorized_scope", nil},
		{signIn, "{}", 400, "general_argument_invalid", nil},
		{signIn, guess, 401, "user_invalid_credentials", nil},
		{"GET /v1/nothing", "", 404, "general_route_not_found", nil},
		{signIn, strings.Repeat(" ", api.MaxBody+1), 413, "general_payload_too_large", nil},
		{whoAmI, "", 401, "user_jwt_invalid", headers(header{"X-Appwrite-JWT", "x"})},
		{whoAmI, "", 401, "user_unauthorized", headers(header{"X-Appwrite-Key", "standard_x"})},
	} {
		wantReadable(t, ask(t, s.URL, c.route, c.body, append(c.more, page)...).Want(c.status, c.kind), page[1])
	}
}

func TestOnlyTheOriginHeaderNamesAPage(t *testing.T) {
	t.Parallel()
	s := alone(t, testkit.Options{})
	wantUnreadable(t, ask(t, s.URL, health, "").Want(200))
	wantUnreadable(t, ask(t, s.URL, health, "", header{"Referer", evil}).Want(200))
	ask(t, s.URL, health, "", header{"Origin", evil}, header{"Referer", "http://localhost/"}).Want(403, "general_unknown_origin")
	ask(t, s.URL, health, "", header{"Origin", evil}, header{"X-Forwarded-Host", "evil.example"}).Want(403, "general_unknown_origin")
	ask(t, s.URL, health, "", header{"Origin", evil}, header{"Host", "evil.example"}).Want(403, "general_unknown_origin")
}

func TestWhoSaysToBeAServerIsNoWayAroundTheOrigin(t *testing.T) {
	each(t, testkit.Options{}, func(t *testing.T, s *testkit.Server) {
		_, session := person(t, s, nil)
		foreign, cookie := header{"Origin", evil}, testkit.As(session)
		key := header{"X-Appwrite-Key", s.Key(t, nil, "sessions.write", "health.read")}
		dev := header{"X-Appwrite-Dev-Key", s.Key(t, func(k *model.Key) { k.Dev = true })}
		wantUnreadable(t, ask(t, s.URL, "GET /v1/health", "", foreign, key).Want(200))
		wantReadable(t, ask(t, s.URL, whoAmI, "", foreign, cookie, dev).Want(200), evil)
		wantReadable(t, ask(t, s.URL, whoAmI+"?devKey="+dev[1], "", foreign, cookie).Want(200), evil)
		wantReadable(t, ask(t, s.URL, "PATCH /v1/account/name", `{"name":"W","devKey":"`+dev[1]+`"}`, foreign, cookie).Want(200), evil)
		for _, c := range []struct {
			name, value string
			status      int
			kind        string
		}{
			{"X-Appwrite-Key", "other_key", 403, "general_unknown_origin"},
			{"X-Appwrite-Key", "_", 403, "general_unknown_origin"},
			{"X-Appwrite-Key", "x", 401, "user_unauthorized"},
			{"X-Appwrite-Key", "standard_x", 401, "user_unauthorized"},
			{"X-Appwrite-Key", "account_x", 401, "user_unauthorized"},
			{"X-Appwrite-Key", "ephemeral_x", 401, "user_unauthorized"},
			{"X-Appwrite-Dev-Key", "standard_x", 403, "general_unknown_origin"},
			{"X-Appwrite-Dev-Key", key[1], 403, "general_unknown_origin"},
		} {
			for _, route := range []string{whoAmI, "DELETE /v1/account", signIn} {
				wantUnreadable(t, ask(t, s.URL, route, "{}", foreign, cookie, header{c.name, c.value}).Want(c.status, c.kind))
			}
		}
		ask(t, s.URL, whoAmI, "", cookie).Want(200)
	})
}

func TestRoutesThatOtherSitesCall(t *testing.T) {
	t.Parallel()
	s := alone(t, testkit.Options{})
	open := api.Define(api.Spec{Route: "POST /v1/back", Scope: api.ScopePublic, AnyOrigin: true, Status: 204, About: "Open."},
		func(*api.Call, *api.None) (api.Empty, error) { return api.Empty{}, nil })
	wantUnreadable(t, ask(t, extended(t, s, open), "POST /v1/back", "{}", header{"Origin", evil}).Want(204))
}

func TestPreflights(t *testing.T) {
	t.Parallel()
	s := alone(t, testkit.Options{Platforms: places})
	for _, c := range []struct {
		path, origin string
		told         bool
	}{
		{"/v1/account", evil, true}, // the question names no project: the request itself is checked
		{"/v1/account", "https://example.com", true},
		{"/v1/nothing", "https://example.com", true},
		{"/", "https://example.com", true},
		{"//v1//account/", "https://example.com", true},
		{"/v1/account?project=", evil, true},
		{"/v1/account?project=demo", "https://example.com", true},
		{"/v1/account?project=demo", "https://a.example.net", true},
		{"/v1/account?project=demo", "appwrite-ios://com.example.app", true},
		{"/v1/account?project=demo", evil, false},
		{"/v1/account?project=demo", "null", false},
		{"/v1/account?project=console", "https://example.com", false},
		{"/v1/account?project=console", "http://localhost:1", true},
		{"/v1/account?project=nowhere", "https://example.com", false},
		{"/v1/account?project=nowhere", "http://localhost:1", true},
		{"/v1/account?project=" + strings.Repeat("x", 4000), "https://example.com", false},
		{"/v1/account", "null", false},
		{"/v1/account", "file://", false},
		{"/v1/account", "", false},
	} {
		reply := ask(t, s.URL, "OPTIONS "+c.path, "", header{"Origin", c.origin}, header{"X-Appwrite-Project", ""},
			header{"Access-Control-Request-Method", "PATCH"}, header{"Access-Control-Request-Headers", "x-appwrite-project"}).Want(204)
		if len(reply.Body) > 0 || reply.Header.Get("Content-Type") != "" {
			t.Errorf("OPTIONS %s has a body", c.path)
		}
		if !c.told {
			wantUnreadable(t, reply)
			continue
		}
		wantReadable(t, reply, c.origin)
		wantPreflight(t, reply)
	}
}

// wantPreflight fails the test unless everything an SDK sends is allowed.
func wantPreflight(t testing.TB, reply *testkit.Reply) {
	t.Helper()
	if got := reply.Header.Get("Access-Control-Allow-Methods"); got != "GET, POST, PUT, PATCH, DELETE" {
		t.Errorf("methods %q", got)
	}
	if got := reply.Header.Get("Access-Control-Max-Age"); got != "86400" {
		t.Errorf("max age %q", got)
	}
	allowed := map[string]bool{}
	for name := range strings.SplitSeq(reply.Header.Get("Access-Control-Allow-Headers"), ", ") {
		allowed[http.CanonicalHeaderKey(name)] = true
	}
	const sent = `Origin Cookie Set-Cookie X-Requested-With Content-Type Access-Control-Allow-Origin Access-Control-Request-Headers Accept Authorization
		X-Appwrite-Project X-Appwrite-Key X-Appwrite-Locale X-Appwrite-Mode X-Appwrite-JWT X-Appwrite-Response-Format X-Appwrite-Timeout X-Appwrite-ID
		X-Appwrite-Timestamp X-Appwrite-Session X-Appwrite-Dev-Key X-Appwrite-Organization X-Appwrite-User X-Appwrite-Platform X-Appwrite-Impersonate-User-Id
		X-Appwrite-Impersonate-User-Email X-Appwrite-Impersonate-User-Phone X-SDK-Version X-SDK-Name X-SDK-Language X-SDK-Platform X-SDK-GraphQL
		X-SDK-Profile Content-Range Range Cache-Control Expires Pragma X-Forwarded-For X-Forwarded-User-Agent X-Fallback-Cookies`
	for name := range strings.FieldsSeq(sent) {
		if !allowed[http.CanonicalHeaderKey(name)] {
			t.Errorf("%s may not be sent", name)
		}
		delete(allowed, http.CanonicalHeaderKey(name))
	}
	if len(allowed) > 0 {
		t.Errorf("headers that no SDK sends may be sent: %v", allowed)
	}
}

func TestTheProjectOfACall(t *testing.T) {
	t.Parallel()
	s := alone(t, testkit.Options{})
	other(t, s, "Other.1")
	_, session := person(t, s, nil)
	cookie := testkit.As(session) // of the project demo: whoever gets 200 was taken there
	for _, c := range []struct {
		route, header, body string
		status              int
	}{
		{whoAmI, "demo", "", 200},
		{whoAmI + "?project=demo", "", "", 200},
		{whoAmI + "?project=demo", "Other.1", "", 200}, // the parameter wins
		{whoAmI + "?project=Other.1", "demo", "", 401},
		{whoAmI + "?project=", "demo", "", 200},
		{whoAmI + "?project[]=Other.1", "demo", "", 200}, // no text: the header counts
		{whoAmI + "?project=nowhere", "demo", "", 404},
		{whoAmI, "", "", 401}, // the console, where the person is nobody
		{whoAmI, "console", "", 401},
		{whoAmI, "DEMO", "", 404},
		{whoAmI, "other.1", "", 404},
		{whoAmI, "nowhere", "", 404},
		{whoAmI, strings.Repeat("d", 4000), "", 404},
		{whoAmI, "demo\xff", "", 404},
		{whoAmI + "?project=demo%00", "", "", 401}, // a text that no project can have is no text
		{"PATCH /v1/account/name", "", `{"project":"demo","name":"W"}`, 200},
		{"PATCH /v1/account/name", "Other.1", `{"project":"demo","name":"W"}`, 200},
		{"PATCH /v1/account/name", "demo", `{"project":"Other.1","name":"W"}`, 401},
		{"PATCH /v1/account/name", "demo", `{"project":7,"name":"W"}`, 200},
		{"PATCH /v1/account/name?project=demo", "", `{"name":"W"}`, 200}, // the last resort
		{"PATCH /v1/account/name?project=Other.1", "demo", `{"name":"W"}`, 200},
	} {
		reply := ask(t, s.URL, c.route, c.body, cookie, header{"X-Appwrite-Project", c.header})
		if reply.Status != c.status {
			t.Errorf("%s of %q with %s: %d %s", c.route, c.header, c.body, reply.Status, reply.Body)
		}
	}
}
