package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "modernc.org/sqlite" // the same driver as the server's

	"latchkey/internal/store"
)

// The floor is what the same answers cost with nothing around them: the server's own statements on the same
// driver, behind bare net/http and encoding/json. No project, no origin, no scope, no limit, no log.

// floor answers a session check and writes an anonymous session.
type floor interface {
	check(ctx context.Context, args ...any) (row []any, err error)
	write(ctx context.Context, user, session, audit []any) error
}

// runFloor serves the floor on an address.
func runFloor(address, engine, database string) error {
	var f floor
	var err error
	if engine == store.Postgres {
		f, err = newPostgresFloor(database)
	} else {
		f, err = newSQLiteFloor(database)
	}
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/account", func(w http.ResponseWriter, r *http.Request) { floorCheck(w, r, f) })
	mux.HandleFunc("POST /v1/account/sessions/anonymous", func(w http.ResponseWriter, r *http.Request) { floorWrite(w, r, f) })
	return http.ListenAndServe(address, mux)
}

// floorCheck finds the session of the header and sends what was found.
func floorCheck(w http.ResponseWriter, r *http.Request, f floor) {
	var session struct{ ID, Secret string }
	text, err := base64.StdEncoding.DecodeString(r.Header.Get("X-Appwrite-Session"))
	if err == nil {
		err = json.Unmarshal(text, &session)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	hash := sha256.Sum256([]byte(session.Secret))
	row, err := f.check(r.Context(), benchProject, session.ID, hash[:], time.Now().UnixMilli())
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(floorAccount(row))
}

// account is as much of an answer as the server's has.
type account struct {
	ID, Name, Email, Phone, Prefs string
	Created, Updated              string
	Targets                       []string
	Flags                         [8]bool
	More                          [8]string
}

// floorAccount shapes a row; which column is which does not matter to its cost.
func floorAccount(row []any) account {
	a := account{Created: time.Now().UTC().Format(time.RFC3339Nano), Updated: time.Now().UTC().Format(time.RFC3339Nano)}
	texts := []*string{&a.ID, &a.Name, &a.Email, &a.Phone, &a.Prefs}
	for i, value := range row {
		if text, is := value.(string); is {
			if i < len(texts) {
				*texts[i] = text
			}
			a.More[i%len(a.More)] = text
		}
	}
	return a
}

// floorWrite writes a user, a session and an entry of the log.
func floorWrite(w http.ResponseWriter, r *http.Request, f floor) {
	now := time.Now().UnixMilli()
	id, secret := random(10), random(128)
	hash := sha256.Sum256([]byte(secret))
	user := []any{benchProject, id, now, now, "", "", nil, nil, true, false, "", "{}", false, false, nil, nil, nil, nil, nil, "", "", "", int64(0), "", now,
		false, false, false, int64(0), int64(0), random(13)}
	session := []any{benchProject, random(10), now, now, id, hash[:], now + 31536000000, "anonymous", "", "", int64(0), "", "anonymous", int64(0), "127.0.0.1", "--",
		"bench", ""}
	audit := []any{benchProject, random(10), now, "session.create", "user/" + id, "user", id, "", "", "default", "127.0.0.1", "bench", "--", ""}
	if err := f.write(r.Context(), user, session, audit); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(map[string]string{"$id": id, "secret": secret})
}

func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// sqliteFloor is modernc's driver under database/sql: prepared reads, and one writer that commits together.
type sqliteFloor struct {
	checks *sql.Stmt
	jobs   chan floorJob
}

type floorJob struct {
	args [3][]any
	done chan error
}

func newSQLiteFloor(path string) (*sqliteFloor, error) {
	dsn := "file:" + path + "?_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=busy_timeout(10000)&_pragma=foreign_keys(on)&_pragma=mmap_size(268435456)"
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(4)
	f := &sqliteFloor{jobs: make(chan floorJob, 1024)}
	if f.checks, err = db.Prepare(store.Text("SessionUser")); err != nil {
		return nil, err
	}
	writer, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	conn, err := writer.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	var inserts [3]*sql.Stmt
	for i, name := range []string{"InsertUser", "InsertSession", "InsertAudit"} {
		if inserts[i], err = conn.PrepareContext(context.Background(), store.Text(name)); err != nil {
			return nil, err
		}
	}
	go f.run(conn, inserts)
	return f, nil
}

// run commits what has queued up while the last commit was being flushed.
func (f *sqliteFloor) run(conn *sql.Conn, inserts [3]*sql.Stmt) {
	ctx := context.Background()
	for first := range f.jobs {
		jobs := []floorJob{first}
		_, err := conn.ExecContext(ctx, "begin immediate")
		for i := 0; i < len(jobs); i++ {
			for n := range inserts {
				if err == nil {
					_, err = inserts[n].ExecContext(ctx, jobs[i].args[n]...)
				}
			}
			if len(jobs) < 256 {
				select {
				case next := <-f.jobs:
					jobs = append(jobs, next)
				default:
				}
			}
		}
		if err == nil {
			_, err = conn.ExecContext(ctx, "commit")
		}
		for _, job := range jobs {
			job.done <- err
		}
	}
}

func (f *sqliteFloor) check(_ context.Context, args ...any) ([]any, error) {
	rows, err := f.checks.Query(args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	found := false
	for rows.Next() {
		found = true
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
	}
	if !found {
		return nil, errors.New("no session")
	}
	return values, rows.Err()
}

func (f *sqliteFloor) write(_ context.Context, user, session, audit []any) error {
	job := floorJob{args: [3][]any{user, session, audit}, done: make(chan error, 1)}
	f.jobs <- job
	return <-job.done
}

// postgresFloor is pgx's own pool: prepared reads, and one batch a write.
type postgresFloor struct{ pool *pgxpool.Pool }

func newPostgresFloor(address string) (*postgresFloor, error) {
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, err
	}
	config.MaxConns = 16
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	return &postgresFloor{pool}, err
}

func (f *postgresFloor) check(ctx context.Context, args ...any) ([]any, error) {
	rows, err := f.pool.Query(ctx, store.Text("SessionUser"), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var values []any
	for rows.Next() {
		if values, err = rows.Values(); err != nil {
			return nil, err
		}
	}
	if rows.Err() == nil && values == nil {
		return nil, errors.New("no session")
	}
	return values, rows.Err()
}

func (f *postgresFloor) write(ctx context.Context, user, session, audit []any) error {
	batch := &pgx.Batch{}
	batch.Queue(store.Text("InsertUser"), user...)
	batch.Queue(store.Text("InsertSession"), session...)
	batch.Queue(store.Text("InsertAudit"), audit...)
	return f.pool.SendBatch(ctx, batch).Close()
}
