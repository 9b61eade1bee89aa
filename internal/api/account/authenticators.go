package account

import (
	"errors"
	"strings"

	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

var createMFAAuthenticator = api.Spec{
	Route: "POST /v1/account/mfa/authenticators/{type}", SDK: []string{"account.createMFAAuthenticator", "account.createMfaAuthenticator"},
	About: "Make the secret for an authenticator app. It counts once a code of it has been verified; asking again replaces it.",
	Scope: api.ScopeAccount, SetsUp: true, Audit: "user.update", Event: "users.[userId].update.mfa", Status: 200,
	Faults: []*fault.Kind{fault.UserAuthenticatorVerified},
}

type authenticatorIn struct{ kind string }

func (in *authenticatorIn) Params(p *api.Params) {
	p.String("type", &in.kind, func(value string) error {
		if !strings.EqualFold(value, model.FactorTOTP) {
			return errors.New("Value must be one of (totp).")
		}
		return nil
	}, "Type of authenticator: `totp`.", api.Example("totp"))
}

func (s *Service) createMFAAuthenticator(c *api.Call, _ *authenticatorIn) (*wire.MFAType, error) {
	made, err := s.Rules.CreateAuthenticator(c.Context(), c.Request(), c.User())
	if err != nil {
		return nil, err
	}
	return &wire.MFAType{Secret: made.Secret, URI: made.URI}, nil
}

var updateMFAAuthenticator = api.Spec{
	Route: "PUT /v1/account/mfa/authenticators/{type}", SDK: []string{"account.updateMFAAuthenticator", "account.updateMfaAuthenticator"},
	About: "Verify an authenticator app with a code that it shows.",
	Scope: api.ScopeAccount, SetsUp: true, Audit: "user.update", Event: "users.[userId].update.mfa", Status: 200,
	Faults: []*fault.Kind{fault.UserAuthenticatorNotFound, fault.UserAuthenticatorVerified, fault.UserInvalidToken, fault.UserSessionNotFound, fault.RateLimitExceeded},
}

type verifyAuthenticatorIn struct {
	authenticatorIn
	otp string
}

func (in *verifyAuthenticatorIn) Params(p *api.Params) {
	in.authenticatorIn.Params(p)
	p.String("otp", &in.otp, check.Text(1, 256), "A code that the app shows.", api.Example("123456"))
}

func (s *Service) updateMFAAuthenticator(c *api.Call, in *verifyAuthenticatorIn) (*wire.Account, error) {
	if c.FactorSession() == "" {
		return nil, fault.UserSessionNotFound
	}
	user, err := s.Rules.VerifyAuthenticator(c.Context(), c.Request(), c.User(), c.FactorSession(), in.otp)
	return reply(c, user, err)
}

var deleteMFAAuthenticator = api.Spec{
	Route: "DELETE /v1/account/mfa/authenticators/{type}", SDK: []string{"account.deleteMFAAuthenticator", "account.deleteMfaAuthenticator"},
	About: "Remove an authenticator app, after a challenge passed within the last half hour or with a code of the app or a recovery code.",
	Scope: api.ScopeAccount, Fresh: true, FreshBy: "otp", Audit: "user.update", Event: "users.[userId].delete.mfa", Status: 204,
	Faults: []*fault.Kind{fault.UserAuthenticatorNotFound, fault.UserInvalidToken, fault.RateLimitExceeded},
}

type deleteAuthenticatorIn struct {
	authenticatorIn
	otp string
}

func (in *deleteAuthenticatorIn) Params(p *api.Params) {
	in.authenticatorIn.Params(p)
	p.String("otp", &in.otp, check.Text(1, 256), "A code of the app, or a recovery code: instead of a fresh challenge, as clients of 1.5 send it.", api.Optional)
}

func (s *Service) deleteMFAAuthenticator(c *api.Call, in *deleteAuthenticatorIn) (api.Empty, error) {
	return api.Empty{}, s.Rules.DeleteAuthenticator(c.Context(), c.Request(), c.User(), in.otp)
}
