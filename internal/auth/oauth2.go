package auth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"

	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/oauth"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// Providers finds a sign-in provider as a project has set it up.
// Faults: project_provider_unsupported, project_provider_disabled.
type Providers func(ctx context.Context, project, provider string) (*oauth.App, error)

// OAuth2Start is what an app asks for when it sends somebody to a provider.
type OAuth2Start struct {
	Provider string
	Success  string // where to lead them afterwards; empty: our own page
	Failure  string
	Scopes   []string // beyond the provider's own
	Token    bool     // the app wants a one-time token, not a cookie
	Server   bool     // a server starts it with an API key: the browser is not here
}

// OAuth2Started is a sign-in that is under way.
type OAuth2Started struct {
	Location string     // where to send the browser
	Cookie   string     // the part of the cookie's name that is this sign-in's own
	Browser  string     // what the browser keeps; empty: it is bound to none
	Expire   model.Time // when it is too late to come back
}

// loginLife is how long somebody may take at the provider.
const loginLife = 10 * time.Minute

// passage is what is sealed in the row of a sign-in: whoever reads the database must not be able to finish it.
type passage struct {
	RedirectURI string `json:"redirectUri"`
	Verifier    string `json:"verifier"`
	Nonce       string `json:"nonce"`
}

const sealedPassage = "oauth2-login"

// StartOAuth2 remembers a sign-in and says where to send the browser. The state that travels is the id of a row:
// it says nothing, fits one project, one provider and one browser, and works once within ten minutes (RFC 9700,
// 4.7). Who is signed in at this moment is remembered, too: nobody else will be given the identity.
// Faults: project_provider_unsupported, project_provider_disabled, user_oauth2_provider_error (the provider's
// discovery document cannot be had).
func (r *Rules) StartOAuth2(ctx context.Context, req *Request, in OAuth2Start, user *model.User, session string) (*OAuth2Started, error) {
	app, err := r.Provider(ctx, req.Project.ID, in.Provider)
	if err != nil {
		return nil, err
	}
	state, browser := r.opaque(), r.opaque()
	login := &oauth.Login{State: state, RedirectURI: app.RedirectURI(r.callback(req.Project.ID, in.Provider)), Scopes: app.WantedScopes(in.Scopes),
		Verifier: oauth.NewVerifier(), Nonce: r.opaque()}
	location, err := app.AuthorizationURL(ctx, login)
	if err != nil {
		return nil, providerFault(fault.UserOAuth2ProviderError, err)
	}
	row := &model.OAuth2Login{Project: req.Project.ID, Provider: in.Provider, StateHash: secret.HashToken(state), Browser: secret.HashToken(browser),
		Success: in.Success, Failure: in.Failure, Token: in.Token, Expire: r.now().Add(loginLife)}
	switch {
	case in.Server && in.Token, app.TestOnly:
		// A server hands the address to a browser that we have not seen. So it is bound to none, and for that
		// gets no cookie and joins nobody who is signed in: the token goes to the success URL and nowhere else.
		row.Browser, browser = nil, ""
	case in.Server:
		user = nil
	}
	if user != nil && session != "" && (row.Browser != nil || app.TestOnly) {
		row.UserID, row.SessionID = user.ID, session
	}
	row.Sealed = r.sealPassage(row, passage{login.RedirectURI, login.Verifier, login.Nonce})
	if err := r.DB.Write(ctx, func(tx *store.Tx) error { tx.InsertOAuth2Login(row); return nil }); err != nil {
		return nil, err
	}
	return &OAuth2Started{Location: location, Cookie: LoginCookie(state), Browser: browser, Expire: row.Expire}, nil
}

// opaque makes a text that nobody guesses: 256 bits, in the alphabet of URLs.
func (r *Rules) opaque() string { return base64.RawURLEncoding.EncodeToString(r.Random.Bytes(32)) }

// callback is the address that is registered with the provider. It comes from the settings: a Host header that is
// believed would send codes to whoever writes it.
func (r *Rules) callback(project, provider string) string {
	return r.PublicURL + "/v1/account/sessions/oauth2/callback/" + provider + "/" + project
}

// LoginCookie is the part of a cookie's name that belongs to one sign-in, so that several may be under way in one
// browser. It tells nothing about the state.
func LoginCookie(state string) string {
	return base64.RawURLEncoding.EncodeToString(secret.HashToken("cookie\n" + state)[:9])
}

func (r *Rules) sealPassage(row *model.OAuth2Login, p passage) string {
	text, err := json.Marshal(p)
	if err != nil {
		panic("auth: " + err.Error()) // texts can always be written
	}
	return r.Keys.SealText(sealedPassage, passagePlace(row), string(text))
}

func passagePlace(row *model.OAuth2Login) string {
	return row.Project + "/" + row.Provider + "/" + string(row.StateHash)
}

func (r *Rules) openPassage(row *model.OAuth2Login) (p passage, err error) {
	text, err := r.Keys.OpenText(sealedPassage, passagePlace(row), row.Sealed)
	if err != nil {
		return p, err
	}
	return p, json.Unmarshal([]byte(text), &p)
}

// providerFault makes a fault of what went wrong at a provider. What the provider said goes to the developer and
// into the log; it has been cleaned of everything that is secret.
func providerFault(kind *fault.Kind, err error) error {
	var refusal *oauth.Refusal
	if errors.As(err, &refusal) {
		return kind.Say(refusal.Text).Because(err)
	}
	return err
}

// NoteOAuth2Name keeps the name that a provider's callback brings along, at the first consent and never again.
// It goes into the row, not into the next address.
func (r *Rules) NoteOAuth2Name(ctx context.Context, project, provider, state, hint string) error {
	if len(hint) > 2048 || r.DB == nil {
		return nil
	}
	return r.DB.NoteOAuth2Name(ctx, &store.OAuth2Claim{StateHash: secret.HashToken(state), Project: project, Provider: provider}, hint)
}
