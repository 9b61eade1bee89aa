package account

import (
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

var createEmailPasswordSession = api.Spec{
	Route: "POST /v1/account/sessions/email", Alias: []string{"/v1/account/sessions"},
	SDK:   []string{"account.createEmailPasswordSession", "account.createEmailSession"},
	About: "Sign in with an email address and a password.",
	Scope: api.ScopeSessionsWrite, Gate: api.GateEmailPassword, Unsigned: true,
	Limit: api.Limit{Max: 10, By: []string{"url:{url},email:{param-email}"}, Reset: 201},
	Audit: "session.create", Event: "users.[userId].sessions.[sessionId].create", Status: 201,
	Faults: []*fault.Kind{fault.UserInvalidCredentials, fault.UserBlocked, fault.ServerBusy},
}

type emailSessionIn struct{ email, password string }

func (in *emailSessionIn) Params(p *api.Params) {
	p.String("email", &in.email, check.Email, "Email address.", api.Format("email"), api.Example("walter@example.com"))
	p.String("password", &in.password, check.PasswordLength, "Password, 8 to 256 bytes.", api.Format("password"), api.Example("correct horse 1"))
}

func (s *Service) createEmailPasswordSession(c *api.Call, in *emailSessionIn) (*wire.Session, error) {
	signed, err := s.Rules.SignInWithPassword(c.Context(), c.Request(), in.email, in.password)
	return signedIn(c, signed, err)
}

var createAnonymousSession = api.Spec{
	Route: "POST /v1/account/sessions/anonymous", SDK: []string{"account.createAnonymousSession"},
	About: "Sign in as a new user without any address. Setting an email and a password later makes it a full account.",
	Scope: api.ScopeSessionsWrite, Gate: api.GateAnonymous, Unsigned: true,
	Limit: api.Limit{Max: 50, By: []string{"ip:{ip}"}},
	Audit: "session.create", Event: "users.[userId].sessions.[sessionId].create", Status: 201,
	Faults: []*fault.Kind{fault.UserAnonymousConsoleProhibited, fault.UserCountExceeded},
}

func (s *Service) createAnonymousSession(c *api.Call, _ *api.None) (*wire.Session, error) {
	signed, err := s.Rules.SignInAnonymously(c.Context(), c.Request())
	return signedIn(c, signed, err)
}

// signedIn hands out a session just made. Its secret is for the client's cookie; in the body only a server
// or an operator sees it.
func signedIn(c *api.Call, signed *auth.SignedIn, err error) (*wire.Session, error) {
	if err != nil {
		return nil, err
	}
	c.SetSession(signed.Secret, signed.Session.Expire)
	session := wire.SessionOf(signed.Session, c.Locale)
	session.Current = true
	if c.Caller.Trusted() {
		session.Secret = signed.Secret
	}
	return session, nil
}

var listSessions = api.Spec{
	Route: "GET /v1/account/sessions", SDK: []string{"account.listSessions"},
	About: "List the live sessions, oldest first.",
	Scope: api.ScopeAccount, As: api.AsSelf, Status: 200,
}

func (s *Service) listSessions(c *api.Call, _ *api.None) (*wire.SessionList, error) {
	sessions, err := s.Rules.Sessions(c.Context(), c.User())
	if err != nil {
		return nil, err
	}
	list := &wire.SessionList{Total: len(sessions), Sessions: make([]*wire.Session, len(sessions))}
	for i := range sessions {
		list.Sessions[i] = shown(c, &sessions[i])
	}
	return list, nil
}

// shown shows a session and whether it is the caller's own.
func shown(c *api.Call, s *model.Session) *wire.Session {
	session := wire.SessionOf(s, c.Locale)
	session.Current = s.ID == c.SessionID()
	return session
}

type sessionIn struct{ id string }

func (in *sessionIn) Params(p *api.Params) {
	p.String("sessionId", &in.id, check.UID, "Session id, or `current` for the session of this request.", api.Example("current"))
}

// named turns `current` into the caller's session id. A caller without a session of its own has no current one.
func (in *sessionIn) named(c *api.Call) (string, error) {
	if in.id != "current" {
		return in.id, nil
	}
	if c.SessionID() == "" {
		return "", fault.UserSessionNotFound
	}
	return c.SessionID(), nil
}

var getSession = api.Spec{
	Route: "GET /v1/account/sessions/{sessionId}", SDK: []string{"account.getSession"},
	About: "Get one of the live sessions.",
	Scope: api.ScopeAccount, As: api.AsSelf, Status: 200,
	Faults: []*fault.Kind{fault.UserSessionNotFound},
}

func (s *Service) getSession(c *api.Call, in *sessionIn) (*wire.Session, error) {
	id, err := in.named(c)
	if err != nil {
		return nil, err
	}
	session, err := s.Rules.Session(c.Context(), c.User(), id)
	if err != nil {
		return nil, err
	}
	return shown(c, session), nil
}

var updateSession = api.Spec{
	Route: "PATCH /v1/account/sessions/{sessionId}", SDK: []string{"account.updateSession"},
	About: "Extend a session by the project's full duration from now.",
	Scope: api.ScopeAccount, As: api.AsSelf,
	Limit: api.Limit{Max: 10, By: []string{"url:{url},ip:{ip}"}},
	Audit: "session.update", Event: "users.[userId].sessions.[sessionId].update", Status: 200,
	Faults: []*fault.Kind{fault.UserSessionNotFound, fault.UserOAuth2BadRequest, fault.UserOAuth2Unauthorized, fault.UserOAuth2ProviderError},
}

func (s *Service) updateSession(c *api.Call, in *sessionIn) (*wire.Session, error) {
	id, err := in.named(c)
	if err != nil {
		return nil, err
	}
	session, err := s.Rules.ExtendSession(c.Context(), c.Request(), c.User(), id)
	if err != nil {
		return nil, err
	}
	// The browser's cookie would still end at the old time: send it again with the new one.
	if c.CookieSession() && session.ID == c.SessionID() {
		c.RenewSession(session.Expire)
	}
	return shown(c, session), nil
}

var deleteSession = api.Spec{
	Route: "DELETE /v1/account/sessions/{sessionId}", SDK: []string{"account.deleteSession"},
	About: "Sign out on one device.",
	Scope: api.ScopeAccount, As: api.AsSelf, HalfSigned: true,
	Limit: api.Limit{Max: 100, By: []string{"url:{url},ip:{ip}"}},
	Audit: "session.delete", Event: "users.[userId].sessions.[sessionId].delete", Status: 204,
	Faults: []*fault.Kind{fault.UserSessionNotFound, fault.UserMoreFactorsRequired},
}

func (s *Service) deleteSession(c *api.Call, in *sessionIn) (api.Empty, error) {
	id, err := in.named(c)
	if err != nil {
		return api.Empty{}, err
	}
	// Half a sign-in may take itself back, but not sign the owner out elsewhere.
	if c.HalfSigned() && id != c.Caller.Factors.ID {
		return api.Empty{}, fault.UserMoreFactorsRequired
	}
	if err := s.Rules.EndSession(c.Context(), c.Request(), c.User(), id); err != nil {
		return api.Empty{}, err
	}
	if id == c.SessionID() {
		c.ClearSession()
	}
	return api.Empty{}, nil
}

var deleteSessions = api.Spec{
	Route: "DELETE /v1/account/sessions", SDK: []string{"account.deleteSessions"},
	About: "Sign out everywhere, here too.",
	Scope: api.ScopeAccount, As: api.AsSelf,
	Limit: api.Limit{Max: 100, By: []string{"url:{url},ip:{ip}"}},
	Audit: "session.delete", Event: "users.[userId].sessions.[sessionId].delete", Status: 204,
}

func (s *Service) deleteSessions(c *api.Call, _ *api.None) (api.Empty, error) {
	if err := s.Rules.EndSessions(c.Context(), c.Request(), c.User()); err != nil {
		return api.Empty{}, err
	}
	if c.SessionID() != "" {
		c.ClearSession()
	} else {
		c.ClearFallback()
	}
	return api.Empty{}, nil
}
