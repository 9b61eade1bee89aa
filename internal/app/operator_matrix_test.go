package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"latchkey/internal/api"
	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// desks are the states that somebody who looks after projects can be in.
var desks = []struct {
	name    string
	role    string // in the project; empty: none
	person  bool   // of the project, not of the console
	nobody  bool
	change  func(*model.User)
	refused string // whatever is asked: the type of the refusal, unless the row may be called half signed in
	status  int
	strict  bool // where operators need a second factor
}{
	{name: "nobody", nobody: true},
	{name: "a person of the project", person: true},
	{name: "an operator of other projects"},
	{name: "an analyst", role: "analyst"},
	{name: "a developer", role: "developer"},
	{name: "an owner", role: "owner"},
	{name: "an owner awaiting their second factor", role: "owner", change: awaiting, refused: "user_more_factors_required", status: 401},
	{name: "a blocked owner", role: "owner", change: blocked, refused: "user_blocked", status: 403},
	{name: "an owner without the second factor that operators need", role: "owner", refused: "user_factor_setup_required", status: 403, strict: true},
}

// personScopes are those of anybody who is signed in, of the console too; consoleScopes come with being of the console.
var (
	personScopes  = userScopes
	consoleScopes = append(slices.Clone(userScopes), "projects.write")
	analystMay    = func(scope string) bool { return !strings.HasSuffix(scope, ".write") && scope != "projects.read" }
)

// TestEveryOperatorAtEveryEndpoint asks every endpoint about projects, teams and what belongs to them, in every state that
// somebody who looks after projects can be in.
func TestEveryOperatorAtEveryEndpoint(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		m := &matrix{t: t, s: testkit.Serve(t, db, testkit.NewClock(), testkit.Options{NoLimits: true, HashQueue: 1000})}
		m.projects()
		m.s.Parts.ConsoleMFA = true
		o := &operated{matrix: m, strict: m.s.Node(t)}
		for i := range desks {
			o.sessions = append(o.sessions, o.session(i))
		}
		cells := 0
		for _, e := range table() {
			if !slices.Contains([]string{"project", "projects", "organization", "teams", "messaging"}, e.Service()) {
				continue
			}
			for _, path := range append([]string{e.Path}, e.Alias...) {
				path = strings.ReplaceAll(path, "{projectId}", testkit.Demo)
				for i := range desks {
					o.desk(&e, e.Method+" "+inPath.ReplaceAllString(path, "x"), i)
					cells++
				}
			}
		}
		if cells < 1000 {
			t.Errorf("only %d cells", cells)
		}
	})
}

// ofConsole says whether a row is called in the project `console`, rather than in admin mode on the project it is about.
func ofConsole(e *api.Endpoint) bool {
	return e.OfPath || e.Service() == "organization" || e.Service() == "projects" || e.Service() == "teams"
}

// operated is a server with somebody in every state.
type operated struct {
	*matrix
	strict   *testkit.Server // a node where operators need a second factor
	sessions []string        // by state; empty for nobody
}

// session makes somebody in a state, and returns the text of their session.
func (o *operated) session(at int) string {
	d := &desks[at]
	switch {
	case d.nobody:
		return ""
	case d.person:
		_, _, text := o.person()
		return text
	}
	id := fmt.Sprintf("operator-%d", at)
	text := o.s.Operator(o.t, id, d.role)
	if d.change == nil {
		return text
	}
	o.s.Write(o.t, func(tx *store.Tx) {
		user, err := tx.UserByID(model.ConsoleProject, id)
		if err != nil {
			o.t.Error(err)
			return
		}
		d.change(user)
		tx.UpdateUserMFA(user)
		tx.UpdateUserVerified(user)
		tx.UpdateUserStatus(user)
	})
	return text
}

// desk asks once, and says whether the answer is the one that the state deserves.
func (o *operated) desk(e *api.Endpoint, route string, at int) {
	o.t.Helper()
	d, s := &desks[at], o.s
	if d.strict {
		s = o.strict
	}
	headers := []testkit.Header{{"X-Appwrite-Project", model.ConsoleProject}}
	if !ofConsole(e) {
		headers[0][1] = testkit.Demo
		if !d.nobody && !d.person {
			headers = append(headers, testkit.Header{"X-Appwrite-Mode", "admin"})
		}
	}
	if o.sessions[at] != "" {
		headers = append(headers, testkit.Header{"X-Appwrite-Session", o.sessions[at]})
	}
	var body any
	if e.Method != "GET" {
		body = testkit.Map{}
	}
	reply := s.Call(o.t, route, body, headers...)
	if strings.HasPrefix(route, "DELETE /v1/") && reply.Status < 400 {
		o.again()
	}
	status, kind := deserved(e, at)
	got := reply.Text("type")
	if kind == "" && !slices.Contains(refusals, got) && got != "user_factor_setup_required" || kind != "" && kind == got && status == reply.Status {
		return
	}
	o.t.Errorf("%s by %s: %d %s %s, want %d %s", route, d.name, reply.Status, got, reply.Text("message"), status, kind)
}

// again sets up the very project that whoever may has deleted, with everybody's role in it.
func (o *operated) again() {
	o.t.Helper()
	o.projects()
	o.s.Write(o.t, func(tx *store.Tx) {
		for at := range desks {
			if role := desks[at].role; role != "" {
				tx.UpsertOperator(&store.Operator{Project: testkit.Demo, UserID: fmt.Sprintf("operator-%d", at), Role: role, CreatedAt: tx.Now})
			}
		}
	})
	for at := range desks {
		if desks[at].person {
			o.sessions[at] = o.session(at)
		}
	}
	if err := o.strict.Projects.Refresh(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
}

// deserved is how somebody is refused; nothing when they are let through to the parameters and the rule.
func deserved(e *api.Endpoint, at int) (status int, kind string) {
	d := &desks[at]
	scope := string(e.Scope)
	inProject := e.OfPath || !ofConsole(e) // a role in the project decides
	switch {
	case scope == "public":
		if d.refused == "user_blocked" {
			return d.status, d.refused
		}
		return 0, ""
	case d.nobody, d.person && ofConsole(e): // whose session means nothing in the console
		return 401, "general_unauthorized_scope"
	case d.person && !slices.Contains(personScopes, scope):
		return 401, "general_unauthorized_scope"
	case d.person:
		return 0, ""
	case inProject && d.role == "":
		return 401, "user_unauthorized"
	case inProject && d.role == "analyst" && !analystMay(scope):
		return 401, "general_unauthorized_scope"
	case !inProject && !slices.Contains(consoleScopes, scope):
		return 401, "general_unauthorized_scope"
	case d.refused != "":
		return d.status, d.refused
	}
	return 0, ""
}
