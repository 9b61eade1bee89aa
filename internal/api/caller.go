package api

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/secret"
)

// findCaller finds out who calls, by the contract's precedence: session (cookie, header, fallback), then
// JWT, then API key, then impersonation. A session that does not hold makes a guest, not an error. Faults
// met here wait in c.refused until an unknown project has been reported.
func (c *Call) findCaller() error {
	c.Caller = Caller{Role: RoleGuest}
	if c.Project == nil || c.Endpoint.Hosted {
		return nil
	}
	steps := []func() error{c.readSession, c.readJWT, c.readKey, c.enterAdmin, c.impersonate}
	if c.Endpoint.Visit {
		defer c.asVisitor()
		steps = []func() error{c.readSession, c.readKey}
	}
	for _, step := range steps {
		if err := step(); err != nil {
			if fault.From(err).Kind == fault.ServerError {
				return err
			}
			c.refused = err
			return nil
		}
	}
	return nil
}

// checkCaller reports what was wrong with the caller's proof.
func (c *Call) checkCaller() error { return c.refused }

// adminMode says whether the caller wants to act as an operator of the project.
func (c *Call) adminMode() bool {
	return c.Endpoint.OfPath || !c.Endpoint.Visit && firstText(c.text("mode"), c.HTTP.Header.Get("X-Appwrite-Mode")) == "admin"
}

// readSession looks up the session the call carries. In admin mode it is one of the project `console`.
func (c *Call) readSession() error {
	project := c.Project.ID
	if c.adminMode() {
		project = model.ConsoleProject
	}
	text, byCookie := c.sessionText(project)
	if text == "" {
		return nil
	}
	userID, secretText, ok := secret.DecodeSession(text)
	if !ok {
		return nil
	}
	found, err := c.server.DB.SessionUser(c.HTTP.Context(), project, userID, secret.HashToken(secretText), c.Now)
	if isFault(err, fault.UserSessionNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	c.Caller = Caller{Role: RoleUser, User: &found.User, Session: &found.Session, Factors: &found.Session, cookie: byCookie}
	if project == model.ConsoleProject && c.Project.ID == project {
		c.Caller.scopes = map[Scope]bool{ScopeProjectsWrite: true} // an operator may make projects
	}
	return nil
}

// sessionText finds the encoded session: cookie before header before fallback. A cookie that can be decoded
// hides the others even when it is stale. Of several of one name the last counts: browsers send the newest last, and
// one left by the host above, where the server once stood, must not hide it.
func (c *Call) sessionText(project string) (text string, byCookie bool) {
	name := cookieName(project)
	for _, wanted := range []string{name, name + legacySuffix} {
		for _, value := range c.cookies(wanted) {
			if _, _, ok := secret.DecodeSession(value); ok {
				return value, true
			}
		}
	}
	if value := c.HTTP.Header.Get("X-Appwrite-Session"); value != "" {
		return value, false
	}
	fallback := c.HTTP.Header.Get("X-Fallback-Cookies")
	if fallback == "" || fallback == "[]" || len(fallback) > 16<<10 {
		return "", false
	}
	var cookies map[string]any
	if json.Unmarshal([]byte(fallback), &cookies) != nil {
		return "", false
	}
	value, _ := cookies["a_session_"+project].(string)
	return value, false
}

// readJWT lets a JWT stand for its user. Beside a live session of the same user the session stays current;
// of another user the two contradict each other.
func (c *Call) readJWT() error {
	token := c.HTTP.Header.Get("X-Appwrite-JWT")
	if token == "" && !writes(c.HTTP.Method) {
		token = c.text("jwt")
	}
	if token == "" || c.adminMode() {
		return nil
	}
	found, err := c.server.Rules.VerifyJWT(c.HTTP.Context(), c.Project.ID, token)
	if err != nil && !isFault(err, fault.UserSessionNotFound) {
		return err
	}
	if c.Caller.User != nil {
		if found == nil || c.Caller.User.ID != found.User.ID {
			return fault.UserJWTAndCookieSet
		}
		return nil
	}
	if found == nil {
		return nil
	}
	c.Caller = Caller{Role: RoleUser, User: &found.User, JWT: true}
	if found.Session.ID != "" {
		c.Caller.Factors = &found.Session
	}
	return nil
}

// readKey lets an API key speak for a server. The key belongs to one project, which the header must name.
func (c *Call) readKey() error {
	if err := c.readDevKey(); err != nil || c.keyText == "" {
		return err
	}
	kind, _ := secret.ParseKey(c.keyText)
	if kind == secret.KeyOther {
		c.Caller = Caller{Role: RoleGuest} // whoever says to be a server is not taken for the person whose cookie came along
		return nil
	}
	key, err := c.server.Rules.FindKey(c.HTTP.Context(), &c.Project.Project, c.keyText)
	if isFault(err, fault.KeyNotFound) {
		return fault.UserUnauthorized.Say("The API key is not known to this project.")
	}
	if err != nil {
		return err
	}
	if key.Dev {
		return nil
	}
	if c.HTTP.Header.Get("X-Appwrite-Project") != c.Project.ID && !c.Endpoint.OfPath {
		return fault.ProjectIDMissing
	}
	// A person stays behind the key, so that signing in twice is still refused; scopes are the key's alone.
	c.Caller = Caller{Role: RoleKey, Key: key, User: c.Caller.User, Session: c.Caller.Session}
	c.Caller.scopes = make(map[Scope]bool, len(key.Scopes))
	for _, scope := range key.Scopes {
		c.Caller.scopes[Scope(scope)] = true
	}
	if c.Caller.User != nil && !c.Endpoint.Unsigned {
		c.Caller.User, c.Caller.Session = nil, nil
	}
	return nil
}

// readDevKey notes a valid dev key, which relaxes origin, redirect and rate checks and grants nothing.
func (c *Call) readDevKey() error {
	text := firstText(c.HTTP.Header.Get("X-Appwrite-Dev-Key"), c.text("devKey"))
	if text == "" || c.devKey || c.Endpoint.Visit {
		return nil
	}
	key, err := c.server.Rules.FindKey(c.HTTP.Context(), &c.Project.Project, text)
	switch {
	case isFault(err, fault.KeyNotFound), isFault(err, fault.ProjectKeyExpired):
		return nil
	case err != nil:
		return err
	}
	c.devKey = key.Dev
	return nil
}

// enterAdmin turns a console user into an operator of the named project, by the role they hold in its team.
func (c *Call) enterAdmin() error {
	if !c.adminMode() {
		return nil
	}
	if c.Project.ID == model.ConsoleProject {
		return fault.BadRequest.Say("Admin mode is for the projects that the console manages, not for the console itself.")
	}
	if c.Caller.Role != RoleUser {
		return nil
	}
	role, err := c.server.Rules.OperatorRole(c.HTTP.Context(), c.Project.ID, c.Caller.User.ID)
	if err != nil {
		return err
	}
	if !Role(role).Operator() {
		return fault.UserUnauthorized.Say("The signed-in operator is not a member of this project.")
	}
	c.Caller.Role = Role(role)
	return nil
}

// impersonate lets a user who carries the impersonator mark act as another one. An unknown target is
// passed over, as the contract says: the call goes on as oneself.
func (c *Call) impersonate() error {
	caller := &c.Caller
	if caller.Role != RoleUser || !caller.User.Impersonator {
		return nil
	}
	target, err := c.impersonated(c.HTTP.Context())
	if err != nil || target == nil {
		return err
	}
	caller.Impersonator, caller.User = caller.User, target
	caller.scopes = map[Scope]bool{ScopeUsersRead: true}
	return nil
}

// impersonated finds the target by id, else by email, else by phone.
func (c *Call) impersonated(ctx context.Context) (*model.User, error) {
	ask := func(header, query string) string {
		value := firstText(c.HTTP.Header.Get(header), queryText(c, query))
		if plain(value) != nil {
			return ""
		}
		return value
	}
	db, project := c.server.DB, c.Project.ID
	var user *model.User
	err := error(fault.UserNotFound)
	if id := ask("X-Appwrite-Impersonate-User-Id", "impersonateUserId"); id != "" {
		user, err = db.UserByID(ctx, project, id)
	} else if email := ask("X-Appwrite-Impersonate-User-Email", "impersonateUserEmail"); email != "" {
		user, err = db.UserByEmail(ctx, project, check.NormalizeEmail(email))
	} else if phone := ask("X-Appwrite-Impersonate-User-Phone", "impersonateUserPhone"); phone != "" {
		user, err = db.UserByPhone(ctx, project, phone)
	}
	if isFault(err, fault.UserNotFound) {
		return nil, nil // an unknown target is no target
	}
	return user, err
}

// queryText reads a query parameter in the SDKs' camel case or in lower case, whatever the method.
func queryText(c *Call, name string) string {
	for _, spelling := range []string{name, strings.ToLower(name)} {
		if value, found := c.query[spelling]; found {
			if text, err := value.text(); err == nil {
				return text
			}
		}
	}
	return ""
}

// isFault says whether an error is of a kind.
func isFault(err error, kind *fault.Kind) bool { return err != nil && errors.Is(err, kind) }

// cookie returns a cookie's value, the last one's where there are several.
func (c *Call) cookie(name string) string {
	for _, value := range c.cookies(name) {
		return value
	}
	return ""
}

// cookies returns the values of all cookies of a name, which is compared without case: URL-decoded, the last first.
func (c *Call) cookies(name string) []string {
	var values []string
	for _, cookie := range slices.Backward(c.HTTP.Cookies()) {
		if strings.EqualFold(cookie.Name, name) {
			values = append(values, unescape(cookie.Value))
		}
	}
	return values
}
