package engines

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"latchkey/internal/store"
)

// Making a database takes PostgreSQL tens of milliseconds on a quiet disk and ten times that on a busy one, so
// databases are kept and emptied instead. Their names hold a digest of the schema; a number of a database is
// claimed by an advisory lock, so that test programs that run at the same time share the lot.

// lots hands out databases; there is one of it in a test program.
type lots struct {
	mu   sync.Mutex
	conn *pgx.Conn // holds the locks
	used map[int]bool
	kept map[int]*pgx.Conn // to each database that was claimed once: a connection takes longer to make than to empty it
}

var shared = sync.OnceValues(func() (*lots, error) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, os.Getenv(Variable))
	if err != nil {
		return nil, fmt.Errorf("the server named by %s: %w", Variable, err)
	}
	return &lots{conn: conn, used: map[int]bool{}, kept: map[int]*pgx.Conn{}}, dropStale(ctx, conn)
})

const (
	makeLock  = 7263541 // held while the template is made
	claimLock = 7263542 // with the number of a database
)

// postgresDatabase claims an empty database until the test is over and returns its URL.
func postgresDatabase(t testing.TB) string {
	t.Helper()
	address := server(t)
	l, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	n, name, err := l.claim(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.release(context.Background(), n); err != nil {
			t.Error(err)
		}
	})
	url := inDatabase(address, name)
	if err := l.empty(context.Background(), n, url); err != nil {
		t.Fatal(err)
	}
	return url
}

// claim finds a database that nobody uses, or makes one.
func (l *lots) claim(ctx context.Context, address string) (n int, name string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for free := false; ; n++ {
		if l.used[n] {
			continue // the lock would be given to us a second time
		}
		if err := l.conn.QueryRow(ctx, "select pg_try_advisory_lock($1, $2)", claimLock, n).Scan(&free); err != nil {
			return 0, "", err
		}
		if free {
			break
		}
	}
	l.used[n] = true
	name = fmt.Sprintf("%s%s_%d", prefix, store.SchemaDigest(), n)
	there, err := exists(ctx, l.conn, name)
	if err != nil || there {
		return n, name, err
	}
	template, err := makeTemplate(ctx, l.conn, address)
	if err == nil {
		_, err = l.conn.Exec(ctx, fmt.Sprintf("create database %s template %s", name, template))
	}
	return n, name, err
}

// release lets others have a database.
func (l *lots) release(ctx context.Context, n int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.used, n)
	_, err := l.conn.Exec(ctx, "select pg_advisory_unlock($1, $2)", claimLock, n)
	return err
}

// prefix begins the name of every database made here.
const prefix = "latchkey_test_"

// makeTemplate makes an empty database with the newest schema, once.
func makeTemplate(ctx context.Context, conn *pgx.Conn, address string) (string, error) {
	if _, err := conn.Exec(ctx, "select pg_advisory_lock($1)", makeLock); err != nil {
		return "", err
	}
	defer conn.Exec(ctx, "select pg_advisory_unlock($1)", makeLock) //nolint:errcheck // it ends with the connection
	name := prefix + store.SchemaDigest() + "_template"
	if there, err := exists(ctx, conn, name); err != nil || there {
		return name, err
	}
	// Under another name until it is whole: a program that dies here must not leave half a template.
	draft := name + "_draft"
	for _, text := range []string{"drop database if exists " + draft + " with (force)", "create database " + draft + " template template0 encoding 'UTF8'"} {
		if _, err := conn.Exec(ctx, text); err != nil {
			return "", err
		}
	}
	db, err := store.Open(ctx, store.Options{URL: inDatabase(address, draft), MaxConns: 1})
	if err != nil {
		return "", err
	}
	if err := db.Migrate(ctx); err != nil {
		return "", err
	}
	if err := db.Close(); err != nil {
		return "", err
	}
	_, err = conn.Exec(ctx, "alter database "+draft+" rename to "+name)
	return name, err
}

func exists(ctx context.Context, conn *pgx.Conn, name string) (there bool, err error) {
	err = conn.QueryRow(ctx, "select exists (select 1 from pg_database where datname = $1)", name).Scan(&there)
	return there, err
}

// to is the connection to a claimed database.
func (l *lots) to(ctx context.Context, n int, url string) (*pgx.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if conn := l.kept[n]; conn != nil && !conn.IsClosed() {
		return conn, nil
	}
	conn, err := pgx.Connect(ctx, url)
	if err == nil {
		l.kept[n] = conn
	}
	return conn, err
}

// empty removes what an earlier test has left.
func (l *lots) empty(ctx context.Context, n int, url string) error {
	conn, err := l.to(ctx, n, url)
	if err != nil {
		return err
	}
	rows, err := conn.Query(ctx, "select tablename from pg_tables where schemaname = 'public' and tablename not like 'goose%'")
	if err != nil {
		return err
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "delete from "+strings.Join(tables, "; delete from ")+"; insert into settings_version (id, version) values (1, 1)")
	return err
}

// dropStale drops databases with the schema of another day. Younger ones may belong to another working copy whose
// tests run right now: between finding a database and connecting to it nothing shows that it is in use.
func dropStale(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, `select datname from pg_database where datname like $1 and datname not like $2
		and (pg_stat_file('base/' || oid || '/PG_VERSION', true)).modification < now() - interval '1 day'`, prefix+"%", prefix+store.SchemaDigest()+"%")
	if err != nil {
		return err
	}
	stale, err := pgx.CollectRows(rows, pgx.RowTo[string])
	for _, name := range stale {
		_, _ = conn.Exec(ctx, "drop database "+name) // in use: another day
	}
	return err
}
