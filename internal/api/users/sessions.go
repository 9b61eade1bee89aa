package users

import (
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/check"
	"latchkey/internal/fault"
)

var listSessions = api.Spec{
	Route: "GET /v1/users/{userId}/sessions", SDK: []string{"users.listSessions"},
	About: "List a user's live sessions, oldest first.",
	Scope: api.ScopeUsersRead, Status: 200, Faults: []*fault.Kind{fault.UserNotFound},
}

type sessionsIn struct {
	userIn
	listIn
}

func (in *sessionsIn) Params(p *api.Params) {
	in.userIn.Params(p)
	in.total(p)
}

func (s *Service) listSessions(c *api.Call, in *sessionsIn) (*wire.SessionList, error) {
	sessions, err := s.Rules.SessionsOf(c.Context(), c.Request(), in.id)
	if err != nil {
		return nil, err
	}
	list := &wire.SessionList{Sessions: make([]*wire.Session, len(sessions))}
	if in.Total {
		list.Total = len(sessions)
	}
	for i := range sessions {
		shown := wire.SessionOf(&sessions[i], c.Locale)
		if !c.Caller.Has(api.ScopeUsersWrite) { // whoever may only read users may not act as them elsewhere
			shown.ProviderAccessToken, shown.ProviderRefreshToken = "", ""
		}
		list.Sessions[i] = shown
	}
	return list, nil
}

var createSession = api.Spec{
	Route: "POST /v1/users/{userId}/sessions", SDK: []string{"users.createSession"},
	About: "Sign a user in on the server's word, and get the session's secret.",
	Scope: api.ScopeUsersWrite, Audit: "session.create", Event: "users.[userId].sessions.[sessionId].create", Status: 201,
	Faults: []*fault.Kind{fault.UserNotFound, fault.UserBlocked},
}

func (s *Service) createSession(c *api.Call, in *userIn) (*wire.Session, error) {
	signed, err := s.Rules.CreateSession(c.Context(), c.Request(), in.id)
	if err != nil {
		return nil, err
	}
	session := wire.SessionOf(signed.Session, c.Locale)
	session.Secret = signed.Secret
	return session, nil
}

var deleteSessions = api.Spec{
	Route: "DELETE /v1/users/{userId}/sessions", SDK: []string{"users.deleteSessions"},
	About: "Sign a user out everywhere.",
	Scope: api.ScopeUsersWrite, Audit: "session.delete", Event: "users.[userId].sessions.[sessionId].delete", Status: 204,
	Faults: []*fault.Kind{fault.UserNotFound},
}

func (s *Service) deleteSessions(c *api.Call, in *userIn) (api.Empty, error) {
	return api.Empty{}, s.Rules.EndSessionsOf(c.Context(), c.Request(), in.id)
}

var deleteSession = api.Spec{
	Route: "DELETE /v1/users/{userId}/sessions/{sessionId}", SDK: []string{"users.deleteSession"},
	About: "Sign a user out on one device.",
	Scope: api.ScopeUsersWrite, Audit: "session.delete", Event: "users.[userId].sessions.[sessionId].delete", Status: 204,
	Faults: []*fault.Kind{fault.UserNotFound, fault.UserSessionNotFound},
}

type sessionIn struct {
	userIn
	session string
}

func (in *sessionIn) Params(p *api.Params) {
	in.userIn.Params(p)
	p.String("sessionId", &in.session, check.UID, "Session id.", api.Example("5e5ea5c16897e"))
}

func (s *Service) deleteSession(c *api.Call, in *sessionIn) (api.Empty, error) {
	return api.Empty{}, s.Rules.EndSessionOf(c.Context(), c.Request(), in.id, in.session)
}
