package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver that goose migrates with; it also sets the library up
)

// sqliteEngine is a file, a fixed set of connections that read it, and one that writes.
type sqliteEngine struct {
	path    string
	readers *sqliteReaders
	writer  *sqliteWriter
	closing sync.Once
}

// Pragmas. Durable means durable: with synchronous=full a commit is on the disk before it is answered.
// secure_delete overwrites what is deleted, because what is deleted here are sessions and people.
var (
	sqlitePragmas = []string{"trusted_schema=off", "temp_store=memory", "mmap_size=268435456"}
	writerPragmas = append([]string{"journal_mode=wal", "synchronous=full", "foreign_keys=on", "secure_delete=on", "cache_size=-16000",
		"wal_autocheckpoint=4000", "journal_size_limit=67108864"}, sqlitePragmas...)
	readerPragmas = append([]string{"query_only=on", "cache_size=-2000"}, sqlitePragmas...)
)

// openSQLite opens the file, making it if need be, readable by nobody else.
func openSQLite(ctx context.Context, o Options) (engine, error) {
	file, err := os.OpenFile(o.Path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := file.Close(); err != nil {
		return nil, err
	}
	count := o.MaxConns
	if count <= 0 {
		count = max(4, 2*runtime.GOMAXPROCS(0))
	}
	writing, err := openSQLiteConn(o.Path, writerPragmas)
	if err != nil {
		return nil, err
	}
	readers, err := startReaders(count, func() (*sqliteConn, error) { return openSQLiteConn(o.Path, readerPragmas) })
	if err != nil {
		writing.close()
		return nil, err
	}
	e := &sqliteEngine{path: o.Path, readers: readers, writer: startWriter(writing)}
	return e, ctx.Err()
}

func (e *sqliteEngine) name() string { return SQLite }

// again implements engine. There is one writer, so transactions do not collide.
func (e *sqliteEngine) again(error) bool { return false }

// ask implements source. The context ends the wait for a connection; a read itself takes microseconds and is
// not worth a watcher.
func (e *sqliteEngine) ask(ctx context.Context, question call, each func(row) error) error {
	c, err := e.readers.acquire(ctx)
	if err != nil {
		return err
	}
	defer e.readers.release(c)
	return c.run(question, each)
}

func (e *sqliteEngine) prepare(ctx context.Context, s *Statement) error {
	c, err := e.readers.acquire(ctx)
	if err != nil {
		return err
	}
	defer e.readers.release(c)
	_, err = c.statement(s)
	return err
}

var alive = &Statement{name: "Ping", text: "select 1"}

func (e *sqliteEngine) ping(ctx context.Context) error { return e.ask(ctx, alive.with(), nil) }

// begin implements engine.
func (e *sqliteEngine) begin(ctx context.Context, readOnly bool) session {
	if readOnly {
		return &sqliteReading{engine: e, ctx: ctx}
	}
	return &sqliteWriting{writer: e.writer, ctx: ctx}
}

// close stops the writer, waits for the readers and closes all connections.
func (e *sqliteEngine) close() error {
	e.closing.Do(func() {
		e.readers.close()
		e.writer.close()
	})
	return nil
}

// migrator implements engine.
func (e *sqliteEngine) migrator() (*migrator, error) {
	name := (&url.URL{Path: filepath.ToSlash(e.path)}).EscapedPath()
	if filepath.VolumeName(e.path) != "" {
		name = "/" + name // file:/C:/…
	}
	// A commit that changes the schema need not be on the disk before the next: a crash leaves the ones before it, and
	// the next start goes on from there. What had been written earlier is on the disk.
	pragmas := []string{"_synchronous=normal", "_txlock=immediate", fmt.Sprintf("_busy_timeout=%d", busyTimeout.Milliseconds()), "_foreign_keys=on"}
	handle, err := sql.Open("sqlite", "file:"+name+"?"+strings.Join(pragmas, "&"))
	if err != nil {
		return nil, err
	}
	return &migrator{engine: SQLite, dialect: goose.DialectSQLite3, handle: handle}, nil
}

// sqliteReading is a transaction that reads one state of the file.
type sqliteReading struct {
	engine *sqliteEngine
	ctx    context.Context
	conn   *sqliteConn
}

var (
	beginReading = &Statement{name: "BeginReading", text: "begin"}
	endReading   = &Statement{name: "EndReading", text: "rollback"} // nothing was changed: the cheaper end
)

// ask implements session. Nothing can be queued in a transaction that reads.
func (s *sqliteReading) ask(_ []call, question call, each func(row) error) error {
	if s.conn == nil {
		conn, err := s.engine.readers.acquire(s.ctx)
		if err != nil {
			return err
		}
		s.conn = conn
		if err := conn.run(beginReading.with(), nil); err != nil {
			return err
		}
	}
	return s.conn.run(question, each)
}

// commit implements session.
func (s *sqliteReading) commit([]call) error {
	s.rollback()
	return nil
}

// rollback implements session.
func (s *sqliteReading) rollback() {
	if s.conn == nil {
		return
	}
	if s.conn.inTransaction() {
		_ = s.conn.run(endReading.with(), nil) // a read transaction has nothing to lose
	}
	s.engine.readers.release(s.conn)
	s.conn = nil
}
