package account

import (
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/model"
)

var getPrefs = api.Spec{
	Route: "GET /v1/account/prefs", SDK: []string{"account.getPrefs"},
	About: "Get the preferences: an object of the app's own making.",
	Scope: api.ScopeAccount, As: api.AsTarget, Status: 200,
}

func (s *Service) getPrefs(c *api.Call, _ *api.None) (wire.Prefs, error) {
	return wire.Prefs(c.User().Prefs), nil
}

var updatePrefs = api.Spec{
	Route: "PATCH /v1/account/prefs", SDK: []string{"account.updatePrefs"},
	About: "Replace the preferences as a whole, at most 65535 bytes of JSON.",
	Scope: api.ScopeAccount, As: api.AsTarget, Audit: "user.update", Event: "users.[userId].update.prefs", Status: 200,
}

type prefsIn struct{ prefs model.Object }

func (in *prefsIn) Params(p *api.Params) {
	p.Prefs("prefs", &in.prefs, "Preferences as a JSON object.", api.Example(map[string]any{"theme": "dark", "compact": true}))
}

func (s *Service) updatePrefs(c *api.Call, in *prefsIn) (*wire.Account, error) {
	user, err := s.Rules.ReplacePrefs(c.Context(), c.Request(), c.User(), in.prefs)
	return reply(c, user, err)
}
