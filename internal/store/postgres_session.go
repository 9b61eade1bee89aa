package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// postgresSession is a transaction on PostgreSQL. What is queued travels with the next question or with the
// commit. A transaction that asks nothing travels as a whole: its statements go out with one Sync behind
// them, which makes them one transaction without begin and commit.
type postgresSession struct {
	engine  *postgresEngine
	ctx     context.Context
	opening string
	conn    *pgxpool.Conn // nil until something is sent
	begun   bool
}

// text is how a call is sent. One that must touch a row is sent in the form that fails by itself, because
// the commit is on its way before the answer is read.
func (c call) text() string {
	if c.must != nil {
		return c.statement.guarded
	}
	return c.statement.onPostgres()
}

// failure is what a call's error means: of a guarded one that it touched nothing, the fault it carries.
func (c call) failure(err error) error {
	if err == nil {
		return nil
	}
	const divisionByZero = "22012"
	var refused *pgconn.PgError
	if c.must != nil && errors.As(err, &refused) && refused.Code == divisionByZero {
		return c.must
	}
	return postgresFailure(c.statement.name, err)
}

// open takes a connection if the session has none.
func (s *postgresSession) open() (err error) {
	if s.conn == nil {
		s.conn, err = s.engine.acquire(s.ctx)
	}
	return err
}

// ask implements session.
func (s *postgresSession) ask(queued []call, question call, each func(row) error) error {
	if err := s.open(); err != nil {
		return err
	}
	if s.begun && len(queued) == 0 {
		rows, err := s.conn.Query(context.Background(), question.statement.onPostgres(), question.args...)
		if err != nil {
			return postgresFailure(question.statement.name, err)
		}
		return readRows(question, rows, each)
	}
	var batch pgx.Batch
	opening := !s.begun
	if opening {
		batch.Queue(s.opening)
		s.begun = true
	}
	for _, q := range queued {
		batch.Queue(q.text(), q.args...)
	}
	batch.Queue(question.statement.onPostgres(), question.args...)
	results := s.conn.SendBatch(context.Background(), &batch)
	err := s.readBatch(results, opening, queued)
	if err == nil {
		var rows pgx.Rows
		if rows, err = results.Query(); err == nil {
			err = readRows(question, rows, each)
		} else {
			err = postgresFailure(question.statement.name, err)
		}
	}
	if closing := results.Close(); err == nil {
		err = postgresFailure(question.statement.name, closing)
	}
	return err
}

// readBatch reads the results of the opening and of what was queued.
func (s *postgresSession) readBatch(results pgx.BatchResults, opening bool, queued []call) error {
	if opening {
		if _, err := results.Exec(); err != nil {
			return postgresFailure("Begin", err)
		}
	}
	for _, q := range queued {
		if _, err := results.Exec(); err != nil {
			return q.failure(err)
		}
	}
	return nil
}

// commit implements session.
func (s *postgresSession) commit(queued []call) error {
	if err := s.open(); err != nil {
		return err
	}
	if !s.begun && len(queued) == 1 {
		_, err := s.conn.Exec(context.Background(), queued[0].text(), queued[0].args...)
		return queued[0].failure(err)
	}
	var batch pgx.Batch
	for _, q := range queued {
		batch.Queue(q.text(), q.args...)
	}
	if s.begun {
		batch.Queue("commit")
	}
	results := s.conn.SendBatch(context.Background(), &batch)
	err := s.readBatch(results, false, queued)
	if err == nil && s.begun {
		err = committed(results)
	}
	// The transaction without begin and commit ends here: what fails at its end is told here.
	if closing := results.Close(); err == nil {
		err = postgresFailure("Commit", closing)
	}
	if err == nil {
		s.begun = false
	}
	return err
}

// committed reads the result of a commit. A transaction that has failed before is rolled back by it without
// an error; only the tag tells.
func committed(results pgx.BatchResults) error {
	tag, err := results.Exec()
	if err != nil {
		return postgresFailure("Commit", err)
	}
	if tag.String() != "COMMIT" {
		return fmt.Errorf("store: the server answered a commit with %s", tag)
	}
	return nil
}

// rollback implements session. A connection that cannot be brought back is thrown away by the pool.
func (s *postgresSession) rollback() {
	if s.conn == nil {
		return
	}
	if s.begun && !s.conn.Conn().IsClosed() {
		_, _ = s.conn.Exec(context.Background(), "rollback")
	}
	s.conn.Release()
	s.conn = nil
}
