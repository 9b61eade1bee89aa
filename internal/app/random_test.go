package app_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"latchkey/internal/api"
	"latchkey/internal/app"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// table is the endpoint table, to be looked at and not called.
func table() []api.Endpoint { return app.Endpoints(nil, nil, nil) }

// TestInventedRequests sends requests that the endpoint table invents: right ones, and ones with every
// mistake a client can make. Whatever comes back must be something the endpoint declares, and never a 500.
func TestInventedRequests(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		count := 4000
		if n, err := strconv.Atoi(os.Getenv("LATCHKEY_TEST_REQUESTS")); err == nil {
			count = n
		}
		clock := testkit.NewClock()
		s := testkit.Serve(t, db, clock, testkit.Options{NoLimits: true, HashQueue: 1000, Settings: func(set *model.Settings) { set.Policies.SessionLimit.Total = 3 }})
		i := &inventor{s: s, t: t, random: rand.New(rand.NewPCG(1, 2))}
		i.key = s.Key(t, func(k *model.Key) { i.stored = *k }, "*")
		reached := 0
		for n := range count {
			if i.session == "" || n%97 == 0 {
				i.mend(t)
				clock.Advance(time.Second) // ids carry the time; in one instant they would come to collide
				i.enter(t, n)
			}
			if i.send(t, i.endpoint()) {
				reached++
			}
			if t.Failed() {
				t.Fatalf("stopped after %d requests", n+1)
			}
		}
		t.Logf("%d requests, %d reached a handler", count, reached)
		if reached < count/3 {
			t.Errorf("only %d of %d requests came past the checks", reached, count)
		}
	})
}

// inventor makes requests up. Its randomness is seeded, so that a failure can be seen again.
type inventor struct {
	s       *testkit.Server
	t       *testing.T
	random  *rand.Rand
	session string
	email   string
	key     string
	stored  model.Key
}

// mend sets the project up again: with a key of all scopes it is switched off, changed and deleted on the way.
func (i *inventor) mend(t *testing.T) {
	i.s.Write(t, func(tx *store.Tx) {
		project := &model.Project{ID: testkit.Demo, Name: "Demo", Settings: model.DefaultSettings()}
		project.Settings.Policies.SessionLimit.Total = 3
		tx.UpsertProject(project)
		tx.UpsertKey(&i.stored)
		tx.BumpSettingsVersion()
	})
	if err := i.s.Projects.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// endpoint chooses where to send the next request: rarely to what always answers the same.
func (i *inventor) endpoint() *api.Endpoint {
	for {
		e := &i.s.Server.Endpoints[i.random.IntN(len(i.s.Server.Endpoints))]
		if e.Cache == "" || i.chance(10) {
			return e
		}
	}
}

// enter makes a user to act as.
func (i *inventor) enter(t *testing.T, n int) {
	i.email = fmt.Sprintf("i%d@example.com", n)
	_, i.session = i.s.Member(t, i.email)
}

// send invents one request for an endpoint and judges the answer. It reports whether a handler was reached.
func (i *inventor) send(t *testing.T, e *api.Endpoint) bool {
	path := e.Path
	if len(e.Alias) > 0 && i.chance(30) {
		path = e.Alias[i.random.IntN(len(e.Alias))]
	}
	body, query := map[string]any{}, url.Values{}
	for _, p := range e.Params {
		value, given := i.value(p)
		switch {
		case p.In == "path":
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(fmt.Sprint(value)))
		case !given:
		case p.In == "query":
			query.Add(p.Name+"[]", fmt.Sprint(value))
		default:
			body[p.Name] = value
		}
	}
	route := e.Method + " " + path
	if len(query) > 0 {
		route += "?" + query.Encode()
	}
	var text any
	if e.Method != "GET" {
		text = i.body(body)
	}
	reply := i.s.Call(t, route, text, i.headers(e)...)
	return i.judge(t, e, route, reply)
}

// value invents a parameter's value: mostly a good one.
func (i *inventor) value(p api.Param) (any, bool) {
	if p.Name == "projectId" && p.In == "path" && i.chance(90) {
		return testkit.Demo, true
	}
	if p.Name == "email" && i.chance(70) {
		if i.chance(50) {
			return i.email, true
		}
		return fmt.Sprintf("r%d@example.com", i.random.IntN(1<<30)), true
	}
	if p.Name == "password" && i.chance(80) || p.Name == "oldPassword" && i.chance(80) {
		return testkit.Password, true
	}
	if i.chance(75) {
		return p.Example, true
	}
	bad := []any{nil, "", 0, -1, 1.5, true, []any{}, map[string]any{}, []any{"a", 1}, strings.Repeat("x", 300), "a\x00b", "äöü😀", "unique()", "current",
		"../../etc/passwd", "' or 1=1 --", "<script>", strings.Repeat("[", 50), "\u202e", "a@b", "+1", "0", "null"}
	choice := bad[i.random.IntN(len(bad))]
	if p.In == "path" && (choice == nil || choice == "") {
		choice = "x"
	}
	return choice, i.chance(80)
}

// body encodes parameters, sometimes wrongly.
func (i *inventor) body(parameters map[string]any) string {
	text, err := json.Marshal(parameters)
	if err != nil {
		i.t.Fatal(err)
	}
	switch i.random.IntN(60) {
	case 0:
		return string(text[:len(text)-1])
	case 1:
		return "[]"
	case 2:
		return "\xff\xfe" + string(text)
	case 3:
		return ""
	case 4:
		return `{"a":` + strings.Repeat("[", 2000) + strings.Repeat("]", 2000) + "}"
	}
	return string(text)
}

// headers invents a caller: whoever the endpoint is for, or somebody else.
func (i *inventor) headers(e *api.Endpoint) []testkit.Header {
	var list []testkit.Header
	wantsUser := e.Scope == api.ScopeAccount || e.Scope == api.ScopeTargetsWrite
	open := []api.Scope{api.ScopeGlobal, api.ScopePublic, api.ScopeSessionsWrite, api.ScopeLocaleRead}
	wantsKey := !wantsUser && !slices.Contains(open, e.Scope)
	switch n := i.random.IntN(20); {
	case wantsUser && n < 16:
		list = append(list, testkit.As(i.session))
	case wantsKey && n < 16, n == 17:
		list = append(list, testkit.Header{"X-Appwrite-Key", i.key})
	case n == 18:
		list = append(list, testkit.Header{"X-Appwrite-JWT", "a.b.c"})
	case n == 19:
		list = append(list, testkit.Header{"X-Appwrite-Session", "eyJpZCI6IngiLCJzZWNyZXQiOiJ5In0="}, testkit.Header{"X-Fallback-Cookies", "[]"})
	}
	list = append(list, testkit.Header{"Accept", "application/json"}) // or some answer with pages
	odd := [][2]string{{"Origin", "https://evil.example"}, {"Origin", "http://localhost"}, {"X-Appwrite-Project", "nowhere"}, {"X-Appwrite-Locale", "de"},
		{"X-Appwrite-Locale", "xx"}, {"X-Appwrite-Mode", "admin"}, {"Content-Type", "text/plain"}, {"Content-Type", "application/x-www-form-urlencoded"},
		{"X-Appwrite-Dev-Key", "x"}, {"X-Appwrite-Impersonate-User-Id", "x"}, {"User-Agent", strings.Repeat("M", 5000)}, {"X-Appwrite-Key", "standard_00"}}
	if i.chance(12) {
		list = append(list, odd[i.random.IntN(len(odd))])
	}
	return list
}

func (i *inventor) chance(percent int) bool { return i.random.IntN(100) < percent }

// judge holds an answer against the endpoint's declaration. The shape of the body has been held against the
// OpenAPI document by the test client already.
func (i *inventor) judge(t *testing.T, e *api.Endpoint, route string, reply *testkit.Reply) bool {
	if reply.Status == e.Status {
		if e.Method == "PATCH" && strings.HasSuffix(e.Path, "/status") || e.Method == "DELETE" {
			i.session = ""
		}
		return true
	}
	kind := fault.ByType(reply.Text("type"))
	if kind == nil || kind.Status != reply.Status || kind.Status == 500 {
		t.Errorf("%s answered %d %s", route, reply.Status, reply.Body)
		return false
	}
	if kind != fault.RouteNotFound && !slices.Contains(e.AllFaults(), kind) {
		t.Errorf("%s answered %s, which %s does not declare", route, kind.Type, e.Name())
	}
	return slices.Contains(e.Faults, kind)
}
