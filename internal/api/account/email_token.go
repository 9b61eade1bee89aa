package account

import (
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
)

// userIDAbout describes the id of a user who may have to be made.
const userIDAbout = "Id of the user to be made: 1 to 36 of a-z, A-Z, 0-9, period, hyphen and underscore, not starting with a special character; or `unique()`. " +
	"Whoever has the address already keeps the id they have: the answer says which."

// phraseAbout describes the security phrase.
const phraseAbout = "Draw a security phrase. It stands in the answer and in the mail, so that a person can see that the two belong together."

// newAccountFaults are what may be answered where an address may become an account.
var newAccountFaults = []*fault.Kind{fault.UserCountExceeded, fault.UserConsoleCountExceeded, fault.UserAlreadyExists}

// newEmailFaults are newAccountFaults where the address is an email, and mail has to leave.
var newEmailFaults = append([]*fault.Kind{fault.SMTPDisabled, fault.BadRequest, fault.UserEmailDisposable, fault.UserEmailFree,
	fault.UserEmailNotCanonical, fault.UserEmailNotCorporate}, newAccountFaults...)

var createEmailToken = api.Spec{
	Route: "POST /v1/account/tokens/email", SDK: []string{"account.createEmailToken"},
	About: "Send a six-digit code by mail, good for 15 minutes, to sign in with through createSession. An address met for the first time becomes an account. " +
		"A new code ends the one before, and so do five wrong tries.",
	Scope: api.ScopeSessionsWrite, Gate: api.GateEmailOTP,
	Limit: api.Limit{Max: 10, By: []string{"url:{url},email:{param-email}", "url:{url},ip:{ip}"}},
	Audit: "session.create", Status: 201, Faults: newEmailFaults,
}

type emailTokenIn struct{ auth.EmailToken }

func (in *emailTokenIn) Params(p *api.Params) {
	p.String("userId", &in.UserID, check.CustomID, userIDAbout, api.Example("unique()"))
	p.String("email", &in.Email, check.Email, "Email address.", api.Format("email"), api.Example("walter@example.com"))
	p.Bool("phrase", &in.Phrase, phraseAbout, api.Default(false))
}

func (s *Service) createEmailToken(c *api.Call, in *emailTokenIn) (*wire.Token, error) {
	issued, err := s.Rules.SendEmailCode(c.Context(), c.Request(), in.EmailToken)
	return issuedToken(c, issued, err)
}

// issuedToken shows a token just made. Its secret is on its way to the person; in the answer only a server or an
// operator sees it. The phrase is for whoever asked.
func issuedToken(c *api.Call, issued *auth.Issued, err error) (*wire.Token, error) {
	if err != nil {
		return nil, err
	}
	token := wire.TokenOf(issued.Token)
	token.Phrase = issued.Phrase
	if c.Caller.Trusted() {
		token.Secret = issued.Secret
	}
	return token, nil
}
