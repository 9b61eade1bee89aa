package app_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/internal/api"
	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// scopes that come with a role, as the contract lists them; a key has besides these what it was given.
var (
	guestScopes = []string{"global", "public", "sessions.write", "locale.read"}
	userScopes  = append(slices.Clone(guestScopes), "account", "targets.read", "targets.write", "teams.read", "teams.write", "projects.read")
	keyScopes   = []string{"global", "health.read"}
)

// callers are the states somebody who calls can be in. Each makes a caller of its own for every call, because some
// calls end what they are proved with.
var callers = []struct {
	name    string
	headers func(m *matrix, e *api.Endpoint) []testkit.Header
	scopes  []string
	keyed   bool // may be given the scope of the route
	signed  bool // counts as somebody who is signed in
	half    bool
	blocked bool
	kind    string // refused whatever the route is: status and type
	status  int
}{
	{name: "a guest", headers: nobody, scopes: guestScopes},
	{name: "a session", headers: session(), scopes: userScopes, signed: true},
	{name: "a session awaiting its second factor", headers: session(awaiting), scopes: userScopes, signed: true, half: true},
	{name: "a blocked user's session", headers: session(blocked), scopes: userScopes, signed: true, blocked: true},
	{name: "a blocked user's session awaiting its second factor", headers: session(awaiting, blocked), scopes: userScopes, signed: true, half: true, blocked: true},
	{name: "a JWT", headers: signedStatement(time.Hour), scopes: userScopes, signed: true},
	{name: "a JWT of a session awaiting its second factor", headers: signedStatement(time.Hour, awaiting), scopes: userScopes, signed: true, half: true},
	{name: "an expired JWT", headers: signedStatement(-time.Second), status: 401, kind: "user_jwt_invalid"},
	{name: "a key without the scope", headers: keyed("nothing"), scopes: keyScopes},
	{name: "a key with the scope", headers: keyed(""), scopes: keyScopes, keyed: true},
	{name: "a session of another project", headers: elsewhere("other"), scopes: guestScopes},
	{name: "a session at no project", headers: elsewhere("nowhere"), status: 404, kind: "project_not_found"},
}

// TestEveryCallerAtEveryEndpoint asks every endpoint, by each of its paths, in every state a caller can be in. What
// is expected follows from the contract's row (scope, who may call) and the contract's order of checks; the rows
// themselves say it for the few endpoints that the contract table does not hold.
func TestEveryCallerAtEveryEndpoint(t *testing.T) {
	t.Parallel()
	rows := contracts(t)
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		m := &matrix{t: t, s: testkit.Serve(t, db, testkit.NewClock(), testkit.Options{NoLimits: true, HashQueue: 1000})}
		m.projects()
		cells := 0
		for _, e := range table() {
			if !slices.Contains([]string{"account", "users", "locale", "health"}, e.Service()) {
				continue // for operators: who may call is decided by the team of the project, not by the caller's state
			}
			want, known := rows[e.Method+" "+e.Path]
			if !known {
				want = row{Scope: string(e.Scope), Unsigned: e.Unsigned, HalfSigned: e.HalfSigned, Fresh: e.Fresh}
			}
			for _, path := range append([]string{e.Path}, e.Alias...) {
				for i := range callers {
					m.cell(&e, e.Method+" "+inPath.ReplaceAllString(path, "x"), want, i)
					cells++
				}
			}
		}
		if cells < 300 {
			t.Errorf("only %d cells", cells)
		}
	})
}

// inPath is a parameter of a path.
var inPath = regexp.MustCompile(`\{\w+\}`)

// contracts are the rows of the newest contract.
func contracts(t *testing.T) map[string]row {
	t.Helper()
	var list []row
	if err := json.Unmarshal(contract, &list); err != nil {
		t.Fatal(err)
	}
	rows := map[string]row{}
	for _, r := range list {
		if r.Version == "newest" {
			rows[r.Route] = r
		}
	}
	return rows
}

// refusals are the answers that say who may not call.
var refusals = []string{"general_unauthorized_scope", "user_unauthorized", "user_blocked", "user_more_factors_required", "user_session_already_exists",
	"user_challenge_required", "user_jwt_invalid", "user_jwt_creation_denied", "project_not_found"}

type matrix struct {
	t *testing.T
	s *testkit.Server
	n int
}

// projects sets up the projects that are asked, as they were at first.
func (m *matrix) projects() {
	m.t.Helper()
	m.s.Write(m.t, func(tx *store.Tx) {
		for _, id := range []string{testkit.Demo, "other"} {
			tx.UpsertProject(&model.Project{ID: id, Name: id, CreatedAt: tx.Now, UpdatedAt: tx.Now, AccessedAt: tx.Now, Settings: model.DefaultSettings()})
		}
		tx.BumpSettingsVersion()
	})
	if err := m.s.Projects.Refresh(m.t.Context()); err != nil {
		m.t.Fatal(err)
	}
}

// cell asks once.
func (m *matrix) cell(e *api.Endpoint, route string, want row, caller int) {
	m.t.Helper()
	c := &callers[caller]
	var body any
	if e.Method != "GET" {
		body = testkit.Map{}
	}
	reply := m.s.Call(m.t, route, body, c.headers(m, e)...)
	if strings.HasPrefix(route, "DELETE /v1/project") && reply.Status < 400 {
		m.projects() // a key that may has deleted the very project
	}
	status, kind := expected(caller, want, route)
	got := reply.Text("type")
	if kind == "" && (!slices.Contains(refusals, got) || reply.Status < 400) || (kind == got || got == "") && status == reply.Status {
		return
	}
	m.t.Errorf("%s by %s: %d %s, want %d %s", route, c.name, reply.Status, got, status, kind)
}

// expected is how a caller is refused, in the contract's order of checks; nothing when they are let through to the
// parameters.
func expected(caller int, want row, route string) (status int, kind string) {
	c := &callers[caller]
	browser := strings.Contains(want.Route, "oauth2") // half a sign-in or a blocked one goes on as a guest
	switch {
	case browser && c.kind == "user_jwt_invalid":
		return 0, "" // a browser that was sent here goes on as a guest
	case c.kind != "":
		return c.status, c.kind
	case !slices.Contains(c.scopes, want.Scope) && !(c.keyed && want.Scope != "account" && want.Scope != "public"):
		return 401, "general_unauthorized_scope"
	case c.blocked && !browser:
		return 403, "user_blocked"
	case c.half && !want.HalfSigned && !browser:
		return 401, "user_more_factors_required"
	case c.half && strings.HasPrefix(route, "DELETE /v1/account/sessions/"):
		return 401, "user_more_factors_required" // its own row alone, and x is another
	case c.signed && want.Unsigned && !browser:
		return 401, "user_session_already_exists"
	case c.keyed && strings.HasPrefix(route, "DELETE /v1/account/targets/"):
		return 401, "general_unauthorized_scope" // a key may have the scope; a target belongs to a person
	case c.signed && want.Fresh:
		return 401, "user_challenge_required"
	case strings.Contains(c.name, "JWT") && strings.HasPrefix(route, "POST /v1/account/jwt"):
		return 403, "user_jwt_creation_denied"
	}
	return 0, ""
}

// awaiting is somebody whose second factor is missing, blocked somebody who is locked out.
func awaiting(u *model.User) { u.MFA, u.EmailVerification = true, true }
func blocked(u *model.User)  { u.Status = false }

// person writes a user with a session, and returns both and the session's text.
func (m *matrix) person(changes ...func(*model.User)) (*model.User, *model.Session, string) {
	m.n++
	now := model.At(m.s.Clock.Now())
	user := &model.User{Project: testkit.Demo, ID: fmt.Sprintf("u%d", m.n), CreatedAt: now, UpdatedAt: now, Email: fmt.Sprintf("u%d@example.com", m.n),
		Status: true, Prefs: "{}", AccessedAt: now, Labels: []string{}}
	for _, change := range changes {
		change(user)
	}
	text := secret.NewSessionSecret(m.s.Random)
	made := &model.Session{Project: testkit.Demo, ID: fmt.Sprintf("s%d", m.n), CreatedAt: now, UpdatedAt: now, UserID: user.ID, SecretHash: secret.HashToken(text),
		Expire: now.Add(time.Hour), Provider: "email", Factors: []string{"password"}, CountryCode: "--"}
	m.s.Write(m.t, func(tx *store.Tx) {
		tx.InsertUser(user)
		tx.InsertSession(made)
	})
	return user, made, secret.EncodeSession(user.ID, text)
}

func nobody(*matrix, *api.Endpoint) []testkit.Header { return nil }

func session(changes ...func(*model.User)) func(*matrix, *api.Endpoint) []testkit.Header {
	return func(m *matrix, _ *api.Endpoint) []testkit.Header {
		_, _, text := m.person(changes...)
		return []testkit.Header{testkit.As(text)}
	}
}

func signedStatement(lifetime time.Duration, changes ...func(*model.User)) func(*matrix, *api.Endpoint) []testkit.Header {
	return func(m *matrix, _ *api.Endpoint) []testkit.Header {
		_, made, _ := m.person(changes...)
		token, err := m.s.Rules.CreateJWT(m.t.Context(), testkit.Demo, made, lifetime)
		if err != nil {
			m.t.Fatal(err)
		}
		return []testkit.Header{{"X-Appwrite-JWT", token}}
	}
}

// keyed is a key with one scope; an empty one means the route's.
func keyed(scope string) func(*matrix, *api.Endpoint) []testkit.Header {
	return func(m *matrix, e *api.Endpoint) []testkit.Header {
		given := scope
		if given == "" {
			given = string(e.Scope)
		}
		return []testkit.Header{{"X-Appwrite-Key", m.s.Key(m.t, nil, given)}}
	}
}

// elsewhere carries a session of the demo project to another one, under that one's cookie name.
func elsewhere(project string) func(*matrix, *api.Endpoint) []testkit.Header {
	return func(m *matrix, _ *api.Endpoint) []testkit.Header {
		_, _, text := m.person()
		return []testkit.Header{{"X-Appwrite-Project", project}, {"Cookie", "a_session_" + project + "=" + text}}
	}
}
