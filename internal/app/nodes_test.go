package app_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"latchkey/internal/admin"
	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
	"latchkey/internal/testkit/engines"
)

// twoNodes starts two servers that know nothing of each other on one database.
func twoNodes(t *testing.T, engine string) (here, there *testkit.Server) {
	t.Helper()
	options := store.Options{MaxConns: 4}
	if engine == store.Postgres {
		options.URL = engines.URL(t)
	} else {
		options.Path = filepath.Join(t.TempDir(), "latchkey.db")
	}
	clock := testkit.NewClock()
	node := func() *testkit.Server {
		db, err := store.Open(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		return testkit.Serve(t, db, clock, testkit.Options{NoLimits: true})
	}
	return node(), node()
}

// TestWhatOneNodeChangesActsOnAnother holds that sessions and keys which end on one node are refused by the very
// next request to another, and that settings are at most one poll behind.
func TestWhatOneNodeChangesActsOnAnother(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{store.SQLite, store.Postgres} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			here, there := twoNodes(t, engine)

			_, session := here.Member(t, "walter@example.com")
			there.Call(t, "GET /v1/account", nil, testkit.As(session)).Want(200)
			here.Call(t, "DELETE /v1/account/sessions/current", nil, testkit.As(session)).Want(204)
			there.Call(t, "GET /v1/account", nil, testkit.As(session)).Want(401, "general_unauthorized_scope")

			var id string
			key := testkit.Header{"X-Appwrite-Key", here.Key(t, func(k *model.Key) { id = k.ID }, "health.read")}
			there.Call(t, "GET /v1/health", nil, key).Want(200)
			here.Write(t, func(tx *store.Tx) { tx.DeleteKey(testkit.Demo, id) })
			there.Call(t, "GET /v1/health", nil, key).Want(401, "user_unauthorized")

			there.Call(t, "POST /v1/account/sessions/anonymous", nil).Want(201)
			ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
			defer stop()
			go there.Projects.Poll(ctx)
			here.Write(t, func(tx *store.Tx) {
				project := &model.Project{ID: testkit.Demo, Name: "Demo", Settings: model.DefaultSettings()}
				project.Settings.AuthMethods.Anonymous = false
				tx.UpsertProject(project)
				tx.BumpSettingsVersion()
			})
			for there.Call(t, "POST /v1/account/sessions/anonymous", nil).Status != 501 {
				if ctx.Err() != nil {
					t.Fatal("the other node never heard of the change")
				}
			}
		})
	}
	if admin.PollEvery > 500*time.Millisecond {
		t.Errorf("settings are polled every %s", admin.PollEvery)
	}
}
