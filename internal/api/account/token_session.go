package account

import (
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/check"
	"latchkey/internal/fault"
)

// tokenSessionLimit is one counter for the three routes that redeem: nobody has thrice the guesses.
var tokenSessionLimit = api.Limit{Max: 10, By: []string{"ip:{ip},userId:{param-userId}"}, Reset: 201}

var tokenSessionFaults = []*fault.Kind{fault.UserInvalidToken, fault.UserBlocked}

var createSession = api.Spec{
	Route: "POST /v1/account/sessions/token", SDK: []string{"account.createSession"},
	About: "Sign in with a one-time secret: of a magic link, of a code sent by mail or text message, or made by a server.",
	Scope: api.ScopeSessionsWrite, Unsigned: true, Limit: tokenSessionLimit,
	Audit: "session.create", Event: "users.[userId].sessions.[sessionId].create", Status: 201, Faults: tokenSessionFaults,
}

type tokenSessionIn struct{ userID, secret string }

func (in *tokenSessionIn) Params(p *api.Params) {
	p.String("userId", &in.userID, check.CustomID, "Id of the user the secret was made for.", api.Example("5e5ea5c16897e"))
	p.String("secret", &in.secret, check.Text(1, 256), "The secret: the code, or the one in the link.", api.Example("123456"))
}

// createSession serves all three routes: whatever the route, every secret that signs in is taken.
func (s *Service) createSession(c *api.Call, in *tokenSessionIn) (*wire.Session, error) {
	signed, err := s.Rules.SignInWithToken(c.Context(), c.Request(), in.userID, in.secret)
	return signedIn(c, signed, err)
}
