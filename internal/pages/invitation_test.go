package pages_test

import (
	"net/url"
	"strings"
	"testing"

	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

func TestAnInvitationIsAcceptedOnItsPage(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := start(t, db, nil)
		boss := testkit.InConsole(s.Operator(t, "boss", ""))
		s.Call(t, "POST /v1/teams", testkit.Map{"teamId": "crew", "name": "<b>Crew"}, boss...).Want(201)
		invited := func(team, email string) string {
			t.Helper()
			s.Call(t, "POST /v1/teams/"+team+"/memberships", testkit.Map{"email": email, "roles": []string{"developer"}}, boss...).Want(201)
			link, ours := strings.CutPrefix(s.MessagesOf(t, model.ConsoleProject)[0].Values["redirect"], public)
			if !ours {
				t.Fatal(link)
			}
			return link
		}
		link := invited("crew", email)
		page := open(t, s, link)
		wantPage(t, page, 200, "in the team <b>Crew.")
		if strings.Contains(string(page.Body), "<b>Crew") {
			t.Error("a team's name is read as HTML")
		}
		wantPage(t, open(t, s, strings.Replace(link, "secret=", "secret=0", 1)), 401, "This link does not work")
		wantPage(t, open(t, s, strings.Replace(link, "project=console", "project=demo", 1)), 401, "This link does not work")
		wantPage(t, press(t, s, page, url.Values{"password": {"short"}, "again": {"short"}}), 400, "This password does not meet the conditions.")
		fill := url.Values{"password": {fresh}, "again": {fresh}}
		accepted := press(t, s, page, fill)
		if wantDone(t, s, accepted, "You have joined the team"); accepted.Cookie("a_session_console") != "" {
			t.Error("the page signs somebody in")
		}
		wantPage(t, press(t, s, page, fill), 409, "This link does not work")
		s.Call(t, "POST /v1/account/sessions/email", testkit.Map{"email": email, "password": fresh}, testkit.Header{"X-Appwrite-Project", "console"}).Want(201)

		// Whoever has a password keeps it: a page that is open to whoever reads the mail does not replace it.
		s.Call(t, "POST /v1/teams", testkit.Map{"teamId": "other", "name": "Other"}, boss...).Want(201)
		page = open(t, s, invited("other", email))
		if strings.Contains(string(page.Body), `type="password"`) {
			t.Error("somebody with a password is asked for one")
		}
		wantDone(t, s, press(t, s, page, url.Values{"password": {"not the horse 3"}, "again": {"not the horse 3"}}), "You have joined the team")
		s.Call(t, "POST /v1/account/sessions/email", testkit.Map{"email": email, "password": fresh}, testkit.Header{"X-Appwrite-Project", "console"}).Want(201)
	})
}
