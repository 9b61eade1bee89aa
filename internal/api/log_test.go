package api_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/internal/api"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/testkit"
)

// lines is a log that a test reads while the server may write.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// take returns what was written since the last time.
func (l *lines) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := l.b.String()
	l.b.Reset()
	return text
}

// one returns the only line that was written since the last time.
func (l *lines) one(t testing.TB) map[string]any {
	t.Helper()
	written := l.take()
	var line map[string]any
	if err := json.Unmarshal([]byte(written), &line); err != nil {
		t.Fatalf("not one line: %q", written)
	}
	return line
}

// direct sends a request to the handler itself, so that its log line has been written when it returns.
func direct(ctx context.Context, handler http.Handler, route, body string, list ...header) *httptest.ResponseRecorder {
	method, path, _ := strings.Cut(route, " ")
	r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(body))
	r.Header.Set("X-Appwrite-Project", testkit.Demo)
	r.Header.Set("Content-Type", jsonBody)
	for _, h := range list {
		r.Header.Set(h[0], h[1])
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

// bomb is a reply that breaks while it is written.
type bomb struct{}

func (bomb) MarshalJSON() ([]byte, error) { panic("bomb") }

// broken are rows that fail in every way there is.
func broken() []api.Endpoint {
	row := func(path string) api.Spec {
		return api.Spec{Route: "GET /v1/broken/" + path, Scope: api.ScopeGlobal, Status: 200, About: "Breaks."}
	}
	fails := func(path string, err error) api.Endpoint {
		return api.Define(row(path), func(*api.Call, *api.None) (api.Empty, error) { return api.Empty{}, err })
	}
	return []api.Endpoint{
		api.Define(row("panic"), func(*api.Call, *api.None) (api.Empty, error) { panic("hidden reason") }),
		api.Define(row("nil"), func(c *api.Call, _ *api.None) (api.Empty, error) { _ = c.User().Password; return api.Empty{}, nil }),
		api.Define(row("reply"), func(*api.Call, *api.None) (*bomb, error) { return &bomb{}, nil }),
		api.Define(row("abort"), func(*api.Call, *api.None) (api.Empty, error) { panic(http.ErrAbortHandler) }),
		fails("error", errors.New("hidden reason")),
		fails("cause", fault.ServerBusy.RetryAfter(1500*time.Millisecond).Because(errors.New("hidden reason"))),
		fails("off", fault.UserAuthMethodUnsupported.Because(errors.New("hidden reason"))),
		fails("refusal", fault.UserInvalidCredentials.Because(errors.New("hidden reason"))),
	}
}

func TestWhatBreaksIsToldToTheLogAlone(t *testing.T) {
	t.Parallel()
	var log lines
	s := alone(t, testkit.Options{Log: &log})
	more := *s.Server
	more.Endpoints = slices.Concat(s.Server.Endpoints, broken())
	handler := more.Handler()
	for _, c := range []struct {
		path, level string
		status      int
		kind, told  string
	}{
		{"panic", "ERROR", 500, "general_server_error", "hidden reason"},
		{"nil", "ERROR", 500, "general_server_error", "nil pointer"},
		{"reply", "ERROR", 500, "general_server_error", "bomb"},
		{"error", "ERROR", 500, "general_server_error", "hidden reason"},
		{"cause", "INFO", 503, "general_server_busy", "hidden reason"},
		{"off", "INFO", 501, "user_auth_method_unsupported", "hidden reason"},
		{"refusal", "INFO", 401, "user_invalid_credentials", ""},
	} {
		w := direct(t.Context(), handler, "GET /v1/broken/"+c.path, "", header{"Origin", "http://localhost"})
		reply := &testkit.Reply{T: t, Status: w.Code, Header: w.Result().Header, Body: w.Body.Bytes()}
		reply.Want(c.status, c.kind)
		wantEnvelope(t, reply)
		wantReadable(t, reply, "http://localhost")
		if body := w.Body.String(); strings.Contains(body, "hidden") || strings.Contains(body, "bomb") || strings.Contains(body, ".go") {
			t.Errorf("%s: %s", c.path, body)
		}
		line := log.one(t)
		cause, _ := line["cause"].(string)
		if line["level"] != c.level || line["fault"] != c.kind || line["status"] != float64(c.status) || line["id"] != w.Header().Get("X-Request-Id") ||
			!strings.Contains(cause, c.told) || c.told == "" && cause != "" {
			t.Errorf("%s: %v", c.path, line)
		}
		if inCode := c.path == "panic" || c.path == "nil" || c.path == "reply"; inCode && !strings.Contains(cause, "log_test.go") {
			t.Errorf("%s: the log does not say where: %s", c.path, cause)
		}
	}
	if got := direct(t.Context(), handler, "GET /v1/broken/cause", "").Header().Get("Retry-After"); got != "2" {
		t.Errorf("Retry-After %s", got)
	}
	log.take()
	func() {
		defer func() {
			if cause := recover(); cause != http.ErrAbortHandler {
				t.Errorf("the connection is not aborted: %v", cause)
			}
		}()
		direct(t.Context(), handler, "GET /v1/broken/abort", "")
	}()
}

func TestALineForEveryRequest(t *testing.T) {
	t.Parallel()
	var log lines
	s := alone(t, testkit.Options{Log: &log, Proxies: true})
	user, session := person(t, s, nil)
	id := regexp.MustCompile(`^[0-9a-f]{16}$`)
	seen := map[string]bool{}
	for _, c := range []struct {
		request, method, route string
		status                 float64
		project, user, kind    any
		list                   []header
	}{
		{health, "GET", "/v1/ping", 200, "demo", nil, nil, nil},
		{whoAmI, "GET", "/v1/account", 200, "demo", user.ID, nil, headers(testkit.As(session))},
		{"HEAD /v1/account", "HEAD", "/v1/account", 200, "demo", user.ID, nil, headers(testkit.As(session))},
		{whoAmI + "?secret=hidden", "GET", "/v1/account", 401, "demo", nil, "general_unauthorized_scope", nil},
		{"GET /v1/account/sessions/hidden", "GET", "/v1/account/sessions/{sessionId}", 404, "demo", user.ID, "user_session_not_found", headers(testkit.As(session))},
		{"POST /v1/account/sessions", "POST", "/v1/account/sessions/email", 400, "demo", nil, "general_argument_invalid", nil},
		{"GET /v1/hidden", "GET", "/*", 404, "demo", nil, "general_route_not_found", nil},
		{"HIDDEN /v1/account", "other", "/*", 404, "demo", nil, "general_route_not_found", nil},
		{whoAmI, "GET", "/v1/account", 404, nil, nil, "project_not_found", headers(header{"X-Appwrite-Project", "hidden"})},
		{whoAmI, "GET", "/v1/account", 403, "demo", nil, "general_unknown_origin", headers(header{"Origin", "https://hidden.example"})},
	} {
		c.list = append(c.list, header{"X-Request-Id", "hidden"}, header{"X-Forwarded-For", "hidden, 192.0.2.7"})
		w := direct(t.Context(), s.Handler, c.request, "", c.list...)
		line := log.one(t)
		got := fmt.Sprint(line["level"], line["msg"], line["method"], line["route"], line["status"], line["project"], line["user"], line["fault"])
		if want := fmt.Sprint("INFO", "request", c.method, c.route, c.status, c.project, c.user, c.kind); got != want {
			t.Errorf("%s: %v", c.request, line)
		}
		text, _ := line["id"].(string)
		if !id.MatchString(text) || seen[text] || w.Header().Get("X-Request-Id") != text || strings.Contains(fmt.Sprint(line), "hidden") {
			t.Errorf("%s: %v, and the header says %s", c.request, line, w.Header().Get("X-Request-Id"))
		}
		seen[text] = true
	}
}

// TestNoSecretIsLogged sends canaries through every endpoint, wherever a request has room for one, as guest, as
// person, as server, and with a database that does not answer.
func TestNoSecretIsLogged(t *testing.T) {
	t.Parallel()
	var log lines
	s := alone(t, testkit.Options{Log: &log, NoLimits: true})
	more := *s.Server
	more.Endpoints = slices.Concat(s.Server.Endpoints, broken()[:3], echoes())
	handler := more.Handler()
	canaries := []string{"canary", "SECRET"} // and what a replacer that knows all of them makes of each
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	asked := 0
	for i := range more.Endpoints {
		e := &more.Endpoints[i]
		if e.Name() == "project.delete" {
			continue // nothing would be left to ask
		}
		var session *model.Session
		user, encoded := person(t, s, func(_ *model.User, made *model.Session) { session = made })
		key, dev := s.Key(t, nil, "*"), s.Key(t, func(k *model.Key) { k.Dev = true })
		bearer := token(t, s, testkit.Demo, user, session.ID, time.Hour)
		raw, _ := base64.StdEncoding.DecodeString(encoded)
		for _, canary := range []string{encoded[40:80], string(raw[len(raw)-40 : len(raw)-2]), key[20:], dev[20:], bearer[len(bearer)-40:]} {
			canaries = append(canaries, canary, "SECRET")
		}
		values := map[string]any{}
		for _, p := range e.Params {
			values[p.Name] = "canary-" + p.Name
			if p.Example != nil {
				values[p.Name] = p.Example
			}
		}
		values["password"], values["oldPassword"], values["secret"] = "canary-password", "canary-old", "canary-secret"
		body := text(t, values)
		path := regexp.MustCompile(`\{\w+\}`).ReplaceAllString(e.Path, "canary-path") + "?secret=canary-query&jwt=" + bearer
		junk := headers(header{"Authorization", "Bearer canary"}, header{"Referer", "https://canary.example/?secret=canary"}, header{"User-Agent", "canary"})
		for _, list := range [][]header{
			junk,
			headers(header{"Cookie", "a_session_demo=canary; other=canary"}, header{"X-Fallback-Cookies", `{"a_session_demo":"canary"}`}, header{"X-Appwrite-Session", "canary"}),
			headers(testkit.As(encoded)),
			headers(header{"X-Appwrite-Session", encoded}, header{"X-Appwrite-JWT", bearer}),
			headers(header{"X-Appwrite-JWT", "canary." + bearer}),
			headers(header{"X-Appwrite-Key", key}),
			headers(header{"X-Appwrite-Key", "standard_canary"}, header{"X-Appwrite-Dev-Key", dev}),
			headers(header{"X-Appwrite-Key", "ephemeral_canary." + bearer}, header{"Origin", "https://canary.example"}),
		} {
			for _, ctx := range []context.Context{gone, t.Context()} {
				for _, body := range []string{body, body[:len(body)-1], `{"password":"canary"`} {
					direct(ctx, handler, e.Method+" "+path, body, list...)
					asked++
				}
			}
		}
	}
	written := log.take()
	if strings.Count(written, `"msg":"request"`) != asked || !strings.Contains(written, `"level":"ERROR"`) {
		t.Errorf("%d requests, and %d lines", asked, strings.Count(written, "\n"))
	}
	if found := strings.NewReplacer(canaries...).Replace(written); found != written {
		_, after, _ := strings.Cut(found, "SECRET")
		t.Fatalf("a secret in the log, before: %.200s", after)
	}
}
