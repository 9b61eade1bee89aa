package account

import (
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/check"
	"latchkey/internal/fault"
)

var createPhoneToken = api.Spec{
	Route: "POST /v1/account/tokens/phone", Alias: []string{"/v1/account/sessions/phone"},
	SDK: []string{"account.createPhoneToken", "account.createPhoneSession"},
	About: "Send a six-digit code by text message, good for 15 minutes, to sign in with through createSession. A number met for the first time becomes an account. " +
		"A new code ends the one before, and so do five wrong tries.",
	Scope: api.ScopeSessionsWrite, Gate: api.GatePhone,
	Limit: api.Limit{Max: 10, By: []string{"url:{url},phone:{param-phone}", "url:{url},ip:{ip}"}},
	Audit: "session.create", Status: 201, Faults: append([]*fault.Kind{fault.PhoneDisabled, fault.RateLimitExceeded}, newAccountFaults...),
}

type phoneTokenIn struct{ userID, phone string }

func (in *phoneTokenIn) Params(p *api.Params) {
	p.String("userId", &in.userID, check.CustomID, userIDAbout, api.Example("unique()"))
	p.String("phone", &in.phone, check.Phone, "Phone number: + and the country code, without blanks.", api.Format("phone"), api.Example("+4915112345678"))
}

func (s *Service) createPhoneToken(c *api.Call, in *phoneTokenIn) (*wire.Token, error) {
	issued, err := s.Rules.SendPhoneCode(c.Context(), c.Request(), in.userID, in.phone)
	token, err := issuedToken(c, issued, err)
	if err == nil && token.Secret != "" {
		token.Secret = issued.Encoded()
	}
	return token, err
}

var updatePhoneSession = api.Spec{
	Route: "PUT /v1/account/sessions/phone", SDK: []string{"account.updatePhoneSession"},
	About: "Sign in with a code sent by text message. createSession does the same.",
	Scope: api.ScopeSessionsWrite, Unsigned: true, Limit: tokenSessionLimit,
	Audit: "session.create", Event: "users.[userId].sessions.[sessionId].create", Status: 201, Faults: tokenSessionFaults,
}
