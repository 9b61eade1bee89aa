package account

import (
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/check"
	"latchkey/internal/fault"
)

var updatePhone = api.Spec{
	Route: "PATCH /v1/account/phone", SDK: []string{"account.updatePhone"},
	About: "Change the phone number. A user without a password gets the given one.",
	Scope: api.ScopeAccount, Audit: "user.update", Event: "users.[userId].update.phone", Status: 200,
	Faults: []*fault.Kind{fault.UserInvalidCredentials, fault.UserTargetAlreadyExists, fault.UserPhoneAlreadyExists, fault.PasswordPersonalData,
		fault.PasswordRecentlyUsed, fault.RateLimitExceeded, fault.ServerBusy},
}

type phoneIn struct{ phone, password string }

func (in *phoneIn) Params(p *api.Params) {
	p.String("phone", &in.phone, check.Phone, "New phone number: + and country code, then digits.", api.Format("phone"), api.Example("+4915123456789"))
	p.String("password", &in.password, check.PasswordLength, "Present password, or the first one of a user who has none. 8 to 256 bytes.", api.Format("password"), api.Example("correct horse 1"))
}

func (s *Service) updatePhone(c *api.Call, in *phoneIn) (*wire.Account, error) {
	user, err := s.Rules.ChangePhone(c.Context(), c.Request(), c.User(), in.phone, in.password)
	return reply(c, user, err)
}
