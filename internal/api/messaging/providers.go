package messaging

import (
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/check"
	"latchkey/internal/fault"
)

var listProviders = api.Spec{
	Route: "GET /v1/messaging/providers", SDK: []string{"messaging.listProviders"},
	About: "List the project's messaging providers.",
	Scope: api.ScopeProvidersRead, Status: 200, Faults: []*fault.Kind{fault.CursorNotFound},
}

type listIn struct {
	queries check.Queries
	search  string
	total   bool
}

// Params implements api.Input.
func (in *listIn) Params(p *api.Params) {
	in.total = true
	p.Queries(&in.queries, check.ProviderQueries)
	p.String("search", &in.search, check.Text(0, 256), "Words that id, name, kind or type hold.", api.Default(""))
	p.Bool("total", &in.total, "Whether the list is counted; otherwise the total is 0.", api.Default(true))
}

func (s *Service) listProviders(c *api.Call, in *listIn) (*wire.ProviderList, error) {
	list, total, err := s.Rules.ListProviders(c.Context(), c.Project.ID, in.search, in.queries)
	if err != nil {
		return nil, err
	}
	reply := &wire.ProviderList{Providers: make([]*wire.Provider, len(list))}
	if in.total {
		reply.Total = total
	}
	for i := range list {
		reply.Providers[i], _ = shown(&list[i], nil)
	}
	return reply, nil
}

type oneIn struct{ id string }

// Params implements api.Input.
func (in *oneIn) Params(p *api.Params) {
	p.String("providerId", &in.id, check.UID, "Id of the provider.")
}

var getProvider = api.Spec{
	Route: "GET /v1/messaging/providers/{providerId}", SDK: []string{"messaging.getProvider"},
	About: "Get a messaging provider. Secrets are named and never shown.",
	Scope: api.ScopeProvidersRead, Status: 200, Faults: []*fault.Kind{fault.ProviderNotFound},
}

func (s *Service) getProvider(c *api.Call, in *oneIn) (*wire.Provider, error) {
	return shown(s.Rules.Provider(c.Context(), c.Project.ID, in.id))
}

var deleteProvider = api.Spec{
	Route: "DELETE /v1/messaging/providers/{providerId}", SDK: []string{"messaging.deleteProvider"},
	About: "Delete a messaging provider. Messages that wait leave by another one, or by the server's.",
	Scope: api.ScopeProvidersWrite, Audit: "provider.delete", Status: 204, Faults: []*fault.Kind{fault.ProviderNotFound},
}

func (s *Service) deleteProvider(c *api.Call, in *oneIn) (api.Empty, error) {
	return api.Empty{}, s.Rules.DeleteProvider(c.Context(), c.Request(), in.id)
}
