package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"

	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// Tx is one transaction. It is used by one goroutine and is dead once its function has returned.
//
// Statements that need no answer are queued: they run, in order, before the next question or at the end. On
// PostgreSQL a transaction that asks nothing is one round trip. What goes wrong with a queued statement (a
// taken address, a row that is gone) ends the transaction and comes out of Write, never in between.
type Tx struct {
	// Now is the moment the transaction began; everything it writes carries it.
	Now model.Time

	ctx      context.Context
	session  session
	readOnly bool
	asked    bool
	queue    []call
	after    []func()
	err      error // the first failure; everything later is passed over
	bumped   bool  // the settings version has been moved already
	newest   string
	removed  *atomic.Bool
	watch    func(step string)
}

// engine is what differs between SQLite and PostgreSQL.
type engine interface {
	source
	name() string
	begin(ctx context.Context, readOnly bool) session
	// again says whether a transaction that failed so may succeed when it is tried anew.
	again(err error) bool
	prepare(ctx context.Context, s *Statement) error
	ping(ctx context.Context) error
	migrator() (*migrator, error)
	close() error
}

// session is an engine's part of one transaction. It is begun in name only until the first statement.
type session interface {
	// ask runs what is queued and then the question.
	ask(queued []call, question call, each func(row) error) error
	// commit runs what is queued and commits.
	commit(queued []call) error
	// rollback gives up; after commit it does nothing.
	rollback()
}

// errNested answers a transaction begun inside another one.
var errNested = errors.New("store: a transaction was begun inside another one")

// inside marks the context of a transaction.
type inside struct{}

// Write runs fn in a transaction that changes things and commits it. Once Write returns nil, the change is on
// the disk. An error of fn, or of any statement, rolls everything back and is returned; a panic too.
//
// fn may be run more than once: PostgreSQL may refuse a transaction because of another one at the same time.
// So it must only set what it has captured, never add to it. Nothing slow belongs inside: no hashing, no HTTP,
// no mail. A transaction inside a transaction is an error when it is begun with tx.Context().
func (db *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	return db.transact(ctx, false, fn)
}

// Read runs fn in a transaction that sees one state of the database and changes nothing. A single question
// needs none: ask the DB.
func (db *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	return db.transact(ctx, true, fn)
}

// maxAttempts bounds how often a transaction that lost against another one is tried.
const maxAttempts = 8

func (db *DB) transact(ctx context.Context, readOnly bool, fn func(*Tx) error) error {
	if ctx.Value(inside{}) != nil {
		return errNested
	}
	for attempt := 1; ; attempt++ {
		after, err := db.attempt(ctx, readOnly, fn)
		if err == nil {
			for _, then := range after {
				then()
			}
			return nil
		}
		if attempt == maxAttempts || ctx.Err() != nil || !db.engine.again(err) {
			return err
		}
		if err := db.pause(ctx, attempt); err != nil {
			return err
		}
	}
}

// attempt runs a transaction once.
func (db *DB) attempt(ctx context.Context, readOnly bool, fn func(*Tx) error) (after []func(), err error) {
	tx := &Tx{Now: db.clock(), removed: db.removed, ctx: ctx, readOnly: readOnly, session: db.engine.begin(ctx, readOnly), watch: db.watch}
	defer tx.session.rollback()
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("store: a transaction panicked: %v\n%s", reason, debug.Stack())
		}
	}()
	if err := fn(tx); err != nil {
		return nil, err
	}
	if tx.err != nil {
		return nil, tx.err
	}
	if len(tx.queue) == 0 && !tx.asked {
		return tx.after, nil
	}
	tx.told(tx.queue)
	if tx.watch != nil {
		tx.watch("commit")
	}
	return tx.after, tx.session.commit(tx.queue)
}

// told tells whoever watches of statements that are about to run.
func (tx *Tx) told(calls []call) {
	if tx.watch == nil {
		return
	}
	for _, c := range calls {
		tx.watch(c.statement.name)
	}
}

// Context returns the context of the transaction, marked so that another transaction refuses to begin in it.
func (tx *Tx) Context() context.Context { return context.WithValue(tx.ctx, inside{}, true) }

// After registers what to do once the transaction is committed; it does not happen if it is rolled back.
func (tx *Tx) After(then func()) { tx.after = append(tx.after, then) }

// do queues a statement that needs no answer.
func (tx *Tx) do(s *Statement, args ...any) { tx.enqueue(s.with(args...)) }

// must queues a statement that has to touch at least one row, or else ends the transaction with a fault.
func (tx *Tx) must(missing *fault.Kind, s *Statement, args ...any) {
	c := s.with(args...)
	c.must = missing
	tx.enqueue(c)
}

func (tx *Tx) enqueue(c call) {
	if tx.readOnly {
		tx.fail(fmt.Errorf("store: %s in a transaction that only reads", c.statement.name))
	}
	if tx.err == nil {
		tx.queue = append(tx.queue, c)
	}
}

// fail keeps the first failure.
func (tx *Tx) fail(err error) {
	if tx.err == nil {
		tx.err = err
	}
}

// ask implements source. The context is that of the transaction.
func (tx *Tx) ask(_ context.Context, question call, each func(row) error) error {
	if tx.err != nil {
		return tx.err
	}
	queued := tx.queue
	tx.queue, tx.asked = nil, true
	tx.told(queued)
	if tx.watch != nil {
		tx.watch(question.statement.name)
	}
	if err := tx.session.ask(queued, question, each); err != nil {
		tx.fail(err)
	}
	return tx.err
}
