package users

import (
	"errors"
	"strings"

	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// factors lists what is done to the second factors of a user. Creating recovery codes is a PATCH here and replacing
// them a PUT, as the SDKs call it.
func (s *Service) factors() []api.Endpoint {
	return []api.Endpoint{
		api.Define(updateMFA, s.updateMFA),
		api.Define(listMFAFactors, s.listMFAFactors),
		api.Define(deleteMFAAuthenticator, s.deleteMFAAuthenticator),
		api.Define(getMFARecoveryCodes, s.getMFARecoveryCodes),
		api.Define(createMFARecoveryCodes, s.createMFARecoveryCodes),
		api.Define(updateMFARecoveryCodes, s.updateMFARecoveryCodes),
		api.Define(getMFAChallenge, s.getMFAChallenge),
	}
}

var listMFAFactors = api.Spec{
	Route: "GET /v1/users/{userId}/mfa/factors", SDK: []string{"users.listMFAFactors", "users.listMfaFactors"},
	About: "List the second factors that a user could answer a challenge with.",
	Scope: api.ScopeUsersRead, Status: 200, Faults: []*fault.Kind{fault.UserNotFound},
}

func (s *Service) listMFAFactors(c *api.Call, in *userIn) (*wire.MFAFactors, error) {
	factors, err := s.Rules.FactorsOf(c.Context(), c.Request(), in.id)
	if err != nil {
		return nil, err
	}
	shown := wire.MFAFactors(*factors)
	return &shown, nil
}

var deleteMFAAuthenticator = api.Spec{
	Route: "DELETE /v1/users/{userId}/mfa/authenticators/{type}", SDK: []string{"users.deleteMFAAuthenticator", "users.deleteMfaAuthenticator"},
	About: "Take a user's authenticator app away: the way out for whoever has lost it.",
	Scope: api.ScopeUsersWrite, Audit: "user.update", Event: "users.[userId].delete.mfa", Status: 204,
	Faults: []*fault.Kind{fault.UserNotFound, fault.UserAuthenticatorNotFound},
}

type authenticatorIn struct {
	userIn
	kind string
}

var errAuthenticator = errors.New("Value must be one of (totp).")

func (in *authenticatorIn) Params(p *api.Params) {
	in.userIn.Params(p)
	p.String("type", &in.kind, func(value string) error {
		if !strings.EqualFold(value, model.FactorTOTP) {
			return errAuthenticator
		}
		return nil
	}, "Type of authenticator: `totp`.", api.Example("totp"))
}

func (s *Service) deleteMFAAuthenticator(c *api.Call, in *authenticatorIn) (api.Empty, error) {
	return api.Empty{}, s.Rules.RemoveAuthenticator(c.Context(), c.Request(), in.id)
}

// Whoever may read users may not read what signs in as them: the codes are for those who may change users.
var getMFARecoveryCodes = api.Spec{
	Route: "GET /v1/users/{userId}/mfa/recovery-codes", SDK: []string{"users.getMFARecoveryCodes", "users.getMfaRecoveryCodes"},
	About: "Show the recovery codes that a user has left.",
	Scope: api.ScopeUsersWrite, Status: 200, Faults: []*fault.Kind{fault.UserNotFound, fault.UserRecoveryCodesNotFound},
}

func (s *Service) getMFARecoveryCodes(c *api.Call, in *userIn) (*wire.MFARecoveryCodes, error) {
	return codes(s.Rules.RecoveryCodesOf(c.Context(), c.Request(), in.id))
}

var createMFARecoveryCodes = api.Spec{
	Route: "PATCH /v1/users/{userId}/mfa/recovery-codes", SDK: []string{"users.createMFARecoveryCodes", "users.createMfaRecoveryCodes"},
	About: "Make a user's recovery codes: six, each good once.",
	Scope: api.ScopeUsersWrite, Audit: "user.update", Event: "users.[userId].create.mfa.recovery-codes", Status: 201,
	Faults: []*fault.Kind{fault.UserNotFound, fault.UserRecoveryCodesExist},
}

func (s *Service) createMFARecoveryCodes(c *api.Call, in *userIn) (*wire.MFARecoveryCodes, error) {
	return codes(s.Rules.GiveRecoveryCodes(c.Context(), c.Request(), in.id))
}

var updateMFARecoveryCodes = api.Spec{
	Route: "PUT /v1/users/{userId}/mfa/recovery-codes", SDK: []string{"users.updateMFARecoveryCodes", "users.updateMfaRecoveryCodes"},
	About: "Make new recovery codes in place of those that a user has left.",
	Scope: api.ScopeUsersWrite, Audit: "user.update", Event: "users.[userId].update.mfa.recovery-codes", Status: 200,
	Faults: []*fault.Kind{fault.UserNotFound, fault.UserRecoveryCodesNotFound},
}

func (s *Service) updateMFARecoveryCodes(c *api.Call, in *userIn) (*wire.MFARecoveryCodes, error) {
	return codes(s.Rules.ReplaceRecoveryCodes(c.Context(), c.Request(), in.id))
}

// codes shows recovery codes.
func codes(list []string, err error) (*wire.MFARecoveryCodes, error) {
	if err != nil {
		return nil, err
	}
	return &wire.MFARecoveryCodes{RecoveryCodes: list}, nil
}

// The code is what the challenge asks for, so it too is for those who may change users.
var getMFAChallenge = api.Spec{
	Route: "GET /v1/users/{userId}/mfa/challenges/{challengeId}", SDK: []string{"users.getMFAChallenge"},
	About: "Get a challenge of the type `custom` with its code, which the project's own server hands to the user.",
	Scope: api.ScopeUsersWrite, Status: 200, Faults: []*fault.Kind{fault.UserNotFound, fault.UserInvalidToken},
}

type challengeIn struct {
	userIn
	challenge string
}

func (in *challengeIn) Params(p *api.Params) {
	in.userIn.Params(p)
	p.String("challengeId", &in.challenge, check.UID, "Challenge id.", api.Example("5e5ea5c16897e"))
}

func (s *Service) getMFAChallenge(c *api.Call, in *challengeIn) (*wire.MFAChallengeSecret, error) {
	challenge, code, err := s.Rules.OpenChallenge(c.Context(), c.Request(), in.id, in.challenge)
	if err != nil {
		return nil, err
	}
	return wire.MFAChallengeSecretOf(challenge, code), nil
}
