package auth_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/oauth2"

	"latchkey/internal/testkit"
)

// The provider's own address, and GitHub's, which it plays too.
const (
	issuer    = "https://op.example.com"
	wellKnown = issuer + "/.well-known/openid-configuration"
)

// claims are who somebody is at the provider.
type claims = map[string]any

// op is an OpenID provider, and a GitHub, in the place of the internet. It holds to what it was told at the
// authorization endpoint: a code is good once, for the client, redirect URI and verifier it was given out for.
type op struct {
	mu      sync.Mutex
	clock   *testkit.Clock
	key     *ecdsa.PrivateKey
	grants  map[string]grant  // by code
	access  map[string]claims // by access token
	asked   []string          // requests to the token endpoint
	refresh map[string]claims
	broken  func(r *http.Request) *http.Response // answers in its place, if it does
	lies    func(idToken claims)                 // changes id tokens before they are signed
}

type grant struct {
	who                        claims
	redirect, challenge, nonce string
	client                     string
}

func newOP(t testing.TB) *op {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &op{key: key, grants: map[string]grant{}, access: map[string]claims{}, refresh: map[string]claims{}}
}

// consent is what a person does at the authorization endpoint: the answer is what the browser brings back.
func (p *op) consent(t testing.TB, location string, who claims) url.Values {
	t.Helper()
	at, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	q := at.Query()
	p.mu.Lock()
	defer p.mu.Unlock()
	code := "code-" + rand.Text()
	p.grants[code] = grant{who, q.Get("redirect_uri"), q.Get("code_challenge"), q.Get("nonce"), q.Get("client_id")}
	back := url.Values{"code": {code}, "state": {q.Get("state")}}
	if strings.HasPrefix(location, issuer) {
		back.Set("iss", issuer)
	}
	return back
}

// RoundTrip implements http.RoundTripper.
func (p *op) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.broken != nil {
		if answer := p.broken(r); answer != nil {
			return answer, nil
		}
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	switch at := r.URL.Scheme + "://" + r.URL.Host + r.URL.Path; at {
	case wellKnown:
		return said(200, map[string]any{"issuer": issuer, "authorization_endpoint": issuer + "/auth", "token_endpoint": issuer + "/token",
			"userinfo_endpoint": issuer + "/me", "jwks_uri": issuer + "/jwks", "authorization_response_iss_parameter_supported": true}), nil
	case issuer + "/jwks":
		return said(200, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &p.key.PublicKey, KeyID: "k", Algorithm: "ES256", Use: "sig"}}}), nil
	case issuer + "/token", "https://github.com/login/oauth/access_token":
		return p.token(r), nil
	case issuer + "/me":
		who := p.access[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
		if who == nil {
			return said(401, map[string]any{"error": "invalid_token"}), nil
		}
		return said(200, who), nil
	case "https://api.github.com/user":
		who := p.access[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
		return said(200, map[string]any{"id": who["sub"], "name": who["name"], "login": "x"}), nil
	case "https://api.github.com/user/emails":
		who := p.access[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
		return said(200, []any{map[string]any{"email": who["email"], "verified": who["email_verified"], "primary": true}}), nil
	}
	return said(404, map[string]any{"error": "not_found"}), nil
}

// token is the token endpoint.
func (p *op) token(r *http.Request) *http.Response {
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	p.asked = append(p.asked, form.Get("grant_type"))
	client, secret, basic := r.BasicAuth()
	if !basic {
		client, secret = form.Get("client_id"), form.Get("client_secret")
	}
	if secret != "secret-of-"+client {
		return said(401, map[string]any{"error": "invalid_client"})
	}
	if form.Get("grant_type") == "refresh_token" {
		old := form.Get("refresh_token")
		who := p.refresh[old]
		if who == nil {
			return said(400, map[string]any{"error": "invalid_grant"})
		}
		delete(p.refresh, old) // they rotate
		return said(200, p.tokens(who))
	}
	code := form.Get("code")
	g, known := p.grants[code]
	delete(p.grants, code)
	if !known || g.client != client || g.redirect != form.Get("redirect_uri") || g.challenge != oauth2.S256ChallengeFromVerifier(form.Get("code_verifier")) {
		return said(400, map[string]any{"error": "invalid_grant", "error_description": "the code is not good"})
	}
	tokens := p.tokens(g.who)
	if strings.HasPrefix(r.URL.String(), issuer) {
		tokens["id_token"] = p.idToken(client, g.nonce, g.who)
	}
	return said(200, tokens)
}

func (p *op) tokens(who claims) map[string]any {
	access, refresh := "access-"+rand.Text(), "refresh-"+rand.Text()
	p.access[access], p.refresh[refresh] = who, who
	return map[string]any{"access_token": access, "refresh_token": refresh, "expires_in": 3600, "token_type": "bearer"}
}

// idToken signs what the provider says about somebody.
func (p *op) idToken(client, nonce string, who claims) string {
	now := p.clock.Now()
	all := claims{"iss": issuer, "aud": client, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
	if nonce != "" {
		all["nonce"] = nonce
	}
	maps.Copy(all, who)
	if p.lies != nil {
		p.lies(all)
	}
	token := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims(all))
	token.Header["kid"] = "k"
	text, err := token.SignedString(p.key)
	if err != nil {
		panic(err)
	}
	return text
}

func said(status int, body any) *http.Response {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(text))}
}
