package account

import (
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
)

// listJWKs is for other servers: they verify JWTs with what it lists, without a call for each.
var listJWKs = api.Spec{
	Route: "GET /v1/account/jwks", SDK: []string{"account.listJWKs"},
	About: "The public keys that the project's JWTs are signed with (RFC 7517); empty while they are signed with the shared key. A key is listed an hour before it signs.",
	Scope: api.ScopeGlobal, AnyOrigin: true, Cache: "public, max-age=300", Status: 200,
}

func (s *Service) listJWKs(c *api.Call, _ *api.None) (*wire.JWKS, error) {
	keys, err := s.Rules.SigningKeys(c.Context(), c.Project.ID)
	if err != nil {
		return nil, err
	}
	return wire.JWKSOf(keys.Published), nil
}
