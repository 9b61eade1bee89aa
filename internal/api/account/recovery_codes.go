package account

import (
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/fault"
)

var createMFARecoveryCodes = api.Spec{
	Route: "POST /v1/account/mfa/recovery-codes", SDK: []string{"account.createMFARecoveryCodes", "account.createMfaRecoveryCodes"},
	About: "Make recovery codes: six, each good once, for when no other second factor is at hand.",
	Scope: api.ScopeAccount, SetsUp: true, Audit: "user.update", Event: "users.[userId].update.mfa", Status: 201,
	Faults: []*fault.Kind{fault.UserRecoveryCodesExist},
}

func (s *Service) createMFARecoveryCodes(c *api.Call, _ *api.None) (*wire.MFARecoveryCodes, error) {
	return codes(s.Rules.CreateRecoveryCodes(c.Context(), c.Request(), c.User()))
}

var updateMFARecoveryCodes = api.Spec{
	Route: "PATCH /v1/account/mfa/recovery-codes", SDK: []string{"account.updateMFARecoveryCodes", "account.updateMfaRecoveryCodes"},
	About: "Make new recovery codes in place of those that are left, after a challenge passed within the last half hour.",
	Scope: api.ScopeAccount, Fresh: true, Audit: "user.update", Event: "users.[userId].update.mfa", Status: 200,
	Faults: []*fault.Kind{fault.UserRecoveryCodesNotFound},
}

func (s *Service) updateMFARecoveryCodes(c *api.Call, _ *api.None) (*wire.MFARecoveryCodes, error) {
	return codes(s.Rules.RegenerateRecoveryCodes(c.Context(), c.Request(), c.User()))
}

var getMFARecoveryCodes = api.Spec{
	Route: "GET /v1/account/mfa/recovery-codes", SDK: []string{"account.getMFARecoveryCodes", "account.getMfaRecoveryCodes"},
	About: "Show the recovery codes that are left, after a challenge passed within the last half hour.",
	Scope: api.ScopeAccount, Fresh: true, Status: 200,
	Faults: []*fault.Kind{fault.UserRecoveryCodesNotFound},
}

func (s *Service) getMFARecoveryCodes(c *api.Call, _ *api.None) (*wire.MFARecoveryCodes, error) {
	return codes(s.Rules.RecoveryCodes(c.Context(), c.User()))
}

// codes shows recovery codes.
func codes(list []string, err error) (*wire.MFARecoveryCodes, error) {
	if err != nil {
		return nil, err
	}
	return &wire.MFARecoveryCodes{RecoveryCodes: list}, nil
}
