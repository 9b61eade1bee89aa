// Package store owns every SQL statement, the two engines that run them, and the migrations that make the
// tables. A table has a file; a statement has a name, one text for both engines, and a method on DB (a
// question of its own) or on Tx (part of a transaction). It may import model, fault and limit; it knows no
// rule beyond what must hold between rows.
//
// What makes it quick: a single read opens no transaction; SQLite is spoken to without a layer in between,
// through prepared statements on a fixed set of connections, and has one writer that commits concurrent
// transactions together; PostgreSQL gets a whole transaction in one round trip.
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"latchkey/internal/model"
)

// The engines, as Engine and the migrations name them.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// Options say which database to open and how. Either Path or URL is set.
type Options struct {
	Path     string            // the SQLite file; it is created if it is not there
	URL      string            // postgres://…
	MaxConns int               // connections that work at the same time; 0: a default by engine
	Clock    func() model.Time // nil: the system's clock
	Log      *slog.Logger      // nil: nowhere
}

// DB is an open database. Its methods may be used by any number of goroutines.
type DB struct {
	engine engine
	clock  func() model.Time
	log    *slog.Logger
	watch  func(step string) // nil but for WithWatch
	budget int               // rows that a page of a list may look at without an index

	counting *counting
	removed  *atomic.Bool // a user has been deleted since Removed was asked
}

// Open opens a database. It does not touch its schema: call Migrate before anything else.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.Clock == nil {
		o.Clock = func() model.Time { return model.At(time.Now()) }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	db := &DB{removed: new(atomic.Bool), counting: &counting{}, clock: o.Clock, log: o.Log, budget: scanBudget}
	var err error
	switch {
	case (o.Path == "") == (o.URL == ""):
		err = errors.New("give either the path of an SQLite file or the URL of a PostgreSQL server")
	case o.URL != "":
		db.engine, err = openPostgres(ctx, o)
	default:
		db.engine, err = openSQLite(ctx, o)
	}
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return db, nil
}

// Engine names the engine: SQLite or Postgres.
func (db *DB) Engine() string { return db.engine.name() }

// WithClock returns the same database with another clock behind Tx.Now. Close it once, whichever it is.
func (db *DB) WithClock(clock func() model.Time) *DB {
	other := *db
	other.clock = clock
	return &other
}

// WithWatch returns the same database that tells of each step it takes: statements by their names, and "commit".
// For tests that compare what two calls cost.
func (db *DB) WithWatch(watch func(step string)) *DB {
	other := *db
	other.watch = watch
	return &other
}

// Ping says whether the database answers.
func (db *DB) Ping(ctx context.Context) error { return db.engine.ping(ctx) }

// Close waits for what is under way and closes all connections. Later calls fail.
func (db *DB) Close() error { return db.engine.close() }

// ask implements source: one question without a transaction.
func (db *DB) ask(ctx context.Context, question call, each func(row) error) error {
	if db.watch != nil {
		db.watch(question.statement.name)
	}
	return db.engine.ask(ctx, question, each)
}

// pause waits a little before a transaction is tried again, longer each time and never equally long, so that
// two that collided do not collide again.
func (db *DB) pause(ctx context.Context, attempt int) error {
	wait := time.NewTimer(time.Duration(1+rand.IntN(4<<attempt)) * time.Millisecond)
	defer wait.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-wait.C:
		return nil
	}
}
