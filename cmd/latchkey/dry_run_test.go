package main

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"latchkey/internal/store"
	"latchkey/internal/testkit/engines"
)

// A dry run tells what would happen, and changes nothing: neither where nothing is yet, nor in a schema of another day.
func TestADryRunChangesNothing(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{store.SQLite, store.Postgres} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			data, file := filepath.Join(dir, "data"), filepath.Join(dir, "project.yaml")
			driver, address := "sqlite", "file:"+filepath.ToSlash(filepath.Join(data, "latchkey.db"))
			settings := []string{"--master-key", strings.Repeat("01", 32)}
			if engine == store.Postgres {
				driver, address = "pgx", engines.URL(t)
				settings = append(settings, "--database", address)
			}
			if err := os.WriteFile(file, []byte("projects: [{id: shop, labels: [new]}]"), 0o600); err != nil {
				t.Fatal(err)
			}
			with := func(args ...string) []string { return append(args, settings...) }
			if out := must(t, data, with("apply", file, "--dry-run")...); !strings.Contains(out, "+ shop: project") {
				t.Errorf("the dry run says %s", out)
			}
			if _, err := os.Stat(data); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("a dry run has made %s: %v", data, err)
			}
			must(t, data, with("apply", file)...)
			db, err := sql.Open(driver, address)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			version := func() (n int) {
				t.Helper()
				if err := db.QueryRow("select max(version_id) from goose_db_version").Scan(&n); err != nil {
					t.Fatal(err)
				}
				return n
			}
			known := version()
			if out := must(t, data, with("apply", file, "--dry-run")...); out != "Nothing to change.\n" {
				t.Errorf("the dry run says %s", out)
			}
			// Databases for tests are used again: what is changed about the schema's version is put back.
			set := func(from, to int) {
				if _, err := db.Exec(fmt.Sprintf("update goose_db_version set version_id = %d where version_id = %d", to, from)); err != nil {
					t.Error(err)
				}
			}
			set(known, -known)
			defer set(-known, known)
			older := version()
			code, _, stderr := latchkey(t, data, with("apply", file, "--dry-run")...)
			if code != exitFailed || !strings.Contains(stderr, "latchkey migrate") || version() != older || older == known {
				t.Errorf("exit %d at version %d of %d: %s", code, version(), known, stderr)
			}
		})
	}
}
