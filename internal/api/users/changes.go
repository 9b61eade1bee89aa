package users

import (
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// change is the row of a change of a user.
func change(route, sdk, about, event string, faults ...*fault.Kind) api.Spec {
	return api.Spec{Route: route, SDK: []string{sdk}, About: about, Scope: api.ScopeUsersWrite, Audit: "user.update", Event: "users.[userId].update." + event,
		Status: 200, Faults: append([]*fault.Kind{fault.UserNotFound}, faults...)}
}

var (
	updateName  = change("PATCH /v1/users/{userId}/name", "users.updateName", "Change a user's name.", "name")
	updateEmail = change("PATCH /v1/users/{userId}/email", "users.updateEmail", "Give a user another address, to be verified anew, or take it away.", "email",
		fault.UserEmailAlreadyExists, fault.UserTargetAlreadyExists, fault.UserEmailDisposable, fault.UserEmailFree, fault.UserEmailNotCanonical, fault.UserEmailNotCorporate)
	updatePhone = change("PATCH /v1/users/{userId}/phone", "users.updatePhone", "Give a user another number, to be verified anew, or take it away.", "phone",
		fault.UserPhoneAlreadyExists, fault.UserTargetAlreadyExists)
	updatePassword = change("PATCH /v1/users/{userId}/password", "users.updatePassword", "Give a user a password, or take it away. By policy their sessions end.", "password",
		fault.PasswordRecentlyUsed, fault.PasswordPersonalData, fault.ServerBusy)
	updateLabels            = change("PUT /v1/users/{userId}/labels", "users.updateLabels", "Replace a user's labels.", "labels")
	updateStatus            = change("PATCH /v1/users/{userId}/status", "users.updateStatus", "Block a user, or open the account again.", "status")
	updateEmailVerification = change("PATCH /v1/users/{userId}/verification", "users.updateEmailVerification", "Say whether a user's address is theirs.", "verification")
	updatePhoneVerification = change("PATCH /v1/users/{userId}/verification/phone", "users.updatePhoneVerification", "Say whether a user's number is theirs.", "verification")
	updateMFA               = change("PATCH /v1/users/{userId}/mfa", "users.updateMFA", "Switch a user's second factor on or off.", "mfa")
	updateImpersonator      = change("PATCH /v1/users/{userId}/impersonator", "users.updateImpersonator", "Say whether a user may act as others.", "impersonator")
)

type nameIn struct {
	userIn
	name string
}

func (in *nameIn) Params(p *api.Params) {
	in.userIn.Params(p)
	p.String("name", &in.name, check.Text(0, 128), "Name, at most 128 characters.", api.Example("Walter White"))
}

func (s *Service) updateName(c *api.Call, in *nameIn) (*wire.User, error) {
	user, err := s.Rules.RenameUser(c.Context(), c.Request(), in.id, in.name)
	return reply(c, user, err)
}

type emailIn struct {
	userIn
	email string
}

func (in *emailIn) Params(p *api.Params) {
	in.userIn.Params(p)
	p.String("email", &in.email, orEmpty(check.Email), "Email address; empty for none.", api.Format("email"), api.Example("walter@example.org"))
}

func (s *Service) updateEmail(c *api.Call, in *emailIn) (*wire.User, error) {
	user, err := s.Rules.SetEmail(c.Context(), c.Request(), in.id, in.email)
	return reply(c, user, err)
}

type phoneIn struct {
	userIn
	number string
}

func (in *phoneIn) Params(p *api.Params) {
	in.userIn.Params(p)
	p.String("number", &in.number, orEmpty(check.Phone), "Telephone number with + and country code; empty for none.", api.Example("+16175551212"))
}

func (s *Service) updatePhone(c *api.Call, in *phoneIn) (*wire.User, error) {
	user, err := s.Rules.SetPhone(c.Context(), c.Request(), in.id, in.number)
	return reply(c, user, err)
}

type passwordIn struct {
	userIn
	password string
}

func (in *passwordIn) Params(p *api.Params) {
	in.userIn.Params(p)
	p.String("password", &in.password, orEmpty(p.Password()), "New password, 8 to 256 bytes, as the project's policies ask; empty for none.", api.Format("password"), api.Example("correct horse 2"))
}

func (s *Service) updatePassword(c *api.Call, in *passwordIn) (*wire.User, error) {
	user, err := s.Rules.SetPassword(c.Context(), c.Request(), in.id, in.password)
	return reply(c, user, err)
}

type labelsIn struct {
	userIn
	labels []string
}

func (in *labelsIn) Params(p *api.Params) {
	in.userIn.Params(p)
	p.Strings("labels", &in.labels, check.Labels, "Labels: at most 1000, each 1 to 36 letters and digits.", api.Example([]string{"vip"}))
}

func (s *Service) updateLabels(c *api.Call, in *labelsIn) (*wire.User, error) {
	user, err := s.Rules.SetLabels(c.Context(), c.Request(), in.id, in.labels)
	return reply(c, user, err)
}

// switchIn is a user and a truth value, which is one in JSON: a text is no proof of an address, and takes no second
// factor away.
type switchIn struct {
	userIn
	on bool
}

func (in *switchIn) bind(p *api.Params, name, about string) {
	in.userIn.Params(p)
	p.StrictBool(name, &in.on, about, api.Example(true))
}

type statusIn struct{ switchIn }

// Params binds a status, which the contract takes as text, too.
func (in *statusIn) Params(p *api.Params) {
	in.userIn.Params(p)
	p.Bool("status", &in.on, "True opens the account, false blocks it.", api.Example(true))
}

func (s *Service) updateStatus(c *api.Call, in *statusIn) (*wire.User, error) {
	user, err := s.Rules.SetStatus(c.Context(), c.Request(), in.id, in.on)
	return reply(c, user, err)
}

type emailVerificationIn struct{ switchIn }

func (in *emailVerificationIn) Params(p *api.Params) {
	in.bind(p, "emailVerification", "Whether the address is verified.")
}

func (s *Service) updateEmailVerification(c *api.Call, in *emailVerificationIn) (*wire.User, error) {
	user, err := s.Rules.SetEmailVerified(c.Context(), c.Request(), in.id, in.on)
	return reply(c, user, err)
}

type phoneVerificationIn struct{ switchIn }

func (in *phoneVerificationIn) Params(p *api.Params) {
	in.bind(p, "phoneVerification", "Whether the number is verified.")
}

func (s *Service) updatePhoneVerification(c *api.Call, in *phoneVerificationIn) (*wire.User, error) {
	user, err := s.Rules.SetPhoneVerified(c.Context(), c.Request(), in.id, in.on)
	return reply(c, user, err)
}

type mfaIn struct{ switchIn }

func (in *mfaIn) Params(p *api.Params) { in.bind(p, "mfa", "Whether a second factor is asked for.") }

func (s *Service) updateMFA(c *api.Call, in *mfaIn) (*wire.User, error) {
	user, err := s.Rules.SetMFA(c.Context(), c.Request(), in.id, in.on)
	return reply(c, user, err)
}

type impersonatorIn struct{ switchIn }

func (in *impersonatorIn) Params(p *api.Params) {
	in.bind(p, "impersonator", "Whether the user may act as others.")
}

func (s *Service) updateImpersonator(c *api.Call, in *impersonatorIn) (*wire.User, error) {
	user, err := s.Rules.SetImpersonator(c.Context(), c.Request(), in.id, in.on)
	return reply(c, user, err)
}

var getPrefs = api.Spec{
	Route: "GET /v1/users/{userId}/prefs", SDK: []string{"users.getPrefs"},
	About: "Get a user's preferences.",
	Scope: api.ScopeUsersRead, Status: 200, Faults: []*fault.Kind{fault.UserNotFound},
}

func (s *Service) getPrefs(c *api.Call, in *userIn) (wire.Prefs, error) {
	user, err := s.Rules.User(c.Context(), &c.Project.Project, in.id)
	if err != nil {
		return "", err
	}
	return wire.Prefs(user.Prefs), nil
}

var updatePrefs = change("PATCH /v1/users/{userId}/prefs", "users.updatePrefs", "Replace a user's preferences as a whole, at most 65535 bytes of JSON.", "prefs")

type prefsIn struct {
	userIn
	prefs model.Object
}

func (in *prefsIn) Params(p *api.Params) {
	in.userIn.Params(p)
	p.Prefs("prefs", &in.prefs, "Preferences as a JSON object.", api.Example(map[string]any{"theme": "dark"}))
}

func (s *Service) updatePrefs(c *api.Call, in *prefsIn) (wire.Prefs, error) {
	user, err := s.Rules.SetPrefs(c.Context(), c.Request(), in.id, in.prefs)
	if err != nil {
		return "", err
	}
	return wire.Prefs(user.Prefs), nil
}
