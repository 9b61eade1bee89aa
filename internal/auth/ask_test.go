package auth_test

import (
	"encoding/base64"
	"encoding/json"
	"testing"

	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// The routes these tests ask for most.
const (
	signUp    = "POST /v1/account"
	signIn    = "POST /v1/account/sessions/email"
	anonymous = "POST /v1/account/sessions/anonymous"
	whoAmI    = "GET /v1/account"
	email     = "PATCH /v1/account/email"
	phone     = "PATCH /v1/account/phone"
	password  = "PATCH /v1/account/password"
	sessions  = "GET /v1/account/sessions"
)

// Walter is everybody's example.
const walter = "walter@example.com"

// other is a good password that nobody has yet.
const other = "battery staple 2"

// each runs a test on every engine, each with a server of its own.
func each(t *testing.T, o testkit.Options, test func(t *testing.T, s *testkit.Server)) {
	t.Helper()
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) { test(t, testkit.Serve(t, db, testkit.NewClock(), o)) })
}

// unlimited are the options of a server that refuses nobody for asking often, with policies of the test's own.
func unlimited(change func(*model.Policies)) testkit.Options {
	o := testkit.Options{NoLimits: true, HashQueue: 1000}
	if change != nil {
		o.Settings = func(s *model.Settings) { change(&s.Policies) }
	}
	return o
}

// set changes the demo project's policies, as if an operator had.
func set(t testing.TB, s *testkit.Server, change func(*model.Policies)) {
	t.Helper()
	project, err := s.DB.Project(t.Context(), testkit.Demo)
	if err != nil {
		t.Fatal(err)
	}
	change(&project.Settings.Policies)
	s.Write(t, func(tx *store.Tx) { tx.UpsertProject(project) })
	if err := s.Projects.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// credentials is the body of a sign-in.
func credentials(email, password string) testkit.Map {
	return testkit.Map{"email": email, "password": password}
}

// guest makes an anonymous user and returns the id and the encoded session.
func guest(t testing.TB, s *testkit.Server) (id, session string) {
	t.Helper()
	reply := s.Call(t, anonymous, nil).Want(201)
	return reply.Text("userId"), reply.Session()
}

// stored reads a user of the demo project behind the server's back.
func stored(t testing.TB, s *testkit.Server, id string) *model.User {
	t.Helper()
	user, err := s.DB.UserByID(t.Context(), testkit.Demo, id)
	if err != nil {
		t.Fatal(err)
	}
	return user
}

// events lists what the security log says somebody has done, oldest first.
func events(t testing.TB, s *testkit.Server, actor string) []string {
	t.Helper()
	log, err := s.DB.AuditsByActor(t.Context(), testkit.Demo, actor, 100, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for i := range log {
		names = append(names, log[len(log)-1-i].Event)
	}
	return names
}

// total is how many sessions a session's owner sees.
func total(t testing.TB, s *testkit.Server, session string) int {
	t.Helper()
	n, _ := s.Call(t, sessions, nil, testkit.As(session)).Want(200).Get("total").(float64)
	return int(n)
}

// decoded reads a part of a JWT.
func decoded(t testing.TB, part string) (value testkit.Map) {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err == nil {
		err = json.Unmarshal(text, &value)
	}
	if err != nil {
		t.Fatal(err)
	}
	return value
}
