package app_test

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"latchkey/internal/admin"
	"latchkey/internal/audit"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// trail is a server whose audit trail is chained when the test says so.
type trail struct {
	*testing.T
	*testkit.Server
	key    string
	sealer *audit.Sealer
}

func eachTrail(t *testing.T, test func(t *trail)) {
	t.Helper()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := testkit.Serve(t, db, testkit.NewClock(), testkit.Options{NoLimits: true})
		test(&trail{T: t, Server: s, key: s.Key(t, nil, "*"), sealer: &audit.Sealer{DB: s.DB, Keys: s.Keys, Random: s.Random, Clock: s.Clock.Now, Log: slog.New(slog.DiscardHandler), Holder: "test"}})
	})
}

// list asks for the audit trail with queries.
func (t *trail) list(queries ...string) *testkit.Reply {
	t.Helper()
	if err := t.sealer.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	route := "GET /v1/activities/events"
	for i, q := range queries {
		route += map[bool]string{true: "?", false: "&"}[i == 0] + "queries[]=" + q
	}
	return t.Call(t.T, route, nil, testkit.Header{"X-Appwrite-Key", t.key}).Want(200)
}

func (t *trail) call(route string, body any) *testkit.Reply {
	t.Helper()
	t.Clock.Advance(time.Second)
	return t.Call(t.T, route, body, testkit.Header{"X-Appwrite-Key", t.key})
}

// details reads what an entry says was changed: field, old, new.
func details(t *trail, reply *testkit.Reply, at string) string {
	text, err := json.Marshal(reply.Get("events." + at + ".details.changed"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheTrailSaysWhoChangedWhat(t *testing.T) {
	t.Parallel()
	eachTrail(t, func(t *trail) {
		boss := testkit.InConsole(t.Operator(t.T, "boss", "owner"))
		as := append(boss[1:], testkit.Header{"X-Appwrite-Project", testkit.Demo}, testkit.Header{"X-Appwrite-Mode", "admin"}, testkit.Header{"User-Agent", "console"})
		t.Call(t.T, "PATCH /v1/project/policies/session-limit", testkit.Map{"total": 3}, as...).Want(200)
		t.call("PATCH /v1/project/oauth2/github", testkit.Map{"clientId": "an-id", "clientSecret": "c4n4ry-of-github", "enabled": false}).Want(200)
		t.call("POST /v1/users", testkit.Map{"userId": "walter", "email": "walter@example.com", "password": "correct horse 1", "name": "Walter"}).Want(201)
		t.call("PATCH /v1/users/walter/name", testkit.Map{"name": "Heisenberg"}).Want(200)
		t.Call(t.T, "POST /v1/account/sessions/email", testkit.Map{"email": "walter@example.com", "password": "correct horse 1"}).Want(201)

		all := t.list()
		if all.Get("total") != 5.0 || all.Text("events.0.event") != "session.create" || all.Text("events.4.event") != "project.update" {
			t.Fatal(string(all.Body))
		}
		if all.Text("events.4.actorType") != "admin" || all.Text("events.4.actorId") != "boss" || all.Text("events.4.actorName") != "boss" || all.Text("events.4.ip") != "127.0.0.1" ||
			all.Text("events.4.resource") != "project/demo/policies/session-limit" || all.Text("events.4.userAgent") != "console" {
			t.Error(string(all.Body))
		}
		if got := details(t, all, "4"); got != `[{"field":"policies.session-limit.total","new":3,"old":10}]` {
			t.Error(got)
		}
		if got := details(t, all, "3"); got != `[{"field":"enabled","new":false},{"field":"clientId"},{"field":"clientSecret"}]` || strings.Contains(string(all.Body), "c4n4ry") {
			t.Error(got)
		}
		if got := details(t, all, "1"); got != `[{"field":"name"}]` || strings.Contains(got, "Heisenberg") {
			t.Error("what somebody is called is their business:", got)
		}
		for query, want := range map[string]float64{
			`{"method":"equal","attribute":"event","values":["user.update"]}`:                                          1,
			`{"method":"equal","attribute":"actorId","values":["boss"]}`:                                               1,
			`{"method":"equal","attribute":"userId","values":["walter"]}`:                                              1,
			`{"method":"equal","attribute":"actorType","values":["admin","keyProject","cli"]}`:                         4,
			`{"method":"equal","attribute":"actorType","values":["user"]}`:                                             1,
			`{"method":"equal","attribute":"resource","values":["project/demo"]}`:                                      2,
			`{"method":"equal","attribute":"resource","values":["user/walter"]}`:                                       3,
			`{"method":"greaterThan","attribute":"time","values":["2026-03-01T12:00:02.000Z"]}`:                        2,
			`{"method":"lessThanEqual","attribute":"time","values":["2026-03-01T12:00:01.000Z"]}`:                      2,
			`{"method":"limit","values":[2]}`:                                                                          5,
			`{"method":"cursorAfter","values":["3"]}`:                                                                  5,
			`{"method":"offset","values":[9]}`:                                                                         5,
			`{"method":"equal","attribute":"event","values":["user.update","user.create"]}`:                            2,
			`{"method":"equal","attribute":"userId","values":["walter","boss"]}`:                                       2,
			`{"method":"equal","attribute":"event","values":["nothing.at-all"]}`:                                       0,
			`{"method":"equal","attribute":"time","values":["2026-03-01T12:00:02.000Z"]}`:                              1,
			`{"method":"between","attribute":"time","values":["2026-03-01T12:00:01.000Z","2026-03-01T12:00:02.000Z"]}`: 2,
			`{"method":"between","attribute":"time","values":["2026-03-01","2025-03-01"]}`:                             0,
			`{"method":"greaterThan","attribute":"time","values":["2026-03-01T12:00:02.000Z"]}&queries[]={"method":"lessThan","attribute":"time","values":["2026-03-01T12:00:03.000Z"]}`: 0,
			`{"method":"equal","attribute":"event","values":["user.update"]}&queries[]={"method":"equal","attribute":"event","values":["user.create"]}`:                                  0,
		} {
			if got := t.list(query).Get("total"); got != want {
				t.Errorf("%s finds %v, want %v", query, got, want)
			}
		}
		alone := t.Call(t.T, `GET /v1/activities/events?queries={"method":"limit","values":[2]}`, nil, testkit.Header{"X-Appwrite-Key", t.key}).Want(200)
		if alone.Text("events.1.$id") != "4" || alone.Get("events.2") != nil {
			t.Error("a query by itself:", string(alone.Body))
		}
		one := t.Call(t.T, "GET /v1/activities/events/"+all.Text("events.4.$id"), nil, testkit.Header{"X-Appwrite-Key", t.key}).Want(200)
		if one.Text("event") != "project.update" || one.Text("actorName") != "boss" {
			t.Error(string(one.Body))
		}
		for query, want := range map[string]string{ // positions of a page
			`{"method":"limit","values":[2]}`:                                                                              "5 4",
			`{"method":"limit","values":[2]}&queries[]={"method":"offset","values":[2]}`:                                   "3 2",
			`{"method":"limit","values":[2]}&queries[]={"method":"cursorAfter","values":["3"]}`:                            "2 1",
			`{"method":"limit","values":[2]}&queries[]={"method":"cursorBefore","values":["2"]}`:                           "4 3",
			`{"method":"limit","values":[2]}&queries[]={"method":"orderAsc","attribute":"time"}`:                           "1 2",
			`{"method":"orderAsc","attribute":"time"}&queries[]={"method":"cursorAfter","values":["3"]}`:                   "4 5",
			`{"method":"orderDesc","attribute":"time"}&queries[]={"method":"cursorAfter","values":["3"]}`:                  "2 1",
			`{"method":"equal","attribute":"actorId","values":["boss"]}&queries[]={"method":"cursorAfter","values":["3"]}`: "1",
		} {
			var got []string
			for _, e := range t.list(query).Get("events").([]any) {
				got = append(got, e.(map[string]any)["$id"].(string))
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%s finds %v, want %v", query, got, want)
			}
		}
		for query, want := range map[string]string{
			`{"method":"search","attribute":"event","values":["user"]}`:          "general_argument_invalid",
			`{"method":"notEqual","attribute":"event","values":["user.create"]}`: "general_argument_invalid",
			`{"method":"orderAsc","attribute":"event"}`:                          "general_argument_invalid",
			`{"method":"orderRandom"}`:                                           "general_argument_invalid",
			`{"method":"equal","attribute":"ip","values":["127.0.0.1"]}`:         "general_argument_invalid",
			`{"method":"equal","attribute":"event","values":[]}`:                 "general_argument_invalid",
			`{"method":"equal","attribute":"event","values":[7]}`:                "general_argument_invalid",
			`{"method":"greaterThan","attribute":"time","values":["yesterday"]}`: "general_argument_invalid",
			`{"method":"or","values":[{"method":"equal","attribute":"event","values":["a"]},{"method":"equal","attribute":"event","values":["b"]}]}`: "general_argument_invalid",
			`{"method":"limit","values":[0]}`:              "general_argument_invalid",
			`{"method":"limit","values":["many"]}`:         "general_argument_invalid",
			`{"method":"offset","values":[-1]}`:            "general_argument_invalid",
			`{"method":"cursorAfter","values":["walter"]}`: "general_cursor_not_found",
			`{"method":"cursorAfter","values":["99"]}`:     "general_cursor_not_found",
			`nonsense`: "general_argument_invalid",
		} {
			t.Call(t.T, "GET /v1/activities/events?queries[]="+query, nil, testkit.Header{"X-Appwrite-Key", t.key}).Want(400, want)
		}
		analyst := testkit.InConsole(t.Operator(t.T, "reader", "analyst"))
		t.Call(t.T, "GET /v1/activities/events", nil, append(analyst[1:], testkit.Header{"X-Appwrite-Project", testkit.Demo}, testkit.Header{"X-Appwrite-Mode", "admin"})...).Want(200)
		t.Call(t.T, "GET /v1/activities/events", nil).Want(401, "general_unauthorized_scope")

		// Walter goes, and what he did is nobody's; who deleted him is still told.
		t.call("DELETE /v1/users/walter", nil).Want(204)
		after := t.list()
		if after.Text("events.0.event") != "user.delete" || after.Text("events.1.actorName") != "" || after.Text("events.5.actorName") != "boss" {
			t.Error(string(after.Body))
		}
	})
}

// The command line and a declared file leave the same trail as the API.
func TestTheTrailOfTheCommandLine(t *testing.T) {
	t.Parallel()
	eachTrail(t, func(t *trail) {
		declare := func(text string) {
			t.Helper()
			t.Clock.Advance(time.Second)
			d, err := admin.ReadDeclaration([]byte(text), admin.Environment)
			if err == nil {
				_, err = t.Admin.Apply(t.Context(), d, admin.ApplyOptions{})
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		declare(`projects: [{id: demo, name: Shop, policies: {session-limit: {total: 2}}, smtp: {enabled: false, host: mail.example.com, password: c4n4ry-of-smtp}}]`)
		if _, _, err := t.Admin.CreateKey(t.Context(), testkit.Demo, admin.NewKey{ID: "extra", Name: "Extra", Scopes: []string{"users.read"}}); err != nil {
			t.Fatal(err)
		}
		t.Clock.Advance(time.Second)
		if err := t.Admin.DeleteKey(t.Context(), testkit.Demo, "extra"); err != nil {
			t.Fatal(err)
		}
		list := t.list(`{"method":"equal","attribute":"actorType","values":["cli"]}`)
		var got []string
		for i := range 5 {
			at := "events." + string(rune('0'+i))
			got = append(got, list.Text(at+".event")+" "+list.Text(at+".resource")+" "+list.Text(at+".actorId")+" "+list.Text(at+".actorName")+" "+details(t, list, string(rune('0'+i))))
		}
		want := []string{
			`key.delete project/demo/keys/extra cli Command line null`,
			`key.create project/demo/keys/extra cli Command line [{"field":"name","new":"Extra","old":""},{"field":"scopes","new":["users.read"],"old":null}]`,
			`project.update project/demo/smtp/smtp cli Command line [{"field":"enabled","new":false},{"field":"host"},{"field":"password"}]`,
			`project.update project/demo cli Command line [{"field":"policies.session-limit.total","new":2,"old":10}]`,
			`project.update project/demo cli Command line [{"field":"name","new":"Shop","old":"Demo"}]`,
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("entry %d is\n%s\nwant\n%s", i, got[i], want[i])
			}
		}
		before := list.Get("total")
		declare(`projects: [{id: demo, name: Shop, policies: {session-limit: {total: 2}}}]`)
		if after := t.list(`{"method":"equal","attribute":"actorType","values":["cli"]}`).Get("total"); after != before {
			t.Error("what changes nothing leaves an entry")
		}
	})
}
