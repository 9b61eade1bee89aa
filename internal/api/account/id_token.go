package account

import (
	"errors"

	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
)

var createIDTokenSession = api.Spec{
	Route: "POST /v1/account/sessions/id-token", SDK: []string{"account.createIdTokenSession"},
	About: "Sign in with an id token that a native app has got from Apple, Google or an OpenID provider. Whoever is signed in gets the account at the provider added.",
	Scope: api.ScopeSessionsWrite,
	Limit: api.Limit{Max: 10, By: []string{"url:{url},ip:{ip}"}, Reset: 201},
	Audit: "session.create", Event: "users.[userId].sessions.[sessionId].create", Status: 201,
	Faults: []*fault.Kind{fault.ProjectProviderUnsupported, fault.ProjectProviderDisabled, fault.UserOAuth2TokenInvalid, fault.UserOAuth2ProviderError, fault.UserAlreadyExists,
		fault.UserUnauthorized, fault.UserCountExceeded, fault.UserBlocked, fault.BadRequest, fault.InvalidEmail, fault.UserEmailDisposable, fault.UserEmailFree,
		fault.UserEmailNotCanonical, fault.UserEmailNotCorporate},
}

type idTokenIn struct{ auth.IDToken }

func (in *idTokenIn) Params(p *api.Params) {
	p.String("provider", &in.Provider, check.Text(1, 36), "Provider id: apple, google, or another OpenID provider of the project.", api.Example("google"))
	p.String("idToken", &in.Token, check.Text(1, 8192), "The id token.", api.Example("eyJhbGciOi…"))
	p.String("nonce", &in.Nonce, check.Text(0, 256), "The nonce that the token was asked for with, as it was before any hashing.", api.Default(""))
	p.String("accessToken", &in.AccessToken, check.Text(0, 4096), "The provider's access token, to be kept with the session. It proves nothing.", api.Default(""))
	p.Int("accessTokenExpiry", &in.AccessTokenExpiry, withinAYear, "How many seconds the access token holds; 0: not known.", api.Default(0))
	p.String("name", &in.Name, check.Text(0, 128), "The person's name, for when the token has none.", api.Default(""))
}

var errYear = errors.New("Value must be from 0 to 31536000.")

func withinAYear(seconds int) error {
	if seconds < 0 || seconds > 31536000 {
		return errYear
	}
	return nil
}

func (s *Service) createIDTokenSession(c *api.Call, in *idTokenIn) (*wire.Session, error) {
	signed, err := s.Rules.SignInWithIDToken(c.Context(), c.Request(), in.IDToken, signedInCaller(c))
	return signedIn(c, signed, err)
}
