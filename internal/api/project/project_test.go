package project_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/internal/admin"
	"latchkey/internal/model"
	"latchkey/internal/post"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// caller sends calls with some headers.
type caller func(route string, body any) *testkit.Reply

func with(t *testing.T, s *testkit.Server, headers ...testkit.Header) caller {
	t.Helper()
	return func(route string, body any) *testkit.Reply { t.Helper(); return s.Call(t, route, body, headers...) }
}

func serve(t *testing.T, db *store.DB) (*testkit.Server, caller, caller) {
	t.Helper()
	s := testkit.Serve(t, db, testkit.NewClock(), testkit.Options{NoLimits: true})
	s.Admin.TryMail = func(_ context.Context, server post.SMTPSettings) error {
		if server.Host == "down.example.com" {
			return errors.New("connection refused")
		}
		return nil
	}
	key := with(t, s, testkit.Header{"X-Appwrite-Key", s.Key(t, nil, "*")})
	owner := s.Operator(t, "owner", "owner")
	return s, key, with(t, s, testkit.Header{"X-Appwrite-Mode", "admin"}, testkit.Header{"X-Appwrite-Session", owner})
}

func TestAChangeActsAtOnceOnItsNode(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s, key, _ := serve(t, db)
		s.Call(t, "POST /v1/account/sessions/anonymous", nil).Want(201)
		key("PATCH /v1/project/auth-methods/anonymous", testkit.Map{"enabled": false}).Want(200)
		s.Call(t, "POST /v1/account/sessions/anonymous", nil).Want(501, "user_auth_method_unsupported")
		key("PATCH /v1/project/auth-methods/anonymous", testkit.Map{"enabled": true}).Want(200)
		key("PATCH /v1/project/services/locale", testkit.Map{"enabled": false}).Want(200)
		s.Call(t, "GET /v1/locale", nil).Want(403, "general_service_disabled")
		page := testkit.Header{"Origin", "https://shop.example.com"}
		s.Call(t, "GET /v1/account", nil, page).Want(403, "general_unknown_origin")
		key("POST /v1/project/platforms/web", testkit.Map{"platformId": "shop", "name": "Shop", "hostname": "shop.example.com"}).Want(201)
		s.Call(t, "GET /v1/account", nil, page).Want(401, "general_unauthorized_scope")
		key("DELETE /v1/project/platforms/shop", nil).Want(204)
		s.Call(t, "GET /v1/account", nil, page).Want(403, "general_unknown_origin")
		key("PATCH /v1/project/policies/password-strength", testkit.Map{"min": 20}).Want(200)
		s.Call(t, "POST /v1/account", testkit.Map{"userId": "unique()", "email": "a@example.com", "password": testkit.Password}).Want(400, "general_argument_invalid")
	})
}

func TestKeysAreMadeByOperatorsAndHandOnNoMoreThanTheyMay(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s, key, owner := serve(t, db)
		key("POST /v1/project/keys", testkit.Map{"keyId": "own", "name": "Own", "scopes": []string{"users.read"}}).Want(403, "key_creation_denied")
		made := owner("POST /v1/project/keys", testkit.Map{"keyId": "server", "name": "Server", "scopes": []string{"keys.write", "keys.read", "users.read"}}).Want(201)
		owner("POST /v1/project/keys", testkit.Map{"keyId": "server", "name": "Again", "scopes": []string{"users.read"}}).Want(409, "key_already_exists")
		server := with(t, s, testkit.Header{"X-Appwrite-Key", made.Text("secret")})
		server("GET /v1/users", nil).Want(200)
		list := server("GET /v1/project/keys", nil).Want(200)
		if strings.Contains(string(list.Body), made.Text("secret")) || list.Text("keys.1.secret") != "" {
			t.Errorf("a key is told twice: %s", list.Body)
		}
		server("POST /v1/project/keys/ephemeral", testkit.Map{"scopes": []string{"users.write"}, "duration": 60}).Want(401, "general_unauthorized_scope")
		short := server("POST /v1/project/keys/ephemeral", testkit.Map{"scopes": []string{"users.read"}, "duration": 60}).Want(201)
		s.Call(t, "GET /v1/users", nil, testkit.Header{"X-Appwrite-Key", short.Text("secret")}).Want(200)
		s.Clock.Advance(61_000_000_000)
		s.Call(t, "GET /v1/users", nil, testkit.Header{"X-Appwrite-Key", short.Text("secret")}).Want(401, "project_key_expired")
		server("PUT /v1/project/keys/server", testkit.Map{"name": "Server", "scopes": []string{"*"}}).Want(401, "general_unauthorized_scope")
		owner("PUT /v1/project/keys/server", testkit.Map{"name": "Server", "scopes": []string{"users.write"}}).Want(200)
		server("GET /v1/users", nil).Want(401, "general_unauthorized_scope")
		owner("DELETE /v1/project/keys/server", nil).Want(204)
		server("GET /v1/users", nil).Want(401, "user_unauthorized")
	})
}

// A key that leaked ends when it was meant to: neither it nor what it makes renews it. And it deletes none that may more.
func TestKeysDoNotOutliveWhoHandsThemOn(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s, _, owner := serve(t, db)
		scopes := []string{"keys.write", "keys.read", "users.read"}
		at := func(d time.Duration) string { return model.At(s.Clock.Now().Add(d)).String() }
		of := func(reply *testkit.Reply) func(string, any) *testkit.Reply {
			return with(t, s, testkit.Header{"X-Appwrite-Key", reply.Want(201).Text("secret")})
		}
		ephemeral := testkit.Map{"scopes": scopes, "duration": 3600}
		owner("POST /v1/project/keys", testkit.Map{"keyId": "strong", "name": "Strong", "scopes": []string{"users.write"}}).Want(201)
		server := of(owner("POST /v1/project/keys", testkit.Map{"keyId": "server", "name": "Server", "scopes": scopes, "expire": at(90 * time.Minute)}))
		first := server("POST /v1/project/keys/ephemeral", ephemeral)
		if first.Text("expire") != at(time.Hour) {
			t.Errorf("%s", first.Body)
		}
		s.Clock.Advance(45 * time.Minute)
		if next := of(first)("POST /v1/project/keys/ephemeral", ephemeral).Want(201); next.Text("expire") != at(15*time.Minute) {
			t.Errorf("an ephemeral key is renewed by itself: %s", next.Body)
		}
		if next := server("POST /v1/project/keys/ephemeral", ephemeral).Want(201); next.Text("expire") != at(45*time.Minute) {
			t.Errorf("an ephemeral key outlives the key that made it: %s", next.Body)
		}
		for _, caller := range []func(string, any) *testkit.Reply{server, of(first)} {
			for _, end := range []any{nil, at(time.Hour)} {
				caller("PUT /v1/project/keys/server", testkit.Map{"name": "Server", "scopes": scopes, "expire": end}).Want(401, "general_unauthorized_scope")
			}
			caller("PUT /v1/project/keys/server", testkit.Map{"name": "Again", "scopes": scopes, "expire": at(45 * time.Minute)}).Want(200)
			caller("DELETE /v1/project/keys/strong", nil).Want(401, "general_unauthorized_scope")
			caller("DELETE /v1/project/keys/nobody", nil).Want(404, "key_not_found")
		}
		server("PUT /v1/project/keys/server", testkit.Map{"name": "Server", "scopes": scopes, "expire": at(time.Minute)}).Want(200)
		server("DELETE /v1/project/keys/server", nil).Want(204)
		owner("DELETE /v1/project/keys/strong", nil).Want(204)
	})
}

func TestSecretsAreNeverReadBack(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s, key, owner := serve(t, db)
		const canary = "canary-3f9a"
		key("PATCH /v1/project/oauth2/github", testkit.Map{"clientId": "id", "clientSecret": canary, "enabled": true}).Want(200)
		key("PATCH /v1/project/smtp", testkit.Map{"host": "mail.example.com", "senderEmail": "a@example.com", "username": "u", "password": canary}).Want(200)
		key("PATCH /v1/project/smtp", testkit.Map{"host": "down.example.com"}).Want(400, "project_smtp_config_invalid")
		console := testkit.InConsole(s.Operator(t, "second", "developer"))
		for _, reply := range []*testkit.Reply{key("GET /v1/project", nil), key("GET /v1/project/oauth2", nil), key("GET /v1/project/oauth2/github", nil), owner("GET /v1/project", nil),
			s.Call(t, "GET /v1/projects/demo", nil, console...)} {
			if reply.Want(200); strings.Contains(string(reply.Body), canary) {
				t.Errorf("a secret is told: %s", reply.Body)
			}
		}
		// A form that is sent back as it was shown does not wipe what it was never shown.
		key("PATCH /v1/project/oauth2/github", testkit.Map{"clientId": "other", "clientSecret": ""}).Want(200)
		key("PATCH /v1/project/smtp", testkit.Map{"password": "", "senderName": "Shop"}).Want(200)
		for kind, name := range map[string]string{store.KindOAuth2: "clientSecret", store.KindSMTP: "password"} {
			documents, err := s.Projects.Documents(t.Context(), testkit.Demo, kind)
			if err != nil || len(documents) != 1 || documents[0].Secrets[name] != canary {
				t.Errorf("%s: %v %+v", kind, err, documents)
			}
			stored, err := db.Documents(t.Context(), testkit.Demo, kind)
			if err != nil || strings.Contains(string(stored[0].Body)+stored[0].Sealed, canary) {
				t.Errorf("%s: a secret lies open in the database", kind)
			}
		}
		audits, err := db.AuditsByActor(t.Context(), testkit.Demo, "owner", 100, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range audits {
			if strings.Contains(a.Resource+a.Event, canary) {
				t.Errorf("a secret lies in the audit trail: %+v", a)
			}
		}
	})
}

// Ids may be chosen. Roles in projects do not wait for whoever has the id of a deleted operator next.
func TestRolesGoWithTheirOperator(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := testkit.Serve(t, db, testkit.NewClock(), testkit.Options{NoLimits: true, ConsoleSignUp: "open"})
		console := testkit.Header{"X-Appwrite-Project", model.ConsoleProject}
		signUp := func(id string) string {
			s.Call(t, "POST /v1/account", testkit.Map{"userId": id, "email": "eve@example.com", "password": testkit.Password}, console).Want(201)
			return s.Call(t, "POST /v1/account/sessions/email", testkit.Map{"email": "eve@example.com", "password": testkit.Password}, console).Want(201).Cookie("a_session_console")
		}
		for name, gone := range map[string]func(id, session string){
			"deleted by themselves": func(_, session string) {
				s.Call(t, "DELETE /v1/account", nil, testkit.InConsole(session)...).Want(204)
			},
			"gone after days of grace": func(id, _ string) {
				s.Write(t, func(tx *store.Tx) {
					tx.SetDeleteAt(model.ConsoleProject, id, tx.Now)
					tx.DeleteUserPastDue(model.ConsoleProject, id)
				})
			},
			"given a role while they went": func(id, session string) {
				s.Call(t, "DELETE /v1/account", nil, testkit.InConsole(session)...).Want(204)
				s.Write(t, func(tx *store.Tx) {
					tx.UpsertOperator(&store.Operator{Project: testkit.Demo, UserID: id, Role: "owner", CreatedAt: tx.Now})
				})
			},
		} {
			id := strings.ReplaceAll(name, " ", "-")
			admin := func(session string) *testkit.Reply {
				return s.Call(t, "GET /v1/users", nil, testkit.Header{"X-Appwrite-Mode", "admin"}, testkit.Header{"X-Appwrite-Session", session})
			}
			owner := s.Operator(t, id, "owner")
			admin(owner).Want(200)
			gone(id, owner)
			eve := signUp(id)
			if reply := admin(eve); reply.Status != 401 {
				t.Errorf("the roles of somebody %s went to whoever took their id: %d", name, reply.Status)
			}
			if list := s.Call(t, "GET /v1/projects", nil, testkit.InConsole(eve)...).Want(200); list.Get("total") != 0.0 {
				t.Errorf("%s: %s", name, list.Body)
			}
			s.Call(t, "DELETE /v1/account", nil, testkit.InConsole(eve)...).Want(204)
		}
	})
}

// Ids may be chosen. The projects of a deleted team do not wait for whoever makes a team of its id next.
func TestProjectsLeaveADeletedTeam(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s, _, _ := serve(t, db)
		boss, eve := testkit.InConsole(s.Operator(t, "boss", "")), testkit.InConsole(s.Operator(t, "eve", ""))
		crew := testkit.Map{"teamId": "crew", "name": "Crew"}
		for _, step := range []struct {
			name   string
			before func()
		}{
			{"deleted", func() {
				s.Call(t, "POST /v1/teams", crew, boss...).Want(201)
				s.Call(t, "POST /v1/projects", testkit.Map{"projectId": "shop", "name": "Shop", "teamId": "crew"}, boss...).Want(201)
				s.Call(t, "DELETE /v1/teams/crew", nil, boss...).Want(204)
				if got := s.Call(t, "GET /v1/projects/shop", nil, boss...).Want(200); got.Text("teamId") != "" {
					t.Errorf("the project is still in the deleted team: %s", got.Body)
				}
			}},
			{"deleted while a project was given to it", func() {
				s.Write(t, func(tx *store.Tx) {
					project, err := tx.Project("shop")
					if err != nil {
						t.Fatal(err)
					}
					project.Team = "crew"
					tx.UpsertProject(project)
				})
			}},
		} {
			step.before()
			s.Call(t, "POST /v1/teams", crew, eve...).Want(201)
			if list := s.Call(t, "GET /v1/projects", nil, eve...).Want(200); list.Get("total") != 0.0 {
				t.Errorf("%s: whoever made the team anew has its projects: %s", step.name, list.Body)
			}
			s.Call(t, "GET /v1/projects/shop", nil, eve...).Want(401, "user_unauthorized")
			s.Call(t, "DELETE /v1/teams/crew", nil, eve...).Want(204)
		}
	})
}

func TestWhoMayOperateAProject(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s, _, _ := serve(t, db)
		_, person := s.Member(t, "person@example.com")
		stranger, analyst := s.Operator(t, "stranger", ""), s.Operator(t, "analyst", "analyst")
		rename := func(headers ...testkit.Header) *testkit.Reply {
			return s.Call(t, "PATCH /v1/projects/demo", testkit.Map{"name": "Mine"}, headers...)
		}
		rename(testkit.As(person)).Want(401)
		rename(testkit.Header{"Cookie", "a_session_console=" + strings.TrimPrefix(person, "x")}).Want(401)
		rename(testkit.InConsole(stranger)...).Want(401, "user_unauthorized")
		rename(testkit.InConsole(analyst)...).Want(401, "general_unauthorized_scope")
		s.Call(t, "GET /v1/projects/demo", nil, testkit.InConsole(analyst)...).Want(200)
		s.Call(t, "GET /v1/projects/nowhere", nil, testkit.InConsole(analyst)...).Want(404, "project_not_found")
		s.Call(t, "GET /v1/organization/projects", nil, testkit.As(person)).Want(401, "user_unauthorized")
		s.Call(t, "POST /v1/organization/projects", testkit.Map{"projectId": "x", "name": "x"}, testkit.As(person)).Want(401, "general_unauthorized_scope")
		if list := s.Call(t, "GET /v1/organization/projects", nil, testkit.InConsole(stranger)...).Want(200); list.Get("total") != 0.0 {
			t.Errorf("a stranger sees projects: %s", list.Body)
		}
		admin := []testkit.Header{{"X-Appwrite-Mode", "admin"}, {"X-Appwrite-Session", analyst}}
		s.Call(t, "GET /v1/users", nil, admin...).Want(200)
		s.Call(t, "POST /v1/users", testkit.Map{"userId": "x"}, admin...).Want(401, "general_unauthorized_scope")
	})
}

func TestTeamsLookAfterProjectsAndKeepAnOwner(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s, _, _ := serve(t, db)
		boss, hand := testkit.InConsole(s.Operator(t, "boss", "")), testkit.InConsole(s.Operator(t, "hand", ""))
		as := func(who []testkit.Header, route string, body any) *testkit.Reply {
			t.Helper()
			return s.Call(t, route, body, who...)
		}
		as(boss, "POST /v1/teams", testkit.Map{"teamId": "crew", "name": "Crew"}).Want(201)
		as(hand, "GET /v1/teams/crew", nil).Want(404, "team_not_found")
		as(hand, "POST /v1/projects", testkit.Map{"projectId": "shop", "name": "Shop", "teamId": "crew"}).Want(404, "team_not_found")
		as(boss, "POST /v1/projects", testkit.Map{"projectId": "shop", "name": "Shop", "teamId": "crew"}).Want(201)
		as(hand, "GET /v1/projects/shop", nil).Want(401, "user_unauthorized")
		place := as(boss, "POST /v1/teams/crew/memberships", testkit.Map{"email": "hand@console.example", "roles": []string{"developer"}}).Want(201).Text("$id")
		as(hand, "GET /v1/projects/shop", nil).Want(401, "user_unauthorized")
		accept(t, s, invitation(t, s), hand...).Want(200)
		as(hand, "GET /v1/projects/shop", nil).Want(200)
		if list := as(hand, "GET /v1/projects", nil).Want(200); list.Get("total") != 1.0 {
			t.Errorf("%s", list.Body)
		}
		as(hand, "PATCH /v1/teams/crew/memberships/"+place, testkit.Map{"roles": []string{"owner"}}).Want(404, "team_not_found")
		as(boss, "PATCH /v1/teams/crew/memberships/"+place, testkit.Map{"roles": []string{"owner"}}).Want(200)
		own := as(boss, "GET /v1/teams/crew/memberships", nil).Want(200).Text("memberships.0.$id")
		// Two owners who leave at the same time: one has to stay.
		var all sync.WaitGroup
		replies := make([]*testkit.Reply, 2)
		for i, leave := range []func() *testkit.Reply{
			func() *testkit.Reply { return as(boss, "DELETE /v1/teams/crew/memberships/"+own, nil) },
			func() *testkit.Reply { return as(hand, "DELETE /v1/teams/crew/memberships/"+place, nil) }} {
			all.Add(1)
			go func() { defer all.Done(); replies[i] = leave() }()
		}
		all.Wait()
		if a, b := replies[0].Status, replies[1].Status; a+b != 204+400 {
			t.Errorf("two last owners left: %d %d", a, b)
		}
	})
}

func TestChangesOfSettingsAtOnceAllHold(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		_, key, _ := serve(t, db)
		var all sync.WaitGroup
		for _, name := range admin.AuthMethods {
			all.Add(1)
			go func() {
				defer all.Done()
				if reply := key("PATCH /v1/project/auth-methods/"+name, testkit.Map{"enabled": false}); reply.Status != 200 {
					t.Errorf("%d %s", reply.Status, reply.Body)
				}
			}()
		}
		all.Wait()
		project, err := db.Project(t.Context(), testkit.Demo)
		if err != nil || project.Settings.AuthMethods != (model.AuthMethods{}) {
			t.Errorf("%v %+v", err, project.Settings.AuthMethods)
		}
	})
}

// What is changed on one node acts on the others as soon as they look, and a key that is gone is refused at once.
func TestThreeNodesAgree(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s, key, owner := serve(t, db)
		nodes := []*testkit.Server{s.Node(t), s.Node(t)}
		made := owner("POST /v1/project/keys", testkit.Map{"keyId": "server", "name": "Server", "scopes": []string{"users.read"}}).Want(201)
		text := testkit.Header{"X-Appwrite-Key", made.Text("secret")}
		page := testkit.Header{"Origin", "https://shop.example.com"}
		for _, node := range nodes {
			node.Call(t, "GET /v1/users", nil, text).Want(200)
			node.Call(t, "POST /v1/account/sessions/anonymous", nil).Want(201)
			node.Call(t, "GET /v1/account", nil, page).Want(403, "general_unknown_origin")
		}
		key("PATCH /v1/project/auth-methods/anonymous", testkit.Map{"enabled": false}).Want(200)
		key("POST /v1/project/platforms/web", testkit.Map{"platformId": "shop", "name": "Shop", "hostname": "shop.example.com"}).Want(201)
		key("PATCH /v1/project/oauth2/github", testkit.Map{"clientId": "id", "clientSecret": "secret", "enabled": true}).Want(200)
		owner("DELETE /v1/project/keys/server", nil).Want(204)
		for _, node := range nodes {
			node.Call(t, "GET /v1/users", nil, text).Want(401, "user_unauthorized")
			if err := node.Projects.Refresh(t.Context()); err != nil { // what every node does twice a second
				t.Fatal(err)
			}
			node.Call(t, "POST /v1/account/sessions/anonymous", nil).Want(501, "user_auth_method_unsupported")
			node.Call(t, "GET /v1/account", nil, page).Want(401, "general_unauthorized_scope")
			github, err := node.Projects.Document(t.Context(), testkit.Demo, store.KindOAuth2, "github")
			if err != nil || github == nil || !github.Enabled() || github.Secrets["clientSecret"] != "secret" {
				t.Errorf("the provider has not arrived: %v %+v", err, github)
			}
		}
	})
}
