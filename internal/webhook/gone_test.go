package webhook_test

import (
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"latchkey/internal/auth"
	"latchkey/internal/model"
	"latchkey/internal/testkit"
)

// Who is gone is gone from what webhooks were told, too.
func TestDeliveriesGoWithWhomTheyAreAbout(t *testing.T) {
	t.Parallel()
	each(t, func(r *rig) {
		app := receive(r.T, httptest.NewServer)
		r.webhook("app", app.URL, nil, "users.*.create", "users.*.delete")
		for _, id := range []string{"walter", "jesse"} {
			r.Call(r.T, "POST /v1/account", testkit.Map{"userId": id, "email": id + "@example.com", "password": "correct horse 1"}).Want(201)
			r.next()
		}
		r.call("DELETE /v1/users/walter", nil).Want(204)
		if end := r.next(); end != "sent users.[userId].delete" {
			r.Error(end)
		}
		list, err := r.DB.DeliveriesOf(r.Context(), testkit.Demo, "app", "", 10)
		if err != nil || len(list) != 2 || list[0].Event != "users.[userId].delete" || list[0].Kept || !list[1].Kept {
			r.Errorf("%+v %v", list, err)
		}
		// Nor is anything left of them when nobody wants to hear that they are gone.
		app.answering(status(410))
		r.call("DELETE /v1/users/jesse", nil).Want(204)
		if end := r.next(); end != "dead users.[userId].delete" {
			r.Error(end)
		}
		list, err = r.DB.DeliveriesOf(r.Context(), testkit.Demo, "app", "", 10)
		if err != nil || len(list) != 2 || list[0].Kept || list[1].Kept {
			r.Errorf("%+v %v", list, err)
		}
		r.Clock.Advance(7*24*time.Hour + time.Minute)
		for n := 1; n > 0; {
			if n, err = r.DB.SweepExpired(r.Context(), model.At(r.Clock.Now()), 100); err != nil {
				r.Fatal(err)
			}
		}
		if list, err := r.DB.DeliveriesOf(r.Context(), testkit.Demo, "app", "", 10); err != nil || len(list) != 0 {
			r.Error("kept for longer than said:", list, err)
		}
	})
}

// A person reads in their export what an app was told about them, and nothing about others.
func TestWhatWasToldIsInTheExport(t *testing.T) {
	t.Parallel()
	each(t, func(r *rig) {
		app := receive(r.T, httptest.NewServer)
		r.webhook("app", app.URL, nil, "users.*")
		r.Call(r.T, "POST /v1/account", testkit.Map{"userId": "jesse", "email": "jesse@example.com", "password": "correct horse 1"}).Want(201)
		r.next()
		app.answering(status(410))
		_, session := r.Member(r.T, "walter@example.com")
		for range 2 {
			r.next()
		}
		reply := r.Call(r.T, "GET /v1/account/export", nil, testkit.As(session)).Want(200)
		if reply.Text("webhooks.0.event") != "users.*.sessions.*.create" || reply.Text("webhooks.1.event") != "users.*.create" || reply.Get("webhooks.2") != nil ||
			reply.Text("webhooks.1.payload.email") != "walter@example.com" || reply.Get("webhooks.1.delivered") != false || reply.Text("webhooks.1.payload.password") != "" ||
			reply.Text("webhooks.0.payload.ip") != "127.0.0.1" || reply.Text("webhooks.0.payload.secret") != "" || strings.Contains(string(reply.Body), app.URL) {
			r.Error(string(reply.Body))
		}
	})
}

// Who has asked to be deleted is told of when they are gone, and not when they ask: they may take it back.
func TestADeletionAfterDaysOfGraceIsTold(t *testing.T) {
	t.Parallel()
	each(t, func(r *rig) {
		app := receive(r.T, httptest.NewServer)
		r.webhook("app", app.URL, nil, "users.*.delete")
		r.call("PATCH /v1/project/policies/self-deletion", testkit.Map{"enabled": true, "graceDays": 3}).Want(200)
		id, session := r.Member(r.T, "walter@example.com")
		r.Call(r.T, "DELETE /v1/account", nil, testkit.Header{"X-Appwrite-Session", session}).Want(204)
		r.Clock.Advance(3*24*time.Hour + time.Minute)
		janitor := &auth.Janitor{DB: r.DB, Clock: r.Clock.Now, Log: slog.New(slog.DiscardHandler), Holder: "test", Tell: r.Events.Tell, Project: r.Projects.Plain}
		if _, err := janitor.Sweep(r.Context()); err != nil {
			r.Fatal(err)
		}
		if got := <-app.told; !strings.HasPrefix(got.header.Get("X-Appwrite-Webhook-Events"), "users."+id+".delete,") || !strings.Contains(got.body, "walter@example.com") {
			r.Error(got.header.Get("X-Appwrite-Webhook-Events"), got.body)
		}
		if end := r.next(); end != "sent users.[userId].delete" || len(app.told) > 0 {
			r.Error(end, len(app.told))
		}
	})
}

func TestDeliveriesGoWithTheirProject(t *testing.T) {
	t.Parallel()
	each(t, func(r *rig) {
		app := receive(r.T, httptest.NewServer)
		app.answering(status(500))
		r.webhook("app", app.URL, nil, "users.*.create")
		r.Call(r.T, "POST /v1/account/sessions/anonymous", nil).Want(201)
		r.next()
		r.call("DELETE /v1/project", nil).Want(204)
		list, err := r.DB.DeliveriesOf(r.Context(), testkit.Demo, "app", "", 10)
		failures, failed := r.DB.WebhookFailures(r.Context(), testkit.Demo)
		if err != nil || failed != nil || len(list) > 0 || len(failures) > 0 {
			r.Error(list, failures, err, failed)
		}
	})
}
