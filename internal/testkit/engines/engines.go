// Package engines gives tests a fresh database on each engine: an SQLite file, or a database of its own on the
// PostgreSQL server that LATCHKEY_TEST_POSTGRES names. Only tests import it. It may import the store and the
// model, so that the store's own tests can use it too.
package engines

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

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
		o.Path = filepath.Join(t.TempDir(), "latchkey.db")
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
	if err := db.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return db
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

// template is made once a process; the server keeps it for the next one.
var template = sync.OnceValues(func() (string, error) {
	return makeTemplate(context.Background(), os.Getenv(Variable))
})

// postgresDatabase makes a database from the template, drops it when the test is over, and returns its URL.
func postgresDatabase(t testing.TB) string {
	t.Helper()
	address := server(t)
	from, err := template()
	if err != nil {
		t.Fatal(err)
	}
	name := "latchkey_test_" + strings.ToLower(rand.Text()[:16])
	if err := run(t.Context(), address, fmt.Sprintf("create database %s template %s", name, from)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := run(context.Background(), address, "drop database "+name+" with (force)"); err != nil {
			t.Error(err)
		}
	})
	return inDatabase(address, name)
}

// makeTemplate makes an empty database with the newest schema, named by what the schema is made of. Several
// test programs may want it at once; one makes it.
func makeTemplate(ctx context.Context, address string) (string, error) {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "select pg_advisory_lock(7263541)"); err != nil {
		return "", err
	}
	name := "latchkey_template_" + store.SchemaDigest()
	var there bool
	if err := conn.QueryRow(ctx, "select exists (select 1 from pg_database where datname = $1)", name).Scan(&there); err != nil || there {
		return name, err
	}
	// Under another name until it is whole: a program that dies here must not leave half a template.
	draft := name + "_draft"
	for _, text := range []string{"drop database if exists " + draft + " with (force)", "create database " + draft + " template template0 encoding 'UTF8'"} {
		if _, err := conn.Exec(ctx, text); err != nil {
			return "", err
		}
	}
	db, err := store.Open(ctx, store.Options{URL: inDatabase(address, draft), MaxConns: 1})
	if err != nil {
		return "", err
	}
	if err := db.Migrate(ctx); err != nil {
		return "", err
	}
	if err := db.Close(); err != nil {
		return "", err
	}
	_, err = conn.Exec(ctx, "alter database "+draft+" rename to "+name)
	return name, err
}

// run executes one statement on the server.
func run(ctx context.Context, address, text string) error {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, text)
	return err
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
