package store_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/store"
	"latchkey/internal/testkit/engines"
)

func TestMigrations(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		current, known, err := db.SchemaVersion(t.Context())
		if err != nil || current != known || known < 1 {
			t.Fatal(current, known, err)
		}
		together(3, func(int) { // nodes that start at the same time
			if err := db.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
		})
		write(t, db, func(tx *store.Tx) {
			tx.Do("insert into goose_db_version (version_id, is_applied) values (9999, true)")
		})
		err = db.Migrate(t.Context())
		if err == nil || !strings.Contains(err.Error(), "run a newer program") {
			t.Errorf("a schema of the future was accepted: %v", err)
		}
		write(t, db, func(tx *store.Tx) { tx.Do("delete from goose_db_version where version_id = 9999") }) // the next test wants the schema of today
	})
}

// Commands that find a new file at the same time, or an old one after an update, all come through.
func TestCommandsThatStartAtOnceMigrateOneFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	together(4, func(int) {
		db, err := store.Open(t.Context(), store.Options{Path: path})
		if err != nil {
			t.Error(err)
			return
		}
		defer db.Close()
		if err := db.Migrate(t.Context()); err != nil {
			t.Error(err)
		}
		if current, known, err := db.SchemaVersion(t.Context()); err != nil || current != known {
			t.Error(current, known, err)
		}
	})
}

func TestEveryUniqueConstraintHasAName(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		question := `select i.relname from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class c on c.oid = x.indrelid
			join pg_namespace n on n.oid = c.relnamespace
			where x.indisunique and n.nspname = 'public' and c.relname not like 'goose%' and c.relname <> 'settings_version'`
		want := slices.Collect(maps.Values(store.UniqueColumns()))
		if db.Engine() == store.SQLite {
			question = `select group_concat(m.name || '.' || c.name, ', ') from sqlite_schema m join pragma_index_list(m.name) l join pragma_index_info(l.name) c
				where m.type = 'table' and l."unique" and m.name not like 'goose%' and m.name <> 'settings_version' group by m.name, l.name`
			want = slices.Collect(maps.Keys(store.UniqueColumns()))
		}
		got, err := store.Texts(t.Context(), db, question)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

// What lies in the directory between two migrations is what a kill there leaves behind.
func TestAKillBetweenMigrationsLosesNothing(t *testing.T) {
	t.Parallel()
	open := func(dir string) *store.DB {
		db, err := store.Open(t.Context(), store.Options{Path: filepath.Join(dir, "x.db")})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		return db
	}
	dir := t.TempDir()
	db := open(dir)
	for i, version := range store.SchemaVersions() {
		if err := db.MigrateTo(t.Context(), version); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			write(t, db, func(tx *store.Tx) {
				tx.Do("insert into projects (id, name, settings, created_at, updated_at, accessed_at) values ('kept', 'since then', '{}', 1, 1, 1)")
			})
		}
		left := t.TempDir()
		if err := os.CopyFS(left, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		next := open(left)
		if err := next.Migrate(t.Context()); err != nil {
			t.Fatalf("after version %d: %v", version, err)
		}
		if kept, err := store.Texts(t.Context(), next, "select name from projects where id = 'kept'"); err != nil || len(kept) != 1 || kept[0] != "since then" {
			t.Errorf("after version %d: %q, %v", version, kept, err)
		}
	}
}
