package api_test

import (
	"strings"
	"testing"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

const serverHealth = "GET /v1/health" // needs the scope health.read, which every key has and no person

func TestKeys(t *testing.T) {
	each(t, testkit.Options{}, func(t *testing.T, s *testkit.Server) {
		other(t, s, "other")
		expiring := func(after time.Duration) func(*model.Key) {
			return func(k *model.Key) { k.Expire = model.At(s.Clock.Now()).Add(after) }
		}
		plain, signer, all := s.Key(t, nil), s.Key(t, nil, "sessions.write"), s.Key(t, nil, "*")
		foreign := s.Key(t, func(k *model.Key) { k.Project = "other" }, "*")
		veryOld := "0123456789abcdef"
		s.Key(t, func(k *model.Key) { k.SecretHash = secret.HashToken(veryOld) })
		for _, c := range []struct {
			name, key, route string
			status           int
			kind             string
		}{
			{"what every key may", plain, serverHealth, 200, ""},
			{"a scope it lacks", plain, anonymous, 401, "general_unauthorized_scope"},
			{"a scope it has", signer, anonymous, 201, ""},
			{"every scope", all, anonymous, 201, ""},
			{"a person's scope", all, whoAmI, 401, "general_unauthorized_scope"},
			{"the public's scope", all, "GET /v1/health/version", 401, "general_unauthorized_scope"},
			{"no key yet, no person either", plain, whoAmI, 401, "general_unauthorized_scope"},
			{"a key of a time before kinds", veryOld, serverHealth, 200, ""},
			{"expired", s.Key(t, expiring(-time.Millisecond)), serverHealth, 401, "project_key_expired"},
			{"not expired yet", s.Key(t, expiring(time.Minute)), serverHealth, 200, ""},
			{"of another project", foreign, serverHealth, 401, "user_unauthorized"},
			{"unknown", "standard_" + strings.Repeat("a", 256), serverHealth, 401, "user_unauthorized"},
			{"the secret without its kind", strings.TrimPrefix(plain, "standard_"), serverHealth, 401, "user_unauthorized"},
			{"cut short", plain[:len(plain)-1], serverHealth, 401, "user_unauthorized"},
			{"in capitals", strings.ToUpper(plain), serverHealth, 401, "general_unauthorized_scope"}, // of no kind: a guest
			{"of no kind", "invented_x", serverHealth, 401, "general_unauthorized_scope"},
			{"of no kind, where guests may", "invented_x", anonymous, 201, ""},
			{"a kind and nothing else", "standard_", serverHealth, 401, "user_unauthorized"},
			{"no UTF-8", "standard_\xff", serverHealth, 401, "user_unauthorized"},
			{"huge", "standard_" + strings.Repeat("a", 100_000), serverHealth, 401, "user_unauthorized"},
			{"an account's", "account_x", serverHealth, 401, "user_unauthorized"},
			{"an organization's", "organization_x", serverHealth, 401, "user_unauthorized"},
		} {
			reply := ask(t, s.URL, c.route, "", header{"X-Appwrite-Key", c.key})
			if reply.Status != c.status || reply.Text("type") != c.kind {
				t.Errorf("%s: %d %s", c.name, reply.Status, reply.Body)
			}
			if strings.Contains(string(reply.Body), c.key) {
				t.Errorf("%s: the answer repeats the key", c.name)
			}
		}
		ask(t, s.URL, serverHealth, "", header{"X-Appwrite-Key", foreign}, header{"X-Appwrite-Project", "other"}).Want(200)
	})
}

func TestAKeyNeedsItsProjectInTheHeader(t *testing.T) {
	t.Parallel()
	s := alone(t, testkit.Options{})
	key := header{"X-Appwrite-Key", s.Key(t, nil)}
	none := header{"X-Appwrite-Project", ""}
	ask(t, s.URL, serverHealth+"?project=demo", "", key).Want(200)
	ask(t, s.URL, serverHealth+"?project=demo", "", key, none).Want(403, "project_id_missing")
	ask(t, s.URL, serverHealth+"?project=demo", "", key, header{"X-Appwrite-Project", "console"}).Want(403, "project_id_missing")
	ask(t, s.URL, serverHealth, "", key, none).Want(401, "user_unauthorized") // the console does not know the key
}

func TestAKeyIsLookedUpEveryTime(t *testing.T) {
	each(t, testkit.Options{}, func(t *testing.T, s *testkit.Server) {
		var id string
		h := header{"X-Appwrite-Key", s.Key(t, func(k *model.Key) { k.Expire = model.At(s.Clock.Now()).Add(time.Hour); id = k.ID })}
		ask(t, s.URL, serverHealth, "", h).Want(200)
		s.Clock.Advance(time.Hour + time.Millisecond)
		ask(t, s.URL, serverHealth, "", h).Want(401, "project_key_expired")
		s.Clock.Advance(-time.Hour)
		ask(t, s.URL, serverHealth, "", h).Want(200)
		s.Write(t, func(tx *store.Tx) { tx.DeleteKey(testkit.Demo, id) })
		ask(t, s.URL, serverHealth, "", h).Want(401, "user_unauthorized")
	})
}

func TestAKeyBesideAPerson(t *testing.T) {
	t.Parallel()
	s := alone(t, testkit.Options{})
	_, session := person(t, s, nil)
	cookie, key := testkit.As(session), header{"X-Appwrite-Key", s.Key(t, nil, "*")}
	ask(t, s.URL, serverHealth, "", cookie, key).Want(200)                               // the key wins
	ask(t, s.URL, whoAmI, "", cookie, key).Want(401, "general_unauthorized_scope")       // and is no person
	ask(t, s.URL, anonymous, "{}", cookie, key).Want(401, "user_session_already_exists") // signing in on top of a session stays refused
	made := ask(t, s.URL, anonymous, "{}", key).Want(201)
	if made.Text("secret") == "" || made.Text("secret") != made.Session() {
		t.Errorf("a server is not given the session it made: %s", made.Body)
	}
	ask(t, s.URL, whoAmI, "", header{"X-Appwrite-Session", made.Text("secret")}).Want(200)
	ask(t, s.URL, whoAmI, "", cookie, header{"X-Appwrite-Key", "invented_x"}).Want(401, "general_unauthorized_scope")
}

func TestDevKeys(t *testing.T) {
	t.Parallel()
	s := alone(t, testkit.Options{})
	var id string
	dev := s.Key(t, func(k *model.Key) { k.Dev, id, k.Expire = true, k.ID, model.At(s.Clock.Now()).Add(time.Hour) }, "*")
	h := header{"X-Appwrite-Dev-Key", dev}
	for range 15 {
		if got := ask(t, s.URL, signIn, guess, h).Want(401, "user_invalid_credentials").Header.Get("X-RateLimit-Remaining"); got != "9" {
			t.Fatalf("a call with a dev key was counted: %s left", got)
		}
	}
	ask(t, s.URL, serverHealth, "", h).Want(401, "general_unauthorized_scope") // it grants nothing
	ask(t, s.URL, serverHealth, "", header{"X-Appwrite-Key", dev}).Want(401, "general_unauthorized_scope")
	ask(t, s.URL, anonymous, "{}", header{"Origin", evil}, h).Want(201)
	s.Clock.Advance(time.Hour + time.Second)
	ask(t, s.URL, anonymous, "{}", header{"Origin", evil}, h).Want(403, "general_unknown_origin")
	ask(t, s.URL, anonymous, "{}", h).Want(201) // an old one is no fault
	s.Write(t, func(tx *store.Tx) { tx.DeleteKey(testkit.Demo, id) })
	ask(t, s.URL, anonymous, "{}", h).Want(201)
}

func TestEphemeralKeys(t *testing.T) {
	t.Parallel()
	s := alone(t, testkit.Options{})
	other(t, s, "other")
	demo, err := s.DB.Project(t.Context(), testkit.Demo)
	if err != nil {
		t.Fatal(err)
	}
	since := int64(demo.CreatedAt)
	sign := func(prefix, signer, project string, after time.Duration, scopes ...string) string {
		token, err := secret.SignEphemeralKey(s.Keys.Derive("ephemeral-key", signer), secret.EphemeralClaims{ProjectID: project, Since: since, Name: "Build", Scopes: scopes,
			RegisteredClaims: secret.Until(s.Clock.Now().Add(after))})
		if err != nil {
			t.Fatal(err)
		}
		return prefix + token
	}
	good := sign("ephemeral_", "demo", "demo", time.Hour, "sessions.write")
	since-- // ids may be chosen: a project that had this one before
	before := sign("ephemeral_", "demo", "demo", time.Hour, "*")
	since++
	jwt, err := secret.SignJWT(s.Keys.Derive("jwt", testkit.Demo), secret.JWTClaims{UserID: "x", RegisteredClaims: secret.Until(s.Clock.Now().Add(time.Hour))})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, key, route string
		status           int
		kind             string
	}{
		{"with the scope", good, anonymous, 201, ""},
		{"of a project that had the id before", before, anonymous, 401, "user_unauthorized"},
		{"under its old name", sign("dynamic_", "demo", "demo", time.Hour, "sessions.write"), anonymous, 201, ""},
		{"without the scope", sign("ephemeral_", "demo", "demo", time.Hour), anonymous, 401, "general_unauthorized_scope"},
		{"expired", sign("ephemeral_", "demo", "demo", 0, "*"), anonymous, 401, "project_key_expired"},
		{"signed by another project", sign("ephemeral_", "other", "demo", time.Hour, "*"), anonymous, 401, "user_unauthorized"},
		{"about another project", sign("ephemeral_", "demo", "other", time.Hour, "*"), anonymous, 401, "user_unauthorized"},
		{"a person's JWT", "ephemeral_" + jwt, serverHealth, 401, "user_unauthorized"},
		{"nothing", "ephemeral_", serverHealth, 401, "user_unauthorized"},
		{"as a standard key", sign("standard_", "demo", "demo", time.Hour, "*"), serverHealth, 401, "user_unauthorized"},
	} {
		reply := ask(t, s.URL, c.route, "", header{"X-Appwrite-Key", c.key})
		if reply.Status != c.status || reply.Text("type") != c.kind {
			t.Errorf("%s: %d %s", c.name, reply.Status, reply.Body)
		}
	}
}
