package account

import (
	"errors"
	"time"

	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/fault"
)

var createJWT = api.Spec{
	Route: "POST /v1/account/jwts", Alias: []string{"/v1/account/jwt"}, SDK: []string{"account.createJWT"},
	About: "Make a JWT with which another server can act as the signed-in user. It ends with the session that made it, or earlier.",
	Scope: api.ScopeAccount, Gate: api.GateJWT,
	Limit:  api.Limit{Max: 100, By: []string{"url:{url},userId:{userId}"}},
	Status: 201,
	Faults: []*fault.Kind{fault.UserJWTCreationDenied, fault.UserSessionNotFound},
}

type jwtIn struct{ duration int }

func (in *jwtIn) Params(p *api.Params) {
	in.duration = 900
	p.Int("duration", &in.duration, func(n int) error {
		if n < 1 || n > 3600 {
			return errors.New("Value must be a whole number from 1 to 3600.")
		}
		return nil
	}, "How long the JWT is good, in seconds: 1 to 3600.", api.Default(900), api.Example(900))
}

// createJWT needs a session of the caller's own: a JWT that could make JWTs would never end.
func (s *Service) createJWT(c *api.Call, in *jwtIn) (*wire.JWT, error) {
	switch {
	case c.Caller.Session != nil:
	case c.Caller.JWT:
		return nil, fault.UserJWTCreationDenied
	default:
		return nil, fault.UserSessionNotFound
	}
	token, err := s.Rules.CreateJWT(c.Context(), c.Project.ID, c.Caller.Session, time.Duration(in.duration)*time.Second)
	if err != nil {
		return nil, err
	}
	return &wire.JWT{JWT: token}, nil
}
