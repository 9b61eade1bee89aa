// Package app builds everything and runs it: it opens the database, wires rules and endpoints, listens, runs
// the workers, and takes all of it down again in order. It may import everything; nothing imports it but the
// program and the tests.
package app

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"latchkey/internal/admin"
	"latchkey/internal/api"
	"latchkey/internal/api/account"
	"latchkey/internal/api/health"
	"latchkey/internal/api/localeapi"
	"latchkey/internal/api/messaging"
	"latchkey/internal/api/project"
	"latchkey/internal/api/users"
	"latchkey/internal/api/wellknown"
	"latchkey/internal/auth"
	"latchkey/internal/compat"
	"latchkey/internal/egress"
	"latchkey/internal/limit"
	"latchkey/internal/model"
	"latchkey/internal/oauth"
	"latchkey/internal/outbox"
	"latchkey/internal/outgoing"
	"latchkey/internal/pages"
	"latchkey/internal/post"
	"latchkey/internal/secret"
	"latchkey/internal/store"
	"latchkey/internal/webhook"
)

// Parts is what an assembly is made of. All fields up to Observer are required.
type Parts struct {
	DB       *store.DB
	Keys     *secret.KeyRing
	Hasher   *secret.Hasher
	Random   *secret.Random
	Clock    func() time.Time
	Log      *slog.Logger
	Observer api.Observer
	Outgoing *outgoing.Client // how others are called by HTTP

	Reach          auth.Reach     // nil: every project has somebody who carries its messages
	Guard          auth.TextGuard // nil: no text message is held back
	OAuth          *oauth.Client  // talks to sign-in providers; nil: none can be reached
	PublicURL      string         // where links to our own pages lead
	Hosts          []string       // the server's own host names, which may always call
	ConsoleSignUp  string         // closed, first or open
	ConsoleMFA     bool           // operators need a second factor
	TrustedProxies []netip.Prefix
	AllowPrivate   []netip.Prefix // private networks that outgoing connections may reach
	RateLimits     bool
	PublicHTTPS    bool
}

// Assembly is the wired server without its listeners and workers: what tests talk to, too.
type Assembly struct {
	Projects *admin.Projects
	Rules    *auth.Rules
	Touches  *auth.Touches
	Limits   limit.Counter
	Box      *outbox.Box
	Events   *webhook.Herald
	Admin    *admin.Rules
	Server   *api.Server
	Handler  http.Handler
}

// Assemble wires the parts.
func Assemble(p Parts) *Assembly {
	a := &Assembly{
		Projects: admin.NewProjects(p.DB, p.Keys, p.Hosts, p.Log),
		Touches:  auth.NewTouches(p.DB, p.Clock, p.Log),
		Limits:   counters(p.DB),
		Box:      &outbox.Box{Keys: p.Keys},
		Events:   &webhook.Herald{Box: &outbox.Box{Keys: p.Keys, Purpose: webhook.SealedFor}, Random: p.Random, Clock: p.Clock},
	}
	if p.Reach == nil {
		p.Reach = func(context.Context, *model.Project, string) bool { return true }
	}
	a.Rules = &auth.Rules{Signing: a.Projects.SigningKeys, DB: p.DB, Hasher: p.Hasher, Random: p.Random, Keys: p.Keys, Clock: p.Clock, Guesses: a.Limits,
		Box: a.Box, Reach: p.Reach, Guard: p.Guard, Tell: a.Events.Tell, Provider: providers(p.OAuth, a.Projects), Log: p.Log, PublicURL: p.PublicURL, ConsoleSignUp: p.ConsoleSignUp}
	a.Rules.Told = func(ctx context.Context, user *model.User, limit int) ([]auth.Telling, error) {
		return a.Events.Told(ctx, p.DB, user, limit)
	}
	mailer := &post.Mailer{Dial: egress.Dialer(p.AllowPrivate)} // whoever sets up a project may not look around behind the server
	a.Admin = &admin.Rules{DB: p.DB, Keys: p.Keys, Random: p.Random, Clock: p.Clock, Refresh: a.Projects.Refresh, TryMail: mailer.Test, SendMail: mailer.Send, People: a.Rules,
		AllowPrivate: p.AllowPrivate, Webhooking: admin.Webhooking{Life: webhook.Life, Ping: a.Events.PutPing, Ring: a.Events.Box.Ring}}
	a.Server = &api.Server{
		DB: p.DB, Rules: a.Rules, Projects: a.Projects, Limits: a.Limits, Touches: a.Touches, Random: p.Random, Clock: p.Clock, Log: p.Log,
		Observer: p.Observer, TrustedProxies: p.TrustedProxies, RateLimits: p.RateLimits, PublicHTTPS: p.PublicHTTPS, ConsoleMFA: p.ConsoleMFA,
		Endpoints: Endpoints(a.Rules, a.Admin, p.DB),
	}
	a.Server.Pages = (&pages.Service{Rules: a.Rules}).Endpoints()
	a.Handler = a.Server.Handler()
	return a
}

// counters keeps rate limits in the database when several nodes may share it, else in memory.
func counters(db *store.DB) limit.Counter {
	if db.Engine() == store.Postgres {
		return limit.NewShared(db)
	}
	return limit.NewMemory()
}

// Endpoints is the whole table, every service in turn. With nil arguments it can be described but not called.
func Endpoints(rules *auth.Rules, operators *admin.Rules, db *store.DB) []api.Endpoint {
	var table []api.Endpoint
	// Most servers are never asked for the document, and it is larger than all else they hold.
	document := sync.OnceValues(func() (api.Document, error) { return api.OpenAPI(table, compat.Newest) })
	table = (&account.Service{Rules: rules}).Endpoints()
	table = append(table, (&messaging.Service{Rules: operators}).Endpoints()...)
	table = append(table, (&users.Service{Rules: rules}).Endpoints()...)
	settings := &project.Service{Rules: operators}
	for _, rows := range [][]api.Endpoint{settings.Endpoints(), settings.Organization(), settings.Older(), settings.Teams()} {
		table = append(table, rows...)
	}
	table = append(table, (&localeapi.Service{}).Endpoints()...)
	table = append(table, wellknown.Endpoints()...)
	table = append(table, (&health.Service{Ready: db.Ping, Document: document}).Endpoints()...)
	return table
}

// Blind is an observer that looks away.
type Blind struct{}

// ObserveRequest implements api.Observer.
func (Blind) ObserveRequest(string, string, int, time.Duration) {}

// LimitRefused implements api.Observer.
func (Blind) LimitRefused(string) {}
