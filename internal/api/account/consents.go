package account

import (
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/check"
)

// listConsents is asked by the newest clients. A project is no OAuth2 server to other apps here, so nobody has
// consented to anything; the routes about one consent do not exist.
var listConsents = api.Spec{
	Route: "GET /v1/account/consents", SDK: []string{"account.listConsents"},
	About: "List the apps that the signed-in user has let in. There are none: projects do not serve OAuth2 to other apps.",
	Scope: api.ScopeAccount, Status: 200,
}

type consentsIn struct {
	queries check.Queries
	total   bool
}

func (in *consentsIn) Params(p *api.Params) {
	p.Queries(&in.queries, check.LogQueries)
	p.Bool("total", &in.total, "Whether to count the whole list.", api.Default(true))
}

func (s *Service) listConsents(*api.Call, *consentsIn) (*wire.ConsentList, error) {
	return &wire.ConsentList{Consents: []wire.Consent{}}, nil
}
