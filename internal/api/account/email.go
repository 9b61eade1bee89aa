package account

import (
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/check"
	"latchkey/internal/fault"
)

var updateEmail = api.Spec{
	Route: "PATCH /v1/account/email", SDK: []string{"account.updateEmail"},
	About: "Change the email address. A user without a password gets the given one, which turns an anonymous user into one who can sign in.",
	Scope: api.ScopeAccount, Audit: "user.update", Event: "users.[userId].update.email", Status: 200,
	Faults: []*fault.Kind{fault.UserInvalidCredentials, fault.BadRequest, fault.UserTargetAlreadyExists, fault.UserEmailDisposable, fault.UserEmailFree,
		fault.UserEmailNotCanonical, fault.UserEmailNotCorporate, fault.PasswordPersonalData, fault.PasswordRecentlyUsed, fault.RateLimitExceeded, fault.ServerBusy},
}

type emailIn struct{ email, password string }

func (in *emailIn) Params(p *api.Params) {
	p.String("email", &in.email, check.Email, "New email address.", api.Format("email"), api.Example("walter@example.org"))
	p.String("password", &in.password, check.PasswordLength, "Present password, or the first one of a user who has none. 8 to 256 bytes.", api.Format("password"), api.Example("correct horse 1"))
}

func (s *Service) updateEmail(c *api.Call, in *emailIn) (*wire.Account, error) {
	user, err := s.Rules.ChangeEmail(c.Context(), c.Request(), c.User(), in.email, in.password)
	return reply(c, user, err)
}
