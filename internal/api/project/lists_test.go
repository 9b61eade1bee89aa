package project_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// What operators own is listed as it is asked for: a query that counts for nothing would be a wrong answer, and a page that
// is the same behind every cursor has no end.
func TestWhatOperatorsOwnIsListedAsAsked(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := testkit.Serve(t, db, testkit.NewClock(), testkit.Options{NoLimits: true})
		boss := testkit.InConsole(s.Operator(t, "boss", "owner"))
		for n := range 3 {
			s.Clock.Advance(1e9)
			s.Call(t, "POST /v1/teams", testkit.Map{"teamId": fmt.Sprint("crew", n), "name": fmt.Sprint("Crew ", n)}, boss...).Want(201)
			s.Call(t, "POST /v1/projects", testkit.Map{"projectId": fmt.Sprint("shop", n), "name": fmt.Sprint("Shop ", n), "teamId": "crew0"}, boss...).Want(201)
		}
		for n, expire := range []string{"", "2027-01-01T00:00:00.000+00:00", "2028-01-01T00:00:00.000+00:00"} {
			key := testkit.Map{"keyId": fmt.Sprint("key", n), "name": fmt.Sprint("Key ", n), "scopes": []string{"users.read"}}
			if expire != "" {
				key["expire"] = expire
			}
			s.Call(t, "POST /v1/projects/shop0/keys", key, boss...).Want(201)
		}
		s.Call(t, "POST /v1/projects/shop0/platforms", testkit.Map{"type": "web", "name": "Web", "hostname": "shop.example.com"}, boss...).Want(201)
		app := s.Call(t, "POST /v1/projects/shop0/platforms", testkit.Map{"type": "android", "name": "App", "key": "com.example.shop"}, boss...).Want(201).Text("$id")
		keys := map[string]string{} // the older spelling makes ids of its own
		for _, one := range s.Call(t, "GET /v1/projects/shop0/keys", nil, boss...).Get("keys").([]any) {
			keys[one.(map[string]any)["name"].(string)] = one.(map[string]any)["$id"].(string)
		}
		place := s.Call(t, "GET /v1/teams/crew0/memberships", nil, boss...).Text("memberships.0.$id")
		for _, c := range []struct{ route, queries, want string }{ // ids, and the total
			{"projects", ``, "demo shop0 shop1 shop2 4"},
			{"projects", `{"method":"limit","values":[2]}`, "demo shop0 4"},
			{"projects", `{"method":"limit","values":[2]} {"method":"cursorAfter","values":["shop0"]}`, "shop1 shop2 4"},
			{"projects", `{"method":"limit","values":[1]} {"method":"cursorBefore","values":["shop1"]}`, "shop0 4"},
			{"projects", `{"method":"cursorAfter","values":["shop2"]}`, "4"},
			{"projects", `{"method":"cursorAfter","values":["nothing"]}`, "general_cursor_not_found"},
			{"projects", `{"method":"equal","attribute":"teamId","values":["crew0"]} {"method":"orderDesc","attribute":"name"}`, "shop2 shop1 shop0 3"},
			{"projects", `{"method":"startsWith","attribute":"name","values":["Sh"]} {"method":"notEqual","attribute":"$id","values":["shop1"]}`, "shop0 shop2 2"},
			{"projects", `{"method":"greaterThan","attribute":"$createdAt","values":["2026-03-01T12:00:02.000Z"]}`, "shop2 1"},
			{"projects", `{"method":"contains","attribute":"labels","values":["production"]}`, "0"},
			{"projects", `{"method":"equal","attribute":"colour","values":["red"]}`, "general_argument_invalid"},
			{"teams", `{"method":"limit","values":[1]} {"method":"cursorAfter","values":["crew0"]}`, "crew1 3"},
			{"teams", `{"method":"equal","attribute":"name","values":["Crew 1"]}`, "crew1 1"},
			{"teams", `{"method":"orderDesc","attribute":"$createdAt"} {"method":"offset","values":[1]}`, "crew1 crew0 3"},
			{"projects/shop0/keys", `{"method":"limit","values":[1]} {"method":"cursorAfter","values":["` + keys["Key 0"] + `"]}`, keys["Key 1"] + " 3"},
			{"projects/shop0/keys", `{"method":"lessThan","attribute":"expire","values":["2027-06-01"]}`, keys["Key 1"] + " 1"},
			{"projects/shop0/keys", `{"method":"contains","attribute":"scopes","values":["users.write"]}`, "0"},
			{"projects/shop0/dev-keys", `{"method":"cursorAfter","values":["nothing"]}`, "general_cursor_not_found"},
			{"projects/shop0/platforms", `{"method":"equal","attribute":"type","values":["android"]}`, app + " 1"},
			{"projects/shop0/platforms", `{"method":"equal","attribute":"hostname","values":["com.example.shop"]}`, "0"},
			{"projects/shop0/platforms", `{"method":"orderAsc","attribute":"name"} {"method":"limit","values":[1]}`, app + " 2"},
			{"teams/crew0/memberships", `{"method":"equal","attribute":"userId","values":["somebody"]}`, "0"},
			{"teams/crew0/memberships", `{"method":"equal","attribute":"confirm","values":[true]} {"method":"contains","attribute":"roles","values":["owner"]}`, place + " 1"},
		} {
			route := "GET /v1/" + c.route + "?"
			for _, q := range strings.Split(c.queries, " {") {
				if q != "" {
					route += "queries[]=" + url.QueryEscape("{"+strings.TrimPrefix(q, "{")) + "&"
				}
			}
			reply := s.Call(t, route, nil, boss...)
			var got []string
			if reply.Status != 200 {
				got = append(got, reply.Text("type"))
			} else {
				name := c.route[strings.LastIndex(c.route, "/")+1:]
				for _, one := range reply.Get(name).([]any) {
					got = append(got, one.(map[string]any)["$id"].(string))
				}
				got = append(got, fmt.Sprint(reply.Get("total")))
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s %s: %v, want %s", c.route, c.queries, got, c.want)
			}
		}
		if list := s.Call(t, "GET /v1/teams?search=crew%202", nil, boss...); list.Get("total") != 1.0 || list.Text("teams.0.$id") != "crew2" {
			t.Error(string(list.Body))
		}
		if list := s.Call(t, "GET /v1/projects?search=shop%201&total=false", nil, boss...); list.Get("total") != 0.0 || list.Text("projects.0.$id") != "shop1" || list.Get("projects.1") != nil {
			t.Error(string(list.Body))
		}
	})
}
