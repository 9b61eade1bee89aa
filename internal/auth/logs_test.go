package auth_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

const logs = "GET /v1/account/logs"

// asked adds queries to a route.
func asked(route string, queries ...string) string {
	for i, query := range queries {
		mark := "&"
		if i == 0 {
			mark = "?"
		}
		route += mark + fmt.Sprintf("queries%%5B%d%%5D=", i) + url.QueryEscape(query)
	}
	return route
}

// named lists the events of a page.
func named(reply *testkit.Reply) (names []string) {
	list, _ := reply.Get("logs").([]any)
	for i := range list {
		names = append(names, reply.Text(fmt.Sprintf("logs.%d.event", i)))
	}
	return names
}

func TestTheSecurityLogOfAPerson(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		chrome := testkit.Header{"User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/70.0.3538.77 Safari/537.36"}
		id := s.SignUp(t, walter)
		s.Clock.Advance(time.Second)
		session := s.Call(t, signIn, credentials(walter, testkit.Password), chrome).Want(201).Session()
		me := testkit.As(session)
		s.Clock.Advance(time.Second)
		s.Call(t, name, testkit.Map{"name": "Heisenberg"}, me).Want(200)
		stranger, _ := s.Member(t, "skyler@example.com")

		page := s.Call(t, logs, nil, me).Want(200)
		if diff := cmp.Diff([]string{"user.update", "session.create", "user.create"}, named(page)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if page.Get("total") != 3.0 {
			t.Errorf("total %v", page.Get("total"))
		}
		want := testkit.Map{"event": "session.create", "userId": id, "userEmail": walter, "userName": "Walter", "mode": "default", "userType": "user",
			"ip": "127.0.0.1", "time": "2026-03-01T12:00:01.000+00:00", "osCode": "WIN", "osName": "Windows", "osVersion": "10", "clientType": "browser",
			"clientCode": "CH", "clientName": "Chrome", "clientVersion": "70.0", "clientEngine": "Blink", "clientEngineVersion": "70.0",
			"deviceName": "desktop", "deviceBrand": "", "deviceModel": "", "countryCode": "--", "countryName": "Unknown"}
		got, _ := page.Get("logs.1").(testkit.Map)
		delete(want, "clientEngineVersion")
		delete(got, "clientEngineVersion")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		// What a key with the person's own id does is the key's doing, and what strangers do is theirs.
		s.Write(t, func(tx *store.Tx) {
			tx.InsertAudit(&model.Audit{Project: testkit.Demo, ID: "k", Time: tx.Now, Event: "user.update", ActorType: "keyProject", ActorID: id, Country: "--"})
		})
		if n := len(named(s.Call(t, logs, nil, me).Want(200))); n != 3 {
			t.Errorf("%d entries after a key's", n)
		}
		for i := range page.Get("logs").([]any) {
			if page.Text(fmt.Sprintf("logs.%d.userId", i)) == stranger {
				t.Error("a stranger's entry is shown")
			}
		}
	})
}

func TestPagesOfTheSecurityLog(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		me := testkit.As(session)
		for range 30 {
			s.Clock.Advance(time.Second)
			s.Call(t, name, testkit.Map{"name": "W"}, me).Want(200)
		}
		for _, c := range []struct {
			label   string
			route   string
			entries int
			total   float64
		}{
			{"as it is", logs, 25, 32},
			{"one", asked(logs, `{"method":"limit","values":[1]}`), 1, 32},
			{"the last ones", asked(logs, `{"method":"limit","values":[100]}`, `{"method":"offset","values":[30]}`), 2, 32},
			{"beyond the end", asked(logs, `{"method":"offset","values":[32]}`), 0, 32},
			{"more than a page holds", asked(logs, `{"method":"limit","values":[1000000]}`), 32, 32},
			{"uncounted", logs + "?total=false", 25, 0},
		} {
			page := s.Call(t, c.route, nil, me).Want(200)
			if n := len(named(page)); n != c.entries || page.Get("total") != c.total {
				t.Errorf("%s: %d entries of %v", c.label, n, page.Get("total"))
			}
		}
		last := s.Call(t, asked(logs, `{"method":"offset","values":[31]}`), nil, me).Want(200)
		if diff := cmp.Diff([]string{"user.create"}, named(last)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		old := s.Call(t, logs+"?queries%5B%5D="+url.QueryEscape("limit(2)"), nil, me, testkit.Header{"X-Appwrite-Response-Format", "1.4.0"}).Want(200)
		if n := len(named(old)); n != 2 {
			t.Errorf("%d entries for an old client", n)
		}
		for label, query := range map[string]string{"an order": `{"method":"orderAsc","attribute":"time"}`, "a filter": `{"method":"equal","attribute":"event","values":["x"]}`,
			"a cursor": `{"method":"cursorAfter","values":["x"]}`, "nothing": `{"method":"limit","values":[0]}`, "no JSON": "limit(1)"} {
			if reply := s.Call(t, asked(logs, query), nil, me); reply.Status != 400 || reply.Text("type") != "general_argument_invalid" {
				t.Errorf("%s: %d %s", label, reply.Status, reply.Body)
			}
		}
		s.Call(t, logs, nil).Want(401, "general_unauthorized_scope")
	})
}
