package auth_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// writeVerified writes whether a user's address is proved.
func writeVerified(t testing.TB, r *rig, user *model.User) {
	t.Helper()
	r.Write(t, func(tx *store.Tx) { tx.UpdateUserVerified(user) })
}

// attack is something that must not work, and the honest thing that looks most like it, which must.
type attack struct {
	name string
	want string // the fault's type
	do   func(t *testing.T, r *rig) string
	twin func(t *testing.T, r *rig)
}

const (
	invalid = "general_argument_invalid"
	refusal = "user_oauth2_provider_failure"
)

// honest is the twin of most attacks: the whole way, undisturbed.
func honest(t *testing.T, r *rig) { session(t, r.browser(t).signIn("oidc", ada())) }

// answered starts a sign-in in a browser and returns what the provider answers.
func answered(t *testing.T, b *browser, who claims) url.Values {
	t.Helper()
	return b.op.consent(t, b.start(oauth2Session, "oidc", nil), who)
}

// changed goes the whole way with one change of the provider's answer.
func changed(edit func(url.Values)) func(*testing.T, *rig) string {
	return func(t *testing.T, r *rig) string {
		b := r.browser(t)
		answer := answered(t, b, ada())
		edit(answer)
		return kindOf(t, b.back("oidc", answer))
	}
}

// started is how a start with one parameter is refused.
func started(name, value string) func(*testing.T, *rig) string {
	return func(t *testing.T, r *rig) string {
		q := url.Values{"project": {testkit.Demo}, "success": {success}, "failure": {failure}}
		q.Set(name, value)
		return r.browser(t).open(oauth2Session + "oidc?" + q.Encode()).Want(400).Text("type")
	}
}

// startable is the twin: a parameter that is fine.
func startable(name, value string) func(*testing.T, *rig) {
	return func(t *testing.T, r *rig) { r.browser(t).start(oauth2Session, "oidc", url.Values{name: {value}}) }
}

// lying goes the whole way with an id token that the provider has changed.
func lying(lie func(claims)) func(*testing.T, *rig) string {
	return func(t *testing.T, r *rig) string {
		r.op.lies = lie
		defer func() { r.op.lies = nil }()
		return kindOf(t, r.browser(t).signIn("oidc", ada()))
	}
}

// arrives is how somebody is refused.
func arrives(provider string, who claims) func(*testing.T, *rig) string {
	return func(t *testing.T, r *rig) string { return kindOf(t, r.browser(t).signIn(provider, who)) }
}

// failing goes the whole way while the provider is not itself.
func failing(answer func(*http.Request) *http.Response) func(*testing.T, *rig) string {
	return func(t *testing.T, r *rig) string {
		b := r.browser(t)
		back := answered(t, b, ada())
		r.op.broken = answer
		defer func() { r.op.broken = nil }()
		return kindOf(t, b.back("oidc", back))
	}
}

func at(path string, status int, body string) func(*http.Request) *http.Response {
	return func(r *http.Request) *http.Response {
		if !strings.HasSuffix(r.URL.Path, path) {
			return nil
		}
		return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}, "Location": {"http://169.254.169.254/"}}, Body: io.NopCloser(strings.NewReader(body))}
	}
}

var attacks = []attack{
	// Login CSRF: whoever lures a browser to a callback must not decide who is signed in there.
	{"a callback in a browser that started nothing", invalid, func(t *testing.T, r *rig) string {
		return kindOf(t, r.browser(t).back("oidc", answered(t, r.browser(t), ada())))
	}, honest},
	{"a callback that would add the attacker's identity to the victim", invalid, func(t *testing.T, r *rig) string {
		_, victim := r.Member(t, "victim@example.com")
		answer := answered(t, r.browser(t), with(ada(), claims{"sub": "mallory", "email": "m@evil.example"}))
		return kindOf(t, r.browser(t).as(victim).back("oidc", answer))
	}, func(t *testing.T, r *rig) {
		_, member := r.Member(t, "member@example.com")
		session(t, r.browser(t).as(member).signIn("oidc", with(ada(), claims{"sub": "member"})))
	}},
	{"a state that nobody gave out", invalid, changed(func(q url.Values) { q.Set("state", "c3RhdGU") }), honest},
	{"no state", invalid, changed(func(q url.Values) { q.Del("state") }), honest},
	{"a readable state, as old servers had it", invalid, changed(func(q url.Values) { q.Set("state", `{"success":"https://evil.example","failure":"","token":true}`) }), honest},
	{"two states", invalid, func(t *testing.T, r *rig) string {
		b := r.browser(t)
		answer := answered(t, b, ada())
		answer["state"] = []string{answer.Get("state"), "other"}
		return kindOf(t, b.back("oidc", answer))
	}, honest},
	{"the cookie of another sign-in", invalid, func(t *testing.T, r *rig) string {
		b, other := r.browser(t), r.browser(t)
		answer := answered(t, b, ada())
		answered(t, other, ada())
		for name := range b.cookies {
			for _, value := range other.cookies {
				b.cookies[name] = value
			}
		}
		return kindOf(t, b.back("oidc", answer))
	}, func(t *testing.T, r *rig) { // two at once in one browser
		b := r.browser(t)
		first, second := answered(t, b, ada()), answered(t, b, ada())
		session(t, b.back("oidc", second))
		session(t, b.back("oidc", first))
	}},
	{"a session that was not there at the start does not get the identity", "", func(t *testing.T, r *rig) string {
		b := r.browser(t)
		answer := answered(t, b, with(ada(), claims{"sub": "later", "email": "later@example.com"}))
		id, victim := r.Member(t, "victim2@example.com")
		if r.me(t, session(t, b.as(victim).back("oidc", answer))).Text("$id") == id {
			t.Error("whoever signed in meanwhile got the identity")
		}
		return ""
	}, honest},
	{"another session of the same user does not get the identity", "", func(t *testing.T, r *rig) string {
		id, first := r.Member(t, "two@example.com")
		b := r.browser(t).as(first)
		answer := answered(t, b, with(ada(), claims{"sub": "two", "email": "two@elsewhere.example"}))
		if r.me(t, session(t, b.as(r.SignIn(t, "two@example.com")).back("oidc", answer))).Text("$id") == id {
			t.Error("another session got the identity")
		}
		return ""
	}, honest},
	{"who signed out meanwhile gets nothing added", "", func(t *testing.T, r *rig) string {
		id, member := r.Member(t, "out@example.com")
		b := r.browser(t).as(member)
		answer := answered(t, b, with(ada(), claims{"sub": "out", "email": "out@elsewhere.example"}))
		r.Call(t, "DELETE /v1/account/sessions/current", nil, testkit.As(member)).Want(204)
		if r.me(t, session(t, b.back("oidc", answer))).Text("$id") == id {
			t.Error("a session that had ended got the identity")
		}
		return ""
	}, honest},
	{"a server header proves nothing", invalid, func(t *testing.T, r *rig) string {
		q := url.Values{"project": {testkit.Demo}, "success": {success}, "failure": {failure}}
		location := r.browser(t).open(oauth2Token+"oidc?"+q.Encode(), testkit.Header{"X-Sdk-Name", "Node.js"}).Want(301).Header.Get("Location")
		return kindOf(t, r.browser(t).back("oidc", r.op.consent(t, location, ada())))
	}, serverStarts},
	{"a key for other things", "general_unauthorized_scope", func(t *testing.T, r *rig) string {
		return r.Call(t, "GET "+oauth2Token+"oidc", nil, testkit.Header{"X-Appwrite-Key", r.Key(t, nil, "users.read")}, testkit.Header{"Accept", "application/json"}).Want(401).Text("type")
	}, serverStarts},
	{"an invented key", "user_unauthorized", func(t *testing.T, r *rig) string {
		return r.Call(t, "GET "+oauth2Token+"oidc", nil, testkit.Header{"X-Appwrite-Key", "standard_" + strings.Repeat("0", 256)}, testkit.Header{"Accept", "application/json"}).Want(401).Text("type")
	}, serverStarts},
	{"a server's session flow in a browser", invalid, func(t *testing.T, r *rig) string {
		q := url.Values{"success": {success}, "failure": {failure}}
		location := r.Call(t, "GET "+oauth2Session+"oidc?"+q.Encode(), nil, testkit.Header{"X-Appwrite-Key", r.Key(t, nil, "sessions.write")}).Want(301).Header.Get("Location")
		return kindOf(t, r.browser(t).back("oidc", r.op.consent(t, location, ada())))
	}, serverStarts},
	{"an unbound sign-in adds to nobody who is signed in", "", func(t *testing.T, r *rig) string {
		id, victim := r.Member(t, "bound@example.com")
		q := url.Values{"success": {success}, "failure": {failure}}
		location := r.Call(t, "GET "+oauth2Token+"oidc?"+q.Encode(), nil, testkit.Header{"X-Appwrite-Key", r.Key(t, nil, "sessions.write")}, testkit.As(victim)).Want(301).Header.Get("Location")
		got := landed(t, r.browser(t).as(victim).back("oidc", r.op.consent(t, location, with(ada(), claims{"sub": "unbound", "email": "unbound@evil.example"}))), success)
		if got.Get("userId") == id {
			t.Error("the identity was added to the browser's user")
		}
		r.me(t, victim) // and is still signed in
		return ""
	}, serverStarts},

	// Replay, and what belongs to something else.
	{"the same callback twice", invalid, func(t *testing.T, r *rig) string {
		b := r.browser(t)
		answer := answered(t, b, ada())
		kept := map[string]string{}
		for name, value := range b.cookies {
			kept[name] = value
		}
		session(t, b.back("oidc", answer))
		b.cookies = kept
		return kindOf(t, b.back("oidc", answer))
	}, honest},
	{"the same callback at once", invalid, func(t *testing.T, r *rig) string {
		b := r.browser(t)
		answer := answered(t, b, with(ada(), claims{"sub": "crowd", "email": "crowd@example.com"}))
		path := oauth2Session + "oidc/redirect?project=demo&" + answer.Encode()
		cookie := ""
		for name, value := range b.cookies {
			cookie = name + "=" + value
		}
		replies := make(chan *testkit.Reply, 8)
		for range cap(replies) {
			go func() {
				replies <- r.Call(t, "GET "+path, nil, testkit.Header{"X-Appwrite-Project", ""}, testkit.Header{"Accept", "application/json"}, testkit.Header{"Cookie", cookie})
			}()
		}
		signed := 0
		for range cap(replies) {
			if reply := <-replies; reply.Session() != "" {
				signed++
			} else if kind := kindOf(t, reply); kind != invalid {
				t.Errorf("a loser got %s", kind)
			}
		}
		if signed != 1 {
			t.Errorf("%d sessions came of one callback", signed)
		}
		return invalid
	}, honest},
	{"a code that was used", refusal, func(t *testing.T, r *rig) string {
		b := r.browser(t)
		first := answered(t, b, ada())
		session(t, b.back("oidc", first))
		second := answered(t, b, ada())
		second.Set("code", first.Get("code"))
		return kindOf(t, b.back("oidc", second))
	}, honest},
	{"a code of another sign-in", refusal, func(t *testing.T, r *rig) string {
		stolen := answered(t, r.browser(t), with(ada(), claims{"sub": "victim"}))
		b := r.browser(t)
		own := answered(t, b, ada())
		own.Set("code", stolen.Get("code"))
		return kindOf(t, b.back("oidc", own))
	}, honest},
	{"eleven minutes later", invalid, func(t *testing.T, r *rig) string {
		b := r.browser(t)
		answer := answered(t, b, ada())
		r.Clock.Advance(11 * time.Minute)
		return kindOf(t, b.back("oidc", answer))
	}, func(t *testing.T, r *rig) {
		b := r.browser(t)
		answer := answered(t, b, ada())
		r.Clock.Advance(9 * time.Minute)
		session(t, b.back("oidc", answer))
	}},
	{"a state of another provider", invalid, func(t *testing.T, r *rig) string {
		b := r.browser(t)
		return kindOf(t, b.back("github", answered(t, b, ada())))
	}, func(t *testing.T, r *rig) {
		session(t, r.browser(t).signIn("github", with(ada(), claims{"sub": 1, "email": "hub@example.com"})))
	}},
	{"a state of another project", invalid, func(t *testing.T, r *rig) string {
		b := r.browser(t)
		answer := answered(t, b, ada())
		r.SetProvider(t, model.ConsoleProject, "oidc", testkit.Map{"enabled": true, "clientId": "app", "wellKnownURL": wellKnown}, map[string]string{"clientSecret": "secret-of-app"})
		return kindOf(t, b.open(oauth2Session+"oidc/redirect?project=console&"+answer.Encode()))
	}, honest},
	{"a state is not spoiled by who may not use it", "", func(t *testing.T, r *rig) string {
		b := r.browser(t)
		answer := answered(t, b, with(ada(), claims{"sub": "calm", "email": "calm@example.com"}))
		r.browser(t).back("oidc", answer)
		b.open(oauth2Session + "oidc/redirect?project=console&" + answer.Encode())
		session(t, b.back("oidc", answer))
		return ""
	}, honest},
	{"a parameter that smuggles a mode", "", func(t *testing.T, r *rig) string {
		b := r.browser(t)
		answer := answered(t, b, ada())
		for name, value := range map[string]string{"mode": "admin", "devKey": "x", "impersonateUserId": "x", "locale": "de", "success": "https://evil.example", "projectId": "console"} {
			answer.Set(name, value)
		}
		to := b.open(oauth2Session + "callback/oidc/demo?" + answer.Encode()).Want(301).Header.Get("Location")
		at, err := url.Parse(to)
		if err != nil || len(at.Query()) != 4 || at.Query().Get("project") != testkit.Demo {
			t.Errorf("%s is passed on", to)
		}
		session(t, b.open(strings.TrimPrefix(to, "https://auth.example.com")))
		return ""
	}, honest},
	{"a mode at the last step", "", func(t *testing.T, r *rig) string {
		b := r.browser(t)
		session(t, b.open(oauth2Session+"oidc/redirect?mode=admin&project=demo&"+answered(t, b, ada()).Encode()))
		return ""
	}, honest},

	// Mix-up and injection (RFC 9700, 4.4, 4.5).
	{"another issuer in the callback", refusal, changed(func(q url.Values) { q.Set("iss", "https://other.example") }), honest},
	{"no issuer in the callback of a provider that names it", refusal, changed(func(q url.Values) { q.Del("iss") }), honest},
	{"a wrong nonce", "user_oauth2_provider_error", lying(func(c claims) { c["nonce"] = "other" }), honest},
	{"no nonce", "user_oauth2_provider_error", lying(func(c claims) { delete(c, "nonce") }), honest},
	{"a token for another client", "user_oauth2_provider_error", lying(func(c claims) { c["aud"] = "somebody else" }), honest},
	{"a token of another issuer", "user_oauth2_provider_error", lying(func(c claims) { c["iss"] = "https://other.example" }), honest},
	{"a token that has expired", "user_oauth2_provider_error", lying(func(c claims) { c["exp"] = 1 }), honest},
	{"a token of tomorrow", "user_oauth2_provider_error", lying(func(c claims) { c["iat"] = testkit.Start.Add(24*time.Hour).Unix() * 2 }), honest},
	{"a profile of somebody else", "user_oauth2_provider_error", lying(func(c claims) { c["sub"] = "somebody else" }), honest},
	{"a challenge that was taken out on the way", refusal, func(t *testing.T, r *rig) string {
		b := r.browser(t)
		location := b.start(oauth2Session, "oidc", nil)
		at, err := url.Parse(location)
		if err != nil || at.Query().Get("code_challenge_method") != "S256" {
			t.Fatalf("%s %v", location, err)
		}
		q := at.Query()
		q.Set("code_challenge", "")
		at.RawQuery = q.Encode()
		return kindOf(t, b.back("oidc", r.op.consent(t, at.String(), ada())))
	}, honest},
	{"no code", "user_oauth2_provider_error", changed(func(q url.Values) { q.Del("code") }), honest},
	{"an error and a code", "user_oauth2_provider_error", changed(func(q url.Values) { q.Set("error", "access_denied") }), honest},

	// Redirects.
	{"success at a stranger's", invalid, started("success", "https://evil.example/"), startable("success", "https://auth.example.com/x")},
	{"failure at a stranger's", invalid, started("failure", "https://evil.example/"), startable("failure", "http://localhost:8080/x")},
	{"a user name before the host", invalid, started("success", "http://localhost@evil.example/"), startable("success", "http://localhost/@x")},
	{"a backslash for a slash", invalid, started("success", `http://localhost\@evil.example/`), startable("success", "http://localhost/%5C")},
	{"no scheme", invalid, started("success", "//evil.example/"), startable("success", "http://localhost//x")},
	{"a script", invalid, started("success", "javascript:alert(1)//localhost"), startable("success", "http://localhost/?x=javascript:")},
	{"a host that begins like ours", invalid, started("success", "http://localhost.evil.example/"), startable("success", "http://localhost:1/")},
	{"an address that looks like this machine", invalid, started("success", "http://127.0.0.2/"), startable("success", "http://127.0.0.1/")},
	{"a line end", invalid, started("success", "http://localhost/\r\nSet-Cookie: a=b"), startable("success", "http://localhost/%0D%0A")},
	{"another project's app", invalid, started("success", "appwrite-callback-other://"), startable("success", "appwrite-callback-demo://")},
	{"somebody's development app", invalid, started("success", "exp://evil.example"), startable("success", "")},
	{"too long", invalid, started("success", "http://localhost/"+strings.Repeat("x", 2048)), startable("success", "http://localhost/"+strings.Repeat("x", 2000))},
	{"our own page's path at another host gets no session in its address", "", func(t *testing.T, r *rig) string {
		b := r.browser(t)
		location := b.start(oauth2Session, "oidc", url.Values{"success": {"http://localhost/console/auth/oauth2/success"}})
		if to := b.back("oidc", r.op.consent(t, location, ada())).Want(301).Header.Get("Location"); strings.Contains(to, "secret") {
			t.Errorf("%s", to)
		}
		return ""
	}, honest},
	{"a platform that was removed meanwhile", "project_invalid_success_url", func(t *testing.T, r *rig) string {
		project := func(change func(*store.Tx)) {
			r.Write(t, func(tx *store.Tx) { change(tx); tx.BumpSettingsVersion() })
			if err := r.Projects.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		project(func(tx *store.Tx) {
			tx.UpsertPlatform(&model.Platform{Project: testkit.Demo, ID: "gone", Type: model.PlatformWeb, Name: "Gone", Value: "gone.example.com"})
		})
		b := r.browser(t)
		answer := r.op.consent(t, b.start(oauth2Session, "oidc", url.Values{"success": {"https://gone.example.com/"}}), ada())
		project(func(tx *store.Tx) { tx.DeletePlatform(testkit.Demo, "gone") })
		return kindOf(t, b.back("oidc", answer))
	}, honest},

	// Whose account it is.
	{"an address that the provider does not vouch for", "general_bad_request", func(t *testing.T, r *rig) string {
		r.SignUp(t, "taken@example.com")
		return arrives("oidc", claims{"sub": "x", "email": "taken@example.com", "email_verified": false})(t, r)
	}, func(t *testing.T, r *rig) {
		session(t, r.browser(t).signIn("oidc", claims{"sub": "y", "email": "free@example.com", "email_verified": false}))
	}},
	{"the text false", "general_bad_request", func(t *testing.T, r *rig) string {
		r.SignUp(t, "taken2@example.com")
		return arrives("oidc", claims{"sub": "x", "email": "taken2@example.com", "email_verified": "false"})(t, r)
	}, func(t *testing.T, r *rig) {
		r.SignUp(t, "taken3@example.com")
		session(t, r.browser(t).signIn("oidc", claims{"sub": "z", "email": "taken3@example.com", "email_verified": "true"}))
	}},
	{"an address in capitals", "general_bad_request", func(t *testing.T, r *rig) string {
		r.SignUp(t, "caps@example.com")
		return arrives("oidc", claims{"sub": "x", "email": "CAPS@Example.COM", "email_verified": false})(t, r)
	}, honest},
	{"a server whose word the project does not take", "general_bad_request", func(t *testing.T, r *rig) string {
		r.SetProvider(t, testkit.Demo, "oidc", testkit.Map{"enabled": true, "clientId": "app", "wellKnownURL": wellKnown, "trustEmail": "never"}, map[string]string{"clientSecret": "secret-of-app"})
		r.SignUp(t, "word@example.com")
		return arrives("oidc", claims{"sub": "x", "email": "word@example.com", "email_verified": true})(t, r)
	}, func(t *testing.T, r *rig) {
		r.SignUp(t, "word@example.com")
		session(t, r.browser(t).signIn("github", claims{"sub": 5, "email": "word@example.com", "email_verified": true}))
	}},
	{"an address that another person's identity has", "general_bad_request", func(t *testing.T, r *rig) string {
		_, member := r.Member(t, "own@example.com")
		session(t, r.browser(t).as(member).signIn("github", claims{"sub": 7, "email": "side@example.com", "email_verified": true}))
		return arrives("oidc", claims{"sub": "x", "email": "side@example.com", "email_verified": true})(t, r)
	}, honest},
	{"an identity that somebody else has", "user_already_exists", func(t *testing.T, r *rig) string {
		session(t, r.browser(t).signIn("oidc", ada()))
		_, member := r.Member(t, "swap@example.com")
		return kindOf(t, r.browser(t).as(member).signIn("oidc", ada()))
	}, func(t *testing.T, r *rig) { // one's own, once more
		first := session(t, r.browser(t).signIn("oidc", ada()))
		session(t, r.browser(t).as(first).signIn("oidc", ada()))
	}},
	{"adding an identity with another person's address", "user_already_exists", func(t *testing.T, r *rig) string {
		r.SignUp(t, "theirs@example.com")
		_, member := r.Member(t, "mine@example.com")
		return kindOf(t, r.browser(t).as(member).signIn("oidc", claims{"sub": "x", "email": "theirs@example.com", "email_verified": true}))
	}, func(t *testing.T, r *rig) { // one that anybody could claim tells nothing about who has it
		r.SignUp(t, "theirs@example.com")
		_, member := r.Member(t, "mine@example.com")
		session(t, r.browser(t).as(member).signIn("oidc", claims{"sub": "x", "email": "theirs@example.com", "email_verified": false}))
	}},
	{"a blocked user", "user_blocked", func(t *testing.T, r *rig) string {
		id := r.me(t, session(t, r.browser(t).signIn("oidc", ada()))).Text("$id")
		blockUser(t, r, id)
		return arrives("oidc", ada())(t, r)
	}, honest},
	{"a blocked user, by their address", "user_blocked", func(t *testing.T, r *rig) string {
		blockUser(t, r, r.SignUp(t, "ada@example.com"))
		return arrives("oidc", ada())(t, r)
	}, honest},
	{"a project that is full", "user_count_exceeded", func(t *testing.T, r *rig) string {
		r.SignUp(t, "last@example.com")
		set(t, r.Server, func(p *model.Policies) { p.UserLimit.Total = 1 })
		defer set(t, r.Server, func(p *model.Policies) { p.UserLimit.Total = 0 })
		return arrives("oidc", ada())(t, r)
	}, honest},
	{"an address that the project does not take", "user_email_not_canonical", func(t *testing.T, r *rig) string {
		set(t, r.Server, func(p *model.Policies) { p.DenyAliased.Enabled = true })
		return arrives("oidc", with(ada(), claims{"email": "ada+x@gmail.com"}))(t, r)
	}, honest},
	{"an address that is none", "general_invalid_email", arrives("oidc", with(ada(), claims{"email": "not an address"})), honest},
	{"no user id", "user_oauth2_provider_error", lying(func(c claims) { c["sub"] = "" }), honest},
	{"a provider that is switched off", "project_provider_disabled", func(t *testing.T, r *rig) string {
		b := r.browser(t)
		answer := answered(t, b, ada())
		r.SetProvider(t, testkit.Demo, "oidc", testkit.Map{"enabled": false, "clientId": "app", "wellKnownURL": wellKnown}, nil)
		return kindOf(t, b.back("oidc", answer))
	}, honest},
	{"a provider that is refused", "project_provider_unsupported", func(t *testing.T, r *rig) string {
		return r.browser(t).open(oauth2Session + "resend?project=demo").Want(400).Text("type")
	}, honest},
	{"the test provider, outside of development", invalid, func(t *testing.T, r *rig) string {
		return r.browser(t).open(oauth2Session + "mock?project=demo").Want(400).Text("type")
	}, honest},
	{"an unlinked identity's token", "user_invalid_token", func(t *testing.T, r *rig) string {
		got := r.browser(t).tokenIn("oidc", ada())
		id, _, _ := strings.Cut(got.Get("secret"), ".")
		r.Write(t, func(tx *store.Tx) { tx.DeleteIdentity(testkit.Demo, got.Get("userId"), id) })
		return r.Call(t, exchange, testkit.Map{"userId": got.Get("userId"), "secret": got.Get("secret")}).Want(401).Text("type")
	}, honest},

	// A provider that is not itself.
	{"an error at the token endpoint", refusal, failing(at("/token", 400, `{"error":"invalid_grant"}`)), honest},
	{"an error with a 200", refusal, failing(at("/token", 200, `{"error":"invalid_grant"}`)), honest},
	{"no access token", refusal, failing(at("/token", 200, `{"token_type":"bearer"}`)), honest},
	{"garbage for tokens", refusal, failing(at("/token", 200, `<html>`)), honest},
	{"an endless answer", refusal, failing(at("/token", 200, `{"access_token":"`+strings.Repeat("x", 2<<20))), honest},
	{"a redirect to the inside", refusal, failing(at("/token", 307, ``)), honest},
	{"garbage for a profile", "user_oauth2_provider_error", failing(at("/me", 200, `[1`)), honest},
	{"an error for a profile", "user_oauth2_provider_error", failing(at("/me", 500, `{}`)), honest},
}

// serverStarts is a server that starts the token flow for a browser.
func serverStarts(t *testing.T, r *rig) {
	q := url.Values{"success": {success}, "failure": {failure}}
	location := r.Call(t, "GET "+oauth2Token+"oidc?"+q.Encode(), nil, testkit.Header{"X-Appwrite-Key", r.Key(t, nil, "sessions.write")}).Want(301).Header.Get("Location")
	landed(t, r.browser(t).back("oidc", r.op.consent(t, location, ada())), success)
}

func blockUser(t testing.TB, r *rig, id string) {
	t.Helper()
	user, err := r.DB.UserByID(t.Context(), testkit.Demo, id)
	if err != nil {
		t.Fatal(err)
	}
	user.Status = false
	r.Write(t, func(tx *store.Tx) { tx.UpdateUserStatus(user) })
}

// TestAttacks runs every attack and its honest twin, each on a server of its own.
func TestAttacks(t *testing.T) {
	t.Parallel()
	if len(attacks) < 40 {
		t.Fatalf("only %d attacks", len(attacks))
	}
	for _, a := range attacks {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			testkit.Engines(t, func(t *testing.T, db *store.DB) {
				r := newRig(t, db, testkit.Options{NoLimits: true})
				if got := a.do(t, r); got != a.want {
					t.Errorf("answered %q, want %q", got, a.want)
				}
			})
		})
		t.Run(a.name+": the twin", func(t *testing.T) {
			t.Parallel()
			testkit.Engines(t, func(t *testing.T, db *store.DB) {
				a.twin(t, newRig(t, db, testkit.Options{NoLimits: true}))
			})
		})
	}
}
