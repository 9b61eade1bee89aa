package store

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// sqliteWriter is the one goroutine that writes. While the disk works on one commit, transactions queue up;
// the next commit carries all of them. Each has a savepoint of its own, so that one that fails takes nobody
// along, and none is answered before the commit it rode on has returned: neither one that is kept nor one that
// failed, for what it ran into may be a neighbour's row that nobody outside can see yet.
type sqliteWriter struct {
	conn    *sqliteConn
	jobs    chan *job
	stop    chan struct{}
	stopped chan struct{}
	group   []*job
	kept    int           // how many of the group have something to commit
	limit   time.Duration // for which a transaction may hold the connection
	budget  time.Duration // of work in one commit
}

const (
	writerQueue = 1024                 // transactions that may wait; the next ones wait outside
	maxGroup    = 256                  // transactions in one commit
	groupBudget = 5 * time.Millisecond // work in one commit
	turnLimit   = 10 * time.Second     // a transaction that holds the writer longer is a fault in the program
)

var (
	beginWriting = &Statement{name: "BeginWriting", text: "begin immediate"}
	commitAll    = &Statement{name: "Commit", text: "commit"}
	rollbackAll  = &Statement{name: "Rollback", text: "rollback"}
	mark         = &Statement{name: "Savepoint", text: "savepoint job"}
	backToMark   = &Statement{name: "RollbackToSavepoint", text: "rollback to job"}
	dropMark     = &Statement{name: "ReleaseSavepoint", text: "release job"}
)

var (
	errGivenUp = errors.New("store: the transaction was rolled back")
	errTooLong = errors.New("store: a transaction held the writer for too long")
)

// job is one transaction on its way through the writer.
type job struct {
	calls []call // what a transaction does that asks nothing
	turn  *turn  // or else: it works with the writer's connection itself
	state atomic.Int32
	err   error
	done  chan struct{} // closed once the transaction is committed or has failed
}

// The states of a job: a job that waits may be taken by the writer or abandoned by its owner, never both.
const (
	waiting int32 = iota
	taken
	abandoned
)

// turn lends the writer's connection to the goroutine of a transaction that asks questions.
type turn struct {
	granted chan struct{} // closed when the connection is lent
	ended   chan error    // what the transaction comes to; nil keeps its work
	mu      sync.Mutex
	over    bool // taken back
}

func startWriter(conn *sqliteConn) *sqliteWriter {
	w := &sqliteWriter{conn: conn, jobs: make(chan *job, writerQueue), stop: make(chan struct{}), stopped: make(chan struct{}), limit: turnLimit, budget: groupBudget}
	go w.run()
	return w
}

// close lets the group under way finish and refuses everything after it.
func (w *sqliteWriter) close() {
	close(w.stop)
	<-w.stopped
	w.conn.close()
}

func (w *sqliteWriter) run() {
	defer close(w.stopped)
	for {
		select {
		case j := <-w.jobs:
			w.together(j)
		case <-w.stop:
			return
		}
	}
}

// together runs a job and all that have queued up behind it in one transaction of SQLite.
func (w *sqliteWriter) together(next *job) {
	if err := w.conn.run(beginWriting.with(), nil); err != nil {
		next.end(err)
		return
	}
	w.group, w.kept = w.group[:0], 0
	started := time.Now()
	for next != nil {
		if next.state.CompareAndSwap(waiting, taken) {
			next.err = w.perform(next)
			w.group = append(w.group, next)
			if !w.conn.inTransaction() { // a failure so bad that SQLite has rolled back everything
				w.answer(next.err)
				return
			}
			if next.err == nil {
				w.kept++
			}
		}
		next = nil
		if len(w.group) < maxGroup && time.Since(started) < w.budget {
			select {
			case next = <-w.jobs:
			default:
			}
		}
	}
	w.answer(w.finish())
}

// finish commits, or rolls back when there is nothing to commit.
func (w *sqliteWriter) finish() error {
	if w.kept > 0 {
		err := w.conn.run(commitAll.with(), nil)
		if err == nil || !w.conn.inTransaction() {
			return err
		}
		return errors.Join(err, w.conn.run(rollbackAll.with(), nil))
	}
	return w.conn.run(rollbackAll.with(), nil)
}

// answer tells everybody in the group what has become of it; who failed alone hears that, unless all have.
func (w *sqliteWriter) answer(err error) {
	for i, j := range w.group {
		fate := err
		if fate == nil {
			fate = j.err
		}
		j.end(fate)
		w.group[i] = nil
	}
}

func (j *job) end(err error) {
	j.err = err
	close(j.done)
}

// perform runs one job. A single statement needs no savepoint: it is all or nothing by itself.
func (w *sqliteWriter) perform(j *job) error {
	if j.turn == nil && len(j.calls) == 1 {
		return w.conn.do(j.calls[0])
	}
	if err := w.conn.run(mark.with(), nil); err != nil {
		return err
	}
	err := w.work(j)
	if err == nil {
		return w.conn.run(dropMark.with(), nil)
	}
	if !w.conn.inTransaction() {
		return err
	}
	if undo := errors.Join(w.conn.run(backToMark.with(), nil), w.conn.run(dropMark.with(), nil)); undo != nil {
		// Half a transaction must not be committed with the others: nothing of the group may be.
		return errors.Join(err, undo, w.conn.run(rollbackAll.with(), nil))
	}
	return err
}

func (w *sqliteWriter) work(j *job) error {
	if j.turn != nil {
		return j.turn.lend(w.limit)
	}
	for _, c := range j.calls {
		if err := w.conn.do(c); err != nil {
			return err
		}
	}
	return nil
}

// lend waits until the owner of the turn is done with the connection, or takes it back.
func (t *turn) lend(limit time.Duration) error {
	close(t.granted)
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case err := <-t.ended:
		return err
	case <-timer.C:
		t.mu.Lock()
		defer t.mu.Unlock()
		t.over = true
		return errTooLong
	}
}

// sqliteWriting is a transaction that writes. As long as it asks nothing it only collects; its first question
// waits for the writer's connection and keeps it until the end.
type sqliteWriting struct {
	writer *sqliteWriter
	ctx    context.Context
	job    *job
}

// ask implements session.
func (s *sqliteWriting) ask(queued []call, question call, each func(row) error) error {
	if s.job == nil {
		s.job = &job{turn: &turn{granted: make(chan struct{}), ended: make(chan error, 1)}, done: make(chan struct{})}
		if err := s.submit(s.job, s.job.turn.granted); err != nil {
			s.job = nil
			return err
		}
	}
	return s.work(func(c *sqliteConn) error {
		for _, q := range queued {
			if err := c.do(q); err != nil {
				return err
			}
		}
		return c.run(question, each)
	})
}

// work uses the lent connection, unless it has been taken back.
func (s *sqliteWriting) work(use func(*sqliteConn) error) error {
	t := s.job.turn
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return errTooLong
	}
	return use(s.writer.conn)
}

// commit implements session.
func (s *sqliteWriting) commit(queued []call) error {
	if s.job == nil {
		j := &job{calls: queued, done: make(chan struct{})}
		if err := s.submit(j, j.done); err != nil {
			return err
		}
		return j.err
	}
	err := s.work(func(c *sqliteConn) error {
		for _, q := range queued {
			if err := c.do(q); err != nil {
				return err
			}
		}
		return nil
	})
	j := s.job
	s.job = nil
	j.turn.ended <- err
	<-j.done
	return j.err
}

// rollback implements session. It waits like a commit does: why the owner gives up may be something that it has
// seen and that is not committed yet.
func (s *sqliteWriting) rollback() {
	if s.job != nil {
		s.job.turn.ended <- errGivenUp
		<-s.job.done
		s.job = nil
	}
}

// submit queues a job and waits for a sign. A context that ends takes the job back if it still waits; once the
// writer has it, its end is near and has to be known.
func (s *sqliteWriting) submit(j *job, sign <-chan struct{}) error {
	select {
	case s.writer.jobs <- j:
	case <-s.ctx.Done():
		return s.ctx.Err()
	case <-s.writer.stopped:
		return errClosed
	}
	var err error
	select {
	case <-sign:
		return nil
	case <-j.done: // a turn that was never granted
		return j.err
	case <-s.ctx.Done():
		err = s.ctx.Err()
	case <-s.writer.stopped:
		err = errClosed
	}
	if j.state.CompareAndSwap(waiting, abandoned) {
		return err
	}
	select {
	case <-sign:
		return nil
	case <-j.done:
		return j.err
	}
}
