package account

import (
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

const (
	verificationCreated = "users.[userId].verification.[tokenId].create"
	verificationUpdated = "users.[userId].verification.[tokenId].update"
)

var (
	askEmailFaults = []*fault.Kind{fault.SMTPDisabled, fault.UserEmailNotFound, fault.UserEmailAlreadyVerified}
	confirmFaults  = []*fault.Kind{fault.UserNotFound, fault.UserInvalidToken}
)

var createEmailVerification = api.Spec{
	Route: "POST /v1/account/verifications/email", Alias: []string{"/v1/account/verification"},
	SDK:   []string{"account.createEmailVerification", "account.createVerification"},
	About: "Send a link by mail, good for seven days, that brings `userId` and `secret` to the given page, to verify the account's address with through updateEmailVerification.",
	Scope: api.ScopeAccount, Limit: api.Limit{Max: 10, By: []string{"url:{url},userId:{userId}"}},
	Audit: "verification.create", Event: verificationCreated, Status: 201, Faults: askEmailFaults,
}

type verificationIn struct{ url string }

func (in *verificationIn) Params(p *api.Params) {
	p.String("url", &in.url, p.Redirect(), "Page or app that the link leads to, on one of the project's platforms.", api.Format("url"), api.Example("https://localhost/verify"))
}

func (s *Service) createEmailVerification(c *api.Call, in *verificationIn) (*wire.Token, error) {
	issued, err := s.Rules.SendEmailVerification(c.Context(), c.Request(), c.User(), in.url)
	return issuedToken(c, issued, err)
}

var updateEmailVerification = api.Spec{
	Route: "PUT /v1/account/verifications/email", Alias: []string{"/v1/account/verification"},
	SDK:   []string{"account.updateEmailVerification", "account.updateVerification"},
	About: "Verify an address with the `userId` and `secret` of the link that was sent there.",
	Scope: api.ScopePublic, Limit: api.Limit{Max: 10, By: []string{"url:{url},userId:{param-userId}"}},
	Audit: "verification.update", Event: verificationUpdated, Status: 200, Faults: confirmFaults,
}

type confirmIn struct{ userID, secret string }

func (in *confirmIn) Params(p *api.Params) {
	p.String("userId", &in.userID, check.UID, "Id of the user the secret was made for.", api.Example("5e5ea5c16897e"))
	p.String("secret", &in.secret, check.Text(1, 256), "The secret: the code, or the one in the link.", api.Example("123456"))
}

func (s *Service) updateEmailVerification(c *api.Call, in *confirmIn) (*wire.Token, error) {
	token, err := s.Rules.ConfirmEmail(c.Context(), c.Request(), in.userID, in.secret)
	return redeemedToken(token, err)
}

// redeemedToken shows a token that has been used up.
func redeemedToken(token *model.Token, err error) (*wire.Token, error) {
	if err != nil {
		return nil, err
	}
	return wire.TokenOf(token), nil
}

var createEmailVerificationOTP = api.Spec{
	Route: "POST /v1/account/verifications/email/otp", SDK: []string{"account.createEmailVerificationOTP"},
	About: "Send a six-digit code by mail, good for 15 minutes, to verify the account's address with through updateEmailVerificationOTP.",
	Scope: api.ScopeAccount, Limit: api.Limit{Max: 10, By: []string{"url:{url},userId:{userId}"}},
	Audit: "verification.create", Event: verificationCreated, Status: 201, Faults: askEmailFaults,
}

type phraseIn struct{ phrase bool }

func (in *phraseIn) Params(p *api.Params) {
	p.Bool("phrase", &in.phrase, phraseAbout, api.Default(false))
}

func (s *Service) createEmailVerificationOTP(c *api.Call, in *phraseIn) (*wire.Token, error) {
	issued, err := s.Rules.SendEmailVerificationCode(c.Context(), c.Request(), c.User(), in.phrase)
	return issuedToken(c, issued, err)
}

var updateEmailVerificationOTP = api.Spec{
	Route: "PUT /v1/account/verifications/email/otp", SDK: []string{"account.updateEmailVerificationOTP"},
	About: "Verify an address with the code that was sent there.",
	Scope: api.ScopePublic, Limit: api.Limit{Max: 10, By: []string{"url:{url},userId:{param-userId}"}},
	Audit: "verification.update", Event: verificationUpdated, Status: 200, Faults: confirmFaults,
}

func (s *Service) updateEmailVerificationOTP(c *api.Call, in *confirmIn) (*wire.Token, error) {
	token, err := s.Rules.ConfirmEmailByCode(c.Context(), c.Request(), in.userID, in.secret)
	return redeemedToken(token, err)
}
