package account

import (
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
)

var createMagicURLToken = api.Spec{
	Route: "POST /v1/account/tokens/magic-url", Alias: []string{"/v1/account/sessions/magic-url"},
	SDK: []string{"account.createMagicURLToken", "account.createMagicURLSession"},
	About: "Send a link by mail, good for one hour, that brings `userId` and `secret` to the given page, to sign in with through createSession. " +
		"An address met for the first time becomes an account.",
	Scope: api.ScopeSessionsWrite, Gate: api.GateMagicURL,
	Limit: api.Limit{Max: 60, By: []string{"url:{url},email:{param-email}", "url:{url},ip:{ip}"}},
	Audit: "session.create", Status: 201, Faults: append([]*fault.Kind{fault.UserEmailAlreadyExists}, newEmailFaults...),
}

type magicURLIn struct{ auth.EmailToken }

func (in *magicURLIn) Params(p *api.Params) {
	p.String("userId", &in.UserID, check.CustomID, userIDAbout, api.Example("unique()"))
	p.String("email", &in.Email, check.Email, "Email address.", api.Format("email"), api.Example("walter@example.com"))
	p.String("url", &in.URL, check.OrEmpty(p.Redirect()), "Page or app that the link leads to, on one of the project's platforms. Empty or left out: a page of this server.",
		api.Default(""), api.Format("url"), api.Example("https://localhost/sign-in"))
	p.Bool("phrase", &in.Phrase, phraseAbout, api.Default(false))
}

func (s *Service) createMagicURLToken(c *api.Call, in *magicURLIn) (*wire.Token, error) {
	issued, err := s.Rules.SendMagicURL(c.Context(), c.Request(), in.EmailToken)
	return issuedToken(c, issued, err)
}

var updateMagicURLSession = api.Spec{
	Route: "PUT /v1/account/sessions/magic-url", SDK: []string{"account.updateMagicURLSession"},
	About: "Sign in with the `userId` and `secret` of a magic link. createSession does the same.",
	Scope: api.ScopeSessionsWrite, Unsigned: true, Limit: tokenSessionLimit,
	Audit: "session.create", Event: "users.[userId].sessions.[sessionId].create", Status: 201, Faults: tokenSessionFaults,
}
