package account

import (
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
)

var export = api.Spec{
	Route: "GET /v1/account/export", SDK: []string{"account.export"},
	About: "Everything held about the signed-in user, as one document.",
	Scope: api.ScopeAccount,
	Limit: api.Limit{Max: 10, By: []string{"url:{url},userId:{userId}"}},
	Audit: "user.export", Status: 200,
}

func (s *Service) export(c *api.Call, _ *api.None) (*wire.Export, error) {
	e, err := s.Rules.ExportAccount(c.Context(), c.Request(), c.User())
	if err != nil {
		return nil, err
	}
	shownSessions := make([]*wire.Session, len(e.Sessions))
	for i := range e.Sessions {
		shownSessions[i] = shown(c, &e.Sessions[i])
	}
	shownExport := wire.ExportOf(wire.AccountOf(e.User, nil), shownSessions, e.Identities, wire.LogsOf(e.Logs, len(e.Logs), c.Locale).Logs,
		wire.ExportedFactors{TOTP: e.User.HasTOTP, RecoveryCodes: e.RecoveryCodes, Passkeys: wire.PasskeysOf(e.Passkeys).Passkeys})
	for i := range e.Memberships {
		shownExport.Memberships = append(shownExport.Memberships, *wire.MembershipOf(&e.Memberships[i]))
	}
	for _, one := range e.Tellings {
		shownExport.Webhooks = append(shownExport.Webhooks, wire.ExportedTelling{ID: one.ID, CreatedAt: one.CreatedAt, Event: one.Event, Delivered: one.Arrived, Payload: one.Payload})
	}
	return shownExport, nil
}
