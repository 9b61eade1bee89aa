package api_test

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/internal/api"
	"latchkey/internal/compat"
	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// header is a header of a request; one with an empty value takes the usual one away. "Host" is the host asked for.
type header = testkit.Header

// headers gathers headers.
func headers(list ...header) []header { return list }

// each runs a test on every engine, each with a server of its own.
func each(t *testing.T, o testkit.Options, test func(t *testing.T, s *testkit.Server)) {
	t.Helper()
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) { test(t, testkit.Serve(t, db, testkit.NewClock(), o)) })
}

// alone starts a server on SQLite, for what no engine has a say in.
func alone(t *testing.T, o testkit.Options) *testkit.Server {
	t.Helper()
	return testkit.Serve(t, testkit.DB(t, store.SQLite), testkit.NewClock(), o)
}

// ask sends a request to the demo project as it is, also one that no SDK would send: the path may be no route,
// the body no JSON. Whatever is refused must be refused in the envelope.
func ask(t testing.TB, url, route, body string, list ...header) *testkit.Reply {
	t.Helper()
	method, path, _ := strings.Cut(route, " ")
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, url+path, reader)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Appwrite-Project", testkit.Demo)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range list {
		switch {
		case h[0] == "Host":
			r.Host = h[1]
		case h[1] == "":
			r.Header.Del(h[0])
		default:
			r.Header.Set(h[0], h[1])
		}
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	reply := &testkit.Reply{T: t, Status: response.StatusCode, Header: response.Header, Body: text}
	if reply.Status >= 400 && method != http.MethodHead {
		wantEnvelope(t, reply)
	}
	return reply
}

// wantEnvelope fails the test unless a refusal has exactly the contract's four members and its headers.
func wantEnvelope(t testing.TB, reply *testkit.Reply) {
	t.Helper()
	var body map[string]any
	if err := json.Unmarshal(reply.Body, &body); err != nil {
		t.Fatalf("%d without an envelope: %s", reply.Status, reply.Body)
	}
	names := slices.Sorted(maps.Keys(body))
	if !slices.Equal(names, []string{"code", "message", "type", "version"}) || body["code"] != float64(reply.Status) ||
		body["version"] != compat.Newest || reply.Text("message") == "" || reply.Text("type") == "" {
		t.Errorf("%d with the envelope %s", reply.Status, reply.Body)
	}
	if got := reply.Header.Get("Content-Type"); got != "application/json; charset=UTF-8" {
		t.Errorf("an envelope of type %q", got)
	}
	if got := reply.Header.Get("Cache-Control"); got != "no-cache, no-store, must-revalidate" {
		t.Errorf("an envelope with Cache-Control %q", got)
	}
}

// person writes a user with one session behind the server's back and returns the session, encoded.
func person(t testing.TB, s *testkit.Server, change func(*model.User, *model.Session)) (*model.User, string) {
	t.Helper()
	now := model.At(s.Clock.Now())
	text := secret.NewSessionSecret(s.Random)
	user := &model.User{Project: testkit.Demo, ID: s.Random.ID(s.Clock.Now()), CreatedAt: now, UpdatedAt: now, AccessedAt: now, Status: true, Prefs: "{}"}
	session := &model.Session{Project: testkit.Demo, ID: s.Random.ID(s.Clock.Now()), CreatedAt: now, UpdatedAt: now, SecretHash: secret.HashToken(text),
		Expire: now.Add(24 * time.Hour), Provider: "email", Factors: []string{"password"}}
	if change != nil {
		change(user, session)
	}
	session.UserID, session.Project = user.ID, user.Project
	s.Write(t, func(tx *store.Tx) {
		tx.InsertUser(user)
		tx.InsertSession(session)
	})
	return user, secret.EncodeSession(user.ID, text)
}

// set changes the demo project's settings, as if an operator had.
func set(t testing.TB, s *testkit.Server, change func(*model.Settings)) {
	t.Helper()
	project, err := s.DB.Project(context.Background(), testkit.Demo)
	if err != nil {
		t.Fatal(err)
	}
	change(&project.Settings)
	s.Write(t, func(tx *store.Tx) { tx.UpsertProject(project) })
	if err := s.Projects.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// extended starts a second server over the same parts whose table has further rows, and returns its address.
func extended(t testing.TB, s *testkit.Server, rows ...api.Endpoint) string {
	t.Helper()
	more := *s.Server
	more.Endpoints = append(slices.Clone(s.Server.Endpoints), rows...)
	server := httptest.NewServer(more.Handler())
	t.Cleanup(server.Close)
	return server.URL
}

// text writes JSON.
func text(t testing.TB, value any) string {
	t.Helper()
	b, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// other adds a project.
func other(t testing.TB, s *testkit.Server, id string) {
	t.Helper()
	s.Write(t, func(tx *store.Tx) {
		tx.UpsertProject(&model.Project{ID: id, Name: id, Settings: model.DefaultSettings()})
	})
}
