package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"latchkey/internal/model"
)

// Statements lists every statement, for the test that prepares them.
func Statements() []*Statement { return statements }

// Name returns the statement's name.
func (s *Statement) Name() string { return s.name }

// Text returns the statement's text.
func (s *Statement) Text() string { return s.text }

// Prepare prepares a statement on an engine, and on PostgreSQL its guarded form too where it has one.
func Prepare(ctx context.Context, db *DB, s *Statement) error {
	if err := db.engine.prepare(ctx, s); err != nil || db.Engine() == SQLite {
		return err
	}
	if strings.HasPrefix(s.text, "select") || strings.HasPrefix(s.text, "with") || strings.Contains(s.text, "returning") {
		return nil
	}
	return db.engine.prepare(ctx, &Statement{name: s.name + " (guarded)", text: s.guarded})
}

// Texts asks a question of a test's own, which must return one column of text.
func Texts(ctx context.Context, db *DB, text string, args ...any) (list []string, err error) {
	err = db.ask(ctx, (&Statement{name: "Test", text: text}).with(args...), func(r row) error {
		list = append(list, r.text())
		return nil
	})
	return list, err
}

// Do queues a statement of a test's own.
func (tx *Tx) Do(text string, args ...any) { tx.do(&Statement{name: "Test", text: text}, args...) }

// Ask asks a question of a test's own in a transaction, which must return one column of text.
func (tx *Tx) Ask(text string, each func(string)) error {
	return tx.ask(tx.ctx, (&Statement{name: "Test", text: text}).with(), func(r row) error {
		each(r.text())
		return nil
	})
}

// Must queues a statement of a test's own that has to touch a row.
func (tx *Tx) Must(text string, args ...any) {
	s := &Statement{name: "Test", text: text}
	s.guarded = "with touched as (" + text + " returning 1) select 1/count(*) from touched"
	tx.enqueue(call{statement: s, args: s.with(args...).args, must: errGone})
}

var errGone = errNested // any error of our own

// ErrGone is what a statement of Must fails with.
var ErrGone = errGone

// ErrNested is what a transaction inside another one fails with.
var ErrNested = errNested

// ErrTooLong is what a transaction fails with that held the writer for too long.
var ErrTooLong = errTooLong

// UniqueColumns is the table by which SQLite's messages are read.
func UniqueColumns() map[string]string { return uniqueColumns }

// WriterPragma reads a pragma of the writing connection.
func WriterPragma(db *DB, name string) (value int64, err error) {
	writer := db.engine.(*sqliteEngine).writer
	s := &sqliteWriting{writer: writer, ctx: context.Background()}
	defer s.rollback()
	err = s.ask(nil, (&Statement{name: name, text: "pragma " + name}).with(), func(r row) error {
		value = r.number()
		return nil
	})
	return value, err
}

// LimitTurns shortens the time for which a transaction may hold SQLite's writer. Nothing may write yet.
func LimitTurns(db *DB, limit time.Duration) { db.engine.(*sqliteEngine).writer.limit = limit }

// TakeTime lets one commit of SQLite's writer carry work of any length. Nothing may write yet.
func TakeTime(db *DB) { db.engine.(*sqliteEngine).writer.budget = time.Hour }

// Waiting counts the transactions that wait for SQLite's writer.
func Waiting(db *DB) int { return len(db.engine.(*sqliteEngine).writer.jobs) }

// Agents packs and unpacks.
func Agents(a model.Agent) model.Agent { return unpackAgent(packAgent(&a)) }

// Arguments says how many arguments the statement takes.
func (s *Statement) Arguments() (n int) {
	for strings.Contains(s.text, "$"+strconv.Itoa(n+1)) {
		n++
	}
	return n
}

// Plan tells how an engine would run a statement, one line a step.
func Plan(ctx context.Context, db *DB, s *Statement) (steps []string, err error) {
	if db.Engine() == SQLite {
		explain := &Statement{name: s.name, text: "explain query plan " + s.text}
		err = db.ask(ctx, explain.with(make([]any, s.Arguments())...), func(r row) error {
			r.number()
			r.number()
			r.number()
			steps = append(steps, r.text())
			return nil
		})
		return steps, err
	}
	conn, err := db.engine.(*postgresEngine).pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Release()
	nulls := strings.TrimSuffix(strings.Repeat("null, ", s.Arguments()), ", ")
	if nulls != "" {
		nulls = "(" + nulls + ")"
	}
	// With sequential scans switched off, one that is left means that no index would do.
	script := "set enable_seqscan = off; set plan_cache_mode = force_generic_plan; prepare plan as " + s.onPostgres() + "; explain execute plan" + nulls +
		"; deallocate plan; reset enable_seqscan; reset plan_cache_mode"
	results, err := conn.Conn().PgConn().Exec(ctx, script).ReadAll()
	for _, result := range results {
		for _, line := range result.Rows {
			steps = append(steps, string(line[0]))
		}
	}
	return steps, err
}

// WithBudget returns the same database with another budget for lists.
func WithBudget(db *DB, rows int) *DB {
	other := *db
	other.budget = rows
	return &other
}

// MigrateTo brings the schema up to a version, as a program that is older would.
func (db *DB) MigrateTo(ctx context.Context, version int64) error {
	_, err := db.migrate(ctx, version)
	return err
}

// SchemaVersions lists the versions that migrations lead to.
func SchemaVersions() (versions []int64) {
	for _, m := range listMigrations() {
		versions = append(versions, m.version)
	}
	return versions
}

// IdleReaders counts the reading connections of SQLite that are open and that nobody uses.
func (db *DB) IdleReaders() int {
	readers := db.engine.(*sqliteEngine).readers
	readers.mu.Lock()
	defer readers.mu.Unlock()
	return len(readers.stack)
}
