// Package oauth owns what is known about OAuth2 providers and how they are talked to: one table row a provider,
// the authorization URL, PKCE and nonce, the exchange of a code, id tokens, profiles, and renewing tokens. It
// knows no store and decides nothing about accounts: it says who somebody is at a provider, and whether the
// provider vouches for their address. It may import model, fault and secret.
//
// The standard library speaks the token endpoint, because providers differ in what x/oauth2 holds fixed (the
// names of the client's parameters, headers, where the token lies in the answer). go-oidc checks id tokens.
package oauth

import (
	"net/http"
	"sync"
	"time"
)

// Provider is a row of the table. Templates are URLs and header values with {holes}: {client} and {secret} are the
// client's credentials, {access} the access token, every other hole is a setting.
type Provider struct {
	ID    string
	Name  string
	Site  string // where an app is registered
	Notes string // what whoever sets it up must know, a sentence or two

	Fields   []Field // the settings; the client id first, then the secret
	Sandbox  bool
	Legacy   bool   // the provider is closing it: kept, and hidden from who sets up a new project
	Refused  string // why it cannot be used; such a row has no more than this
	TestOnly bool   // answers are invented: logins need no binding to a browser

	Authorize string            // template
	Token     string            // template
	RefreshAt string            // template; empty: Token
	NoRefresh bool              // tokens are not renewed
	UserInfo  string            // template; empty: the claims of the id token, or the token's answer if InfoInAnswer
	Also      map[string]string // further documents about the person, by the member they are put at
	Issuer    string            // template; set: an id token must come, and is verified against this issuer's keys
	Issuers   []string          // further names of the issuer, under the same keys
	Discover  bool              // endpoints come from the issuer's discovery document where the settings leave them open

	Scopes      []string
	Separator   string // between scopes; empty: a blank
	FixedScopes bool   // the provider takes no scopes from the request
	Params      map[string]string
	Prompt      bool // the setting `prompt` is sent
	PKCE        bool // S256, RFC 7636

	Client       ClientAuth
	ClientParam  string // the name of the client id; empty: client_id
	NoRedirect   bool   // redirect_uri is registered with the provider and never sent
	OnceRedirect bool   // redirect_uri goes with the authorization request alone
	LoopbackIP   bool   // refuses the name localhost in redirect_uri, takes 127.0.0.1
	TokenJSON    bool   // the token request is a JSON object
	TokenHeaders map[string]string
	InfoHeaders  map[string]string
	InfoMethod   string // empty: GET
	InfoScheme   string // of the Authorization header; empty: Bearer
	InfoInAnswer bool

	UserID  string // path in the profile
	User    string // paths of the name: a|b is a choice, a+b are joined by a blank
	Address func(object) (email string, verified bool)
	Trust   Trust

	hooks hooks
}

// hooks are for what no column says.
type hooks struct {
	secret   func(a *App) (string, error)                                   // makes the client secret of the settings
	tokenURL func(a *App, extras Extras) (string, error)                    // where the code goes
	holes    func(a *App, t *Tokens) map[string]string                      // further holes of UserInfo and InfoHeaders
	decide   func(claims, info object) (email string, verified bool)        // replaces Address when both are at hand
	issuer   func(a *App, unverified object) (issuer string, accepted bool) // the issuer of one id token
	name     func(extras Extras) string                                     // a name that the callback carries
	settings func(a *App) error                                             // makes further bases of the settings, or says what contradicts
}

// ClientAuth is how the client proves itself at the token endpoint (RFC 6749, 2.3.1).
type ClientAuth int

// The ways.
const (
	ClientInBody  ClientAuth = iota // id and secret in the form
	ClientBasic                     // HTTP Basic, each part form-encoded first
	ClientBoth                      // HTTP Basic, the id once more in the form
	ClientPublic                    // the id alone: PKCE is the proof
	ClientSecret                    // the secret alone, in the form
	ClientByOffer                   // what the issuer's discovery document offers
)

// Trust says what a provider's word about an address is worth.
type Trust int

// TrustNever is the zero value: an address links nobody to anything.
const (
	TrustNever    Trust = iota // says nothing about the address
	TrustWeak                  // says something, but others than its owner can make it do so: only if the project opts in
	TrustOperator              // as good as the server that the project itself has named
	TrustStrong                // the provider has verified the address
)

// Profile is who somebody is at a provider.
type Profile struct {
	UID      string
	Email    string // as the provider spells it
	Name     string
	Verified bool // the provider says that the address is theirs; what that is worth is App.Vouches
}

// Tokens is what a provider hands out.
type Tokens struct {
	Access  string
	Refresh string
	ID      string
	Expires int64 // seconds from now; 0: not told
	answer  object
	claims  object // of the verified id token
}

// Life is how long the access token holds; 0: not told.
func (t *Tokens) Life() time.Duration { return time.Duration(t.Expires) * time.Second }

// Extras is what some providers add to the callback.
type Extras struct {
	User           string // Apple: a JSON object with the name, at the first consent alone
	AccountsServer string // Zoho: the data centre
	Issuer         string // RFC 9207
}

// Login is what is remembered between sending somebody to a provider and their return.
type Login struct {
	State       string
	RedirectURI string
	Scopes      []string
	Verifier    string // of PKCE
	Nonce       string
}

// Client talks to providers. HTTP decides what may be reached at all; it follows no redirects here.
type Client struct {
	http  *http.Client
	clock func() time.Time
	extra map[string]*Provider

	mu         sync.Mutex
	discovered map[string]discovery
	keySets    map[string]*keySet
}

// Limits on what a provider may cost.
const (
	answerWithin = 10 * time.Second
	maxAnswer    = 1 << 20
)

// NewClient returns a client. Rows beyond the table (a test provider) are known to this client alone.
func NewClient(c *http.Client, clock func() time.Time, extra ...*Provider) *Client {
	own := *c
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	client := &Client{http: &own, clock: clock, extra: map[string]*Provider{}, discovered: map[string]discovery{}, keySets: map[string]*keySet{}}
	for _, p := range extra {
		client.extra[p.ID] = p
	}
	return client
}

// Find returns a row by its id, which is compared with case; nil for none.
func (c *Client) Find(id string) *Provider {
	if p := c.extra[id]; p != nil {
		return p
	}
	return Find(id)
}
