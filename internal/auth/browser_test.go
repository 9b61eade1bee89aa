package auth_test

import (
	"net/url"
	"strings"
	"testing"

	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// The routes of sign-in at a provider.
const (
	oauth2Session = "/v1/account/sessions/oauth2/"
	oauth2Token   = "/v1/account/tokens/oauth2/"
	success       = "http://localhost/success"
	failure       = "http://localhost/failure"
	exchange      = "POST /v1/account/sessions/token"
)

// rig is a server with a provider, and whoever is at it.
type rig struct {
	*testkit.Server
	op *op
}

// withProvider runs a test on every engine, with the providers oidc and github set up.
func withProvider(t *testing.T, o testkit.Options, test func(t *testing.T, r *rig)) {
	t.Helper()
	t.Parallel()
	o.NoLimits = true
	testkit.Engines(t, func(t *testing.T, db *store.DB) { test(t, newRig(t, db, o)) })
}

func newRig(t *testing.T, db *store.DB, o testkit.Options) *rig {
	t.Helper()
	provider := newOP(t)
	provider.clock = testkit.NewClock()
	o.Providers = provider
	r := &rig{testkit.Serve(t, db, provider.clock, o), provider}
	r.SetProvider(t, testkit.Demo, "oidc", testkit.Map{"enabled": true, "clientId": "app", "wellKnownURL": wellKnown}, map[string]string{"clientSecret": "secret-of-app"})
	r.SetProvider(t, testkit.Demo, "github", testkit.Map{"enabled": true, "clientId": "hub"}, map[string]string{"clientSecret": "secret-of-hub"})
	return r
}

// browser keeps cookies, as browsers do.
type browser struct {
	*rig
	t       testing.TB
	cookies map[string]string
}

func (r *rig) browser(t testing.TB) *browser { return &browser{r, t, map[string]string{}} }

// as is a browser in which somebody is signed in.
func (b *browser) as(session string) *browser {
	b.cookies["a_session_"+testkit.Demo] = session
	return b
}

// open opens an address of the server. Its answer is never followed by itself.
func (b *browser) open(path string, headers ...testkit.Header) *testkit.Reply {
	b.t.Helper()
	var pairs []string
	for name, value := range b.cookies {
		pairs = append(pairs, name+"="+value)
	}
	all := append([]testkit.Header{{"X-Appwrite-Project", ""}, {"Accept", "application/json"}, {"Cookie", strings.Join(pairs, "; ")}}, headers...)
	method := "GET "
	if strings.HasPrefix(path, "POST ") {
		method = ""
	}
	reply := b.Call(b.t, method+path, nil, all...)
	for _, line := range reply.Header.Values("Set-Cookie") {
		name, rest, _ := strings.Cut(line, "=")
		value, _, _ := strings.Cut(rest, ";")
		value = strings.ReplaceAll(value, "%3D", "=")
		if value == "" || value == "deleted" {
			delete(b.cookies, name)
		} else {
			b.cookies[name] = value
		}
	}
	return reply
}

// start begins a sign-in and returns where the provider is.
func (b *browser) start(route, provider string, q url.Values, headers ...testkit.Header) string {
	b.t.Helper()
	query := url.Values{"project": {testkit.Demo}, "success": {success}, "failure": {failure}}
	for name, values := range q {
		query[name] = values
	}
	return b.open(route+provider+"?"+query.Encode(), headers...).Want(301).Header.Get("Location")
}

// back comes back from the provider: the callback, then the project's own route.
func (b *browser) back(provider string, answer url.Values, headers ...testkit.Header) *testkit.Reply {
	b.t.Helper()
	forward := b.open(oauth2Session+"callback/"+provider+"/"+testkit.Demo+"?"+answer.Encode(), headers...)
	if forward.Status != 301 {
		return forward
	}
	return b.open(strings.TrimPrefix(forward.Header.Get("Location"), "https://auth.example.com"), headers...)
}

// signIn goes the whole way with the cookie flow.
func (b *browser) signIn(provider string, who claims) *testkit.Reply {
	b.t.Helper()
	return b.back(provider, b.op.consent(b.t, b.start(oauth2Session, provider, nil), who))
}

// tokenIn goes the whole way with the token flow and returns what the success URL gets.
func (b *browser) tokenIn(provider string, who claims) url.Values {
	b.t.Helper()
	return landed(b.t, b.back(provider, b.op.consent(b.t, b.start(oauth2Token, provider, nil), who)), success)
}

// landed checks where a sign-in ended and returns the query.
func landed(t testing.TB, reply *testkit.Reply, want string) url.Values {
	t.Helper()
	reply.Want(301)
	at, err := url.Parse(reply.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	if q := at.Query(); at.Scheme+"://"+at.Host+at.Path != want {
		t.Fatalf("landed at %s, want %s\n%s", at, want, q.Get("error"))
	}
	return at.Query()
}

// session returns the session that the answer's cookie carries, of a sign-in that went well.
func session(t testing.TB, reply *testkit.Reply) string {
	t.Helper()
	if landed(t, reply, success); reply.Session() == "" {
		t.Fatal("no session came")
	}
	return reply.Session()
}

// kindOf is how a sign-in failed: the type in the failure URL, or of the answer; empty if it did not.
func kindOf(t testing.TB, reply *testkit.Reply) string {
	t.Helper()
	if reply.Status != 301 {
		return reply.Text("type")
	}
	at, err := url.Parse(reply.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	told := at.Query().Get("error")
	_, kind, _ := strings.Cut(told, `"type":"`)
	kind, _, _ = strings.Cut(kind, `"`)
	if told != "" && reply.Session() != "" {
		t.Error("a failure comes with a session")
	}
	return kind
}

// ada is everybody's example of somebody at a provider.
func ada() claims {
	return claims{"sub": "ada", "name": "Ada Lovelace", "email": "Ada@Example.com", "email_verified": true}
}

// with is a copy with some other claims.
func with(who claims, other claims) claims {
	changed := claims{}
	for name, value := range who {
		changed[name] = value
	}
	for name, value := range other {
		changed[name] = value
	}
	return changed
}

// me is the account of a session.
func (r *rig) me(t testing.TB, session string) *testkit.Reply {
	t.Helper()
	return r.Call(t, whoAmI, nil, testkit.As(session)).Want(200)
}

// trust changes the policy on addresses.
func trust(t testing.TB, r *rig, change func(*model.TrustEmail)) {
	t.Helper()
	set(t, r.Server, func(p *model.Policies) { change(&p.TrustEmail) })
}
