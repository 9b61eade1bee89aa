package app

import (
	"net/netip"

	"latchkey/internal/auth"
	"latchkey/internal/model"
)

// People is the rules for people as commands work with them: without budgets, and without anything to sign in with.
func (a *App) People() *auth.Rules {
	return &auth.Rules{DB: a.DB, Random: a.Random, Keys: a.Keys, Clock: a.Admin.Clock, Log: a.Log}
}

// ByHand is a request that no network brought: whoever runs a command on this machine.
func (a *App) ByHand(project, event string) *auth.Request {
	return &auth.Request{Project: &model.Project{ID: project, Settings: model.DefaultSettings()}, Client: auth.Client{IP: netip.IPv6Loopback(), UserAgent: "latchkey"},
		Actor: auth.Actor{Type: "admin", ID: "command", Name: "Command line", Mode: "admin"}, Audit: event, Unlimited: true}
}
