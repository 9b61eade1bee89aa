package testkit

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"latchkey/internal/app"
	"latchkey/internal/guard"
	"latchkey/internal/limit"
	"latchkey/internal/mock"
	"latchkey/internal/model"
	"latchkey/internal/oauth"
	"latchkey/internal/outgoing"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// Demo is the project every test server has.
const Demo = "demo"

// Options change what a test server is like. The zero value is the usual one.
type Options struct {
	Settings      func(*model.Settings) // changes the demo project before the server starts
	Platforms     []model.Platform      // beside localhost
	NoLimits      bool                  // rate limits refuse nobody
	HashQueue     int                   // places in the hash queue; 0: 64
	ConsoleSignUp string
	ConsoleMFA    bool // operators need a second factor
	PublicHTTPS   bool
	Log           io.Writer // where log lines go; nil: nowhere
	Proxies       bool      // believe X-Forwarded-* of loopback
	SMSGuard      bool      // text messages are guarded, as serve does
	// Providers answers what the server asks sign-in providers; nil: none can be reached.
	Providers http.RoundTripper
	// MockProvider knows the providers of the development server, mock and mock-unverified.
	MockProvider bool
	// AllowLoopback lets webhooks and mail servers of projects be on this machine.
	AllowLoopback bool
}

// Server is a whole server over a real engine, with a clock that only tests move and hashes that cost next
// to nothing. Every answer it gives is checked against the OpenAPI document.
type Server struct {
	*app.Assembly
	T      testing.TB
	DB     *store.DB
	Clock  *Clock
	Random *secret.Random
	Keys   *secret.KeyRing
	Parts  app.Parts
	URL    string
	http   *httptest.Server
	spec   *validator
}

// Serve starts a server over a database.
func Serve(t testing.TB, db *store.DB, clock *Clock, o Options) *Server {
	t.Helper()
	db = db.WithClock(func() model.Time { return model.At(clock.Now()) })
	s := &Server{T: t, DB: db, Clock: clock, Random: secret.NewRandom(nil)}
	s.Keys = secret.NewKeyRing(secret.NewMasterKey(s.Random))
	queue := o.HashQueue
	if queue == 0 {
		queue = 64
	}
	var out io.Writer = io.Discard
	if o.Log != nil {
		out = o.Log
	}
	s.Parts = app.Parts{
		DB: db, Keys: s.Keys, Random: s.Random, Clock: clock.Now, Observer: app.Blind{},
		Outgoing: outgoing.New(outgoing.Options{AllowPrivate: Loopback}),
		Hasher:   secret.NewHasher(CheapHash, s.Random, secret.NewGate(2, queue)),
		Log:      slog.New(slog.NewJSONHandler(out, nil)), RateLimits: !o.NoLimits, PublicURL: "https://auth.example.com", Hosts: []string{"auth.example.com"}, ConsoleSignUp: o.ConsoleSignUp, PublicHTTPS: o.PublicHTTPS, ConsoleMFA: o.ConsoleMFA,
	}
	if o.SMSGuard {
		s.Parts.Guard = &guard.Guard{Counts: db, Numbers: limit.NewMemory(), Clock: clock.Now, Log: s.Parts.Log}
	}
	if o.Providers != nil {
		var rows []*oauth.Provider
		if o.MockProvider {
			rows = mock.Rows(s.Parts.PublicURL, s.Parts.PublicURL)
		}
		s.Parts.OAuth = oauth.NewClient(&http.Client{Transport: o.Providers}, clock.Now, rows...)
	}
	if o.AllowLoopback {
		s.Parts.AllowPrivate = Loopback
	}
	if o.Proxies {
		s.Parts.TrustedProxies = Loopback
	}
	s.seed(o)
	s.Assembly = app.Assemble(s.Parts)
	s.http = httptest.NewServer(s.Handler)
	s.http.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	t.Cleanup(s.Parts.Outgoing.Close)
	t.Cleanup(s.http.Close)
	s.URL = s.http.URL
	s.spec = sharedValidator(t, s.Server.Endpoints)
	return s
}

// CheapHash is the least argon2id there is: a test checks rules, not the cost of a hash.
var CheapHash = secret.Cost{MemoryKiB: 8, Time: 1, Threads: 1}

// Start is the moment a test's clock shows at first.
var Start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// seed writes the projects that every test server has.
func (s *Server) seed(o Options) {
	s.T.Helper()
	now := model.At(s.Clock.Now())
	settings := model.DefaultSettings()
	if o.Settings != nil {
		o.Settings(&settings)
	}
	platforms := append([]model.Platform{{Type: model.PlatformWeb, ID: "local", Name: "Local", Value: "localhost"}}, o.Platforms...)
	s.Write(s.T, func(tx *store.Tx) {
		tx.UpsertProject(&model.Project{ID: model.ConsoleProject, Name: "Console", CreatedAt: now, UpdatedAt: now, AccessedAt: now, Settings: model.DefaultSettings()})
		tx.UpsertProject(&model.Project{ID: Demo, Name: "Demo", CreatedAt: now, UpdatedAt: now, AccessedAt: now, Settings: settings})
		for i := range platforms {
			p := platforms[i]
			p.Project, p.CreatedAt, p.UpdatedAt = Demo, now, now
			tx.UpsertPlatform(&p)
		}
		tx.BumpSettingsVersion()
	})
}
