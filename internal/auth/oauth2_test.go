package auth_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/testkit"
)

func TestSignInAtAProvider(t *testing.T) {
	withProvider(t, testkit.Options{}, func(t *testing.T, r *rig) {
		b := r.browser(t)
		secret := session(t, b.signIn("oidc", ada()))
		me := r.me(t, secret)
		if me.Text("email") != "ada@example.com" || me.Get("emailVerification") != true || me.Text("name") != "Ada Lovelace" || me.Text("targets.0.identifier") != "ada@example.com" {
			t.Errorf("%s", me.Body)
		}
		current := r.Call(t, "GET /v1/account/sessions/current", nil, testkit.As(secret)).Want(200)
		if current.Text("provider") != "oidc" || current.Text("providerUid") != "ada" || !strings.HasPrefix(current.Text("providerAccessToken"), "access-") ||
			current.Text("providerAccessTokenExpiry") != model.At(r.Clock.Now().Add(time.Hour)).String() || !strings.HasPrefix(current.Text("providerRefreshToken"), "refresh-") {
			t.Errorf("%s", current.Body)
		}
		for name := range b.cookies {
			if strings.Contains(name, "lk_oauth") {
				t.Errorf("the cookie %s is still there", name)
			}
		}
		again := session(t, r.browser(t).signIn("oidc", with(ada(), claims{"email": "ada@elsewhere.example"})))
		if r.me(t, again).Text("$id") != me.Text("$id") {
			t.Error("the identity is known, and somebody else came")
		}
		other := session(t, r.browser(t).signIn("github", with(ada(), claims{"sub": 583231})))
		if r.me(t, other).Text("$id") != me.Text("$id") {
			t.Error("a vouched address joined nobody")
		}
	})
}

// Whoever may only read users must not be able to act as them at their providers.
func TestReadersSeeNoProviderTokens(t *testing.T) {
	withProvider(t, testkit.Options{}, func(t *testing.T, r *rig) {
		id := r.me(t, session(t, r.browser(t).signIn("oidc", ada()))).Text("$id")
		for list, call := range map[string]string{"sessions": "GET /v1/users/" + id + "/sessions", "identities": "GET /v1/users/identities"} {
			tokens := func(scopes ...string) string {
				got := r.Call(t, call, nil, testkit.Header{"X-Appwrite-Key", r.Key(t, nil, scopes...)}).Want(200)
				return got.Text(list+".0.provider") + " " + got.Text(list+".0.providerAccessToken") + got.Text(list+".0.providerRefreshToken")
			}
			if got := tokens("users.read"); got != "oidc " {
				t.Errorf("a reader of %s is shown %q", list, got)
			}
			if got := tokens("users.read", "users.write"); !strings.Contains(got, "access-") || !strings.Contains(got, "refresh-") {
				t.Errorf("a writer is shown %q in %s", got, list)
			}
		}
	})
}

// A server may have given an address to somebody as a target. That keeps nobody out who proves it at a provider.
func TestAnAddressThatIsATargetSignsIn(t *testing.T) {
	withProvider(t, testkit.Options{}, func(t *testing.T, r *rig) {
		key := testkit.Header{"X-Appwrite-Key", r.Key(t, nil, "*")}
		r.Call(t, "POST /v1/users", testkit.Map{"userId": "jesse"}, key).Want(201)
		r.Call(t, "POST /v1/users/jesse/targets", testkit.Map{"targetId": "work", "providerType": "email", "identifier": "ada@example.com"}, key).Want(201)
		if me := r.me(t, session(t, r.browser(t).signIn("oidc", ada()))); me.Text("email") != "ada@example.com" || me.Text("targets.0.identifier") != "" {
			t.Errorf("%s", me.Body)
		}
		guest := r.Call(t, "POST /v1/account/sessions/anonymous", nil).Want(201).Session()
		r.Call(t, "POST /v1/users/jesse/targets", testkit.Map{"targetId": "home", "providerType": "email", "identifier": "grace@example.com"}, key).Want(201)
		grown := session(t, r.browser(t).as(guest).signIn("oidc", with(ada(), claims{"sub": "grace", "email": "grace@example.com"})))
		if me := r.me(t, grown); me.Text("email") != "grace@example.com" {
			t.Errorf("%s", me.Body)
		}
	})
}

func TestTheTokenFlow(t *testing.T) {
	withProvider(t, testkit.Options{}, func(t *testing.T, r *rig) {
		got := r.browser(t).tokenIn("oidc", ada())
		if len(got) != 2 || len(got.Get("secret")) > 256 || len(got.Get("secret")) < 64 {
			t.Errorf("%v", got)
		}
		body := testkit.Map{"userId": got.Get("userId"), "secret": got.Get("secret")}
		signed := r.Call(t, exchange, body).Want(201)
		if signed.Text("provider") != "oidc" || signed.Text("providerUid") != "ada" || !strings.HasPrefix(signed.Text("providerAccessToken"), "access-") || len(signed.Get("factors").([]any)) != 2 {
			t.Errorf("%s", signed.Body)
		}
		r.Call(t, exchange, body).Want(401, "user_invalid_token")
		late := r.browser(t).tokenIn("oidc", ada())
		r.Clock.Advance(61 * time.Second)
		r.Call(t, exchange, testkit.Map{"userId": late.Get("userId"), "secret": late.Get("secret")}).Want(401, "user_invalid_token")
	})
}

func TestAServerStartsTheTokenFlow(t *testing.T) {
	withProvider(t, testkit.Options{}, func(t *testing.T, r *rig) {
		key := r.Key(t, nil, "sessions.write")
		q := url.Values{"success": {success}, "failure": {failure}}
		server := r.Call(t, "GET "+oauth2Token+"oidc?"+q.Encode(), nil, testkit.Header{"X-Appwrite-Key", key}).Want(301)
		if server.Header.Get("Set-Cookie") != "" {
			t.Error("a server got a cookie")
		}
		// The browser that comes back has never been here.
		got := landed(t, r.browser(t).back("oidc", r.op.consent(t, server.Header.Get("Location"), ada())), success)
		r.Call(t, exchange, testkit.Map{"userId": got.Get("userId"), "secret": got.Get("secret")}).Want(201)
	})
}

func TestAnAnonymousUserBecomesSomebody(t *testing.T) {
	withProvider(t, testkit.Options{}, func(t *testing.T, r *rig) {
		guest := r.Call(t, anonymous, nil).Want(201)
		b := r.browser(t).as(guest.Session())
		secret := session(t, b.signIn("oidc", ada()))
		me := r.me(t, secret)
		if me.Text("$id") != guest.Text("userId") || me.Text("email") != "ada@example.com" || me.Get("emailVerification") != true || me.Text("targets.0.identifier") != "ada@example.com" {
			t.Errorf("%s", me.Body)
		}
		r.Call(t, whoAmI, nil, testkit.As(guest.Session())).Want(401) // one session became the other
	})
}

func TestASignedInUserAddsAnIdentity(t *testing.T) {
	withProvider(t, testkit.Options{}, func(t *testing.T, r *rig) {
		id, first := r.Member(t, walter)
		secret := session(t, r.browser(t).as(first).signIn("oidc", ada()))
		if me := r.me(t, secret); me.Text("$id") != id || me.Text("email") != walter {
			t.Errorf("%s", me.Body)
		}
		if later := r.me(t, session(t, r.browser(t).signIn("oidc", ada()))); later.Text("$id") != id {
			t.Error("the identity does not lead to the account it was added to")
		}
		// Somebody else cannot add it.
		_, second := r.Member(t, "jesse@example.com")
		if kind := kindOf(t, r.browser(t).as(second).signIn("oidc", ada())); kind != "user_already_exists" {
			t.Error(kind)
		}
	})
}

func TestAPreparedAccountIsEmptied(t *testing.T) {
	withProvider(t, testkit.Options{}, func(t *testing.T, r *rig) {
		// A stranger signs up with an address that is not theirs, and leaves what they can.
		id := r.SignUp(t, "ada@example.com")
		stranger := r.SignIn(t, "ada@example.com")
		parked := session(t, r.browser(t).as(stranger).signIn("github", claims{"sub": 666, "name": "M", "email": "m@evil.example", "email_verified": true}))
		r.Messages(t)

		secret := session(t, r.browser(t).signIn("oidc", ada()))
		if me := r.me(t, secret); me.Text("$id") != id || me.Get("emailVerification") != true {
			t.Errorf("%s", me.Body)
		}
		r.Call(t, whoAmI, nil, testkit.As(parked)).Want(401)
		r.Call(t, signIn, credentials("ada@example.com", testkit.Password)).Want(401, "user_invalid_credentials")
		if other := r.me(t, session(t, r.browser(t).signIn("github", claims{"sub": 666, "name": "M", "email": "m@evil.example", "email_verified": true}))); other.Text("$id") == id {
			t.Error("the stranger's identity still opens the account")
		}
		if m := r.Messages(t); len(m) != 1 || m[0].Kind != model.NoticeProven || m[0].To != "ada@example.com" {
			t.Errorf("told: %+v", m)
		}
	})
}

func TestAProvedAccountKeepsEverything(t *testing.T) {
	withProvider(t, testkit.Options{}, func(t *testing.T, r *rig) {
		id, there := r.Member(t, "ada@example.com")
		markVerified(t, r, id)
		secret := session(t, r.browser(t).signIn("oidc", ada()))
		if r.me(t, secret).Text("$id") != id {
			t.Error("the owner got another account")
		}
		r.me(t, there)
		r.SignIn(t, "ada@example.com")
	})
}

func TestProjectsMayRefuseUnprovedAccounts(t *testing.T) {
	withProvider(t, testkit.Options{}, func(t *testing.T, r *rig) {
		trust(t, r, func(p *model.TrustEmail) { p.RefuseUnverified = true })
		r.SignUp(t, "ada@example.com")
		if kind := kindOf(t, r.browser(t).signIn("oidc", ada())); kind != "general_bad_request" {
			t.Error(kind)
		}
		r.SignIn(t, "ada@example.com")
	})
}

func TestPeopleWithoutAnAddress(t *testing.T) {
	withProvider(t, testkit.Options{}, func(t *testing.T, r *rig) {
		nobody := claims{"sub": "silent", "name": "S"}
		if kind := kindOf(t, r.browser(t).signIn("oidc", nobody)); kind != "user_unauthorized" {
			t.Error(kind)
		}
		trust(t, r, func(p *model.TrustEmail) { p.Optional = true })
		first := r.me(t, session(t, r.browser(t).signIn("oidc", nobody)))
		if first.Text("email") != "" {
			t.Errorf("%s", first.Body)
		}
		// A second one is not the first, and the first comes back when the provider says nothing any more.
		second := r.me(t, session(t, r.browser(t).signIn("oidc", claims{"sub": "silent too"})))
		again := r.me(t, session(t, r.browser(t).signIn("oidc", nobody)))
		if second.Text("$id") == first.Text("$id") || again.Text("$id") != first.Text("$id") {
			t.Error("people without an address are mixed up")
		}
	})
}

func TestExtendingASessionRenewsTokens(t *testing.T) {
	withProvider(t, testkit.Options{}, func(t *testing.T, r *rig) {
		secret := session(t, r.browser(t).signIn("oidc", ada()))
		before := r.Call(t, "GET /v1/account/sessions/current", nil, testkit.As(secret)).Want(200)
		r.Clock.Advance(time.Minute)
		after := r.Call(t, "PATCH /v1/account/sessions/current", nil, testkit.As(secret)).Want(200)
		if after.Text("providerAccessToken") == before.Text("providerAccessToken") || after.Text("providerRefreshToken") == before.Text("providerRefreshToken") ||
			after.Text("providerAccessTokenExpiry") <= before.Text("providerAccessTokenExpiry") || after.Text("expire") <= before.Text("expire") {
			t.Errorf("%s\n%s", before.Body, after.Body)
		}
		r.Call(t, "PATCH /v1/account/sessions/current", nil, testkit.As(secret)).Want(200) // they rotate, and the new one is used
		for status, kind := range map[int]string{400: "user_oauth2_bad_request", 401: "user_oauth2_unauthorized", 503: "user_oauth2_provider_error"} {
			r.op.broken = func(*http.Request) *http.Response { return said(status, map[string]any{"error": "no"}) }
			kept := r.Call(t, "GET /v1/account/sessions/current", nil, testkit.As(secret)).Want(200)
			r.Clock.Advance(time.Minute)
			want := status
			if status == 503 {
				want = 424
			}
			r.Call(t, "PATCH /v1/account/sessions/current", nil, testkit.As(secret)).Want(want, kind)
			if now := r.Call(t, "GET /v1/account/sessions/current", nil, testkit.As(secret)).Want(200); string(now.Body) != string(kept.Body) {
				t.Errorf("%d changed the session", status)
			}
			r.op.broken = nil
		}
		r.Call(t, "PATCH /v1/account/sessions/current", nil, testkit.As(secret)).Want(200)
		// A provider that is switched off is not asked.
		asked := len(r.op.asked)
		r.SetProvider(t, testkit.Demo, "oidc", testkit.Map{"enabled": false, "clientId": "app", "wellKnownURL": wellKnown}, nil)
		r.Call(t, "PATCH /v1/account/sessions/current", nil, testkit.As(secret)).Want(200)
		if len(r.op.asked) != asked {
			t.Error("the provider was asked")
		}
	})
}

func TestExtendingAtOnceBurnsNoToken(t *testing.T) {
	withProvider(t, testkit.Options{}, func(t *testing.T, r *rig) {
		secret := session(t, r.browser(t).signIn("oidc", ada()))
		statuses := make(chan int, 8)
		for range cap(statuses) {
			go func() { statuses <- r.Call(t, "PATCH /v1/account/sessions/current", nil, testkit.As(secret)).Status }()
		}
		for range cap(statuses) {
			if status := <-statuses; status != 200 {
				t.Errorf("%d", status)
			}
		}
		r.Call(t, "PATCH /v1/account/sessions/current", nil, testkit.As(secret)).Want(200)
	})
}

func TestTwoFirstSignInsAtOnceAreOnePerson(t *testing.T) {
	withProvider(t, testkit.Options{}, func(t *testing.T, r *rig) {
		secrets := make(chan string, 6)
		for range cap(secrets) {
			go func() { secrets <- r.browser(t).signIn("oidc", ada()).Session() }()
		}
		ids := map[string]bool{}
		for range cap(secrets) {
			if secret := <-secrets; secret != "" {
				ids[r.me(t, secret).Text("$id")] = true
			} else {
				t.Error("a sign-in failed")
			}
		}
		if len(ids) != 1 {
			t.Errorf("%d people came of one", len(ids))
		}
	})
}

// Alerts are of sign-ins that end here. One that a browser brings back from a provider is none of them, whether it
// signs somebody in or adds an identity; what an app does with a token is.
func TestWhichSignInsAtAProviderAreAlerted(t *testing.T) {
	alerting := testkit.Options{Settings: func(s *model.Settings) { s.Policies.SessionAlert.Enabled = true }}
	withProvider(t, alerting, func(t *testing.T, r *rig) {
		r.browser(t).signIn("oidc", ada())
		second := session(t, r.browser(t).signIn("oidc", ada()))
		session(t, r.browser(t).as(second).signIn("github", with(ada(), claims{"sub": 583231})))
		if list := kinds(t, r.Server); len(list) != 0 {
			t.Errorf("the browser's sign-ins were told: %v", list)
		}
		got := r.browser(t).tokenIn("oidc", ada())
		r.Call(t, exchange, testkit.Map{"userId": got.Get("userId"), "secret": got.Get("secret")}).Want(201)
		if list := kinds(t, r.Server); len(list) != 1 || list[0] != "sessionAlert ada@example.com" {
			t.Errorf("the app's sign-in was told: %v", list)
		}
	})
}

func TestWhereASignInLands(t *testing.T) {
	app := testkit.Options{Platforms: []model.Platform{{Type: model.PlatformAndroid, ID: "a", Name: "A", Value: "com.example.app"}, {Type: model.PlatformScheme, ID: "s", Name: "S", Value: "myapp"}}}
	withProvider(t, app, func(t *testing.T, r *rig) {
		for _, c := range []struct{ route, success, want string }{
			{oauth2Session, "http://localhost:3000/cb?a=b+c&b[]=2#frag", "http://localhost:3000/cb?a=b+c&b[]=2#frag"},
			{oauth2Token, "http://localhost", "http://localhost/?secret=S&userId=U#"},
			{oauth2Token, "http://localhost:3000/cb?a=b+c&b[]=2#frag", "http://localhost:3000/cb?a=b+c&b[]=2&secret=S&userId=U#frag"},
			{oauth2Token, "http://localhost/cb?secret=old&x=1", "http://localhost/cb?x=1&secret=S&userId=U#"},
			{oauth2Token, "http://localhost/#/route?x=1", "http://localhost/?secret=S&userId=U#/route?x=1"},
			{oauth2Token, "appwrite-callback-demo://", "appwrite-callback-demo:///?secret=S&userId=U#"},
			{oauth2Token, "myapp:/cb", "myapp:/cb?secret=S&userId=U#"},
			{oauth2Token, "exp://192.168.0.2:8081/--/x", "exp://192.168.0.2:8081/--/x?secret=S&userId=U#"},
			{oauth2Token, "", "https://auth.example.com/console/auth/oauth2/success?secret=S&userId=U&project=demo#"},
			{oauth2Session, "", "https://auth.example.com/console/auth/oauth2/success?project=demo&key=a_session_demo&secret=S#"},
			{oauth2Session, "http://localhost", "http://localhost/#"},
			{oauth2Session, "myapp:/cb", "myapp:/cb#"},
			{oauth2Session, "http://localhost/console/auth/oauth2/success", "http://localhost/console/auth/oauth2/success#"},
		} {
			b := r.browser(t)
			reply := b.back("oidc", r.op.consent(t, b.start(c.route, "oidc", url.Values{"success": {c.success}}), ada())).Want(301)
			got := reply.Header.Get("Location")
			if at, err := url.Parse(got); err == nil {
				got = strings.ReplaceAll(got, "secret="+url.QueryEscape(at.Query().Get("secret")), "secret=S")
				got = strings.ReplaceAll(got, "userId="+at.Query().Get("userId"), "userId=U")
			}
			if got != c.want {
				t.Errorf("%s: landed at %s, want %s", c.success, got, c.want)
			}
			for name, want := range map[string]string{"Referrer-Policy": "no-referrer"} {
				if reply.Header.Get(name) != want || !strings.Contains(reply.Header.Get("Cache-Control"), "no-store") {
					t.Errorf("%s: %v", c.success, reply.Header)
				}
			}
		}
		// Failures: our own page is told the project, others are not.
		for to, project := range map[string]string{"": testkit.Demo, failure: ""} {
			b := r.browser(t)
			location := b.start(oauth2Session, "oidc", url.Values{"failure": {to}})
			state := r.op.consent(t, location, ada()).Get("state")
			reply := b.back("oidc", url.Values{"error": {"access_denied"}, "error_description": {"no, thanks"}, "state": {state}}).Want(301)
			at, err := url.Parse(reply.Header.Get("Location"))
			if err != nil || at.Query().Get("project") != project || !strings.Contains(at.Query().Get("error"), "access_denied no, thanks") || !strings.HasSuffix(reply.Header.Get("Location"), "#") {
				t.Errorf("%s %v", at, err)
			}
		}
	})
}

func TestAFormFromApple(t *testing.T) {
	withProvider(t, testkit.Options{}, func(t *testing.T, r *rig) {
		b := r.browser(t)
		answer := r.op.consent(t, b.start(oauth2Session, "oidc", nil), with(ada(), claims{"name": ""}))
		answer.Set("mode", "admin")
		forward := r.Call(t, "POST "+oauth2Session+"callback/oidc/demo", answer.Encode(), testkit.Header{"X-Appwrite-Project", ""},
			testkit.Header{"Content-Type", "application/x-www-form-urlencoded"}, testkit.Header{"Origin", "https://appleid.apple.com"}).Want(303)
		to := forward.Header.Get("Location")
		if strings.Contains(to, "mode") || !strings.Contains(to, "/redirect?code=code-") || !strings.HasSuffix(to, "&project=demo") {
			t.Errorf("%s", to)
		}
		session(t, b.open(strings.TrimPrefix(to, "https://auth.example.com")))
	})
}

func TestLookingAheadSpoilsNothing(t *testing.T) {
	withProvider(t, testkit.Options{}, func(t *testing.T, r *rig) {
		b := r.browser(t)
		answer := r.op.consent(t, b.start(oauth2Session, "oidc", nil), ada())
		b.back("oidc", answer, testkit.Header{"Sec-Purpose", "prefetch;prerender"})
		path := oauth2Session + "oidc/redirect?project=demo&" + answer.Encode()
		b.open(path, testkit.Header{"Sec-Purpose", "prefetch"}).Want(204)
		session(t, b.open(path))
	})
}

// markVerified marks a user's address as proved.
func markVerified(t testing.TB, r *rig, id string) {
	t.Helper()
	user, err := r.DB.UserByID(t.Context(), testkit.Demo, id)
	if err != nil {
		t.Fatal(err)
	}
	user.EmailVerification = true
	writeVerified(t, r, user)
}
