package oauth

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

var update = flag.Bool("update", false, "write the golden files anew")

// noon is the moment that the doubles live in.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// double is a provider as it was seen to answer.
type double struct {
	Settings map[string]any             `json:"settings"`
	Secrets  map[string]string          `json:"secrets"`
	Token    json.RawMessage            `json:"token"`
	IDToken  map[string]any             `json:"id_token"`
	Extras   map[string]string          `json:"extras"`
	Redirect string                     `json:"redirect"`
	Answers  map[string]json.RawMessage `json:"answers"`
	Cases    map[string]map[string]any  `json:"cases"`
}

// profileCase is what came of one case, as the golden file holds it.
type profileCase struct {
	UID      string `json:"uid,omitempty"`
	Email    string `json:"email,omitempty"`
	Name     string `json:"name,omitempty"`
	Verified bool   `json:"verified"`
	Vouches  bool   `json:"vouches"`
	OptedIn  bool   `json:"vouchesWhenOptedIn"`
	Refused  string `json:"refused,omitempty"`
}

// golden is what we do with a provider.
type golden struct {
	Authorize string                 `json:"authorize"`
	Exchange  []string               `json:"exchange"`
	Refresh   []string               `json:"refresh"`
	Profiles  map[string]profileCase `json:"profiles"`
}

var testKeys = sync.OnceValues(func() (*rsa.PrivateKey, string) {
	signing, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	p8, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(p8)
	if err != nil {
		panic(err)
	}
	return signing, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
})

// wire stands in for the internet: it answers as the double says and remembers what was asked.
type wire struct {
	t       *testing.T
	token   []byte
	answers map[string]json.RawMessage
	idToken string
	seen    []string
}

// RoundTrip implements http.RoundTripper.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	address := r.Method + " " + r.URL.String()
	kind, body := "application/json", []byte(nil)
	host := r.URL.Scheme + "://" + r.URL.Host
	switch path := r.URL.Path; {
	case w.answers[address] != nil && r.Method == "GET" && strings.HasSuffix(path, wellKnown):
		return respond(200, kind, w.answers[address]), nil
	case strings.HasSuffix(path, wellKnown):
		issuer := host + strings.TrimSuffix(path, wellKnown)
		if strings.HasSuffix(r.URL.Host, "auth0.com") {
			issuer += "/"
		}
		return respond(200, kind, mustJSON(map[string]any{"issuer": issuer, "jwks_uri": host + "/test-keys"})), nil
	case path == "/test-keys" || path == "/jwks":
		return respond(200, kind, jwks()), nil
	case r.Method == http.MethodPost && !strings.Contains(address, "get_current_account"):
		w.seen = append(w.seen, w.written(r))
		var form struct {
			Form string `json:"form"`
		}
		if json.Unmarshal(w.token, &form) == nil && form.Form != "" {
			return respond(200, "application/x-www-form-urlencoded", []byte(form.Form)), nil
		}
		body = w.token
		if w.idToken != "" {
			var members map[string]any
			if err := json.Unmarshal(body, &members); err != nil {
				w.t.Fatal(err)
			}
			members["id_token"] = w.idToken
			body = mustJSON(members)
		}
		return respond(200, kind, body), nil
	}
	w.seen = append(w.seen, w.written(r))
	if proof := r.URL.Query().Get("appsecret_proof"); len(proof) == 64 {
		address = strings.Replace(address, proof, "{proof}", 1)
	}
	if w.answers[address] == nil {
		w.t.Errorf("nobody answers %s", address)
		return respond(404, kind, []byte("{}")), nil
	}
	return respond(200, kind, w.answers[address]), nil
}

func respond(status int, kind string, body []byte) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(bytes.NewReader(body))}
}

// written writes a request down, every header and the body to the byte.
func (w *wire) written(r *http.Request) string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		lines = append(lines, name+": "+strings.Join(r.Header[name], ", "))
	}
	body := []byte(nil)
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	text := r.Method + " " + r.URL.String() + "\n" + strings.Join(lines, "\n") + "\n\n" + string(body)
	return w.masked(text)
}

// masked takes out what differs from run to run, once it has been looked at.
func (w *wire) masked(text string) string {
	_, p8 := testKeys()
	i := strings.Index(text, "client_secret=ey")
	if i < 0 {
		return text
	}
	made := text[i+len("client_secret="):]
	made, rest, _ := strings.Cut(made, "&")
	key, err := signingKey(p8)
	if err != nil {
		w.t.Fatal(err)
	}
	var claims jwt.RegisteredClaims
	token, err := jwt.ParseWithClaims(made, &claims, func(*jwt.Token) (any, error) { return &key.PublicKey, nil },
		jwt.WithValidMethods([]string{"ES256"}), jwt.WithTimeFunc(func() time.Time { return noon }), jwt.WithAudience("https://appleid.apple.com"), jwt.WithSubject("com.example.web"), jwt.WithIssuer("TEAM123456"))
	if err != nil || token.Header["kid"] != "KEY1234567" || !claims.ExpiresAt.Equal(noon.Add(5*time.Minute)) {
		w.t.Fatalf("the client secret is not what Apple wants: %v %v", err, token)
	}
	return text[:i] + "client_secret={ES256}&" + rest
}

func mustJSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}

// sign makes an id token of claims.
func sign(claims map[string]any) string {
	key, _ := testKeys()
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims(claims))
	token.Header["kid"] = "key-1"
	text, err := token.SignedString(key)
	if err != nil {
		panic(err)
	}
	return text
}

func jwks() []byte {
	key, _ := testKeys()
	return mustJSON(map[string]any{"keys": []any{jwkOf(key)}})
}

// login is the login that all doubles answer to.
func login(a *App, redirect string) *Login {
	if redirect == "" {
		redirect = "https://auth.example.org/v1/account/sessions/oauth2/callback/" + a.ID + "/demo"
	}
	return &Login{State: "state-1", RedirectURI: a.RedirectURI(redirect), Scopes: a.WantedScopes([]string{"extra"}), Verifier: "verifier-0123456789-0123456789-0123456789-ok", Nonce: "nonce-1"}
}

// run goes through one case of a double.
func (d *double) run(t *testing.T, p *Provider, change map[string]any) (golden, profileCase) {
	t.Helper()
	w := &wire{t: t, token: d.Token, answers: maps.Clone(d.Answers)}
	if w.answers == nil {
		w.answers = map[string]json.RawMessage{}
	}
	settings, secrets, extras, claims := maps.Clone(d.Settings), maps.Clone(d.Secrets), maps.Clone(d.Extras), d.IDToken
	if extras == nil {
		extras = map[string]string{}
	}
	for name, value := range change {
		switch name {
		case "token":
			w.token = mustJSON(value)
		case "settings":
			maps.Copy(settings, value.(map[string]any))
		case "id_token":
			claims, _ = value.(map[string]any)
		case "extras":
			for k, v := range value.(map[string]any) {
				extras[k] = v.(string)
			}
		case "answers":
			for address, answer := range value.(map[string]any) {
				w.answers[address] = mustJSON(answer)
			}
		}
	}
	for name, value := range secrets {
		if value == "{p8}" {
			_, secrets[name] = testKeys()
		}
	}
	c := NewClient(&http.Client{Transport: w}, func() time.Time { return noon })
	a, err := c.Configure(p, settings, secrets)
	if err != nil {
		t.Fatal(err)
	}
	if claims != nil {
		whole := map[string]any{"exp": noon.Add(time.Hour).Unix(), "iat": noon.Unix(), "nonce": "nonce-1"}
		maps.Copy(whole, claims)
		w.idToken = sign(whole)
	}
	return a.play(t, w, login(a, d.Redirect), Extras{User: extras["user"], AccountsServer: extras["accountsServer"], Issuer: extras["iss"]})
}

// play does what a login does and writes down what came of it.
func (a *App) play(t *testing.T, w *wire, l *Login, extras Extras) (g golden, c profileCase) {
	t.Helper()
	ctx := context.Background()
	var err error
	if g.Authorize, err = a.AuthorizationURL(ctx, l); err != nil {
		c.Refused = err.Error()
		return g, c
	}
	tokens, profile, err := a.Exchange(ctx, l, "code-1", extras)
	if err != nil {
		var refusal *Refusal
		if !errors.As(err, &refusal) && !errors.Is(err, ErrNoUserID) {
			t.Errorf("an error of a kind that nobody expects: %v", err)
		}
		c.Refused = err.Error()
		return g, c
	}
	g.Exchange, w.seen = w.seen, nil
	c = profileCase{UID: profile.UID, Email: profile.Email, Name: profile.Name, Verified: profile.Verified, Vouches: a.Vouches(profile, false), OptedIn: a.Vouches(profile, true)}
	if a.NoRefresh {
		return g, c
	}
	w.idToken = ""
	fresh, err := a.Refresh(ctx, "refresh-0")
	if err != nil || fresh.Access != tokens.Access || fresh.Refresh == "" {
		t.Errorf("refresh: %v %v", fresh, err)
	}
	g.Refresh = w.seen
	return g, c
}

// TestEveryProvider holds every row against a double of its provider: what is sent to the byte, what is made of
// the answers, and what the provider's word about the address is worth.
func TestEveryProvider(t *testing.T) {
	t.Parallel()
	for _, id := range IDs() {
		p := Find(id)
		t.Run(id, func(t *testing.T) {
			if p.Refused != "" {
				return
			}
			var d double
			text, err := os.ReadFile(filepath.Join("testdata", "doubles", id+".json"))
			if err != nil {
				t.Fatalf("the provider has no double: %v", err)
			}
			if err := json.Unmarshal(text, &d); err != nil {
				t.Fatal(err)
			}
			got, usual := d.run(t, p, nil)
			if usual.Refused != "" {
				t.Fatalf("the usual login is refused: %s", usual.Refused)
			}
			got.Profiles = map[string]profileCase{"usual": usual}
			for name, change := range d.Cases {
				_, came := d.run(t, p, change)
				if (came.Refused != "") != (change["error"] == true) {
					t.Errorf("%s: %+v", name, came)
				}
				got.Profiles[name] = came
			}
			compare(t, filepath.Join("testdata", "golden", id+".json"), got)
		})
	}
}

// compare holds a value against a golden file.
func compare(t *testing.T, path string, got golden) {
	t.Helper()
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(got); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("the provider has no golden profile: %v", err)
	}
	if !bytes.Equal(want, text.Bytes()) {
		t.Errorf("%s differs; got\n%s", path, text.Bytes())
	}
}

// TestFilesHaveRows fails for a double or a golden profile of no provider.
func TestFilesHaveRows(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"doubles", "golden"} {
		files, err := filepath.Glob(filepath.Join("testdata", folder, "*.json"))
		if err != nil || len(files) < 40 {
			t.Errorf("%s: %d files, %v", folder, len(files), err)
		}
		for _, file := range files {
			if Find(strings.TrimSuffix(filepath.Base(file), ".json")) == nil {
				t.Errorf("%s belongs to no provider", file)
			}
		}
	}
}
