package users

import (
	"time"

	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
)

// proofs lists what lets somebody in as a user, and what the user has done.
func (s *Service) proofs() []api.Endpoint {
	return []api.Endpoint{
		api.Define(createJWT, s.createJWT),
		api.Define(createToken, s.createToken),
		api.Define(listLogs, s.listLogs),
	}
}

var createJWT = api.Spec{
	Route: "POST /v1/users/{userId}/jwts", SDK: []string{"users.createJWT"},
	About: "Make a JWT with which another server can act as a user. With a session it ends with that session at the latest.",
	Scope: api.ScopeUsersWrite, Status: 201, Faults: []*fault.Kind{fault.UserNotFound, fault.UserSessionNotFound},
}

type jwtIn struct {
	userIn
	session  string
	duration int
}

func (in *jwtIn) Params(p *api.Params) {
	in.userIn.Params(p)
	in.duration = 900
	p.String("sessionId", &in.session, orEmpty(check.UID), "Session that the JWT ends with; `recent` for the newest; empty for none.", api.Default(""), api.Example("recent"))
	p.Int("duration", &in.duration, check.Between(1, 3600), "Seconds it is good for: 1 to 3600.", api.Default(900), api.Example(900))
}

func (s *Service) createJWT(c *api.Call, in *jwtIn) (*wire.JWT, error) {
	token, err := s.Rules.CreateUserJWT(c.Context(), c.Request(), in.id, in.session, time.Duration(in.duration)*time.Second)
	if err != nil {
		return nil, err
	}
	return &wire.JWT{JWT: token}, nil
}

var createToken = api.Spec{
	Route: "POST /v1/users/{userId}/tokens", SDK: []string{"users.createToken"},
	About: "Make a one-time secret that signs a user in. The server hands it on; nothing is sent.",
	Scope: api.ScopeUsersWrite, Audit: "user.update", Event: "users.[userId].tokens.[tokenId].create", Status: 201,
	Faults: []*fault.Kind{fault.UserNotFound, fault.UserBlocked},
}

type tokenIn struct {
	userIn
	length, expire int
}

func (in *tokenIn) Params(p *api.Params) {
	in.userIn.Params(p)
	in.length, in.expire = 6, 900
	p.Int("length", &in.length, check.Between(4, 128), "Characters of the secret: 4 to 128.", api.Default(6), api.Example(64))
	p.Int("expire", &in.expire, check.Between(60, 31536000), "Seconds it is good for: 60 to 31536000.", api.Default(900), api.Example(900))
}

func (s *Service) createToken(c *api.Call, in *tokenIn) (*wire.Token, error) {
	issued, err := s.Rules.CreateUserToken(c.Context(), c.Request(), in.id, in.length, time.Duration(in.expire)*time.Second)
	if err != nil {
		return nil, err
	}
	token := wire.TokenOf(issued.Token)
	token.Secret = issued.Secret
	return token, nil
}

var listLogs = api.Spec{
	Route: "GET /v1/users/{userId}/logs", SDK: []string{"users.listLogs"},
	About: "List what a user has done, newest first: up to 5000 entries a page.",
	Scope: api.ScopeUsersRead, Status: 200, Faults: []*fault.Kind{fault.UserNotFound},
}

type logsIn struct {
	userIn
	listIn
}

func (in *logsIn) Params(p *api.Params) {
	in.userIn.Params(p)
	p.Queries(&in.Queries, check.LogQueries)
	in.total(p)
}

func (s *Service) listLogs(c *api.Call, in *logsIn) (*wire.LogList, error) {
	user, err := s.Rules.User(c.Context(), &c.Project.Project, in.id)
	if err != nil {
		return nil, err
	}
	page := auth.Page{Limit: check.DefaultLimit, Offset: in.Queries.Offset, Total: in.Total}
	if in.Queries.Limit > 0 {
		page.Limit = in.Queries.Limit
	}
	entries, total, err := s.Rules.Logs(c.Context(), user, page)
	if err != nil {
		return nil, err
	}
	return wire.LogsOf(entries, total, c.Locale), nil
}
