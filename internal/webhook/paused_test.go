package webhook_test

import (
	"context"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/model"
	"latchkey/internal/outgoing"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

func TestAReceiverThatFailsIsTriedAgainAndSwitchedOff(t *testing.T) {
	t.Parallel()
	each(t, func(r *rig) {
		app := receive(r.T, httptest.NewServer)
		app.answering(status(503))
		r.webhook("app", app.URL, nil, "users.*.create")
		r.Call(r.T, "POST /v1/account", testkit.Map{"userId": "walter", "email": "walter@example.com", "password": "correct horse 1"}).Want(201)
		ids := map[string]bool{}
		for try := 1; try <= 10; try++ {
			ids[(<-app.told).header.Get("Webhook-Id")] = true
			if end := r.next(); end != "failed users.[userId].create" {
				r.Fatal(try, end)
			}
			hook := r.call("GET /v1/webhooks/app", nil)
			if hook.Get("attempts") != float64(try) || hook.Text("logs") != "the receiver answered 503" || hook.Get("enabled") != (try < 10) {
				r.Fatal(try, string(hook.Body))
			}
			r.later(16 * time.Minute)
		}
		if len(ids) != 1 {
			r.Error("the tries of one delivery have different ids:", ids)
		}
		if end := r.next(); end != "dead users.[userId].create" { // the try after: it is off
			r.Error(end)
		}
		if !strings.Contains(r.log.String(), "a webhook was switched off") {
			r.Error("nobody was told")
		}
		r.Call(r.T, "POST /v1/account", testkit.Map{"userId": "jesse", "email": "jesse@example.com", "password": "correct horse 1"}).Want(201)
		log := r.call("GET /v1/webhooks/app/deliveries", nil)
		r.call("GET /v1/webhooks/app/deliveries?cursorAfter=nothing", nil).Want(400, "general_cursor_not_found")
		if log.Get("total") != 1.0 || log.Text("deliveries.0.status") != "failed" || log.Get("deliveries.0.responseStatusCode") != 503.0 {
			r.Error("told while it is off:", string(log.Body))
		}
		again := "POST /v1/webhooks/app/deliveries/" + log.Text("deliveries.0.$id") + "/redeliver"
		r.call(again, nil).Want(400, "general_argument_invalid")
		r.call("PUT /v1/webhooks/app", testkit.Map{"name": "App", "url": app.URL, "events": []string{"users.*.create"}}).Want(200)
		app.answering(nil)
		r.call(again, nil).Want(202)
		if id := (<-app.told).header.Get("Webhook-Id"); !ids[id] {
			r.Error("told again under another id:", id)
		}
		if end := r.next(); end != "sent users.[userId].create" {
			r.Error(end)
		}
		if hook := r.call("GET /v1/webhooks/app", nil); hook.Get("attempts") != 0.0 || hook.Text("logs") != "" || hook.Get("enabled") != true {
			r.Error(string(hook.Body))
		}
	})
}

// Everybody who looks after a project is told once that a webhook was switched off, however many nodes saw its receiver fail.
func TestAPauseIsToldToThoseWhoLookAfterTheProject(t *testing.T) {
	t.Parallel()
	each(t, func(r *rig) {
		for _, node := range []string{"node-2", "node-3"} {
			r.start(node, outgoing.Options{AllowPrivate: testkit.Loopback})
		}
		for id, role := range map[string]string{"owner": "owner", "reader": "analyst", "blocked": "owner", "member": "", "guest": "", "invited": "", "stranger": ""} {
			r.Operator(r.T, id, role)
		}
		r.Write(r.T, func(tx *store.Tx) {
			tx.UpsertTeam(&model.Team{ID: "crew", Name: "Crew", Prefs: "{}"})
			for id, roles := range map[string][]string{"owner": {"developer"}, "member": {"developer"}, "guest": {"analyst"}, "invited": {"owner"}} {
				tx.InsertMembership(&model.Membership{ID: id, TeamID: "crew", UserID: id, Roles: roles, Confirmed: id != "invited", SecretHash: []byte{}})
			}
			project, err := tx.Project(testkit.Demo)
			if err != nil {
				r.Error(err)
				return
			}
			project.Team = "crew"
			tx.UpsertProject(project)
			tx.UpdateUserStatus(&model.User{Project: model.ConsoleProject, ID: "blocked"})
			tx.UpdateUserPrefs(&model.User{Project: model.ConsoleProject, ID: "member", Prefs: `{"locale": "de"}`})
		})
		app := receive(r.T, httptest.NewServer)
		app.answering(status(503))
		r.webhook("app", app.URL+"/a-secret-path?key=1", testkit.Map{"name": "Billing"}, "users.*.create")
		const people = 12
		waiting := 0 // deliveries that will be tried again
		told := func(pauses int) []*model.Message {
			for range people {
				r.Call(r.T, "POST /v1/account/sessions/anonymous", nil).Want(201)
			}
			for range people { // at once, when it does not matter yet
				r.next()
			}
			r.later(11 * time.Minute)
			tries := people + waiting
			waiting = 0
			for range tries { // and once more: three nodes count to ten, and some find it switched off
				if strings.HasPrefix(r.next(), "failed ") {
					waiting++
				}
			}
			if hook := r.call("GET /v1/webhooks/app", nil); hook.Get("enabled") != false || hook.Text("logs") != "the receiver answered 503" {
				r.Error(string(hook.Body))
			}
			if n := strings.Count(r.log.String(), "a webhook was switched off"); n != pauses {
				r.Error(n, "lines in the log")
			}
			return r.MessagesOf(r.T, model.ConsoleProject)
		}
		mails := told(1)
		slices.SortFunc(mails, func(a, b *model.Message) int { return strings.Compare(a.To, b.To) })
		if len(mails) != 2 || mails[0].To != "member@console.example" || mails[0].Locale != "de" || mails[1].To != "owner@console.example" || mails[1].Locale != "" {
			for _, m := range mails {
				r.Errorf("%+v", m)
			}
			r.FailNow()
		}
		want := map[string]string{"user": "owner", "project": "Demo", "webhook": "Billing", "receiver": "127.0.0.1", "reason": "the receiver answered 503"}
		if diff := cmp.Diff(want, mails[1].Values); diff != "" || mails[1].Kind != model.NoticeWebhook {
			r.Error(diff)
		}
		r.call("PUT /v1/webhooks/app", testkit.Map{"name": "Billing", "url": app.URL, "events": []string{"users.*.create"}}).Want(200)
		r.Rules.Reach = func(context.Context, *model.Project, string) bool { return false }
		if mails := told(2); len(mails) != 0 {
			r.Error("put where no mail can leave:", len(mails))
		}
	})
}

// A receiver that is restarted while many events come in is not switched off.
func TestManyFailuresInAMomentSwitchNothingOff(t *testing.T) {
	t.Parallel()
	each(t, func(r *rig) {
		app := receive(r.T, httptest.NewServer)
		app.answering(status(502))
		r.webhook("app", app.URL, nil, "users.*.create")
		for range 15 {
			r.Call(r.T, "POST /v1/account/sessions/anonymous", nil).Want(201)
		}
		for range 15 {
			r.next()
		}
		if hook := r.call("GET /v1/webhooks/app", nil); hook.Get("enabled") != true || hook.Get("attempts") != 15.0 {
			r.Error(string(hook.Body))
		}
		page := r.call("GET /v1/webhooks/app/deliveries?limit=10", nil)
		if rest := r.call("GET /v1/webhooks/app/deliveries?cursorAfter="+page.Text("deliveries.9.$id"), nil); page.Get("total") != 15.0 || rest.Get("total") != 15.0 || len(rest.Get("deliveries").([]any)) != 5 {
			r.Error(string(page.Body), string(rest.Body))
		}
	})
}
