package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"latchkey/internal/admin"
	"latchkey/internal/audit"
	"latchkey/internal/auth"
	"latchkey/internal/config"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/oauth"
	"latchkey/internal/outbox"
	"latchkey/internal/outgoing"
	"latchkey/internal/secret"
)

// Serve answers requests until ctx ends: listeners first, so that a taken port is noticed before anything
// else, then the declared file, then requests and workers. ready is called once requests are answered;
// reload is read for the signal to look at the certificate again.
func (a *App) Serve(ctx context.Context, ready func(*Listeners), reload <-chan os.Signal) error {
	listeners, err := Listen(ctx, a.Config, time.Now, a.Log)
	if err != nil {
		return err
	}
	defer listeners.Close()
	if a.Config.Apply != "" {
		if err := a.applyFile(ctx); err != nil {
			return err
		}
	}
	metrics := NewMetrics()
	gate := secret.NewGate(a.Config.HashParallel, a.Config.HashQueue)
	metrics.WatchHashing(func() int { n, _ := gate.Stats(); return n }, func() int { _, n := gate.Stats(); return n })
	metrics.Watch("requests_in_flight", "Requests being answered now.", listeners.InFlight)
	public := listeners.PublicURL()
	calls := outgoing.New(outgoing.Options{AllowPrivate: a.Config.AllowPrivate})
	defer calls.Close()
	assembly := Assemble(Parts{
		DB: a.DB, Keys: a.Keys, Random: a.Random, Clock: time.Now, Log: a.Log, Observer: metrics, Outgoing: calls,
		Hasher: secret.NewHasher(secret.Cost{MemoryKiB: uint32(a.Config.HashMemory), Time: uint32(a.Config.HashTime), Threads: uint8(a.Config.HashThreads)},
			a.Random, gate),
		OAuth: oauth.NewClient(calls.HTTP, time.Now, a.mocks(listeners)...),
		Guard: a.textGuard(), PublicURL: public.String(), Hosts: a.hosts(public), ConsoleSignUp: string(a.Config.ConsoleSignup), TrustedProxies: a.Config.TrustedProxies, AllowPrivate: a.Config.AllowPrivate,
		RateLimits: a.Config.RateLimits, PublicHTTPS: public.Scheme == "https", ConsoleMFA: a.Config.ConsoleMFA == config.MFARequired,
	})
	if err := assembly.Projects.Refresh(ctx); err != nil {
		return err
	}
	carrier, err := a.carrier(assembly.Projects, calls, public.Hostname())
	if err != nil {
		return err
	}
	defer carrier.Close() // after the workers: deferred calls run backwards
	// Workers outlive the requests: what the last of them queued is still written.
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	crew := &crew{log: a.Log}
	handler, workers, sender := assembly.Handler, a.workers(assembly), outbox.Courier(carrier)
	if a.Config.Mode == config.ModeDev {
		d := a.development(assembly.Projects, public.String())
		handler, sender = d.Before(handler), d.Mailbox
	} else {
		assembly.Rules.Reach = carrier.Reaches
	}
	deliveries, hangUp := a.deliveries(assembly, metrics)
	defer hangUp()
	for _, w := range append(workers, worker{"messages", a.messages(assembly, sender, metrics).Run}, worker{"webhooks", deliveries.Run}, worker{"memory", newThrift(gate).Run}) {
		crew.start(working, w)
	}
	defer crew.wait.Wait()
	defer stop()
	go a.reloads(ctx, listeners, reload)
	if ready != nil {
		ready(listeners)
	}
	return listeners.Serve(ctx, handler, metrics.Handler())
}

// hosts are the server's own names, whose pages may always call it. On the local network an app in development
// is served from this machine's address there.
func (a *App) hosts(public *url.URL) []string {
	hosts := []string{public.Hostname()}
	if address := LanAddress(); a.Config.Lan && address != "" {
		hosts = append(hosts, address)
	}
	return hosts
}

// workers is what runs beside the requests.
func (a *App) workers(assembly *Assembly) []worker {
	janitor := &auth.Janitor{DB: a.DB, Clock: time.Now, Log: a.Log, Holder: a.Random.Hex(8), Tell: assembly.Events.Tell, Project: assembly.Projects.Plain}
	return []worker{
		{"settings", assembly.Projects.Poll},
		{"last access", assembly.Touches.Run},
		{"janitor", janitor.Run},
		{"planner's figures", a.DB.KeepAnalyzed},
		{"signing keys", (&admin.Rotator{DB: a.DB, Keys: a.Keys, Random: a.Random, Clock: time.Now, Log: a.Log, Holder: a.Random.Hex(8),
			Ahead: admin.PublishAhead, After: admin.PublishAfter}).Run},
		{"audit trail", (&audit.Sealer{DB: a.DB, Keys: a.Keys, Random: a.Random, Clock: time.Now, Log: a.Log, Holder: a.Random.Hex(8)}).Run},
	}
}

// reloads looks at the certificate again when asked to.
func (a *App) reloads(ctx context.Context, listeners *Listeners, asked <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-asked:
			if err := listeners.Reload(); err != nil {
				a.Log.Error("the certificate could not be reloaded", "error", err)
			}
		}
	}
}

// applyFile applies the file that the settings name at start.
func (a *App) applyFile(ctx context.Context) error {
	text, err := os.ReadFile(a.Config.Apply)
	if err != nil {
		return fmt.Errorf("--apply: %w", err)
	}
	declaration, err := admin.ReadDeclaration(text, admin.Environment)
	if err != nil {
		return fmt.Errorf("--apply: %s:\n%w", a.Config.Apply, err)
	}
	plan, err := a.Admin.Apply(ctx, declaration, admin.ApplyOptions{})
	if err != nil {
		return fmt.Errorf("--apply: %w", err)
	}
	if len(plan.Secrets) > 0 {
		a.Log.Warn("keys were made whose texts nobody has seen: declare their secrets, or make them with `latchkey key create`", "keys", len(plan.Secrets))
	}
	a.Log.Info("declared projects applied", "file", a.Config.Apply, "changes", len(plan.Steps))
	return nil
}

// DemoProject is the project that a development server starts with.
const DemoProject = "demo"

// devKeyFile keeps the demo project's key between starts of a development server.
const devKeyFile = "demo.key"

// demo is the project that a development server starts with: whatever app is being built may call it.
var demo = admin.DeclaredProject{ID: DemoProject, Name: "Demo", Platforms: []model.Platform{
	{Type: model.PlatformWeb, ID: "web", Name: "Web", Value: "localhost"},
	{Type: model.PlatformAndroid, ID: "android", Name: "Android", Value: "*"},
	{Type: model.PlatformApple, ID: "apple", Name: "Apple", Value: "*"},
}, Settings: []func(*model.Settings){func(s *model.Settings) { s.Policies.Passkeys.Enabled = true }}}

// EnsureDemo makes the demo project and its key, and returns the key's text. Development only: the text is
// kept in a file, so that it is the same at every start.
func (a *App) EnsureDemo(ctx context.Context) (string, error) {
	_, err := a.DB.Project(ctx, DemoProject)
	if errors.Is(err, fault.ProjectNotFound) {
		_, err = a.Admin.Apply(ctx, &admin.Declaration{Projects: []admin.DeclaredProject{demo}}, admin.ApplyOptions{})
	}
	if err != nil {
		return "", err
	}
	path := filepath.Join(a.Config.Data, devKeyFile)
	if text, err := os.ReadFile(path); err == nil {
		key := strings.TrimSpace(string(text))
		if _, err := a.DB.KeyByHash(ctx, DemoProject, secret.HashToken(key)); err == nil {
			return key, nil
		}
	}
	if err := a.Admin.DeleteKey(ctx, DemoProject, "demo"); err != nil && !errors.Is(err, fault.KeyNotFound) {
		return "", err
	}
	_, text, err := a.Admin.CreateKey(ctx, DemoProject, admin.NewKey{ID: "demo", Name: "Demo", Scopes: []string{admin.AllScopes}})
	if err != nil {
		return "", err
	}
	return text, os.WriteFile(path, []byte(text+"\n"), 0o600)
}

// LanAddress is this machine's address on the local network; empty if it has none.
func LanAddress() string {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return ""
	}
	other := ""
	for _, address := range addresses {
		network, is := address.(*net.IPNet)
		switch {
		case !is || network.IP.To4() == nil || !network.IP.IsGlobalUnicast():
		case network.IP.IsPrivate():
			return network.IP.String()
		case other == "":
			other = network.IP.String() // some local networks use addresses of the wide world
		}
	}
	return other
}
