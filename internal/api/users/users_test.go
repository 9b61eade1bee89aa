package users_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// serve starts a server and a caller with a key of some scopes.
func serve(t *testing.T, db *store.DB, settings func(*model.Settings), scopes ...string) (*testkit.Server, func(route string, body any) *testkit.Reply) {
	t.Helper()
	s := testkit.Serve(t, db, testkit.NewClock(), testkit.Options{NoLimits: true, HashQueue: 1000, Settings: settings})
	key := testkit.Header{"X-Appwrite-Key", s.Key(t, nil, scopes...)}
	return s, func(route string, body any) *testkit.Reply { t.Helper(); return s.Call(t, route, body, key) }
}

// walter makes a user with everything.
func walter(call func(string, any) *testkit.Reply) {
	call("POST /v1/users", testkit.Map{"userId": "walter", "email": "Walter@Example.com ", "phone": "+16175551212", "password": testkit.Password, "name": "Walter White"}).Want(201)
}

// The hash of "password" by every kind that can be brought along.
var imports = map[string]testkit.Map{
	"argon2": {"password": "$argon2id$v=19$m=16,t=2,p=1$c29tZXNhbHRzb21l$2TrQzJsSRdQ9KXTz0jxnxQ"},
	"md5":    {"password": "5f4dcc3b5aa765d61d8327deb882cf99"},
	"phpass": {"password": "$P$Br387rwferoKN7uwHZqNMu98q3U8RO."},
	"sha":    {"password": "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8", "passwordVersion": "sha256"},
	"scrypt": {"password": "3fdef49701bc4cfaacd551fe017283513284b4731e6945c263246ef948d3cf63b5d269c31fd697246085111a428245e24a4ddc6b64c687bc60a8910dbafc1d5b",
		"passwordSalt": "randomSalt", "passwordCpu": 16384, "passwordMemory": 12, "passwordParallel": 2, "passwordLength": 64},
	"scrypt-modified": {"password": "UlM7JiXRcQhzAGlaonpSqNSLIz475WMddOgLjej5De9vxTy48K6WtqlEzrRFeK4t0COfMhWCb8wuMHgxOFCHFQ==", "passwordSalt": "UxLMreBr6tYyjQ==",
		"passwordSaltSeparator": "Bw==", "passwordSignerKey": "XyEKE9RcTDeLEsL/RjwPDBv/RqDl8fb3gpYEOQaPihbxf1ZAtSOHCjuAAa7Q3oHpCYhXSN9tizHgVOwn6krflQ=="},
}

func TestImportedUsersAreMadeAndHashesThatCannotBeVerifiedAreRefused(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s, call := serve(t, db, nil, "*")
		for kind, body := range imports {
			body := testkit.Map{"userId": "from-" + kind, "email": kind + "@example.com", "name": kind, "password": body["password"], "passwordVersion": body["passwordVersion"],
				"passwordSalt": body["passwordSalt"], "passwordCpu": body["passwordCpu"], "passwordMemory": body["passwordMemory"], "passwordParallel": body["passwordParallel"],
				"passwordLength": body["passwordLength"], "passwordSaltSeparator": body["passwordSaltSeparator"], "passwordSignerKey": body["passwordSignerKey"]}
			for name, value := range body {
				if value == nil {
					delete(body, name)
				}
			}
			made := call("POST /v1/users/"+kind, body).Want(201)
			if made.Text("password") != body["password"] || made.Text("passwordUpdate") == "" {
				t.Errorf("%s: %s", kind, made.Body)
			}
			body["userId"], body["email"], body["password"] = "unique()", "broken-"+kind+"@example.com", "no hash at all"
			if refused := call("POST /v1/users/"+kind, body).Want(400, "general_argument_invalid"); strings.Contains(string(refused.Body), "no hash at all") {
				t.Errorf("%s: a hash comes back in a fault: %s", kind, refused.Body)
			}
		}
		for _, kind := range []string{"md5", "sha"} {
			s.Call(t, "POST /v1/account/sessions/email", testkit.Map{"email": kind + "@example.com", "password": "password"}).Want(201)
			if user := call("GET /v1/users/from-"+kind, nil).Want(200); user.Text("hash") != "argon2" {
				t.Errorf("%s was not hashed anew at the first sign-in: %s", kind, user.Text("hash"))
			}
		}
	})
}

func TestWhoMayDoWhatToUsers(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s, call := serve(t, db, nil, "users.read")
		_, session := s.Member(t, "jesse@example.com")
		id := call("GET /v1/users", nil).Want(200).Text("users.0.$id")
		if user := call("GET /v1/users/"+id, nil).Want(200); user.Get("password") != nil || user.Get("hash") != nil {
			t.Errorf("a key that only reads is shown the hash: %s", user.Body)
		}
		call("PATCH /v1/users/"+id+"/name", testkit.Map{"name": "x"}).Want(401, "general_unauthorized_scope")
		call("GET /v1/users/"+id+"/targets", nil).Want(401, "general_unauthorized_scope")
		s.Call(t, "GET /v1/users", nil).Want(401, "general_unauthorized_scope")
		s.Call(t, "GET /v1/users", nil, testkit.As(session)).Want(401, "general_unauthorized_scope")
		other := s.Key(t, func(k *model.Key) { k.Project = model.ConsoleProject }, "*")
		s.Call(t, "GET /v1/users", nil, testkit.Header{"X-Appwrite-Key", other}).Want(401, "user_unauthorized")
	})
}

func TestAddressesFollowAndOldProofsEnd(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s, call := serve(t, db, nil, "*")
		walter(call)
		call("POST /v1/users", testkit.Map{"userId": "skyler", "email": "skyler@example.com", "phone": "+16175550000"}).Want(201)
		call("PATCH /v1/users/walter/email", testkit.Map{"email": "skyler@example.com"}).Want(409)
		call("PATCH /v1/users/walter/phone", testkit.Map{"number": "+16175550000"}).Want(409)
		call("PATCH /v1/users/walter/verification", testkit.Map{"emailVerification": true}).Want(200)
		s.Write(t, func(tx *store.Tx) {
			tx.InsertToken(&model.Token{Project: testkit.Demo, ID: "open", UserID: "walter", Purpose: model.PurposeRecovery, SecretHash: []byte("x"), Expire: 1 << 50})
		})
		changed := call("PATCH /v1/users/walter/email", testkit.Map{"email": " Heisenberg@Example.com"}).Want(200)
		if changed.Text("email") != "heisenberg@example.com" || changed.Get("emailVerification") != false || changed.Text("targets.0.identifier") != "heisenberg@example.com" {
			t.Errorf("%s", changed.Body)
		}
		if _, err := s.DB.Token(t.Context(), &store.TokenClaim{Project: testkit.Demo, UserID: "walter", Purposes: []string{model.PurposeRecovery}, SecretHash: []byte("x")}, 1); err == nil {
			t.Error("a link sent to the old address still works")
		}
		bare := call("PATCH /v1/users/walter/email", testkit.Map{"email": ""}).Want(200)
		if bare.Text("email") != "" || len(bare.Get("targets").([]any)) != 1 || bare.Get("emailCanonical") != nil {
			t.Errorf("without an address: %s", bare.Body)
		}
		call("POST /v1/users", testkit.Map{"userId": "unique()", "email": "heisenberg@example.com"}).Want(201)
	})
}

// What proves an address or guards an account is switched by a truth value and by nothing that resembles one.
func TestSwitchesAreTruthValues(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		_, call := serve(t, db, nil, "*")
		walter(call)
		for _, c := range []struct{ path, name string }{{"verification", "emailVerification"}, {"verification/phone", "phoneVerification"}, {"mfa", "mfa"}, {"impersonator", "impersonator"}} {
			for _, value := range []any{"true", "false", 1, "1", nil, []bool{true}} {
				if reply := call("PATCH /v1/users/walter/"+c.path, testkit.Map{c.name: value}); reply.Status != 400 || reply.Text("type") != "general_argument_invalid" {
					t.Errorf("%s %v: %d %s", c.name, value, reply.Status, reply.Body)
				}
			}
			if on := call("PATCH /v1/users/walter/"+c.path, testkit.Map{c.name: true}).Want(200); on.Get(c.name) != true {
				t.Errorf("%s: %s", c.name, on.Body)
			}
		}
		if blocked := call("PATCH /v1/users/walter/status", testkit.Map{"status": "false"}).Want(200); blocked.Get("status") != false {
			t.Errorf("%s", blocked.Body)
		}
	})
}

// What a target is found by fits into an index on either engine, in whatever script it is written.
func TestIdentifiersAreAsLongAsAnIndexTakes(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		_, call := serve(t, db, nil, "*")
		walter(call)
		// Of random characters, for PostgreSQL makes short work of repetitions.
		long := func(bytes int) string {
			var b strings.Builder
			for b.Len()+3 <= bytes {
				b.WriteRune(rune(0x4e00 + rand.IntN(20000)))
			}
			return b.String() + strings.Repeat("x", bytes-b.Len())
		}
		target := func(identifier string) testkit.Map {
			return testkit.Map{"targetId": "unique()", "providerType": "push", "identifier": identifier}
		}
		id := call("POST /v1/users/walter/targets", target(long(2048))).Want(201).Text("$id")
		call("POST /v1/users/walter/targets", target(long(2049))).Want(400, "general_argument_invalid")
		call("PATCH /v1/users/walter/targets/"+id, testkit.Map{"identifier": long(2048)}).Want(200)
		call("PATCH /v1/users/walter/targets/"+id, testkit.Map{"identifier": long(2049)}).Want(400, "general_argument_invalid")
	})
}

// A message to a target goes by the provider it names: one that is not there, or carries something else, is a mistake.
func TestTargetsNameProvidersThatCanCarryThem(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s, call := serve(t, db, nil, "*")
		walter(call)
		s.Write(t, func(tx *store.Tx) {
			for id, kind := range map[string]string{"mailgun": "email", "twilio": "sms"} {
				tx.UpsertDocument(&store.Document{Project: testkit.Demo, Kind: store.KindMessaging, ID: id, Body: model.Object(`{"type":"` + kind + `"}`)})
			}
		})
		target := testkit.Map{"targetId": "work", "providerType": "email", "identifier": "walter@work.example"}
		for id, want := range map[string]string{"nobody": "404 provider_not_found", "twilio": "400 provider_incorrect_type"} {
			target["providerId"] = id
			if reply := call("POST /v1/users/walter/targets", target); fmt.Sprint(reply.Status, " ", reply.Text("type")) != want {
				t.Errorf("made with %s: %s", id, reply.Body)
			}
		}
		target["providerId"] = "mailgun"
		if made := call("POST /v1/users/walter/targets", target).Want(201); made.Text("providerId") != "mailgun" {
			t.Errorf("made %s", made.Body)
		}
		call("PATCH /v1/users/walter/targets/work", testkit.Map{"providerId": "nobody"}).Want(404, "provider_not_found")
		call("PATCH /v1/users/walter/targets/work", testkit.Map{"providerId": "twilio"}).Want(400, "provider_incorrect_type")
		if same := call("PATCH /v1/users/walter/targets/work", testkit.Map{"providerId": "mailgun", "name": "Work"}).Want(200); same.Text("providerId") != "mailgun" || same.Text("name") != "Work" {
			t.Errorf("changed %s", same.Body)
		}
	})
}

func TestPasswordsSetByServersEndSessions(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s, call := serve(t, db, func(set *model.Settings) {
			set.Policies.PasswordHistory.Total = 2
			set.Policies.PasswordPersonal.Enabled = true
		}, "*")
		walter(call)
		session := s.SignIn(t, "walter@example.com")
		call("PATCH /v1/users/walter/password", testkit.Map{"password": "short"}).Want(400, "general_argument_invalid")
		call("PATCH /v1/users/walter/password", testkit.Map{"password": testkit.Password}).Want(400, "password_recently_used")
		call("PATCH /v1/users/walter/password", testkit.Map{"password": "my name is walter white"}).Want(400, "password_personal_data")
		call("PATCH /v1/users/walter/password", testkit.Map{"password": "another horse 2"}).Want(200)
		s.Call(t, "GET /v1/account", nil, testkit.As(session)).Want(401, "general_unauthorized_scope")
		without := call("PATCH /v1/users/walter/password", testkit.Map{"password": ""}).Want(200)
		if without.Text("passwordUpdate") != "" || without.Get("password") != nil {
			t.Errorf("%s", without.Body)
		}
		s.Call(t, "POST /v1/account/sessions/email", testkit.Map{"email": "walter@example.com", "password": "another horse 2"}).Want(401, "user_invalid_credentials")
	})
}

func TestBlocksKeepSessionsUnlessThePersonPressedTheButton(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s, call := serve(t, db, nil, "*")
		walter(call)
		session := s.SignIn(t, "walter@example.com")
		set := func(open bool) {
			t.Helper()
			call("PATCH /v1/users/walter/status", testkit.Map{"status": open}).Want(200)
		}
		set(false)
		s.Call(t, "GET /v1/account", nil, testkit.As(session)).Want(403, "user_blocked")
		call("POST /v1/users/walter/sessions", nil).Want(403, "user_blocked")
		set(true)
		s.Call(t, "GET /v1/account", nil, testkit.As(session)).Want(200)
		s.Call(t, "PATCH /v1/account/status", nil, testkit.As(session)).Want(200)
		set(false) // an operator who blocks again has not seen who pressed the button
		set(true)
		s.Call(t, "GET /v1/account", nil, testkit.As(session)).Want(401, "general_unauthorized_scope")
	})
}

func TestServersMakeSessions(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s, call := serve(t, db, func(set *model.Settings) { set.Policies.SessionLimit.Total = 2 }, "*")
		walter(call)
		var last *testkit.Reply
		for range 3 {
			s.Clock.Advance(time.Second)
			last = call("POST /v1/users/walter/sessions", nil).Want(201)
		}
		if last.Text("provider") != "server" || len(last.Header["Set-Cookie"]) != 0 {
			t.Errorf("%v %s", last.Header, last.Body)
		}
		s.Call(t, "GET /v1/account", nil, testkit.Header{"X-Appwrite-Session", last.Text("secret")}).Want(200)
		list := call("GET /v1/users/walter/sessions", nil).Want(200)
		if list.Get("total") != 2.0 || strings.Contains(string(list.Body), last.Text("secret")) {
			t.Errorf("%s", list.Body)
		}
		call("DELETE /v1/users/walter/sessions/"+last.Text("$id"), nil).Want(204)
		s.Call(t, "GET /v1/account", nil, testkit.Header{"X-Appwrite-Session", last.Text("secret")}).Want(401)
	})
}

// Everything that is changed at once holds in the end, and a user who is deleted meanwhile stays deleted.
func TestChangesAtOnceAllHold(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		_, call := serve(t, db, nil, "*")
		walter(call)
		changes := []func() *testkit.Reply{
			func() *testkit.Reply { return call("PATCH /v1/users/walter/name", testkit.Map{"name": "Heisenberg"}) },
			func() *testkit.Reply {
				return call("PATCH /v1/users/walter/email", testkit.Map{"email": "one@example.com"})
			},
			func() *testkit.Reply {
				return call("PATCH /v1/users/walter/phone", testkit.Map{"number": "+16175559999"})
			},
			func() *testkit.Reply {
				return call("PUT /v1/users/walter/labels", testkit.Map{"labels": []string{"vip"}})
			},
			func() *testkit.Reply {
				return call("PATCH /v1/users/walter/verification/phone", testkit.Map{"phoneVerification": false})
			},
			func() *testkit.Reply {
				return call("PATCH /v1/users/walter/prefs", testkit.Map{"prefs": testkit.Map{"a": 1}})
			},
		}
		var all sync.WaitGroup
		for _, change := range changes {
			all.Add(1)
			go func() {
				defer all.Done()
				if reply := change(); reply.Status != 200 {
					t.Errorf("%d %s", reply.Status, reply.Body)
				}
			}()
		}
		all.Wait()
		user := call("GET /v1/users/walter", nil).Want(200)
		if user.Text("name") != "Heisenberg" || user.Text("email") != "one@example.com" || user.Text("phone") != "+16175559999" || user.Text("labels.0") != "vip" || user.Get("prefs.a") != 1.0 {
			t.Errorf("%s", user.Body)
		}
		for search, want := range map[string]float64{"heisenberg+label:vip+one@": 1, "heisenberg+vip+one@": 1, "walter+white+vip": 0} {
			if found := call("GET /v1/users?search="+search, nil); found.Get("total") != want {
				t.Errorf("the terms do not follow, %s: %s", search, found.Body)
			}
		}
		call("DELETE /v1/users/walter", nil).Want(204)
		for _, change := range changes {
			if reply := change(); reply.Status != 404 || reply.Text("type") != "user_not_found" {
				t.Errorf("%d %s", reply.Status, reply.Body)
			}
		}
	})
}

// Ids may be chosen. What was signed for somebody who is gone says nothing of whoever has their id now.
func TestAJWTGoesWithItsPerson(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s, call := serve(t, db, nil, "*")
		for name, sign := range map[string]func(){
			"made by a server": func() { walter(call) },
			"who signed up": func() {
				s.Call(t, "POST /v1/account", testkit.Map{"userId": "walter", "email": "walter@example.com", "password": "correct horse 1"}).Want(201)
			},
			"who came by a code": func() {
				s.Call(t, "POST /v1/account/tokens/email", testkit.Map{"userId": "walter", "email": "walter@example.com"}).Want(201)
			},
		} {
			sign()
			jwt := testkit.Header{"X-Appwrite-JWT", call("POST /v1/users/walter/jwts", testkit.Map{}).Want(201).Text("jwt")}
			s.Call(t, "GET /v1/account", nil, jwt).Want(200)
			call("DELETE /v1/users/walter", nil).Want(204)
			s.Clock.Advance(time.Second)
			sign()
			if reply := s.Call(t, "GET /v1/account", nil, jwt); reply.Status != 401 {
				t.Errorf("somebody %s is signed in to by the JWT of a deleted person: %d %s", name, reply.Status, reply.Body)
			}
			call("DELETE /v1/users/walter", nil).Want(204)
		}
	})
}

func TestServersLetPeopleIn(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s, call := serve(t, db, nil, "*")
		walter(call)
		session := call("POST /v1/users/walter/sessions", nil).Want(201)
		bearer := func(body testkit.Map) testkit.Header {
			return testkit.Header{"X-Appwrite-JWT", call("POST /v1/users/walter/jwts", body).Want(201).Text("jwt")}
		}
		free, bound := bearer(testkit.Map{}), bearer(testkit.Map{"sessionId": "recent"})
		call("POST /v1/users/walter/jwts", testkit.Map{"sessionId": "nothing"}).Want(404, "user_session_not_found")
		for _, jwt := range []testkit.Header{free, bound} {
			s.Call(t, "GET /v1/account", nil, jwt).Want(200)
		}
		call("DELETE /v1/users/walter/sessions/"+session.Text("$id"), nil).Want(204)
		s.Call(t, "GET /v1/account", nil, bound).Want(401)
		s.Call(t, "GET /v1/account", nil, free).Want(200)
		call("PATCH /v1/users/walter/password", testkit.Map{"password": "another horse 2"}).Want(200)
		s.Call(t, "GET /v1/account", nil, free).Want(401)

		token := call("POST /v1/users/walter/tokens", testkit.Map{"length": 64, "expire": 60}).Want(201)
		if len(token.Text("secret")) != 64 {
			t.Errorf("%s", token.Body)
		}
		redeem := func() *testkit.Reply {
			return s.Call(t, "POST /v1/account/sessions/token", testkit.Map{"userId": "walter", "secret": token.Text("secret")})
		}
		redeem().Want(201)
		redeem().Want(401, "user_invalid_token")
		late := call("POST /v1/users/walter/tokens", testkit.Map{"length": 64, "expire": 60}).Want(201).Text("secret")
		s.Clock.Advance(61 * time.Second)
		s.Call(t, "POST /v1/account/sessions/token", testkit.Map{"userId": "walter", "secret": late}).Want(401, "user_invalid_token")
		short := call("POST /v1/users/walter/tokens", testkit.Map{"length": 6, "expire": 60}).Want(201).Text("secret")
		for range 5 {
			s.Call(t, "POST /v1/account/sessions/token", testkit.Map{"userId": "walter", "secret": "zzzzzz"}).Want(401, "user_invalid_token")
		}
		s.Call(t, "POST /v1/account/sessions/token", testkit.Map{"userId": "walter", "secret": short}).Want(401, "user_invalid_token")
		if logs := call("GET /v1/users/walter/logs", nil).Want(200); logs.Get("total") == 0.0 || strings.Contains(string(logs.Body), late) {
			t.Errorf("%s", logs.Body)
		}
	})
}
