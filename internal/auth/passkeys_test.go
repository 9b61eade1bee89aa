package auth_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

const (
	askPasskey     = "POST /v1/account/passkeys/challenges"
	addPasskey     = "POST /v1/account/passkeys"
	listPasskeys   = "GET /v1/account/passkeys"
	askEntry       = "POST /v1/account/sessions/passkey/challenges"
	enterBy        = "POST /v1/account/sessions/passkey"
	askFactor      = "POST /v1/account/mfa/challenges/passkey"
	answerFactor   = "PUT /v1/account/mfa/challenges/passkey"
	passkeyInvalid = "user_passkey_invalid"
	localPage      = "http://localhost:3000"
)

// withPasskeys are the options of a server whose demo project has passkeys.
func withPasskeys(change func(*model.Policies)) testkit.Options {
	o := unlimited(func(p *model.Policies) {
		p.Passkeys.Enabled = true
		if change != nil {
			change(p)
		}
	})
	o.Platforms = []model.Platform{{Type: model.PlatformWeb, ID: "app", Name: "App", Value: "app.example.com"}}
	return o
}

// securityKey is an authenticator in front of the page on the developer's machine.
func securityKey() *testkit.Authenticator { return &testkit.Authenticator{Origin: localPage} }

// on says from which page a call comes.
func on(origin string) testkit.Header { return testkit.Header{"Origin", origin} }

// reaction is the body that answers a challenge.
func reaction(asked *testkit.Reply, credential testkit.Map) testkit.Map {
	return testkit.Map{"challengeId": asked.Text("$id"), "credential": credential}
}

// addedPasskey makes a passkey for whoever has a session and returns its id.
func addedPasskey(t testing.TB, s *testkit.Server, a *testkit.Authenticator, session string) string {
	t.Helper()
	asked := s.Call(t, askPasskey, nil, testkit.As(session), on(a.Origin)).Want(201)
	return s.Call(t, addPasskey, reaction(asked, a.Create(t, asked.Get("options"))), testkit.As(session), on(a.Origin)).Want(201).Text("$id")
}

// entered signs in with a passkey.
func entered(t testing.TB, s *testkit.Server, a *testkit.Authenticator) *testkit.Reply {
	t.Helper()
	asked := s.Call(t, askEntry, nil, on(a.Origin)).Want(201)
	return s.Call(t, enterBy, reaction(asked, a.Get(t, asked.Get("options"))), on(a.Origin))
}

func TestAPasskeyFromItsMakingToItsEnd(t *testing.T) {
	each(t, withPasskeys(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		me, page, phone := testkit.As(session), on(localPage), securityKey()
		asked := s.Call(t, askPasskey, nil, me, page).Want(201)
		if asked.Text("options.rp.id") != "localhost" || asked.Text("options.rp.name") != "Demo" || asked.Text("options.user.name") != walter ||
			asked.Text("options.authenticatorSelection.userVerification") != "required" || asked.Text("options.authenticatorSelection.residentKey") != "required" ||
			asked.Text("options.attestation") != "none" || asked.Get("options.timeout") != 300000.0 || asked.Text("expire") != "2026-03-01T12:05:00.000+00:00" {
			t.Errorf("options %s", asked.Body)
		}
		if strings.Contains(asked.Text("options.user.id"), id) || len(asked.Text("options.user.id")) < 40 {
			t.Errorf("the handle %q tells who it is", asked.Text("options.user.id"))
		}
		made := s.Call(t, addPasskey, reaction(asked, phone.Create(t, asked.Get("options"))), me, page, firefox).Want(201)
		if made.Text("name") != "GNU/Linux" || made.Text("rpId") != "localhost" || made.Text("userId") != id || made.Get("backedUp") != false || made.Text("usedAt") != "" ||
			made.Get("transports.0") != "internal" || made.Get("publicKey") != nil {
			t.Errorf("made %s", made.Body)
		}
		if m := s.Message(t); m.Kind != model.NoticeFactor || m.To != walter || m.Values["factor"] != "passkeyadded" {
			t.Errorf("notice %+v", m)
		}
		again := s.Call(t, askPasskey, nil, me, page).Want(201)
		if again.Text("options.excludeCredentials.0.id") != made.Text("credentialId") {
			t.Errorf("the passkey that is there could be made twice: %s", again.Body)
		}

		s.Clock.Advance(time.Minute)
		in := entered(t, s, phone).Want(201)
		if got := factorsOf(in); !slices.Equal(got, []string{"passkey", "userVerification"}) || in.Text("provider") != "passkey" || in.Text("providerUid") != made.Text("$id") ||
			in.Text("userId") != id || in.Text("mfaUpdatedAt") == "" || in.Text("secret") != "" {
			t.Errorf("session %s", in.Body)
		}
		also := testkit.As(in.Session())
		list := s.Call(t, listPasskeys, nil, also).Want(200)
		if list.Get("total") != 1.0 || list.Text("passkeys.0.usedAt") != "2026-03-01T12:01:00.000+00:00" {
			t.Errorf("list %s", list.Body)
		}
		path := " /v1/account/passkeys/" + made.Text("$id")
		if renamed := s.Call(t, "PATCH"+path, testkit.Map{"name": "Phone"}, me).Want(200); renamed.Text("name") != "Phone" {
			t.Errorf("renamed %s", renamed.Body)
		}
		for _, name := range []string{"", strings.Repeat("x", 129)} {
			s.Call(t, "PATCH"+path, testkit.Map{"name": name}, me).Want(400, "general_argument_invalid")
		}

		// Somebody else has no say, and removing it ends what it has signed in.
		_, stranger := s.Member(t, "jesse@example.com")
		s.Messages(t)
		s.Call(t, "PATCH"+path, testkit.Map{"name": "Mine"}, testkit.As(stranger)).Want(404, "user_passkey_not_found")
		s.Call(t, "DELETE"+path, nil, testkit.As(stranger)).Want(404, "user_passkey_not_found")
		s.Call(t, whoAmI, nil, also).Want(200)
		s.Call(t, "DELETE"+path, nil, me).Want(204)
		if m := s.Message(t); m.Values["factor"] != "passkeyremoved" {
			t.Errorf("notice %+v", m)
		}
		s.Call(t, whoAmI, nil, also).Want(401)
		s.Call(t, whoAmI, nil, me).Want(200)
		s.Call(t, "DELETE"+path, nil, me).Want(404, "user_passkey_not_found")
		entered(t, s, phone).Want(401, passkeyInvalid)
		want := []string{"user.create", "session.create", "passkey.create", "session.create", "passkey.update", "passkey.delete"}
		if got := events(t, s, id); !slices.Equal(got, want) {
			t.Errorf("log %v", got)
		}
	})
}

func TestPasskeysAreOffUntilSwitchedOn(t *testing.T) {
	each(t, unlimited(nil), func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		me := testkit.As(session)
		s.Call(t, askPasskey, nil, me, on(localPage)).Want(501, "user_auth_method_unsupported")
		s.Call(t, askEntry, nil, on(localPage)).Want(501, "user_auth_method_unsupported")
		s.Call(t, askFactor, nil, me, on(localPage)).Want(501, "user_auth_method_unsupported")
		set(t, s, func(p *model.Policies) { p.Passkeys.Enabled = true })
		phone := securityKey()
		id := addedPasskey(t, s, phone, session)
		entered(t, s, phone).Want(201)
		asked := s.Call(t, askEntry, nil, on(localPage)).Want(201)
		set(t, s, func(p *model.Policies) { p.Passkeys.Enabled = false })
		s.Call(t, enterBy, reaction(asked, phone.Get(t, asked.Get("options"))), on(localPage)).Want(501, "user_auth_method_unsupported")
		// What is there can still be seen and removed.
		if s.Call(t, listPasskeys, nil, me).Want(200).Get("total") != 1.0 {
			t.Error("hidden")
		}
		s.Call(t, "DELETE /v1/account/passkeys/"+id, nil, me).Want(204)
	})
}

// wrong are answers that must not sign anybody in, whatever else is right.
var wrong = []struct {
	name   string
	change func(*testkit.Authenticator)
}{
	{"another page", func(a *testkit.Authenticator) { a.Origin = "https://evil.example" }},
	{"a page that is no secure one", func(a *testkit.Authenticator) { a.Origin = "http://app.example.com" }},
	{"the API's own page", func(a *testkit.Authenticator) { a.Origin = "https://auth.example.com" }},
	{"no page", func(a *testkit.Authenticator) { a.Origin = "null" }},
	{"an app that is not the project's", func(a *testkit.Authenticator) {
		a.Origin = "android:apk-key-hash:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	}},
	{"a frame of a stranger", func(a *testkit.Authenticator) {
		a.Change = func(client testkit.Map) { client["crossOrigin"] = true }
	}},
	{"a person who was not verified", func(a *testkit.Authenticator) { a.Unverified = true }},
	{"another kind of ceremony", func(a *testkit.Authenticator) {
		a.Change = func(client testkit.Map) { client["type"] = "webauthn.create" }
	}},
	{"another challenge", func(a *testkit.Authenticator) {
		a.Change = func(client testkit.Map) { client["challenge"] = strings.Repeat("A", 43) }
	}},
	{"a counter that did not rise", func(a *testkit.Authenticator) { a.Count = 0 }},
	{"a passkey that became one of those that are copied", func(a *testkit.Authenticator) { a.Copied = true }},
}

func TestWrongAnswersOfAuthenticators(t *testing.T) {
	each(t, withPasskeys(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		phone := securityKey()
		addedPasskey(t, s, phone, session)
		entered(t, s, phone).Want(201)
		for _, w := range wrong {
			broken := *phone
			w.change(&broken)
			asked := s.Call(t, askEntry, nil, on(localPage)).Want(201)
			body := reaction(asked, broken.Get(t, asked.Get("options")))
			if reply := s.Call(t, enterBy, body, on(localPage)); reply.Status != 401 || reply.Text("type") != passkeyInvalid || reply.Session() != "" {
				t.Errorf("%s: %d %s", w.name, reply.Status, reply.Body)
			}
			// Whatever was wrong has used the challenge up, unless it was not about this one.
			right := s.Call(t, enterBy, reaction(asked, phone.Get(t, asked.Get("options"))), on(localPage))
			if spent := right.Status == 401; spent == (w.name == "another challenge") {
				t.Errorf("%s: the next answer gets %d", w.name, right.Status)
			}
		}
		if got := events(t, s, id); !slices.Contains(got, "passkey.refuse") {
			t.Errorf("a copy leaves no trace: %v", got)
		}
	})
}

func TestPasskeysThatAreRefused(t *testing.T) {
	each(t, withPasskeys(nil), func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		me := testkit.As(session)
		for _, w := range wrong[:9] {
			broken := securityKey()
			w.change(broken)
			if w.name == "another kind of ceremony" {
				broken.Change = func(client testkit.Map) { client["type"] = "webauthn.get" }
			}
			asked := s.Call(t, askPasskey, nil, me, on(localPage)).Want(201)
			if reply := s.Call(t, addPasskey, reaction(asked, broken.Create(t, asked.Get("options"))), me); reply.Status != 401 || reply.Text("type") != passkeyInvalid {
				t.Errorf("%s: %d %s", w.name, reply.Status, reply.Body)
			}
			s.Call(t, addPasskey, reaction(asked, securityKey().Create(t, asked.Get("options"))), me).Want(401, passkeyInvalid)
		}
		asked := s.Call(t, askPasskey, nil, me, on(localPage)).Want(201)
		for _, text := range []any{"{}", "[]", "null", testkit.Map{}, testkit.Map{"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": testkit.Map{}}} {
			if reply := s.Call(t, addPasskey, testkit.Map{"challengeId": asked.Text("$id"), "credential": text}, me); reply.Status >= 500 || reply.Status < 400 {
				t.Errorf("%v: %d %s", text, reply.Status, reply.Body)
			}
		}
	})
}

// A challenge is for one kind of answer, one person, one session and five minutes.
func TestAChallengeOfAPasskeyIsBound(t *testing.T) {
	each(t, withPasskeys(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		me, page := testkit.As(session), on(localPage)
		_, other := s.Member(t, "jesse@example.com")
		phone := securityKey()
		addedPasskey(t, s, phone, session)

		late := s.Call(t, askEntry, nil, page).Want(201)
		s.Clock.Advance(5*time.Minute + time.Millisecond)
		s.Call(t, enterBy, reaction(late, phone.Get(t, late.Get("options"))), page).Want(401, passkeyInvalid)

		made := s.Call(t, askPasskey, nil, me, page).Want(201)
		fresh := reaction(made, securityKey().Create(t, made.Get("options")))
		s.Call(t, addPasskey, fresh, testkit.As(other), page).Want(401, passkeyInvalid)
		s.Call(t, addPasskey, fresh, testkit.As(s.SignIn(t, walter)), page).Want(401, passkeyInvalid)
		s.Call(t, addPasskey, fresh, me, page).Want(201)
		s.Call(t, addPasskey, fresh, me, page).Want(401, passkeyInvalid)

		// A second factor is no sign-in, and a sign-in no second factor.
		factor, entry := s.Call(t, askFactor, nil, me, page).Want(201), s.Call(t, askEntry, nil, page).Want(201)
		s.Call(t, enterBy, reaction(factor, phone.Get(t, factor.Get("options"))), page).Want(401, passkeyInvalid)
		s.Call(t, answerFactor, reaction(entry, phone.Get(t, entry.Get("options"))), me, page).Want(401, passkeyInvalid)

		// With the id of a user only theirs answers; whose id it is nobody can tell.
		known := s.Call(t, askEntry, testkit.Map{"userId": id}, page).Want(201)
		s.Call(t, enterBy, reaction(known, phone.Get(t, known.Get("options"))), page).Want(201)
		for _, name := range []string{"nobody", stored(t, s, id).ID + "x"} {
			nobody := s.Call(t, askEntry, testkit.Map{"userId": name}, page).Want(201)
			if len(nobody.Get("options.allowCredentials").([]any)) != 0 {
				t.Error("passkeys are named")
			}
			s.Call(t, enterBy, reaction(nobody, phone.Get(t, nobody.Get("options"))), page).Want(401, passkeyInvalid)
		}
		laptop := securityKey()
		addedPasskey(t, s, laptop, other)
		wanted := s.Call(t, askEntry, testkit.Map{"userId": id}, page).Want(201)
		s.Call(t, enterBy, reaction(wanted, laptop.Get(t, wanted.Get("options"))), page).Want(401, passkeyInvalid)
	})
}

func TestWhoMayNotEnterWithAPasskey(t *testing.T) {
	each(t, withPasskeys(func(p *model.Policies) { p.SessionLimit.Total, p.SessionAlert.Enabled = 2, true }), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		phone := securityKey()
		addedPasskey(t, s, phone, session)
		block(t, s, id, true)
		asked := s.Call(t, askEntry, nil, on(localPage)).Want(201)
		forger := &testkit.Authenticator{Origin: localPage}
		unknown := s.Call(t, askPasskey, nil, testkit.As(func() string { _, other := s.Member(t, "jesse@example.com"); return other }()), on(localPage)).Want(201)
		forger.Create(t, unknown.Get("options")) // never added
		s.Call(t, enterBy, reaction(asked, forger.Get(t, asked.Get("options"))), on(localPage)).Want(401, passkeyInvalid)
		entered(t, s, phone).Want(403, "user_blocked")
		block(t, s, id, false)

		// The oldest sessions make room, and by policy the person is told.
		s.Messages(t)
		first := entered(t, s, phone).Want(201).Session()
		entered(t, s, phone).Want(201)
		s.Clock.Advance(time.Second)
		entered(t, s, phone).Want(201)
		if got := s.Call(t, "GET /v1/account/sessions", nil, testkit.As(entered(t, s, phone).Want(201).Session())).Want(200).Get("total"); got != 2.0 {
			t.Errorf("%v sessions", got)
		}
		s.Call(t, whoAmI, nil, testkit.As(first)).Want(401)
		if list := kinds(t, s); !slices.Contains(list, model.MessageSessionAlert+" "+walter) {
			t.Errorf("told of %v", list)
		}
		s.Call(t, enterBy, testkit.Map{"challengeId": "x", "credential": testkit.Map{}}, testkit.As(entered(t, s, phone).Session())).Want(401, "user_session_already_exists")
	})
}

func TestPasskeysAreLimited(t *testing.T) {
	each(t, withPasskeys(nil), func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		me, page, phone := testkit.As(session), on(localPage), securityKey()
		for range 24 {
			addedPasskey(t, s, phone, session)
		}
		one, two := s.Call(t, askPasskey, nil, me, page).Want(201), s.Call(t, askPasskey, nil, me, page).Want(201)
		s.Call(t, addPasskey, reaction(one, phone.Create(t, one.Get("options"))), me, page).Want(201)
		s.Call(t, addPasskey, reaction(two, phone.Create(t, two.Get("options"))), me, page).Want(400, "user_passkey_limit_exceeded")
		s.Call(t, askPasskey, nil, me, page).Want(400, "user_passkey_limit_exceeded")
	})
}

// One answer sent by many at once signs in once, adds one passkey, proves one factor.
func TestOneAnswerOfAPasskeyUsedManyTimesAtOnce(t *testing.T) {
	each(t, withPasskeys(func(p *model.Policies) { p.SessionLimit.Total = 100 }), func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		me, page, phone := testkit.As(session), on(localPage), securityKey()
		phone.Countless = true // so that nothing but the challenge holds them back
		made := s.Call(t, askPasskey, nil, me, page).Want(201)
		body := reaction(made, phone.Create(t, made.Get("options")))
		once := func(what, kind string, ends map[string]int) {
			if ends["ok"] != 1 || ends[kind] != atOnceMany-1 {
				t.Errorf("%s: %v", what, ends)
			}
		}
		once("adding", passkeyInvalid, testkit.AtOnce(atOnceMany, func(int) *testkit.Reply { return s.Call(t, addPasskey, body, me, page) }))
		entry := s.Call(t, askEntry, nil, page).Want(201)
		body = reaction(entry, phone.Get(t, entry.Get("options")))
		once("signing in", passkeyInvalid, testkit.AtOnce(atOnceMany, func(int) *testkit.Reply { return s.Call(t, enterBy, body, page) }))
		factor := s.Call(t, askFactor, nil, me, page).Want(201)
		body = reaction(factor, phone.Get(t, factor.Get("options")))
		once("second factor", passkeyInvalid, testkit.AtOnce(atOnceMany, func(int) *testkit.Reply { return s.Call(t, answerFactor, body, me, page) }))
		if got := s.Call(t, listPasskeys, nil, me).Want(200).Get("total"); got != 1.0 {
			t.Errorf("%v passkeys", got)
		}
	})
}

// Two copies of a counting authenticator, used at once with a challenge each: one of them is refused.
func TestACopyUsedAtOnce(t *testing.T) {
	each(t, withPasskeys(nil), func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		phone := securityKey()
		addedPasskey(t, s, phone, session)
		bodies := make([]testkit.Map, 20)
		for i := range bodies {
			twin := *phone
			asked := s.Call(t, askEntry, nil, on(localPage)).Want(201)
			bodies[i] = reaction(asked, twin.Get(t, asked.Get("options")))
		}
		if ends := testkit.AtOnce(len(bodies), func(i int) *testkit.Reply { return s.Call(t, enterBy, bodies[i], on(localPage)) }); ends["ok"] != 1 || ends[passkeyInvalid] != len(bodies)-1 {
			t.Errorf("%v", ends)
		}
	})
}

func TestAPasskeyAsSecondFactor(t *testing.T) {
	each(t, withPasskeys(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		me, page, phone := testkit.As(session), on(localPage), securityKey()
		if got := string(s.Call(t, listFactors, nil, me).Want(200).Body); strings.Contains(got, "passkey") {
			t.Errorf("factors %s", got)
		}
		s.Call(t, askFactor, nil, me, page).Want(404, "user_passkey_not_found")
		made := addedPasskey(t, s, phone, session)
		s.Call(t, switchMFA, testkit.Map{"mfa": true}, me).Want(200)
		if got := factorsOf(s.Call(t, "GET /v1/account/sessions/current", nil, me).Want(200)); !slices.Equal(got, []string{"password", "passkey"}) {
			t.Errorf("the session that switched it on has proved %v", got)
		}

		half := testkit.As(s.SignIn(t, walter))
		s.Call(t, whoAmI, nil, half).Want(401, moreFactors)
		s.Call(t, listPasskeys, nil, half).Want(401, moreFactors)
		s.Call(t, askPasskey, nil, half, page).Want(401, moreFactors)
		if s.Call(t, listFactors, nil, half).Want(200).Get("passkey") != true {
			t.Error("the factor is not listed")
		}
		for format, want := range map[string]string{"1.6.0": `{"totp":false,"phone":false,"email":false,"recoveryCode":false,"custom":false}`,
			"2.3.0": `{"totp":false,"phone":false,"email":false,"recoveryCode":false,"custom":false,"passkey":true}`} {
			if got := string(s.Call(t, listFactors, nil, half, testkit.Header{"X-Appwrite-Response-Format", format}).Want(200).Body); got != want {
				t.Errorf("%s: %s", format, got)
			}
		}
		asked := s.Call(t, askFactor, nil, half, page).Want(201)
		if len(asked.Get("options.allowCredentials").([]any)) != 1 {
			t.Errorf("%s", asked.Body)
		}
		body := reaction(asked, phone.Get(t, asked.Get("options")))
		s.Call(t, answerFactor, body, testkit.As(s.SignIn(t, walter)), page).Want(401, passkeyInvalid) // of another session
		done := s.Call(t, answerFactor, body, half, page).Want(200)
		if got := factorsOf(done); !slices.Equal(got, []string{"password", "passkey"}) || done.Text("mfaUpdatedAt") == "" {
			t.Errorf("%s", done.Body)
		}
		s.Call(t, whoAmI, nil, half).Want(200)
		s.Call(t, answerFactor, body, half, page).Want(401, passkeyInvalid)

		// A sign-in with the passkey alone is both factors, and fresh.
		whole := testkit.As(entered(t, s, phone).Want(201).Session())
		s.Call(t, whoAmI, nil, whole).Want(200)
		s.Call(t, makeCodes, nil, whole).Want(201)
		s.Call(t, showCodes, nil, whole).Want(200)

		// What protects the account is changed after a fresh challenge alone.
		for route, body := range map[string]any{askPasskey: nil, addPasskey: reaction(asked, testkit.Map{}), "DELETE /v1/account/passkeys/" + made: nil} {
			s.Call(t, route, body, me, page).Want(401, notFresh)
		}
		s.Clock.Advance(freshLifetime + time.Second)
		s.Call(t, askPasskey, nil, whole, page).Want(401, notFresh)
		asked = s.Call(t, askFactor, nil, whole, page).Want(201)
		s.Call(t, answerFactor, reaction(asked, phone.Get(t, asked.Get("options"))), whole, page).Want(200)
		s.Call(t, "DELETE /v1/account/passkeys/"+made, nil, whole, page).Want(204)
		if user := stored(t, s, id); user.Passkeys != 0 || !user.MFA {
			t.Errorf("%d passkeys, mfa %v", user.Passkeys, user.MFA)
		}
	})
}

// Whoever has lost the device asks the people behind the app.
func TestServersHelpWithPasskeys(t *testing.T) {
	each(t, withPasskeys(nil), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		phone := securityKey()
		made := addedPasskey(t, s, phone, session)
		in := testkit.As(entered(t, s, phone).Want(201).Session())
		reader, writer := testkit.Header{"X-Appwrite-Key", s.Key(t, nil, "users.read")}, testkit.Header{"X-Appwrite-Key", s.Key(t, nil, "users.write")}
		if list := s.Call(t, "GET /v1/users/"+id+"/passkeys", nil, reader).Want(200); list.Get("total") != 1.0 || list.Text("passkeys.0.$id") != made {
			t.Errorf("%s", list.Body)
		}
		s.Call(t, "GET /v1/users/nobody/passkeys", nil, reader).Want(404, "user_not_found")
		path := "DELETE /v1/users/" + id + "/passkeys/"
		s.Call(t, path+made, nil, reader).Want(401, "general_unauthorized_scope")
		s.Call(t, path+"nothing", nil, writer).Want(404, "user_passkey_not_found")
		s.Call(t, "DELETE /v1/users/nobody/passkeys/"+made, nil, writer).Want(404, "user_not_found")
		s.Messages(t)
		s.Call(t, path+made, nil, writer).Want(204)
		if m := s.Message(t); m.To != walter || m.Values["factor"] != "passkeyremoved" {
			t.Errorf("%+v", m)
		}
		s.Call(t, whoAmI, nil, in).Want(401)
		entered(t, s, phone).Want(401, passkeyInvalid)
	})
}

// What somebody may have prepared in an account goes when its owner proves the address, and with a user all of it.
func TestPasskeysGoWithTheirAccount(t *testing.T) {
	each(t, withPasskeys(func(p *model.Policies) { p.FirstProofWipe.Enabled = true }), func(t *testing.T, s *testkit.Server) {
		id, session := s.Member(t, walter)
		phone, page := securityKey(), on(localPage)
		addedPasskey(t, s, phone, session)
		open := s.Call(t, askPasskey, nil, testkit.As(session), page).Want(201)
		entered(t, s, phone).Want(201)
		s.Messages(t)
		s.Call(t, "POST /v1/account/tokens/email", testkit.Map{"userId": id, "email": walter}).Want(201)
		code := s.Message(t).Values["otp"]
		owner := s.Call(t, "POST /v1/account/sessions/token", testkit.Map{"userId": id, "secret": code}).Want(201).Session()
		entered(t, s, phone).Want(401, passkeyInvalid)
		if got := s.Call(t, listPasskeys, nil, testkit.As(owner)).Want(200).Get("total"); got != 0.0 {
			t.Errorf("%v passkeys", got)
		}
		if _, err := s.DB.Ceremony(t.Context(), testkit.Demo, open.Text("$id"), model.At(s.Clock.Now())); err == nil {
			t.Error("a challenge from before is still open")
		}
		addedPasskey(t, s, phone, owner)
		open = s.Call(t, askPasskey, nil, testkit.As(owner), page).Want(201)
		s.Call(t, "DELETE /v1/account", nil, testkit.As(owner)).Want(204)
		if list, err := s.DB.Passkeys(t.Context(), testkit.Demo, id); err != nil || len(list) != 0 {
			t.Errorf("%v, %v", list, err)
		}
		if _, err := s.DB.Ceremony(t.Context(), testkit.Demo, open.Text("$id"), model.At(s.Clock.Now())); err == nil {
			t.Error("a challenge outlives its user")
		}
	})
}

// The challenge is in the database: what one node has asked another takes the answer to.
func TestTwoNodesHoldOneCeremony(t *testing.T) {
	each(t, withPasskeys(nil), func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		node, page, phone := s.Node(t), on(localPage), securityKey()
		asked := s.Call(t, askPasskey, nil, testkit.As(session), page).Want(201)
		node.Call(t, addPasskey, reaction(asked, phone.Create(t, asked.Get("options"))), testkit.As(session), page).Want(201)
		entry := node.Call(t, askEntry, nil, page).Want(201)
		s.Call(t, enterBy, reaction(entry, phone.Get(t, entry.Get("options"))), page).Want(201)
	})
}

// Another project's passkeys and challenges are nothing here, even where both have the same pages.
func TestPasskeysBelongToTheirProject(t *testing.T) {
	each(t, withPasskeys(nil), func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		phone, page := securityKey(), on(localPage)
		addedPasskey(t, s, phone, session)
		settings := model.DefaultSettings()
		settings.Policies.Passkeys.Enabled = true
		s.Write(t, func(tx *store.Tx) {
			tx.UpsertProject(&model.Project{ID: "other", Name: "Other", Settings: settings})
			tx.UpsertPlatform(&model.Platform{Project: "other", ID: "local", Type: model.PlatformWeb, Name: "Local", Value: "localhost"})
		})
		there := testkit.Header{"X-Appwrite-Project", "other"}
		asked := s.Call(t, askEntry, nil, page, there).Want(201)
		s.Call(t, enterBy, reaction(asked, phone.Get(t, asked.Get("options"))), page).Want(401, passkeyInvalid)
		s.Call(t, enterBy, reaction(asked, phone.Get(t, asked.Get("options"))), page, there).Want(401, passkeyInvalid)
	})
}

// The domain follows the page, and the policy decides where it says so.
func TestTheDomainOfAPasskey(t *testing.T) {
	o := withPasskeys(nil)
	o.Platforms = append(o.Platforms, model.Platform{Type: model.PlatformWeb, ID: "all", Name: "All", Value: "*.example.net"})
	each(t, o, func(t *testing.T, s *testkit.Server) {
		domain := func(asked, origin string) string {
			body := testkit.Map{}
			if asked != "" {
				body["rpId"] = asked
			}
			reply := s.Call(t, askEntry, body, on(origin))
			if reply.Status != 201 {
				return strconv.Itoa(reply.Status) + " " + reply.Text("type")
			}
			return reply.Text("options.rpId")
		}
		const invalid = "400 general_argument_invalid"
		for _, c := range []struct{ asked, origin, want string }{
			{"", localPage, "localhost"},
			{"", "https://app.example.com", "app.example.com"},
			{"", "https://tenant.example.net", "tenant.example.net"},
			{"", "https://auth.example.com", invalid}, // our own host is no page of the project
			{"", "", invalid},                         // an app, and two hosts to choose from
			{"example.com", "https://app.example.com", "example.com"},
			{"example.net", "https://tenant.example.net", "example.net"},
			{"com", "https://app.example.com", invalid},
			{"other.example", "https://app.example.com", invalid},
			{"evil-example.com", "https://app.example.com", invalid},
			{"app.example.com", "", "app.example.com"},
		} {
			if got := domain(c.asked, c.origin); got != c.want {
				t.Errorf("%q on %q: %s, want %s", c.asked, c.origin, got, c.want)
			}
		}
		set(t, s, func(p *model.Policies) { p.Passkeys.RPIDs = []string{"example.com"} })
		for _, c := range []struct{ asked, origin, want string }{
			{"", "https://app.example.com", "example.com"}, {"", "https://tenant.example.net", "example.com"}, {"", "", "example.com"},
			{"app.example.com", "https://app.example.com", invalid},
		} {
			if got := domain(c.asked, c.origin); got != c.want {
				t.Errorf("by policy, %q on %q: %s, want %s", c.asked, c.origin, got, c.want)
			}
		}
	})
}

func TestChallengesThatNobodyAnsweredAreSwept(t *testing.T) {
	each(t, withPasskeys(nil), func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		s.Call(t, askPasskey, nil, testkit.As(session), on(localPage)).Want(201)
		s.Call(t, askEntry, nil, on(localPage)).Want(201)
		if n := clean(t, s); n != 0 {
			t.Errorf("%d open ones are gone", n)
		}
		s.Clock.Advance(5*time.Minute + time.Second)
		if n := clean(t, s); n != 2 {
			t.Errorf("%d of 2 are gone", n)
		}
	})
}

// Asking and answering are counted: by address while nobody is known, by person afterwards.
func TestPasskeysInTheRateLimit(t *testing.T) {
	o := withPasskeys(nil)
	o.NoLimits = false
	each(t, o, func(t *testing.T, s *testkit.Server) {
		_, session := s.Member(t, walter)
		for route, c := range map[string]struct {
			body any
			who  testkit.Header
			most string
		}{
			askEntry: {nil, on(localPage), "300"}, enterBy: {testkit.Map{"challengeId": "x", "credential": testkit.Map{}}, on(localPage), "60"},
			askPasskey: {nil, testkit.As(session), "60"}, addPasskey: {nil, testkit.As(session), "60"},
			askFactor: {nil, testkit.As(session), "60"}, answerFactor: {nil, testkit.As(session), "60"},
		} {
			reply := s.Call(t, route, c.body, c.who)
			if got := reply.Header.Get("X-Ratelimit-Limit"); got != c.most {
				t.Errorf("%s: %s tries", route, got)
			}
		}
		wrong := testkit.Map{"challengeId": "x", "credential": testkit.Map{}}
		for range 59 {
			s.Call(t, enterBy, wrong, on(localPage)).Want(401, passkeyInvalid)
		}
		s.Call(t, enterBy, wrong, on(localPage)).Want(429, "general_rate_limit_exceeded")
	})
}
