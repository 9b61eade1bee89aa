package store

import (
	"fmt"
	"strings"
	"time"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"

	"latchkey/internal/fault"
)

// sqliteConn is one connection to an SQLite file. It speaks to the library directly rather than through
// database/sql: that layer fetches the name and the declared type of every column for every query and boxes
// every value, which costs the statement behind every request three times what SQLite itself needs.
//
// A connection is used by one goroutine at a time; it holds no lock of its own.
type sqliteConn struct {
	tls      *libc.TLS
	db       uintptr
	prepared map[*Statement]uintptr
	arena    uintptr // where the text and blob arguments of the current statement lie
	size     int
	busy     bool

	current uintptr // the statement whose row is being read
	column  int32
}

// openSQLiteConn opens a connection and runs the pragmas.
func openSQLiteConn(path string, pragmas []string) (*sqliteConn, error) {
	c := &sqliteConn{tls: libc.NewTLS(), prepared: map[*Statement]uintptr{}}
	name, err := libc.CString(path)
	if err != nil {
		return nil, err
	}
	defer libc.Xfree(c.tls, name)
	handle := sqlite3.Xsqlite3_malloc(c.tls, int32(unsafe.Sizeof(uintptr(0))))
	defer sqlite3.Xsqlite3_free(c.tls, handle)
	// One goroutine at a time: SQLite's own mutex around every call would only cost.
	const flags = sqlite3.SQLITE_OPEN_READWRITE | sqlite3.SQLITE_OPEN_CREATE | sqlite3.SQLITE_OPEN_NOMUTEX
	rc := sqlite3.Xsqlite3_open_v2(c.tls, name, handle, flags, 0)
	c.db = *(*uintptr)(memory(handle))
	if rc != sqlite3.SQLITE_OK {
		err := c.failure("open "+path, rc)
		c.close()
		return nil, err
	}
	sqlite3.Xsqlite3_extended_result_codes(c.tls, c.db, 1)
	sqlite3.Xsqlite3_busy_timeout(c.tls, c.db, int32(busyTimeout.Milliseconds()))
	for _, pragma := range pragmas {
		if err := c.run(call{statement: &Statement{name: pragma, text: "pragma " + pragma}}, nil); err != nil {
			c.close()
			return nil, err
		}
	}
	return c, nil
}

// busyTimeout is how long a statement waits for another process that writes to the file.
const busyTimeout = 10 * time.Second

// memory turns an address that the library gave us into a pointer. It never is one of Go's own memory, so
// the collector has no business with it.
func memory(address uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&address)) }

// view is the memory of the library as bytes, valid until the statement moves on.
func view(address uintptr, n int32) []byte {
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(memory(address)), n)
}

// run executes a statement to its end and hands each row to each; nil throws the rows away.
func (c *sqliteConn) run(q call, each func(row) error) error {
	if c.busy {
		return fmt.Errorf("store: %s was asked while the rows of another statement were read", q.statement.name)
	}
	stmt, err := c.statement(q.statement)
	if err != nil {
		return err
	}
	if q.statement.once {
		defer func() {
			sqlite3.Xsqlite3_finalize(c.tls, stmt)
			delete(c.prepared, q.statement)
		}()
	}
	if err := c.bind(stmt, q); err != nil {
		return err
	}
	c.busy, c.current = true, stmt
	defer func() {
		sqlite3.Xsqlite3_reset(c.tls, stmt)
		c.busy = false
	}()
	for {
		switch rc := sqlite3.Xsqlite3_step(c.tls, stmt); rc {
		case sqlite3.SQLITE_ROW:
			if each == nil {
				continue
			}
			c.column = 0
			if err := each(c); err != nil {
				return err
			}
		case sqlite3.SQLITE_DONE:
			return nil
		default:
			return c.failure(q.statement.name, rc)
		}
	}
}

// do executes a statement without an answer and checks that it touched a row where it must.
func (c *sqliteConn) do(q call) error {
	if err := c.run(q, nil); err != nil {
		return err
	}
	if q.must != nil && sqlite3.Xsqlite3_changes(c.tls, c.db) == 0 {
		return q.must
	}
	return nil
}

// statement prepares a statement or finds the prepared one.
func (c *sqliteConn) statement(s *Statement) (uintptr, error) {
	if stmt := c.prepared[s]; stmt != 0 {
		return stmt, nil
	}
	// SQLite takes $3 for a name and numbers names as they come; ?3 is its word for the third argument.
	numbered := strings.ReplaceAll(s.text, "$", "?")
	text, err := libc.CString(numbered)
	if err != nil {
		return 0, err
	}
	defer libc.Xfree(c.tls, text)
	handle := sqlite3.Xsqlite3_malloc(c.tls, int32(unsafe.Sizeof(uintptr(0))))
	defer sqlite3.Xsqlite3_free(c.tls, handle)
	rc := sqlite3.Xsqlite3_prepare_v3(c.tls, c.db, text, int32(len(numbered)), sqlite3.SQLITE_PREPARE_PERSISTENT, handle, 0)
	if rc != sqlite3.SQLITE_OK {
		return 0, c.failure(s.name, rc)
	}
	stmt := *(*uintptr)(memory(handle))
	c.prepared[s] = stmt
	return stmt, nil
}

// bind gives a statement its arguments. Text and blobs are copied into the arena, where they stay until the
// next statement: SQLite need not copy them again.
func (c *sqliteConn) bind(stmt uintptr, q call) error {
	if err := c.reserve(q.args); err != nil {
		return err
	}
	if want := int(sqlite3.Xsqlite3_bind_parameter_count(c.tls, stmt)); want != len(q.args) {
		return fmt.Errorf("store: %s takes %d arguments, got %d", q.statement.name, want, len(q.args))
	}
	free := c.arena
	for i, arg := range q.args {
		n := int32(i + 1)
		var rc int32
		switch arg := arg.(type) {
		case string:
			copy(view(free, int32(len(arg))), arg)
			rc = sqlite3.Xsqlite3_bind_text(c.tls, stmt, n, free, int32(len(arg)), 0)
			free += uintptr(len(arg))
		case []byte:
			copy(view(free, int32(len(arg))), arg)
			rc = sqlite3.Xsqlite3_bind_blob(c.tls, stmt, n, free, int32(len(arg)), 0)
			free += uintptr(len(arg))
		case int64:
			rc = sqlite3.Xsqlite3_bind_int64(c.tls, stmt, n, arg)
		case bool:
			rc = sqlite3.Xsqlite3_bind_int64(c.tls, stmt, n, truth(arg))
		case nil:
			rc = sqlite3.Xsqlite3_bind_null(c.tls, stmt, n)
		default:
			return fmt.Errorf("store: %s: argument %d has the type %T", q.statement.name, n, arg)
		}
		if rc != sqlite3.SQLITE_OK {
			return c.failure(q.statement.name, rc)
		}
	}
	return nil
}

// truth is how SQLite keeps a boolean.
func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// reserve makes the arena hold all text and blobs of a statement.
func (c *sqliteConn) reserve(args []any) error {
	need := 1 // an empty text must have an address too, or it would be NULL
	for _, arg := range args {
		switch arg := arg.(type) {
		case string:
			need += len(arg)
		case []byte:
			need += len(arg)
		}
	}
	if need <= c.size {
		return nil
	}
	const most = 1 << 28
	if need > most {
		return fmt.Errorf("store: arguments of %d bytes", need)
	}
	sqlite3.Xsqlite3_free(c.tls, c.arena)
	c.size = max(need, 4096)
	c.arena = sqlite3.Xsqlite3_malloc(c.tls, int32(c.size))
	if c.arena == 0 {
		c.size = 0
		return fmt.Errorf("store: no memory for arguments of %d bytes", need)
	}
	return nil
}

// text implements row.
func (c *sqliteConn) text() string { return string(c.value()) }

// bytes implements row.
func (c *sqliteConn) bytes() []byte { return append([]byte{}, c.value()...) }

// value reads a column as bytes. The pointer comes first: asking for it may convert the value.
func (c *sqliteConn) value() []byte {
	address := sqlite3.Xsqlite3_column_blob(c.tls, c.current, c.column)
	value := view(address, sqlite3.Xsqlite3_column_bytes(c.tls, c.current, c.column))
	c.column++
	return value
}

// number implements row.
func (c *sqliteConn) number() int64 {
	c.column++
	return sqlite3.Xsqlite3_column_int64(c.tls, c.current, c.column-1)
}

// flag implements row.
func (c *sqliteConn) flag() bool { return c.number() != 0 }

// inTransaction says whether a transaction is open. Some failures (a full disk) end it unasked.
func (c *sqliteConn) inTransaction() bool { return sqlite3.Xsqlite3_get_autocommit(c.tls, c.db) == 0 }

// failure makes an error of a result code.
func (c *sqliteConn) failure(name string, rc int32) error {
	message := libc.GoString(sqlite3.Xsqlite3_errmsg(c.tls, c.db))
	err := fmt.Errorf("store: %s: %s (SQLite %d)", name, message, rc)
	switch {
	case rc == sqlite3.SQLITE_CONSTRAINT_UNIQUE || rc == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return &errUnique{Constraint: sqliteConstraint(message), cause: err}
	case rc&0xff == sqlite3.SQLITE_BUSY:
		return fault.ServerBusy.RetryAfter(time.Second).Because(err)
	}
	return err
}

// close gives everything back. The connection must not be in use.
func (c *sqliteConn) close() {
	for _, stmt := range c.prepared {
		sqlite3.Xsqlite3_finalize(c.tls, stmt)
	}
	sqlite3.Xsqlite3_close_v2(c.tls, c.db)
	sqlite3.Xsqlite3_free(c.tls, c.arena)
	c.tls.Close()
}
