// Package engines gives tests a fresh database on each engine: an SQLite file, or a database of its own on the
// PostgreSQL server that LATCHKEY_TEST_POSTGRES names. Only tests import it. It may import the store and the
// model, so that the store's own tests can use it too.
package engines

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"latchkey/internal/store"
)

// Variable names the environment variable with the URL of a PostgreSQL server where tests may make databases.
const Variable = "LATCHKEY_TEST_POSTGRES"

// Each runs a test on every engine there is. Without a PostgreSQL server the test says what it leaves out, and
// fails if LATCHKEY_REQUIRE=all.
func Each(t *testing.T, test func(t *testing.T, db *store.DB)) {
	t.Helper()
	for _, engine := range []string{store.SQLite, store.Postgres} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			test(t, Fresh(t, engine))
		})
	}
}

// Fresh makes a database with the newest schema and no rows; it is gone when the test is over.
func Fresh(t testing.TB, engine string) *store.DB {
	t.Helper()
	return Open(t, store.Options{MaxConns: 8}, engine)
}

// Open is Fresh with options of the test's own; where the database lies is filled in.
func Open(t testing.TB, o store.Options, engine string) *store.DB {
	t.Helper()
	if engine == store.Postgres {
		o.URL = postgresDatabase(t)
	} else {
		o.Path = sqliteFile(t)
	}
	db, err := store.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// sqliteFile makes a file with the newest schema, a copy of one that is made once in a test program: making the
// tables takes longer than most tests.
func sqliteFile(t testing.TB) string {
	t.Helper()
	content, err := sqliteTemplate()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "latchkey.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	directory, err := os.MkdirTemp("", "latchkey-template")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(directory)
	path := filepath.Join(directory, "latchkey.db")
	db, err := store.Open(context.Background(), store.Options{Path: path, MaxConns: 1})
	if err != nil {
		return nil, err
	}
	if err := errors.Join(db.Migrate(context.Background()), db.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// URL claims an empty database on the PostgreSQL server until the test is over and returns its address, for
// tests that open it themselves.
func URL(t testing.TB) string {
	t.Helper()
	return postgresDatabase(t)
}

// server returns the URL of the server for tests, or skips the test, or fails it where nothing may be left out.
func server(t testing.TB) string {
	t.Helper()
	address := os.Getenv(Variable)
	if address == "" {
		if os.Getenv("LATCHKEY_REQUIRE") == "all" {
			t.Fatalf("%s is not set, so nothing can be tested on PostgreSQL", Variable)
		}
		t.Skipf("LEFT OUT: %s is not set, so this is not tested on PostgreSQL", Variable)
	}
	return address
}

// inDatabase is the URL of another database on the same server.
func inDatabase(address, name string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	u.Path = "/" + name
	return u.String()
}
