package account

import (
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/check"
	"latchkey/internal/fault"
)

var createPasskeySessionChallenge = api.Spec{
	Route: "POST /v1/account/sessions/passkey/challenges",
	About: "Begin to sign in with a passkey. The answer's `options` are for `navigator.credentials.get`; they are the same whoever has an account.",
	Scope: api.ScopeSessionsWrite, Unsigned: true, Limit: api.Limit{Max: 300, By: []string{"url:{url},ip:{ip}"}}, Status: 201,
	Faults: []*fault.Kind{fault.UserAuthMethodUnsupported},
}

type passkeySessionChallengeIn struct {
	domainIn
	userID string
}

func (in *passkeySessionChallengeIn) Params(p *api.Params) {
	p.String("userId", &in.userID, check.UID, "Id of the user who is to sign in. Default: whoever owns the passkey.", api.Optional)
	in.domainIn.Params(p)
}

func (s *Service) createPasskeySessionChallenge(c *api.Call, in *passkeySessionChallengeIn) (*wire.PasskeyChallenge, error) {
	ceremony, err := s.Rules.BeginPasskeySignIn(c.Context(), c.Request(), in.userID, in.at(c))
	if err != nil {
		return nil, err
	}
	return wire.PasskeyChallengeOf(ceremony), nil
}

var createPasskeySession = api.Spec{
	Route: "POST /v1/account/sessions/passkey",
	About: "Sign in with a passkey. It counts as two factors: the device, and what it has asked the person for.",
	Scope: api.ScopeSessionsWrite, Unsigned: true, Limit: api.Limit{Max: 60, By: []string{"url:{url},ip:{ip}"}, Reset: 201},
	Audit: "session.create", Event: "users.[userId].sessions.[sessionId].create", Status: 201,
	Faults: []*fault.Kind{fault.UserAuthMethodUnsupported, fault.UserPasskeyInvalid, fault.UserBlocked},
}

func (s *Service) createPasskeySession(c *api.Call, in *credentialIn) (*wire.Session, error) {
	signed, err := s.Rules.SignInWithPasskey(c.Context(), c.Request(), in.answer(""))
	return signedIn(c, signed, err)
}

var createMFAPasskeyChallenge = api.Spec{
	Route: "POST /v1/account/mfa/challenges/passkey",
	About: "Ask to prove a passkey as a second factor. The answer's `options` are for `navigator.credentials.get`.",
	Scope: api.ScopeAccount, HalfSigned: true, Limit: api.Limit{Max: 60, By: []string{"url:{url},userId:{userId}"}},
	Audit: "challenge.create", Event: "users.[userId].challenges.[challengeId].create", Status: 201,
	Faults: []*fault.Kind{fault.UserAuthMethodUnsupported, fault.UserPasskeyNotFound},
}

func (s *Service) createMFAPasskeyChallenge(c *api.Call, in *domainIn) (*wire.PasskeyChallenge, error) {
	ceremony, err := s.Rules.BeginPasskeyChallenge(c.Context(), c.Request(), c.User(), c.FactorSession(), in.at(c))
	if err != nil {
		return nil, err
	}
	return wire.PasskeyChallengeOf(ceremony), nil
}

var updateMFAPasskeyChallenge = api.Spec{
	Route: "PUT /v1/account/mfa/challenges/passkey",
	About: "Answer such a challenge. The session has then proved the passkey.",
	Scope: api.ScopeAccount, HalfSigned: true, Limit: api.Limit{Max: 60, By: []string{"url:{url},userId:{userId}"}, Reset: 200},
	Audit: "challenges.update", Event: "users.[userId].sessions.[sessionId].create", Status: 200,
	Faults: []*fault.Kind{fault.UserAuthMethodUnsupported, fault.UserPasskeyInvalid, fault.UserSessionNotFound},
}

func (s *Service) updateMFAPasskeyChallenge(c *api.Call, in *credentialIn) (*wire.Session, error) {
	if c.FactorSession() == "" {
		return nil, fault.UserSessionNotFound
	}
	session, err := s.Rules.ConfirmPasskeyChallenge(c.Context(), c.Request(), c.User(), in.answer(c.FactorSession()))
	if err != nil {
		return nil, err
	}
	return shown(c, session), nil
}
