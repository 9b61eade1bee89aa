package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrator is a handle that goose can work with, and how.
type migrator struct {
	engine  string
	dialect goose.Dialect
	handle  *sql.DB
}

// Migrate brings the schema to the state this program knows. Several nodes and commands may start at the same time: each
// migration is made by one of them. A schema that is newer than the program is refused, because the program would
// not write what its rows now need.
func (db *DB) Migrate(ctx context.Context) error {
	for begun := int64(-1); ; {
		current, known, err := db.SchemaVersion(ctx)
		switch {
		case err != nil:
			return err
		case current > known:
			return fmt.Errorf("store: migrate: the database has schema version %d, this program knows versions up to %d: run a newer program", current, known)
		case current == known:
			return nil // as at nearly every start: the tool that migrates is not even set up
		}
		applied, err := db.migrate(ctx, known)
		for _, one := range applied {
			db.log.Info("database migrated", "version", one.Source.Version, "took", one.Duration)
		}
		if err == nil {
			return nil
		}
		// On SQLite nobody holds a lock from one migration to the next: what failed may have been made by another command in
		// between. As long as the schema moves on, so do we.
		if current == begun || ctx.Err() != nil {
			return fmt.Errorf("store: migrate: %w", err)
		}
		begun = current
	}
}

// versionTable asks whether the database has been set up at all, as each engine knows it.
var versionTable = map[string]*Statement{
	SQLite:   {name: "VersionTable", text: "select count(*) from sqlite_schema where name = 'goose_db_version'"},
	Postgres: {name: "VersionTable", text: "select count(to_regclass('goose_db_version'))"},
}

var schemaVersion = &Statement{name: "SchemaVersion", text: "select coalesce(max(version_id), 0) from goose_db_version"}

// SchemaVersion returns the version of the schema in the database and the newest one this program knows. It writes
// nothing: a database that nobody has set up yet has version 0.
func (db *DB) SchemaVersion(ctx context.Context) (current, known int64, err error) {
	for _, m := range listMigrations() {
		known = max(known, m.version)
	}
	tables, err := db.number(ctx, versionTable[db.Engine()])
	if err == nil && tables > 0 {
		current, err = db.number(ctx, schemaVersion)
	}
	return current, known, err
}

// number asks for one number.
func (db *DB) number(ctx context.Context, s *Statement) (n int64, err error) {
	err = db.ask(ctx, s.with(), func(r row) error {
		n = r.number()
		return nil
	})
	return n, err
}

// lockLease is how long the lock of a migrating node outlives it.
const lockLease = 6 * time.Second

// migrate runs the migrations that are missing up to a version, each in a transaction of its own.
func (db *DB) migrate(ctx context.Context, version int64) ([]*goose.MigrationResult, error) {
	m, err := db.engine.migrator()
	if err != nil {
		return nil, err
	}
	defer m.handle.Close()
	steps := make([]*goose.Migration, 0, 32)
	for _, one := range listMigrations() {
		text, err := one.read(m.engine)
		if err != nil {
			return nil, err
		}
		// A migration goes to the engine whole: nothing takes it apart first.
		steps = append(steps, goose.NewGoMigration(one.version, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, text)
			return err
		}}, nil))
	}
	options := []goose.ProviderOption{goose.WithGoMigrations(steps...), goose.WithDisableGlobalRegistry(true)}
	if m.engine == Postgres {
		// A lock that is a row, not an advisory lock: engines that only speak PostgreSQL's language have none.
		// Who is killed in the middle leaves it behind, and the next start waits for its lease to run out.
		locker, err := lock.NewPostgresTableLocker(lock.WithTableLockTimeout(time.Second, 120),
			lock.WithTableLeaseDuration(lockLease), lock.WithTableHeartbeatInterval(lockLease/6))
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithLocker(locker))
	}
	provider, err := goose.NewProvider(m.dialect, m.handle, nil, options...)
	if err != nil {
		return nil, err
	}
	return provider.UpTo(ctx, version)
}

// migration is a file of the directory.
type migration struct {
	version int64
	name    string
}

// listMigrations lists the files in order. They are part of the program, so one with a wrong name is a fault of the
// program that the first test meets.
func listMigrations() []migration {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	list := make([]migration, len(names))
	for i, name := range names {
		version, err := goose.NumericComponent(path.Base(name))
		if err != nil {
			panic(err)
		}
		list[i] = migration{version, name}
	}
	return list
}

// read returns the part that leads up, as an engine understands it.
func (m migration) read(engine string) (string, error) {
	text, err := migrations.ReadFile(m.name)
	if err != nil {
		return "", err
	}
	_, up, found := bytes.Cut(text, []byte("-- +goose Up\n"))
	if !found {
		return "", fmt.Errorf("%s leads nowhere", m.name)
	}
	up, _, _ = bytes.Cut(up, []byte("-- +goose Down\n"))
	return string(openComments(up, engine)), nil
}

// dialectComment is a comment that is meant for one engine: /*sqlite: …*/, /*postgres: …*/.
var dialectComment = regexp.MustCompile(`/\*(sqlite|postgres): (.*?)\*/`)

// openComments opens the comments that are meant for an engine and removes those for the other.
func openComments(text []byte, engine string) []byte {
	return dialectComment.ReplaceAllFunc(text, func(comment []byte) []byte {
		parts := dialectComment.FindSubmatch(comment)
		if string(parts[1]) == engine {
			return parts[2]
		}
		return nil
	})
}

// SchemaDigest is a short name for the schema this program makes: it changes with every change of a migration.
func SchemaDigest() string {
	sum := sha256.New()
	for _, m := range listMigrations() {
		text, err := migrations.ReadFile(m.name)
		if err != nil {
			panic(err) // it was listed a moment ago
		}
		sum.Write(text)
	}
	return hex.EncodeToString(sum.Sum(nil)[:6])
}
