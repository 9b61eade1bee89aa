package app

import (
	"context"

	"latchkey/internal/admin"
	"latchkey/internal/auth"
	"latchkey/internal/model"
	"latchkey/internal/outbox"
	"latchkey/internal/secret"
	"latchkey/internal/webhook"
)

// People is the rules for people as commands work with them: without budgets, and without anything to sign in with.
func (a *App) People() *auth.Rules {
	cost := secret.Cost{MemoryKiB: uint32(a.Config.HashMemory), Time: uint32(a.Config.HashTime), Threads: uint8(a.Config.HashThreads)}
	nobody := func(context.Context, *model.Project, string) bool { return false } // a command sends nothing
	events := &webhook.Herald{Box: &outbox.Box{Keys: a.Keys, Purpose: webhook.SealedFor}, Random: a.Random, Clock: a.Admin.Clock}
	return &auth.Rules{DB: a.DB, Random: a.Random, Keys: a.Keys, Clock: a.Admin.Clock, Log: a.Log, Reach: nobody, Tell: events.Tell,
		Hasher: secret.NewHasher(cost, a.Random, secret.NewGate(1, 1))}
}

// ByHand is a request that no network brought: whoever runs a command on this machine. event is the entry of the
// security log; told, if there is one, what webhooks are told.
func (a *App) ByHand(ctx context.Context, project, event, told string) *auth.Request {
	req := &auth.Request{Project: &model.Project{ID: project, Settings: model.DefaultSettings()}, Client: auth.Client{UserAgent: "latchkey"},
		Actor: admin.CommandLine, Audit: event, Event: told, Unlimited: true}
	if found, err := admin.NewProjects(a.DB, a.Keys, nil, a.Log).Plain(ctx, project); err == nil { // else the rule says what is wrong
		req.Project = found
	}
	return req
}
