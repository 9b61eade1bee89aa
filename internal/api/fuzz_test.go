package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"latchkey/internal/api"
	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// FuzzRequest sends requests that nobody would send to every route: none may end in a server error, and
// every refusal is one in the envelope. In the credentials the words SESSION, JWT and KEY stand for good ones,
// so that what lies behind them is met too.
func FuzzRequest(f *testing.F) {
	s := testkit.Serve(f, testkit.DB(f, store.SQLite), testkit.NewClock(), testkit.Options{NoLimits: true, Proxies: true})
	more := *s.Server
	more.Endpoints = append(echoes(), s.Server.Endpoints...)
	handler, key := more.Handler(), s.Key(f, nil, "*")
	for i := range more.Endpoints {
		addSeeds(f, &more.Endpoints[i])
	}
	methods := []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ODD"}
	f.Fuzz(func(t *testing.T, method uint8, target, kind, body, headers string) {
		if strings.Contains(headers, "SESSION") || strings.Contains(headers, "JWT") {
			var session *model.Session
			user, encoded := person(t, s, func(_ *model.User, made *model.Session) { session = made })
			headers = strings.NewReplacer("SESSION", encoded, "JWT", token(t, s, testkit.Demo, user, session.ID, time.Hour), "KEY", key).Replace(headers)
		}
		address, err := url.ParseRequestURI(target)
		if err != nil || strings.ContainsAny(kind, "\r\n\x00") {
			return // net/http answers those itself
		}
		r := httptest.NewRequestWithContext(t.Context(), methods[int(method)%len(methods)], "/", strings.NewReader(body))
		r.URL = address
		r.Header.Set("Content-Type", kind)
		r.Header.Set("X-Appwrite-Project", testkit.Demo)
		r.Header.Set("Accept", "application/json") // or a person would be shown a page
		for line := range strings.SplitSeq(headers, "\n") {
			if name, value, found := strings.Cut(line, ": "); found && !strings.ContainsAny(value, "\r\x00") {
				r.Header.Set(name, value)
			}
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		wantSound(t, r, w)
	})
}

// addSeeds adds requests to an endpoint: one that is good, with every kind of proof, and one that is not.
func addSeeds(f *testing.F, e *api.Endpoint) {
	values, form, path := map[string]any{}, url.Values{}, e.Path
	for _, p := range e.Params {
		values[p.Name] = p.Example
		text, _ := json.Marshal(p.Example)
		form.Set(p.Name, strings.Trim(string(text), `"`))
		path = strings.ReplaceAll(path, "{"+p.Name+"}", "current")
	}
	body, _ := json.Marshal(values)
	method := uint8(strings.Index("GPPPDHO", e.Method[:1]))
	switch e.Method {
	case http.MethodPut:
		method = 2
	case http.MethodPatch:
		method = 3
	}
	f.Add(method, path, jsonBody, string(body), "Cookie: a_session_demo=SESSION\nX-Appwrite-JWT: JWT")
	f.Add(method, path+"?"+form.Encode(), formBody, form.Encode(), "X-Fallback-Cookies: {\"a_session_demo\":\"SESSION\"}\nOrigin: http://localhost\nX-Forwarded-Proto: https")
	f.Add(method, path+"/?a[]=1&a[0]=%ff&project=demo", jsonBody, `{"a":{"b":[null,1e9,"\ud800"]},"project":7}`, "X-Appwrite-Key: KEY\nX-Appwrite-Response-Format: 1.4.0\nX-Appwrite-Locale: de")
	f.Add(method, "//"+path+"%2F", partBody, part(`name="password"`, "\x00")+"--X--\r\n", "X-Appwrite-Session: %\nX-Appwrite-Mode: admin\nX-Appwrite-Impersonate-User-Id: \xff")
}

// errorType finds what an error page says the error is.
var errorType = regexp.MustCompile(`<code>[a-z0-9_]+</code>`)

// wantErrorPage fails the test unless a refusal is a page that says which error it shows, and runs nothing.
func wantErrorPage(t *testing.T, reply *testkit.Reply) {
	t.Helper()
	if !errorType.Match(reply.Body) || bytes.Contains(bytes.ToLower(reply.Body), []byte("<script")) {
		t.Errorf("%d with the page %s", reply.Status, reply.Body)
	}
}

// wantSound fails the test unless an answer is one that an SDK can work with.
func wantSound(t *testing.T, r *http.Request, w *httptest.ResponseRecorder) {
	t.Helper()
	if w.Code >= 500 && w.Code != http.StatusNotImplemented {
		t.Fatalf("%s %s: %d %s", r.Method, r.URL, w.Code, w.Body)
	}
	for name, values := range w.Header() {
		for _, value := range values {
			if strings.ContainsAny(value, "\r\n\x00") {
				t.Fatalf("%s %s: %s is %q", r.Method, r.URL, name, value)
			}
		}
	}
	reply := &testkit.Reply{T: t, Status: w.Code, Header: w.Header(), Body: w.Body.Bytes()}
	switch {
	case w.Code >= 400 && strings.Contains(r.URL.Path, "/oauth2") && strings.HasPrefix(reply.Header.Get("Content-Type"), "text/html"):
		wantErrorPage(t, reply) // steps that a browser is sent through
	case w.Code >= 400:
		wantEnvelope(t, reply)
	case strings.HasPrefix(reply.Header.Get("Content-Type"), jsonBody) && !json.Valid(reply.Body):
		t.Fatalf("%s %s: %s", r.Method, r.URL, reply.Body)
	case w.Code == http.StatusNoContent && (len(reply.Body) > 0 || reply.Header.Get("Content-Type") != ""):
		t.Fatalf("%s %s: 204 with %s", r.Method, r.URL, reply.Body)
	}
	if fallback := w.Header().Get("X-Fallback-Cookies"); fallback != "" && !json.Valid([]byte(fallback)) {
		t.Fatalf("%s %s: X-Fallback-Cookies %s", r.Method, r.URL, fallback)
	}
}
