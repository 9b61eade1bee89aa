package account

import (
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
)

var listIdentities = api.Spec{
	Route: "GET /v1/account/identities", SDK: []string{"account.listIdentities"},
	About: "List the accounts at sign-in providers that sign the user in.",
	Scope: api.ScopeAccount, As: api.AsTarget, Status: 200,
	Faults: []*fault.Kind{fault.CursorNotFound, fault.QueryOrderNull, fault.DatabaseTimeout},
}

type identitiesIn struct{ auth.ListQuery }

func (in *identitiesIn) Params(p *api.Params) {
	in.Total = true
	p.Queries(&in.Queries, check.IdentityQueries)
	p.Bool("total", &in.Total, "Whether to count the whole list; if not, `total` is 0.", api.Default(true))
}

func (s *Service) listIdentities(c *api.Call, in *identitiesIn) (*wire.IdentityList, error) {
	identities, total, err := s.Rules.ListIdentities(c.Context(), c.User(), in.ListQuery)
	if err != nil {
		return nil, err
	}
	return wire.IdentitiesOf(identities, total, true), nil
}

var deleteIdentity = api.Spec{
	Route: "DELETE /v1/account/identities/{identityId}", SDK: []string{"account.deleteIdentity"},
	About: "Unlink an account at a sign-in provider. Sessions made through it go on.",
	Scope: api.ScopeAccount, Audit: "identity.delete", Event: "users.[userId].identities.[identityId].delete", Status: 204,
	Faults: []*fault.Kind{fault.UserIdentityNotFound},
}

type identityIn struct{ id string }

func (in *identityIn) Params(p *api.Params) {
	p.String("identityId", &in.id, check.UID, "Identity id.", api.Example("5e5ea5c16897e"))
}

func (s *Service) deleteIdentity(c *api.Call, in *identityIn) (api.Empty, error) {
	return api.Empty{}, s.Rules.Unlink(c.Context(), c.Request(), c.User(), in.id)
}
