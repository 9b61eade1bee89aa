package app

import (
	"context"
	"net/netip"

	"latchkey/internal/auth"
	"latchkey/internal/model"
	"latchkey/internal/secret"
)

// People is the rules for people as commands work with them: without budgets, and without anything to sign in with.
func (a *App) People() *auth.Rules {
	cost := secret.Cost{MemoryKiB: uint32(a.Config.HashMemory), Time: uint32(a.Config.HashTime), Threads: uint8(a.Config.HashThreads)}
	nobody := func(context.Context, *model.Project, string) bool { return false } // a command sends nothing
	return &auth.Rules{DB: a.DB, Random: a.Random, Keys: a.Keys, Clock: a.Admin.Clock, Log: a.Log, Reach: nobody,
		Hasher: secret.NewHasher(cost, a.Random, secret.NewGate(1, 1))}
}

// ByHand is a request that no network brought: whoever runs a command on this machine.
func (a *App) ByHand(project, event string) *auth.Request {
	return &auth.Request{Project: &model.Project{ID: project, Settings: model.DefaultSettings()}, Client: auth.Client{IP: netip.IPv6Loopback(), UserAgent: "latchkey"},
		Actor: auth.Actor{Type: "admin", ID: "command", Name: "Command line", Mode: "admin"}, Audit: event, Unlimited: true}
}
