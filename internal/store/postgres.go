package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"latchkey/internal/fault"
)

// postgresEngine is a pool of connections to a server that speaks PostgreSQL's language. Each connection
// prepares a statement when it first needs it and keeps it.
type postgresEngine struct {
	pool *pgxpool.Pool
}

const (
	postgresConns = 32 // enough that the server can commit many transactions with one flush

	// silence is how long the server may leave a statement unanswered. It is set on the socket with each send,
	// so that no request needs a goroutine to watch over it, and so that a client that hangs up does not cost
	// a connection: a statement once sent is read to its end.
	silence = 30 * time.Second
)

func openPostgres(ctx context.Context, o Options) (engine, error) {
	config, err := pgxpool.ParseConfig(o.URL)
	if err != nil {
		// The parser's error may quote the URL, and the URL holds the password.
		return nil, errors.New("the PostgreSQL URL is not valid; it looks like postgres://user:password@host:5432/database")
	}
	if o.MaxConns > 0 {
		config.MaxConns = int32(o.MaxConns)
	} else if !strings.Contains(o.URL, "pool_max_conns") {
		config.MaxConns = postgresConns
	}
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = "latchkey"
	}
	if config.ConnConfig.RuntimeParams["jit"] == "" {
		config.AfterConnect = withoutJIT
	}
	dial := config.ConnConfig.DialFunc
	config.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &patientConn{conn}, nil
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	e := &postgresEngine{pool: pool}
	if err := e.greet(ctx, o.Log); err != nil {
		pool.Close()
		return nil, err
	}
	return e, nil
}

// withoutJIT keeps the server from compiling plans to machine code: that takes a quarter of a second, and of what is asked
// here nothing runs long enough to win it back. It is no parameter of the connection, because poolers refuse those that
// they do not know.
func withoutJIT(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, "set jit = off")
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return nil // an engine without it
	}
	return err
}

var lastsThrough = &Statement{name: "Durability", text: "select current_setting('synchronous_commit'), current_setting('fsync', true)"}

// greet sees whether the server answers, and warns if it answers a commit before it is on the disk: then a
// crash takes back what people have been told.
func (e *postgresEngine) greet(ctx context.Context, log *slog.Logger) error {
	if err := e.ping(ctx); err != nil {
		return err
	}
	var commit, flush string
	err := e.ask(ctx, lastsThrough.with(), func(r row) error {
		commit, flush = r.text(), r.text()
		return nil
	})
	if err == nil && (commit == "off" || flush == "off") {
		log.Warn("PostgreSQL may lose commits in a crash", "synchronous_commit", commit, "fsync", flush)
	}
	return nil // engines that only speak PostgreSQL's language may not know the settings
}

// patientConn gives up on a peer that does not answer a message in time.
type patientConn struct{ net.Conn }

// Write implements net.Conn.
func (c *patientConn) Write(b []byte) (int, error) {
	if err := c.SetDeadline(time.Now().Add(silence)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

func (e *postgresEngine) name() string { return Postgres }

func (e *postgresEngine) ping(ctx context.Context) error {
	return postgresFailure("Ping", e.pool.Ping(ctx))
}

func (e *postgresEngine) close() error {
	e.pool.Close()
	return nil
}

// acquire takes a connection; the context ends the wait.
func (e *postgresEngine) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	conn, err := e.pool.Acquire(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, postgresFailure("connect", err)
	}
	return conn, nil
}

// ask implements source. An idle connection may have been closed by the server, and a prepared statement may
// have been overtaken by a migration: before a row has been read, both are worth a second try.
func (e *postgresEngine) ask(ctx context.Context, question call, each func(row) error) error {
	for attempt := 1; ; attempt++ {
		rows := 0
		err := e.askOnce(ctx, question, func(r row) error {
			rows++
			if each == nil {
				return nil
			}
			return each(r)
		})
		if err == nil || rows > 0 || attempt == 3 || ctx.Err() != nil || !e.again(err) && !hungUp(err) {
			return err
		}
	}
}

func (e *postgresEngine) askOnce(ctx context.Context, question call, each func(row) error) error {
	conn, err := e.acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	rows, err := conn.Query(context.Background(), question.statement.onPostgres(), question.args...)
	if err != nil {
		return postgresFailure(question.statement.name, err)
	}
	return readRows(question, rows, each)
}

// readRows hands the rows of an answer to each and closes it.
func readRows(question call, rows pgx.Rows, each func(row) error) error {
	var r postgresRow
	for rows.Next() {
		if each == nil {
			continue
		}
		r.values, r.column = rows.RawValues(), 0
		if err := each(&r); err != nil {
			rows.Close()
			return err
		}
	}
	rows.Close()
	return postgresFailure(question.statement.name, rows.Err())
}

func (e *postgresEngine) prepare(ctx context.Context, s *Statement) error {
	conn, err := e.acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	_, err = conn.Conn().Prepare(ctx, s.onPostgres(), s.onPostgres())
	return postgresFailure(s.name, err)
}

// begin implements engine.
func (e *postgresEngine) begin(ctx context.Context, readOnly bool) session {
	s := &postgresSession{engine: e, ctx: ctx, opening: "begin"}
	if readOnly {
		s.opening = "begin isolation level repeatable read, read only"
	}
	return s
}

// again implements engine: lost against another transaction, overtaken by a migration, ended by the server, or
// never sent. What is told before a commit is told has not been committed.
func (e *postgresEngine) again(err error) bool {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		switch refused.Code {
		case "40001", "40P01": // serialization failure, deadlock
			return true
		case "0A000": // the plan was made for other columns
			return strings.HasPrefix(refused.Message, "cached plan")
		case "57P01", "57P03": // the server goes down, or is not up yet
			e.pool.Reset() // the other connections have met the same end
			return true
		}
		return false
	}
	return pgconn.SafeToRetry(err)
}

// hungUp says whether a connection was lost rather than slow: a question may then be asked once more over
// another one, a change may not, because it may have been made.
func hungUp(err error) bool {
	var refused *pgconn.PgError
	var network net.Error
	if errors.As(err, &network) && network.Timeout() {
		return false
	}
	return !errors.As(err, &refused) && errors.Is(err, fault.ServerBusy)
}

// migrator implements engine. Migrations may take long, so they have a connection of their own without the
// patience of the others.
func (e *postgresEngine) migrator() (*migrator, error) {
	config := e.pool.Config().ConnConfig
	config.DialFunc = (&net.Dialer{KeepAlive: 30 * time.Second}).DialContext
	return &migrator{engine: Postgres, dialect: goose.DialectPostgres, handle: stdlib.OpenDB(*config)}, nil
}

// postgresFailure makes an error of what the driver says. A server that is out of reach or restarting is no
// fault of the request: it may come again.
func postgresFailure(name string, cause error) error {
	if cause == nil {
		return nil
	}
	err := fmt.Errorf("store: %s: %w", name, cause)
	var refused *pgconn.PgError
	if !errors.As(cause, &refused) {
		if errors.Is(cause, context.Canceled) {
			return err
		}
		return fault.ServerBusy.RetryAfter(time.Second).Because(err)
	}
	switch code := refused.Code; {
	case code == "23505":
		return &errUnique{Constraint: refused.ConstraintName, cause: err}
	case strings.HasPrefix(code, "08"), strings.HasPrefix(code, "57P"), code == "53300": // connection, shutdown, too many
		return fault.ServerBusy.RetryAfter(time.Second).Because(err)
	}
	return err
}

// postgresRow reads the values of a row as they came over the wire: text as it is, everything else in the
// protocol's binary form.
type postgresRow struct {
	values [][]byte
	column int
}

func (r *postgresRow) next() []byte {
	r.column++
	return r.values[r.column-1]
}

// text implements row.
func (r *postgresRow) text() string { return string(r.next()) }

// bytes implements row.
func (r *postgresRow) bytes() []byte { return append([]byte{}, r.next()...) }

// flag implements row.
func (r *postgresRow) flag() bool {
	value := r.next()
	return len(value) == 1 && value[0] == 1
}

// number implements row. Integers come in two, four or eight bytes.
func (r *postgresRow) number() int64 {
	switch value := r.next(); len(value) {
	case 8:
		return int64(binary.BigEndian.Uint64(value))
	case 4:
		return int64(int32(binary.BigEndian.Uint32(value)))
	case 2:
		return int64(int16(binary.BigEndian.Uint16(value)))
	}
	return 0
}
