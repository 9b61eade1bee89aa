package account

import (
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/auth"
	"latchkey/internal/check"
)

var listLogs = api.Spec{
	Route: "GET /v1/account/logs", SDK: []string{"account.listLogs"},
	About: "List what the signed-in user has done, newest first: up to 5000 entries a page.",
	Scope: api.ScopeAccount, As: api.AsTarget, Status: 200,
}

type logsIn struct {
	queries check.Queries
	total   bool
}

func (in *logsIn) Params(p *api.Params) {
	in.total = true
	p.Queries(&in.queries, check.LogQueries)
	p.Bool("total", &in.total, "Whether to count the whole list; if not, total is 0.", api.Default(true))
}

// page returns the part of the list that was asked for.
func (in *logsIn) page() auth.Page {
	page := auth.Page{Limit: check.DefaultLimit, Offset: in.queries.Offset, Total: in.total}
	if in.queries.Limit > 0 {
		page.Limit = in.queries.Limit
	}
	return page
}

func (s *Service) listLogs(c *api.Call, in *logsIn) (*wire.LogList, error) {
	entries, total, err := s.Rules.Logs(c.Context(), c.User(), in.page())
	if err != nil {
		return nil, err
	}
	return wire.LogsOf(entries, total, c.Locale), nil
}
