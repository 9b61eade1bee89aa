package account

import (
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/check"
	"latchkey/internal/fault"
)

const (
	recoveryCreated = "users.[userId].recovery.[tokenId].create"
	recoveryUpdated = "users.[userId].recovery.[tokenId].update"
)

var (
	askRecoveryFaults = []*fault.Kind{fault.SMTPDisabled, fault.UserNotFound, fault.UserBlocked}
	recoverFaults     = []*fault.Kind{fault.UserNotFound, fault.UserInvalidToken, fault.UserBlocked, fault.PasswordRecentlyUsed, fault.PasswordPersonalData, fault.ServerBusy}
)

var createRecovery = api.Spec{
	Route: "POST /v1/account/recovery", SDK: []string{"account.createRecovery"},
	About: "Send a link by mail, good for one hour, that brings `userId` and `secret` to the given page, to set a new password with through updateRecovery.",
	Scope: api.ScopeSessionsWrite,
	Limit: api.Limit{Max: 10, By: []string{"url:{url},email:{param-email}", "url:{url},ip:{ip}"}},
	Audit: "recovery.create", Event: recoveryCreated, Status: 201, Faults: askRecoveryFaults,
}

type recoveryIn struct{ email, url string }

func (in *recoveryIn) Params(p *api.Params) {
	p.String("email", &in.email, check.Email, "Email address.", api.Format("email"), api.Example("walter@example.com"))
	p.String("url", &in.url, p.Redirect(), "Page or app that the link leads to, on one of the project's platforms.", api.Format("url"), api.Example("https://localhost/recover"))
}

func (s *Service) createRecovery(c *api.Call, in *recoveryIn) (*wire.Token, error) {
	issued, err := s.Rules.SendRecovery(c.Context(), c.Request(), in.email, in.url)
	return issuedToken(c, issued, err)
}

var updateRecovery = api.Spec{
	Route: "PUT /v1/account/recovery", SDK: []string{"account.updateRecovery"},
	About: "Set a new password with the `userId` and `secret` of the link that was mailed. Nobody is signed in by it, and second factors stay. By policy all sessions end.",
	Scope: api.ScopeSessionsWrite, Limit: api.Limit{Max: 10, By: []string{"url:{url},userId:{param-userId}"}},
	Audit: "recovery.update", Event: recoveryUpdated, Status: 200, Faults: recoverFaults,
}

type recoverIn struct {
	confirmIn
	password string
}

func (in *recoverIn) Params(p *api.Params) {
	in.confirmIn.Params(p)
	p.String("password", &in.password, p.Password(), "New password, 8 to 256 bytes, as the project's policies ask.", api.Format("password"), api.Example("correct horse 2"))
}

func (s *Service) updateRecovery(c *api.Call, in *recoverIn) (*wire.Token, error) {
	token, err := s.Rules.Recover(c.Context(), c.Request(), in.userID, in.secret, in.password)
	return redeemedToken(token, err)
}

var createRecoveryOTP = api.Spec{
	Route: "POST /v1/account/recovery/otp", SDK: []string{"account.createRecoveryOTP"},
	About: "Send a six-digit code by mail, good for 15 minutes, to set a new password with through updateRecoveryOTP.",
	Scope: api.ScopeSessionsWrite,
	Limit: api.Limit{Max: 10, By: []string{"url:{url},email:{param-email}", "url:{url},ip:{ip}"}},
	Audit: "recovery.create", Event: recoveryCreated, Status: 201, Faults: askRecoveryFaults,
}

type recoveryOTPIn struct {
	email  string
	phrase bool
}

func (in *recoveryOTPIn) Params(p *api.Params) {
	p.String("email", &in.email, check.Email, "Email address.", api.Format("email"), api.Example("walter@example.com"))
	p.Bool("phrase", &in.phrase, phraseAbout, api.Default(false))
}

func (s *Service) createRecoveryOTP(c *api.Call, in *recoveryOTPIn) (*wire.Token, error) {
	issued, err := s.Rules.SendRecoveryCode(c.Context(), c.Request(), in.email, in.phrase)
	return issuedToken(c, issued, err)
}

var updateRecoveryOTP = api.Spec{
	Route: "PUT /v1/account/recovery/otp", SDK: []string{"account.updateRecoveryOTP"},
	About: "Set a new password with the code that was mailed. Five wrong tries end a code.",
	Scope: api.ScopeSessionsWrite, Limit: api.Limit{Max: 10, By: []string{"url:{url},userId:{param-userId}"}},
	Audit: "recovery.update", Event: recoveryUpdated, Status: 200, Faults: recoverFaults,
}

func (s *Service) updateRecoveryOTP(c *api.Call, in *recoverIn) (*wire.Token, error) {
	token, err := s.Rules.RecoverByCode(c.Context(), c.Request(), in.userID, in.secret, in.password)
	return redeemedToken(token, err)
}
