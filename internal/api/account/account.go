// Package account holds the rows of the Account service and their handlers. A handler reads its input,
// calls one rule and shapes the reply; what may and may not be is decided elsewhere.
package account

import (
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// Service serves the rows of the Account service.
type Service struct {
	Rules *auth.Rules
}

// Endpoints lists the Account service.
func (s *Service) Endpoints() []api.Endpoint {
	return []api.Endpoint{
		api.Define(create, s.create),
		api.Define(get, s.get),
		api.Define(deleteAccount, s.deleteAccount),
		api.Define(updateName, s.updateName),
		api.Define(updateEmail, s.updateEmail),
		api.Define(updatePassword, s.updatePassword),
		api.Define(updatePhone, s.updatePhone),
		api.Define(getPrefs, s.getPrefs),
		api.Define(updatePrefs, s.updatePrefs),
		api.Define(updateStatus, s.updateStatus),
		api.Define(createEmailPasswordSession, s.createEmailPasswordSession),
		api.Define(createAnonymousSession, s.createAnonymousSession),
		api.Define(createSession, s.createSession),
		api.Define(updateMagicURLSession, s.createSession),
		api.Define(updatePhoneSession, s.createSession),
		api.Define(createEmailToken, s.createEmailToken),
		api.Define(createMagicURLToken, s.createMagicURLToken),
		api.Define(createPhoneToken, s.createPhoneToken),
		api.Define(createEmailVerification, s.createEmailVerification),
		api.Define(updateEmailVerification, s.updateEmailVerification),
		api.Define(createEmailVerificationOTP, s.createEmailVerificationOTP),
		api.Define(updateEmailVerificationOTP, s.updateEmailVerificationOTP),
		api.Define(createPhoneVerification, s.createPhoneVerification),
		api.Define(updatePhoneVerification, s.updatePhoneVerification),
		api.Define(createRecovery, s.createRecovery),
		api.Define(updateRecovery, s.updateRecovery),
		api.Define(createRecoveryOTP, s.createRecoveryOTP),
		api.Define(updateRecoveryOTP, s.updateRecoveryOTP),
		api.Define(createOAuth2Session, s.createOAuth2Session),
		api.Define(createOAuth2Token, s.createOAuth2Token),
		api.Define(oauth2Callback, s.oauth2Callback),
		api.Define(oauth2CallbackForm, s.oauth2CallbackForm),
		api.Define(oauth2Redirect, s.oauth2Redirect),
		api.Define(createIDTokenSession, s.createIDTokenSession),
		api.Define(listIdentities, s.listIdentities),
		api.Define(deleteIdentity, s.deleteIdentity),
		api.Define(listSessions, s.listSessions),
		api.Define(deleteSessions, s.deleteSessions),
		api.Define(getSession, s.getSession),
		api.Define(updateSession, s.updateSession),
		api.Define(deleteSession, s.deleteSession),
		api.Define(updateMFA, s.updateMFA),
		api.Define(listMFAFactors, s.listMFAFactors),
		api.Define(createMFAAuthenticator, s.createMFAAuthenticator),
		api.Define(updateMFAAuthenticator, s.updateMFAAuthenticator),
		api.Define(deleteMFAAuthenticator, s.deleteMFAAuthenticator),
		api.Define(createMFARecoveryCodes, s.createMFARecoveryCodes),
		api.Define(updateMFARecoveryCodes, s.updateMFARecoveryCodes),
		api.Define(getMFARecoveryCodes, s.getMFARecoveryCodes),
		api.Define(createMFAChallenge, s.createMFAChallenge),
		api.Define(updateMFAChallenge, s.updateMFAChallenge),
		api.Define(createMFAPasskeyChallenge, s.createMFAPasskeyChallenge),
		api.Define(updateMFAPasskeyChallenge, s.updateMFAPasskeyChallenge),
		api.Define(createPasskeyChallenge, s.createPasskeyChallenge),
		api.Define(createPasskey, s.createPasskey),
		api.Define(listPasskeys, s.listPasskeys),
		api.Define(updatePasskey, s.updatePasskey),
		api.Define(deletePasskey, s.deletePasskey),
		api.Define(createPasskeySessionChallenge, s.createPasskeySessionChallenge),
		api.Define(createPasskeySession, s.createPasskeySession),
		api.Define(createJWT, s.createJWT),
		api.Define(listJWKs, s.listJWKs),
		api.Define(listConsents, s.listConsents),
		api.Define(listLogs, s.listLogs),
		api.Define(export, s.export),
		api.Define(createPushTarget, s.createPushTarget),
		api.Define(updatePushTarget, s.updatePushTarget),
		api.Define(deletePushTarget, s.deletePushTarget),
	}
}

var create = api.Spec{
	Route: "POST /v1/account", SDK: []string{"account.create"},
	About: "Sign up with an email address and a password. No session is made.",
	Scope: api.ScopeSessionsWrite, Gate: api.GateEmailPassword,
	Limit: api.Limit{Max: 10, By: []string{"url:{url},ip:{ip}"}},
	Audit: "user.create", Event: "users.[userId].create", Status: 201,
	Faults: []*fault.Kind{fault.UserAlreadyExists, fault.UserCountExceeded, fault.UserConsoleCountExceeded, fault.BadRequest, fault.PasswordPersonalData,
		fault.UserEmailDisposable, fault.UserEmailFree, fault.UserEmailNotCanonical, fault.UserEmailNotCorporate, fault.ServerBusy},
}

type createIn struct{ auth.NewAccount }

func (in *createIn) Params(p *api.Params) {
	p.String("userId", &in.UserID, check.CustomID, "User id: 1 to 36 of a-z, A-Z, 0-9, period, hyphen and underscore, not starting with a special character; or `unique()`.", api.Example("unique()"))
	p.String("email", &in.Email, check.Email, "Email address.", api.Format("email"), api.Example("walter@example.com"))
	p.String("password", &in.Password, p.Password(), "Password, 8 to 256 bytes, as the project's policies ask.", api.Format("password"), api.Example("correct horse 1"))
	p.String("name", &in.Name, check.Text(1, 128), "Name, at most 128 characters.", api.Default(""), api.Example("Walter"))
}

func (s *Service) create(c *api.Call, in *createIn) (*wire.Account, error) {
	user, err := s.Rules.SignUp(c.Context(), c.Request(), in.NewAccount)
	if err != nil {
		return nil, err
	}
	return wire.AccountOf(user, nil), nil
}

var get = api.Spec{
	Route: "GET /v1/account", SDK: []string{"account.get"},
	About: "Get the signed-in user.",
	Scope: api.ScopeAccount, SetsUp: true, As: api.AsTarget, Status: 200,
}

func (s *Service) get(c *api.Call, _ *api.None) (*wire.Account, error) {
	return wire.AccountOf(c.User(), c.Caller.Impersonator), nil
}

var deleteAccount = api.Spec{
	Route: "DELETE /v1/account", SDK: []string{"account.delete"},
	About: "Delete the signed-in user with everything that belongs to them.",
	Scope: api.ScopeAccount, Audit: "user.delete", Event: "users.[userId].delete", Status: 204,
	Faults: []*fault.Kind{fault.UserDeletionProhibited},
}

func (s *Service) deleteAccount(c *api.Call, _ *api.None) (api.Empty, error) {
	if err := s.Rules.DeleteOneself(c.Context(), c.Request(), c.User()); err != nil {
		return api.Empty{}, err
	}
	c.ClearSession()
	return api.Empty{}, nil
}

var updateName = api.Spec{
	Route: "PATCH /v1/account/name", SDK: []string{"account.updateName"},
	About: "Change the name.",
	Scope: api.ScopeAccount, As: api.AsTarget, Audit: "user.update", Event: "users.[userId].update.name", Status: 200,
}

type nameIn struct{ name string }

func (in *nameIn) Params(p *api.Params) {
	p.String("name", &in.name, check.Text(1, 128), "Name, 1 to 128 characters.", api.Example("Walter White"))
}

func (s *Service) updateName(c *api.Call, in *nameIn) (*wire.Account, error) {
	user, err := s.Rules.Rename(c.Context(), c.Request(), c.User(), in.name)
	return reply(c, user, err)
}

// reply shows a changed user to whoever asked for the change.
func reply(c *api.Call, user *model.User, err error) (*wire.Account, error) {
	if err != nil {
		return nil, err
	}
	return wire.AccountOf(user, c.Caller.Impersonator), nil
}
