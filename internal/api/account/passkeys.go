package account

import (
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
)

// Passkeys are ours: no SDK has methods for them, apps use what their SDK calls every route with.

var createPasskeyChallenge = api.Spec{
	Route: "POST /v1/account/passkeys/challenges",
	About: "Begin to add a passkey. The answer's `options` are for `navigator.credentials.create`.",
	Scope: api.ScopeAccount, SetsUp: true, FreshIfMFA: true, Limit: api.Limit{Max: 60, By: []string{"url:{url},userId:{userId}"}}, Status: 201,
	Faults: []*fault.Kind{fault.UserAuthMethodUnsupported, fault.UserPasskeyLimitExceeded, fault.UserChallengeRequired},
}

// domainIn names the domain that a passkey is for.
type domainIn struct{ rpID string }

func (in *domainIn) Params(p *api.Params) {
	p.String("rpId", &in.rpID, check.Text(1, 253), "Domain the passkey is for: one of the project's policy or platforms, or above one of them. Default: what the policy prefers, else the host of the page that asks.",
		api.Optional, api.Example("localhost"))
}

// at is where a ceremony is held.
func (in *domainIn) at(c *api.Call) auth.Place { return auth.Place{RPID: in.rpID, Origin: c.Origin()} }

func (s *Service) createPasskeyChallenge(c *api.Call, in *domainIn) (*wire.PasskeyRegistration, error) {
	ceremony, err := s.Rules.BeginPasskey(c.Context(), c.Request(), c.User(), c.FactorSession(), in.at(c))
	if err != nil {
		return nil, err
	}
	return wire.PasskeyRegistrationOf(ceremony), nil
}

var createPasskey = api.Spec{
	Route: "POST /v1/account/passkeys",
	About: "Add the passkey that the authenticator has made. The challenge is good for five minutes and one answer.",
	Scope: api.ScopeAccount, SetsUp: true, FreshIfMFA: true, Limit: api.Limit{Max: 60, By: []string{"url:{url},userId:{userId}"}},
	Audit: "passkey.create", Event: "users.[userId].passkeys.[passkeyId].create", Status: 201,
	Faults: []*fault.Kind{fault.UserAuthMethodUnsupported, fault.UserPasskeyInvalid, fault.UserPasskeyExists, fault.UserPasskeyLimitExceeded, fault.UserChallengeRequired},
}

// credentialIn is the answer of an authenticator.
type credentialIn struct{ challengeID, credential string }

func (in *credentialIn) Params(p *api.Params) {
	p.String("challengeId", &in.challengeID, check.Text(1, 64), "Challenge id.", api.Example("5e5ea5c16897e"))
	p.JSON("credential", &in.credential, check.Text(2, 65536), "The credential as its `toJSON()` writes it.",
		api.Example(map[string]any{"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": map[string]any{}}))
}

// answer is the answer within the session that gives it.
func (in *credentialIn) answer(session string) auth.PasskeyAnswer {
	return auth.PasskeyAnswer{Challenge: in.challengeID, Credential: in.credential, Session: session}
}

type passkeyIn struct {
	credentialIn
	name string
}

func (in *passkeyIn) Params(p *api.Params) {
	in.credentialIn.Params(p)
	p.String("name", &in.name, check.Text(0, 128), "Name, at most 128 characters. Default: that of the device.", api.Default(""), api.Example("My laptop"))
}

func (s *Service) createPasskey(c *api.Call, in *passkeyIn) (*wire.Passkey, error) {
	made, err := s.Rules.AddPasskey(c.Context(), c.Request(), c.User(), in.answer(c.FactorSession()), in.name)
	if err != nil {
		return nil, err
	}
	return wire.PasskeyOf(made), nil
}

var listPasskeys = api.Spec{
	Route: "GET /v1/account/passkeys", About: "List the passkeys, oldest first.",
	Scope: api.ScopeAccount, As: api.AsTarget, Status: 200,
}

func (s *Service) listPasskeys(c *api.Call, _ *api.None) (*wire.PasskeyList, error) {
	passkeys, err := s.Rules.Passkeys(c.Context(), c.User())
	if err != nil {
		return nil, err
	}
	return wire.PasskeysOf(passkeys), nil
}

var updatePasskey = api.Spec{
	Route: "PATCH /v1/account/passkeys/{passkeyId}", About: "Name a passkey.",
	Scope: api.ScopeAccount, Audit: "passkey.update", Event: "users.[userId].passkeys.[passkeyId].update", Status: 200,
	Faults: []*fault.Kind{fault.UserPasskeyNotFound},
}

type passkeyIDIn struct{ id string }

func (in *passkeyIDIn) Params(p *api.Params) {
	p.String("passkeyId", &in.id, check.UID, "Passkey id.", api.Example("5e5ea5c16897e"))
}

type passkeyNameIn struct {
	passkeyIDIn
	name string
}

func (in *passkeyNameIn) Params(p *api.Params) {
	in.passkeyIDIn.Params(p)
	p.String("name", &in.name, check.Text(1, 128), "Name, 1 to 128 characters.", api.Example("My laptop"))
}

func (s *Service) updatePasskey(c *api.Call, in *passkeyNameIn) (*wire.Passkey, error) {
	renamed, err := s.Rules.RenamePasskey(c.Context(), c.Request(), c.User(), in.id, in.name)
	if err != nil {
		return nil, err
	}
	return wire.PasskeyOf(renamed), nil
}

var deletePasskey = api.Spec{
	Route: "DELETE /v1/account/passkeys/{passkeyId}",
	About: "Remove a passkey. Sessions it has signed in end, except this one, if the project ends sessions when a password changes.",
	Scope: api.ScopeAccount, FreshIfMFA: true, Audit: "passkey.delete", Event: "users.[userId].passkeys.[passkeyId].delete", Status: 204,
	Faults: []*fault.Kind{fault.UserPasskeyNotFound, fault.UserChallengeRequired},
}

func (s *Service) deletePasskey(c *api.Call, in *passkeyIDIn) (api.Empty, error) {
	return api.Empty{}, s.Rules.RemovePasskey(c.Context(), c.Request(), c.User(), in.id, c.FactorSession())
}
