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

// Migrate brings the schema to the state this program knows. Several nodes may start at the same time: one
// migrates, the others wait. A schema that is newer than the program is refused, because the program would
// not write what its rows now need.
func (db *DB) Migrate(ctx context.Context) error {
	return db.withMigrations(func(provider *goose.Provider) error {
		current, known, err := provider.GetVersions(ctx)
		if err != nil {
			return err
		}
		if current > known {
			return fmt.Errorf("the database has schema version %d, this program knows versions up to %d: run a newer program", current, known)
		}
		if current == known {
			return nil
		}
		applied, err := provider.Up(ctx)
		for _, one := range applied {
			db.log.Info("database migrated", "version", one.Source.Version, "took", one.Duration)
		}
		return err
	})
}

// SchemaVersion returns the version of the schema in the database and the newest one this program knows.
func (db *DB) SchemaVersion(ctx context.Context) (current, known int64, err error) {
	err = db.withMigrations(func(provider *goose.Provider) error {
		current, known, err = provider.GetVersions(ctx)
		return err
	})
	return current, known, err
}

// SchemaFound is SchemaVersion without writing anything: a database that nobody has set up yet has version 0.
func (db *DB) SchemaFound(ctx context.Context) (current, known int64, err error) {
	m, err := db.engine.migrator()
	if err != nil {
		return 0, 0, fmt.Errorf("store: %w", err)
	}
	defer m.handle.Close()
	catalog := `select count(*) from sqlite_master where name = 'goose_db_version'`
	if m.engine == Postgres {
		catalog = `select count(to_regclass('goose_db_version'))`
	}
	var tables int
	if err := m.handle.QueryRowContext(ctx, catalog).Scan(&tables); err != nil {
		return 0, 0, fmt.Errorf("store: %w", err)
	}
	if tables > 0 {
		if err := m.handle.QueryRowContext(ctx, `select coalesce(max(version_id), 0) from goose_db_version`).Scan(&current); err != nil {
			return 0, 0, fmt.Errorf("store: %w", err)
		}
	}
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return 0, 0, err
	}
	for _, name := range names {
		version, err := goose.NumericComponent(path.Base(name))
		if err != nil {
			return 0, 0, err
		}
		known = max(known, version)
	}
	return current, known, nil
}

func (db *DB) withMigrations(use func(*goose.Provider) error) (err error) {
	m, err := db.engine.migrator()
	if err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	defer m.handle.Close()
	sources, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	var options []goose.ProviderOption
	if m.engine == Postgres {
		// A lock that is a row, not an advisory lock: engines that only speak PostgreSQL's language have none.
		locker, err := lock.NewPostgresTableLocker(lock.WithTableLockTimeout(time.Second, 120))
		if err != nil {
			return fmt.Errorf("store: migrate: %w", err)
		}
		options = append(options, goose.WithLocker(locker))
	}
	provider, err := goose.NewProvider(m.dialect, m.handle, dialectFS{sources, m.engine}, options...)
	if err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	if err := use(provider); err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	return nil
}

// dialectFS opens the comments in a migration that are meant for one engine: /*sqlite: …*/, /*postgres: …*/.
type dialectFS struct {
	fs.FS
	engine string
}

var dialectComment = regexp.MustCompile(`/\*(sqlite|postgres): (.*?)\*/`)

// Open implements fs.FS.
func (d dialectFS) Open(name string) (fs.File, error) {
	file, err := d.FS.Open(name)
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err != nil || info.IsDir() {
		return file, err
	}
	defer file.Close()
	text, err := fs.ReadFile(d.FS, name)
	if err != nil {
		return nil, err
	}
	return &dialectFile{File: file, Reader: bytes.NewReader(openComments(text, d.engine))}, nil
}

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

// dialectFile is a migration with its comments opened.
type dialectFile struct {
	fs.File
	*bytes.Reader
}

// Read implements fs.File.
func (f *dialectFile) Read(b []byte) (int, error) { return f.Reader.Read(b) }

// SchemaDigest is a short name for the schema this program makes: it changes with every change of a migration.
func SchemaDigest() string {
	sum := sha256.New()
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	for _, name := range names {
		text, err := migrations.ReadFile(name)
		if err != nil {
			panic(err) // it was listed a moment ago
		}
		sum.Write(text)
	}
	return hex.EncodeToString(sum.Sum(nil)[:6])
}
