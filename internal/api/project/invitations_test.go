package project_test

import (
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// inTheConsole is how people call who are not signed in yet.
var inTheConsole = testkit.Header{"X-Appwrite-Project", model.ConsoleProject}

// invitation takes the one mail that was put since the last one, and returns what its link holds.
func invitation(t *testing.T, s *testkit.Server) url.Values {
	t.Helper()
	mails := s.MessagesOf(t, model.ConsoleProject)
	if len(mails) != 1 || mails[0].Kind != model.MessageInvitation {
		t.Fatalf("mails: %v", mails)
	}
	_, query, _ := strings.Cut(mails[0].Values["redirect"], "?")
	link, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	return link
}

// accept follows the link of an invitation as an app of one's own does.
func accept(t *testing.T, s *testkit.Server, link url.Values, who ...testkit.Header) *testkit.Reply {
	t.Helper()
	if len(who) == 0 {
		who = []testkit.Header{inTheConsole}
	}
	return s.Call(t, "PATCH /v1/teams/"+link.Get("teamId")+"/memberships/"+link.Get("membershipId")+"/status",
		testkit.Map{"userId": link.Get("userId"), "secret": link.Get("secret")}, who...)
}

// changed is a link with one of its values replaced.
func changed(link url.Values, name, value string) url.Values {
	other := url.Values{}
	for key := range link {
		other.Set(key, link.Get(key))
	}
	other.Set(name, value)
	return other
}

// crew starts a server with a team, its owner, and a way to invite to it.
func crew(t *testing.T, db *store.DB, o testkit.Options) (s *testkit.Server, boss []testkit.Header, invite func(testkit.Map) *testkit.Reply) {
	t.Helper()
	o.HashQueue, o.NoLimits = 500, true
	s = testkit.Serve(t, db, testkit.NewClock(), o)
	boss = testkit.InConsole(s.Operator(t, "boss", ""))
	s.Call(t, "POST /v1/teams", testkit.Map{"teamId": "crew", "name": "Crew"}, boss...).Want(201)
	s.Call(t, "POST /v1/projects", testkit.Map{"projectId": "shop", "name": "Shop", "teamId": "crew"}, boss...).Want(201)
	return s, boss, func(in testkit.Map) *testkit.Reply {
		t.Helper()
		if in["roles"] == nil {
			in["roles"] = []string{"developer"}
		}
		return s.Call(t, "POST /v1/teams/crew/memberships", in, boss...)
	}
}

func TestWhoeverFollowsAnInvitationBecomesAnOperator(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s, boss, invite := crew(t, db, testkit.Options{})
		made := invite(testkit.Map{"email": "Skyler@Example.com", "name": "Skyler", "roles": []string{"analyst"}}).Want(201)
		if made.Get("confirm") != false || made.Text("userEmail") != "skyler@example.com" || made.Text("joined") != "" || strings.Contains(string(made.Body), "secret") {
			t.Errorf("%s", made.Body)
		}
		link := invitation(t, s)
		in := testkit.Map{"email": "skyler@example.com", "password": testkit.Password}
		s.Call(t, "POST /v1/account/sessions/email", in, inTheConsole).Want(401, "user_invalid_credentials")
		s.Call(t, "POST /v1/account", testkit.Map{"userId": "unique()", "email": "eve@example.com", "password": testkit.Password}, inTheConsole).Want(501, "user_console_count_exceeded")

		accept(t, s, changed(link, "secret", "guess")).Want(401, "team_invalid_secret")
		accept(t, s, changed(link, "userId", "boss")).Want(401, "team_invite_mismatch")
		accept(t, s, changed(link, "teamId", "none")).Want(404, "team_not_found")
		accept(t, s, changed(link, "membershipId", "none")).Want(404, "membership_not_found")
		accept(t, s, link, boss...).Want(401, "team_invite_mismatch")
		accept(t, s, link, testkit.Header{"X-Appwrite-Project", testkit.Demo}).Want(404, "team_not_found")

		reply := accept(t, s, link).Want(200)
		session := reply.Cookie("a_session_console")
		if reply.Get("confirm") != true || session == "" {
			t.Fatalf("%s %v", reply.Body, reply.Header)
		}
		me := testkit.InConsole(session)
		if account := s.Call(t, "GET /v1/account", nil, me...).Want(200); account.Get("emailVerification") != true || account.Text("passwordUpdate") != "" {
			t.Errorf("%s", account.Body)
		}
		s.Call(t, "GET /v1/projects/shop", nil, me...).Want(200)
		s.Call(t, "PATCH /v1/projects/shop", testkit.Map{"name": "Mine"}, me...).Want(401, "general_unauthorized_scope")
		if held := s.Call(t, "GET /v1/account/export", nil, me...).Want(200); held.Text("memberships.0.teamId") != "crew" || strings.Contains(string(held.Body), link.Get("secret")) {
			t.Errorf("%s", held.Body)
		}
		accept(t, s, link).Want(409, "membership_already_confirmed")
		invite(testkit.Map{"email": "skyler@example.com"}).Want(409, "membership_already_confirmed")
	})
}

func TestAnInvitationIsRenewedTakenBackAndRunsOut(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s, boss, invite := crew(t, db, testkit.Options{})
		first := invite(testkit.Map{"email": "skyler@example.com"}).Want(201)
		old := invitation(t, s)
		s.Clock.Advance(8 * 24 * time.Hour)
		accept(t, s, old).Want(401, "team_invalid_secret")
		if again := invite(testkit.Map{"email": "skyler@example.com"}).Want(201); again.Text("$id") != first.Text("$id") {
			t.Errorf("two places for one: %s", again.Body)
		}
		renewed := invitation(t, s)
		accept(t, s, old).Want(401, "team_invalid_secret")
		s.Call(t, "DELETE /v1/teams/crew/memberships/"+first.Text("$id"), nil, boss...).Want(204)
		accept(t, s, renewed).Want(404, "membership_not_found")
		if _, err := s.DB.UserByEmail(t.Context(), model.ConsoleProject, "skyler@example.com"); err == nil {
			t.Error("an invitation that was taken back leaves an address behind")
		}
		// An owner who is only invited does not stand in the way of taking the invitation back, nor is it a reason to go.
		place := invite(testkit.Map{"email": "gus@example.com", "roles": []string{"owner"}}).Want(201).Text("$id")
		own := s.Call(t, "GET /v1/teams/crew/memberships", nil, boss...).Want(200).Text("memberships.0.$id")
		s.Call(t, "DELETE /v1/teams/crew/memberships/"+own, nil, boss...).Want(400, "membership_deletion_prohibited")
		s.Call(t, "DELETE /v1/teams/crew/memberships/"+place, nil, boss...).Want(204)
		// Operators stay, and a link that went to an address they no longer have proves nothing.
		s.MessagesOf(t, model.ConsoleProject)
		s.Operator(t, "hand", "")
		invite(testkit.Map{"userId": "hand"}).Want(201)
		sent := invitation(t, s)
		s.Write(t, func(tx *store.Tx) {
			hand, err := tx.UserByID(model.ConsoleProject, "hand")
			if err != nil {
				t.Error(err)
				return
			}
			hand.Email = "hand@elsewhere.example"
			tx.UpdateUserEmail(hand)
		})
		accept(t, s, sent).Want(401, "team_invalid_secret")
		s.Call(t, "DELETE /v1/teams/crew/memberships/"+sent.Get("membershipId"), nil, boss...).Want(204)
		if _, err := s.DB.UserByID(t.Context(), model.ConsoleProject, "hand"); err != nil {
			t.Errorf("an operator goes with an invitation: %v", err)
		}
	})
}

func TestOnlyOwnersInviteAndLeadToPagesOfTheirOwn(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s, _, invite := crew(t, db, testkit.Options{})
		hand := testkit.InConsole(s.Operator(t, "hand", ""))
		body := testkit.Map{"email": "eve@example.com", "roles": []string{"owner"}}
		s.Call(t, "POST /v1/teams/crew/memberships", body, hand...).Want(404, "team_not_found")
		s.Call(t, "POST /v1/teams/crew/memberships", body, inTheConsole).Want(401, "general_unauthorized_scope")
		invite(testkit.Map{"userId": "hand"}).Want(201)
		accept(t, s, invitation(t, s), hand...).Want(200)
		s.Call(t, "POST /v1/teams/crew/memberships", body, hand...).Want(404, "team_not_found")
		invite(testkit.Map{"email": "eve@example.com", "url": "https://evil.example/take"}).Want(400, "general_argument_invalid")
		invite(testkit.Map{}).Want(400, "general_argument_invalid")
		invite(testkit.Map{"userId": "nobody"}).Want(404, "user_not_found")
		if mails := s.MessagesOf(t, model.ConsoleProject); len(mails) != 0 {
			t.Errorf("mails of invitations that were refused: %v", mails)
		}
		invite(testkit.Map{"email": "skyler@example.com", "url": "https://auth.example.com/join"}).Want(201)
		if mail := s.MessagesOf(t, model.ConsoleProject)[0]; !strings.HasPrefix(mail.Values["redirect"], "https://auth.example.com/join?membershipId=") || mail.Values["team"] != "Crew" || mail.Values["owner"] != "boss" {
			t.Errorf("%v", mail.Values)
		}
	})
}

func TestOfManyWhoFollowOneLinkOneTakesThePlace(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s, _, invite := crew(t, db, testkit.Options{})
		invite(testkit.Map{"email": "skyler@example.com"}).Want(201)
		link := invitation(t, s)
		var all sync.WaitGroup
		var mu sync.Mutex
		statuses := map[int]int{}
		for range 8 {
			all.Add(1)
			go func() {
				defer all.Done()
				reply := accept(t, s, link)
				mu.Lock()
				defer mu.Unlock()
				statuses[reply.Status]++
			}()
		}
		all.Wait()
		if statuses[200] != 1 || statuses[409] != 7 {
			t.Errorf("%v", statuses)
		}
		if sessions, err := s.DB.Sessions(t.Context(), model.ConsoleProject, link.Get("userId"), model.At(s.Clock.Now())); err != nil || len(sessions) != 1 {
			t.Errorf("%d sessions, %v", len(sessions), err)
		}
	})
}

func TestOperatorsWithoutASecondFactorCanOnlySetOneUp(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s, boss, _ := crew(t, db, testkit.Options{})
		s.Parts.ConsoleMFA = true
		strict := s.Node(t)
		refused := func(route string, body any, who ...testkit.Header) {
			t.Helper()
			strict.Call(t, route, body, who...).Want(403, "user_factor_setup_required")
		}
		refused("GET /v1/projects", nil, boss...)
		refused("GET /v1/projects/shop", nil, boss...)
		refused("GET /v1/teams", nil, boss...)
		refused("PATCH /v1/account/name", testkit.Map{"name": "x"}, boss...)
		refused("POST /v1/account/jwts", nil, boss...)
		admin := []testkit.Header{{"X-Appwrite-Project", "shop"}, {"X-Appwrite-Mode", "admin"}, {"X-Appwrite-Session", boss[1][1]}}
		refused("GET /v1/users", nil, admin...)
		strict.Call(t, "GET /v1/users", nil, testkit.Header{"X-Appwrite-Key", s.Key(t, nil, "users.read")}).Want(200)
		_, person := s.Member(t, "person@example.com")
		strict.Call(t, "GET /v1/account/sessions", nil, testkit.As(person)).Want(200)

		strict.Call(t, "GET /v1/account", nil, boss...).Want(200)
		if reply := strict.Call(t, "POST /v1/account/passkeys/challenges", testkit.Map{}, boss...); reply.Text("type") == "user_factor_setup_required" {
			t.Error("a passkey cannot be set up as the second factor")
		}
		made := strict.Call(t, "POST /v1/account/mfa/authenticators/totp", nil, boss...).Want(200)
		refused("GET /v1/projects", nil, boss...)
		code := testkit.TOTP(t, made.Text("secret"), s.Clock.Now())
		strict.Call(t, "PUT /v1/account/mfa/authenticators/totp", testkit.Map{"otp": code}, boss...).Want(200)
		refused("GET /v1/projects", nil, boss...)
		strict.Call(t, "PATCH /v1/account/mfa", testkit.Map{"mfa": true}, boss...).Want(200)
		strict.Call(t, "GET /v1/projects", nil, boss...).Want(200)
		strict.Call(t, "GET /v1/users", nil, admin...).Want(200)
		strict.Call(t, "PATCH /v1/account/mfa", testkit.Map{"mfa": false}, boss...).Want(200)
		refused("GET /v1/projects", nil, boss...)
	})
}
