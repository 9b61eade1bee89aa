package users

import (
	"errors"
	"slices"
	"strings"

	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/auth"
)

var getUsage = api.Spec{
	Route: "GET /v1/users/usage", SDK: []string{"users.getUsage"},
	About: "Tell how many users and sessions there are, and by how much their numbers changed from hour to hour or from day to day.",
	Scope: api.ScopeUsersRead, Status: 200,
}

type usageIn struct{ span string }

var errRange = errors.New("Value must be one of (" + strings.Join(auth.UsageRanges, ", ") + ").")

func (in *usageIn) Params(p *api.Params) {
	in.span = "30d"
	p.String("range", &in.span, func(text string) error {
		if !slices.Contains(auth.UsageRanges, text) {
			return errRange
		}
		return nil
	}, "How far back: `24h` by the hour, `30d` or `90d` by the day.", api.Default("30d"), api.Example("24h"))
}

func (s *Service) getUsage(c *api.Call, in *usageIn) (*wire.UsageUsers, error) {
	usage, err := s.Rules.Usage(c.Context(), &c.Project.Project, in.span)
	if err != nil {
		return nil, err
	}
	return wire.UsageUsersOf(in.span, usage), nil
}
