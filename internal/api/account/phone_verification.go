package account

import (
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/fault"
)

var createPhoneVerification = api.Spec{
	Route: "POST /v1/account/verifications/phone", Alias: []string{"/v1/account/verification/phone"},
	SDK:   []string{"account.createPhoneVerification"},
	About: "Send a six-digit code by text message, good for 15 minutes, to verify the account's number with through updatePhoneVerification.",
	Scope: api.ScopeAccount, Gate: api.GatePhone,
	Limit: api.Limit{Max: 10, By: []string{"url:{url},userId:{userId}", "url:{url},ip:{ip}"}},
	Audit: "verification.create", Event: verificationCreated, Status: 201,
	Faults: []*fault.Kind{fault.PhoneDisabled, fault.UserPhoneNotFound, fault.UserPhoneAlreadyVerified, fault.RateLimitExceeded},
}

func (s *Service) createPhoneVerification(c *api.Call, _ *api.None) (*wire.Token, error) {
	issued, err := s.Rules.SendPhoneVerification(c.Context(), c.Request(), c.User())
	return issuedToken(c, issued, err)
}

var updatePhoneVerification = api.Spec{
	Route: "PUT /v1/account/verifications/phone", Alias: []string{"/v1/account/verification/phone"},
	SDK:   []string{"account.updatePhoneVerification"},
	About: "Verify a number with the code that was sent there.",
	Scope: api.ScopePublic, Limit: api.Limit{Max: 10, By: []string{"userId:{param-userId}"}},
	Audit: "verification.update", Event: verificationUpdated, Status: 200, Faults: confirmFaults,
}

func (s *Service) updatePhoneVerification(c *api.Call, in *confirmIn) (*wire.Token, error) {
	token, err := s.Rules.ConfirmPhone(c.Context(), c.Request(), in.userID, in.secret)
	return redeemedToken(token, err)
}
