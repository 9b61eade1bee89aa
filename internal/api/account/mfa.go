package account

import (
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
)

var updateMFA = api.Spec{
	Route: "PATCH /v1/account/mfa", SDK: []string{"account.updateMFA"},
	About: "Ask for a second factor at every sign-in, or no longer. It has no effect until a factor is verified.",
	Scope: api.ScopeAccount, SetsUp: true, Audit: "user.update", Event: "users.[userId].update.mfa", Status: 200,
}

type mfaIn struct{ on bool }

func (in *mfaIn) Params(p *api.Params) {
	p.StrictBool("mfa", &in.on, "Whether sign-ins need a second factor.", api.Example(true))
}

func (s *Service) updateMFA(c *api.Call, in *mfaIn) (*wire.Account, error) {
	user, err := s.Rules.SwitchMFA(c.Context(), c.Request(), c.User(), c.FactorSession(), in.on)
	return reply(c, user, err)
}

var listMFAFactors = api.Spec{
	Route: "GET /v1/account/mfa/factors", SDK: []string{"account.listMFAFactors", "account.listMfaFactors"},
	About: "List the second factors that a challenge can be answered with.",
	Scope: api.ScopeAccount, HalfSigned: true, As: api.AsTarget, Status: 200,
}

func (s *Service) listMFAFactors(c *api.Call, _ *api.None) (*wire.MFAFactors, error) {
	factors, err := s.Rules.Factors(c.Context(), &c.Project.Project, c.User())
	if err != nil {
		return nil, err
	}
	shown := wire.MFAFactors(*factors)
	return &shown, nil
}
