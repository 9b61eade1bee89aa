package app_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"latchkey/internal/api"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

var pathParam = regexp.MustCompile(`\{\w+\}`)

// concrete is a path that an endpoint answers, about the demo project and otherwise about nothing that exists.
func concrete(e *api.Endpoint) string {
	return e.Method + " " + pathParam.ReplaceAllString(strings.ReplaceAll(e.Path, "{projectId}", testkit.Demo), "x")
}

// grantable says whether a scope is one that keys are given: not what everybody has, and not a person's own.
func grantable(scope api.Scope) bool {
	return !slices.Contains([]api.Scope{api.ScopeGlobal, api.ScopePublic, api.ScopeAccount, api.ScopeHealthRead}, scope)
}

// Every endpoint of the table against every scope of the table: a key gets past the check with the endpoint's own
// scope alone, and not with all the others together.
func TestEveryEndpointAsksForItsScopeAlone(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := testkit.Serve(t, db, testkit.NewClock(), testkit.Options{NoLimits: true})
		var scopes []string
		for _, e := range table() {
			if grantable(e.Scope) && !slices.Contains(scopes, string(e.Scope)) {
				scopes = append(scopes, string(e.Scope))
			}
		}
		with, without := map[api.Scope]testkit.Header{}, map[api.Scope]testkit.Header{}
		for i, scope := range scopes {
			with[api.Scope(scope)] = testkit.Header{"X-Appwrite-Key", s.Key(t, nil, scope)}
			without[api.Scope(scope)] = testkit.Header{"X-Appwrite-Key", s.Key(t, nil, slices.Delete(slices.Clone(scopes), i, i+1)...)}
		}
		asked := 0
		for _, e := range table() {
			if !grantable(e.Scope) {
				continue
			}
			asked++
			refused := func(key testkit.Header) bool {
				reply := s.Call(t, concrete(&e), testkit.Map{}, key, testkit.Header{"Accept", "application/json"})
				return reply.Status == 401 && reply.Text("type") == "general_unauthorized_scope" && strings.Contains(reply.Text("message"), string(e.Scope))
			}
			if !refused(without[e.Scope]) {
				t.Errorf("%s lets a key in that has every scope but %s", e.Name(), e.Scope)
			}
			gone := e.Method == "DELETE" && (strings.HasSuffix(e.Path, "{projectId}") || e.Path == "/v1/project")
			if !gone && refused(with[e.Scope]) {
				t.Errorf("%s refuses a key for %s", e.Name(), e.Scope)
			}
		}
		if len(scopes) < 15 || asked < 150 {
			t.Errorf("only %d scopes and %d endpoints", len(scopes), asked)
		}
	})
}

// An analyst reads everything about a project and changes nothing.
func TestAnalystsOnlyRead(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := testkit.Serve(t, db, testkit.NewClock(), testkit.Options{NoLimits: true})
		analyst := []testkit.Header{{"X-Appwrite-Mode", "admin"}, {"X-Appwrite-Session", s.Operator(t, "analyst", "analyst")}}
		for _, e := range table() {
			if !grantable(e.Scope) || e.Scope == api.ScopeSessionsWrite || e.Scope == api.ScopeProjectsRead {
				continue
			}
			reply := s.Call(t, concrete(&e), testkit.Map{}, analyst...)
			refused := reply.Status == 401 && reply.Text("type") == "general_unauthorized_scope"
			if refused != strings.HasSuffix(string(e.Scope), ".write") {
				t.Errorf("%s (%s): %d %s", e.Name(), e.Scope, reply.Status, reply.Body)
			}
		}
	})
}
