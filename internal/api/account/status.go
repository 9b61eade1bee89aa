package account

import (
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
)

var updateStatus = api.Spec{
	Route: "PATCH /v1/account/status", SDK: []string{"account.updateStatus"},
	About: "Block the account at once. Only the project's operator can open it again.",
	Scope: api.ScopeAccount, Audit: "user.update", Event: "users.[userId].update.status", Status: 200,
}

func (s *Service) updateStatus(c *api.Call, _ *api.None) (*wire.Account, error) {
	user, err := s.Rules.BlockOneself(c.Context(), c.Request(), c.User())
	if err != nil {
		return nil, err
	}
	c.ClearSession()
	return reply(c, user, nil)
}
