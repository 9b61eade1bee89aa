package account

import (
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/auth"
	"latchkey/internal/fault"
)

var updatePassword = api.Spec{
	Route: "PATCH /v1/account/password", SDK: []string{"account.updatePassword"},
	About: "Change the password, given the old one. A user without a password needs none. By policy all other sessions end.",
	Scope: api.ScopeAccount, Limit: api.Limit{Max: 10, By: []string{"url:{url},ip:{ip}"}},
	Audit: "user.update", Event: "users.[userId].update.password", Status: 200,
	Faults: []*fault.Kind{fault.UserInvalidCredentials, fault.PasswordPersonalData, fault.PasswordRecentlyUsed, fault.ServerBusy},
}

type passwordIn struct{ password, old string }

func (in *passwordIn) Params(p *api.Params) {
	p.String("password", &in.password, p.Password(), "New password, 8 to 256 bytes, as the project's policies ask.", api.Format("password"), api.Example("correct horse 2"))
	p.String("oldPassword", &in.old, nil, "Present password. Not needed by a user who has none.", api.Default(""), api.Format("password"), api.Example("correct horse 1"))
}

func (s *Service) updatePassword(c *api.Call, in *passwordIn) (*wire.Account, error) {
	// A JWT has no session of its own: the one it was made with goes on.
	keep := ""
	if c.Caller.Factors != nil {
		keep = c.Caller.Factors.ID
	}
	user, err := s.Rules.ChangePassword(c.Context(), c.Request(), c.User(), auth.NewPassword{New: in.password, Old: in.old, Keep: keep})
	return reply(c, user, err)
}
