package api

import (
	"strings"
	"unicode/utf8"

	"latchkey/internal/compat"
	"latchkey/internal/fault"
	"latchkey/internal/locale"
	"latchkey/internal/model"
)

// entry is what happens to every request before its handler, in the contract's order. The order can be seen
// from outside (an unknown project with a foreign origin is refused for its origin, a guest with bad
// parameters for being a guest, a request with bad parameters is counted by the rate limit), so it stands
// here in one list and nowhere else.
var entry = []func(*Call) error{
	(*Call).readParams,
	(*Call).readHeaders,
	(*Call).findProject,
	(*Call).checkOrigin,
	(*Call).requireReadable,
	(*Call).findCaller,
	(*Call).requireProject,
	(*Call).checkCaller,
	(*Call).checkService,
	(*Call).checkScope,
	(*Call).checkAccount,
	(*Call).checkFactors,
	(*Call).checkImpersonation,
	(*Call).takeLimit,
	(*Call).checkGate,
	(*Call).checkUnsigned,
	(*Call).checkFreshness,
}

// run takes a call through the pipeline and its handler.
func (c *Call) run() (any, error) {
	for _, step := range entry {
		if err := step(c); err != nil {
			return nil, err
		}
	}
	if c.bodyBroken && len(c.Endpoint.Params) > 0 {
		return nil, fault.ArgumentInvalid.Say(strings.TrimSpace(c.bodyHint))
	}
	params := Params{request: c, method: c.Endpoint.Method, path: c.Endpoint.Path}
	in := c.Endpoint.bind(&params)
	if params.fault != nil {
		return nil, params.fault
	}
	c.touch()
	reply, err := c.Endpoint.handle(c, in)
	if err == nil {
		c.resetLimit()
	}
	return reply, err
}

// readHeaders reads what every call may say about itself: its origin, the format and the locale it wants.
func (c *Call) readHeaders() error {
	header := c.HTTP.Header
	c.origin = header.Get("Origin")
	c.keyText = header.Get("X-Appwrite-Key")
	c.Format = compat.Of(header.Get("X-Appwrite-Response-Format"))
	if warning := c.Format.Warning(); warning != "" {
		c.w.Header().Set("X-Appwrite-Warning", warning)
	}
	c.Locale = locale.Default
	if code := firstText(c.text("locale"), header.Get("X-Appwrite-Locale")); locale.Accept(code) {
		c.Locale = code
	}
	if strings.IndexByte(c.HTTP.URL.Path, 0) >= 0 || !utf8.ValidString(c.HTTP.URL.Path) {
		c.unreadable = fault.ArgumentInvalid.Say("The path must be valid UTF-8 without NUL characters.")
	}
	return nil
}

// requireReadable reports a body or a path that no route could work with.
func (c *Call) requireReadable() error { return c.unreadable }

// findProject finds the project by parameter or header. That there is none is reported later: origins are
// checked first, so that a foreign page cannot find out which projects exist.
func (c *Call) findProject() error {
	id := firstText(c.text("project"), c.HTTP.Header.Get("X-Appwrite-Project"))
	if id == "" && writes(c.HTTP.Method) {
		if value, found := c.query["project"]; found {
			id, _ = value.text()
		}
	}
	if id == "" {
		id = model.ConsoleProject
	}
	if c.Endpoint.OfPath {
		id = c.path("projectId")
	}
	if plain(id) != nil || len(id) > 36 {
		c.refused = fault.ProjectNotFound
		return nil
	}
	project, err := c.server.Projects.Find(c.HTTP.Context(), id)
	if isFault(err, fault.ProjectNotFound) {
		c.refused = err
		return nil
	}
	c.Project = project
	return err
}

// requireProject reports the unknown project, at its place in the order.
func (c *Call) requireProject() error {
	if c.Project == nil {
		return c.refused
	}
	return nil
}

// checkService refuses what the project has switched off. Servers and operators are not bound by it.
func (c *Call) checkService() error {
	if c.Caller.Trusted() {
		return nil
	}
	settings := &c.Project.Settings
	if !settings.ServiceEnabled(c.Endpoint.Service()) {
		return fault.ServiceDisabled
	}
	if !settings.APIEnabled("rest") {
		return fault.APIDisabled
	}
	return nil
}

// checkScope refuses callers without the route's scope, naming caller and scope as the contract does.
func (c *Call) checkScope() error {
	scope := c.Endpoint.Scope
	operatorAway := c.Caller.Role.Operator() && c.Project.ID != model.ConsoleProject
	if c.Caller.Has(scope) && !(operatorAway && c.needsAccount()) {
		return nil
	}
	name := "User"
	if c.Caller.User != nil && c.Caller.User.Email != "" {
		name = c.Caller.User.Email
	}
	return fault.UnauthorizedScope.Say(name + " (role: " + c.Caller.Role.Label() + `) missing scopes (["` + string(scope) + `"])`)
}

// needsAccount says whether the endpoint is about the caller's own account in this project. An operator has none in the
// projects of others.
func (c *Call) needsAccount() bool {
	switch c.Endpoint.Scope {
	case ScopeAccount:
		return true
	case ScopeTargetsWrite, ScopeTargetsRead:
		return c.Endpoint.Service() == "account"
	}
	return false
}

// checkAccount refuses blocked people and those who must set a new password first. Who acts as another user
// must be neither, as little as that user.
func (c *Call) checkAccount() error {
	for _, user := range [...]*model.User{c.Caller.Impersonator, c.Caller.User} {
		switch {
		case user == nil:
		case !user.Status:
			return fault.UserBlocked
		case user.ResetRequired:
			return fault.UserPasswordResetRequired
		}
	}
	return nil
}

// checkFactors closes every route but a few to a sign-in that lacks its second factor, and to an operator who has none
// where operators need one.
func (c *Call) checkFactors() error {
	if c.unprotected() && !c.Endpoint.SetsUp && !c.Endpoint.HalfSigned {
		return fault.UserFactorSetupRequired
	}
	if c.Endpoint.HalfSigned || !c.halfSigned() {
		return nil
	}
	return fault.UserMoreFactorsRequired
}

// halfSigned says whether the caller's session has fewer distinct factors than the person asked for.
func (c *Call) halfSigned() bool {
	session := c.Caller.Factors
	if session == nil {
		return false
	}
	minimum := 1
	if twoSteps(c.owner()) {
		minimum = 2
	}
	distinct := map[string]bool{}
	for _, factor := range session.Factors {
		distinct[factor] = true
	}
	return len(distinct) < minimum
}

// owner is who the caller's proof belongs to: whoever acts as another user is still themselves there. Nil for guests and
// keys.
func (c *Call) owner() *model.User {
	if c.Caller.Impersonator != nil {
		return c.Caller.Impersonator
	}
	return c.Caller.User
}

// twoSteps says whether a person is asked for a second factor when they sign in: they want it and have one.
func twoSteps(u *model.User) bool {
	return u.MFA && (u.HasTOTP || u.Passkeys > 0 || u.EmailVerification && u.Email != "" || u.PhoneVerification && u.Phone != "")
}

// unprotected says whether the caller is an operator without the second factor that operators need here.
func (c *Call) unprotected() bool {
	owner := c.owner()
	return c.server.ConsoleMFA && owner != nil && owner.Project == model.ConsoleProject && !twoSteps(owner)
}

// HalfSigned tells a handler that the second factor is still missing.
func (c *Call) HalfSigned() bool { return c.halfSigned() }

// checkImpersonation refuses what may not be done in another person's name, and turns back to the
// impersonator where a route is about the caller's own sign-in.
func (c *Call) checkImpersonation() error {
	caller := &c.Caller
	if caller.Impersonator == nil || !c.needsAccount() && !c.Endpoint.Unsigned {
		return nil
	}
	switch c.Endpoint.As {
	case AsTarget:
		return nil
	case AsSelf:
		caller.User, caller.Impersonator = caller.Impersonator, nil
		return nil
	}
	if c.Endpoint.Unsigned {
		return nil
	}
	return fault.UserUnauthorized.Say("This cannot be done while acting as another user.")
}

// checkGate refuses a sign-in method that the project has switched off.
func (c *Call) checkGate() error {
	if c.Endpoint.Gate == GateNone || c.Caller.Trusted() || gateOpen(c.Endpoint.Gate, &c.Project.Settings.AuthMethods) {
		return nil
	}
	return fault.UserAuthMethodUnsupported
}

// gateOpen reads the switch of a gate.
func gateOpen(gate Gate, methods *model.AuthMethods) bool {
	switch gate {
	case GateEmailPassword:
		return methods.EmailPassword
	case GateMagicURL:
		return methods.MagicURL
	case GateEmailOTP:
		return methods.EmailOTP
	case GateAnonymous:
		return methods.Anonymous
	case GateJWT:
		return methods.JWT
	case GatePhone:
		return methods.Phone
	}
	return false
}

// checkUnsigned refuses a second sign-in on top of a first.
func (c *Call) checkUnsigned() error {
	if c.Endpoint.Unsigned && c.Caller.User != nil {
		return fault.UserSessionAlreadyExists
	}
	return nil
}

// freshFor is how long a passed MFA challenge opens the routes that want a fresh one.
const freshFor = 30 * 60 * 1000

// checkFreshness asks for a recent MFA challenge where the row says so.
func (c *Call) checkFreshness() error {
	asked := c.Endpoint.Fresh || c.Endpoint.FreshIfMFA && twoSteps(c.owner())
	if !asked || c.Endpoint.FreshBy != "" && c.text(c.Endpoint.FreshBy) != "" {
		return nil
	}
	session := c.Caller.Factors
	if session == nil || session.MFAUpdatedAt == 0 || session.MFAUpdatedAt+freshFor < c.Now {
		return fault.UserChallengeRequired
	}
	return nil
}

// touch marks user, key and project as used today. It costs nothing when they are marked already, never
// waits, and may be lost.
func (c *Call) touch() {
	touches := c.server.Touches
	if user := c.Caller.User; user != nil && c.Caller.Impersonator == nil && !c.Caller.Role.Operator() {
		touches.User(user)
	}
	if key := c.Caller.Key; key != nil && key.ID != "" {
		touches.Key(key)
	}
	touches.Project(&c.Project.Project)
}

// firstText returns the first text that is not empty.
func firstText(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// cleanText makes text storable: valid UTF-8, no NUL, at most max bytes.
func cleanText(text string, max int) string {
	if len(text) > max {
		text = text[:max]
	}
	if plain(text) != nil {
		text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
	}
	return text
}
