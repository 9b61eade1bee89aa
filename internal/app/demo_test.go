package app

import (
	"log/slog"
	"net/url"
	"testing"

	"latchkey/internal/check"
	"latchkey/internal/config"
)

// TestTheDemoProjectTakesEveryApp holds that whatever somebody builds may call a development server, phones and
// emulators too, and that a second start changes nothing.
func TestTheDemoProjectTakesEveryApp(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	a, err := Open(ctx, &config.Config{Mode: config.ModeDev, Data: t.TempDir(), Lan: true}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	first, err := a.EnsureDemo(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := a.EnsureDemo(ctx); err != nil || second != first {
		t.Errorf("the second start says %q, %v; the first said %q", second, err, first)
	}
	project, err := a.DB.Project(ctx, DemoProject)
	if err != nil {
		t.Fatal(err)
	}
	if !project.Settings.Policies.Passkeys.Enabled {
		t.Error("passkeys cannot be tried")
	}
	allow := check.NewAllow(project.ID, project.Platforms, a.hosts(&url.URL{Scheme: "http", Host: "localhost:8080"}))
	origins := map[string]bool{
		"http://localhost:5173": true, "http://127.0.0.1:3000": true, "appwrite-android://com.my.app": true, "appwrite-ios://com.my.app": true,
		"appwrite-ios://": true, "exp://192.168.1.7:8081": true, "https://evil.example": false, "appwrite-linux://com.my.app": false, "null": false,
	}
	if address := LanAddress(); address != "" {
		origins["http://"+address+":5173"] = true
	}
	for origin, want := range origins {
		if allow.Origin(origin) != want {
			t.Errorf("%s: allowed %v, want %v", origin, !want, want)
		}
	}
}
