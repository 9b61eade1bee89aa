package crash_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

// The page cache outlives a killed process, so a kill alone cannot show that data is on the disk. These
// tests look at the order of things: first the flush, then the 201.

func TestSQLiteFlushesBeforeItAnswers(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		if os.Getenv("LATCHKEY_REQUIRE") == "all" {
			t.Fatal("strace is not installed")
		}
		t.Skip("LEFT OUT: strace is not installed")
	}
	s := newServer(t, "")
	trace := filepath.Join(s.dir, "trace")
	s.prefix = []string{strace, "-f", "-qq", "-s", "32", "-e", "trace=fsync,fdatasync,write", "-o", trace}
	s.start()
	const calls = 5
	for range calls {
		if status, reply, _, err := s.call(context.Background(), "POST", "/v1/account/sessions/anonymous", map[string]any{}, ""); err != nil || status != 201 {
			t.Fatal(status, reply, err)
		}
	}
	s.end(syscall.SIGTERM)
	text, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	answers, flushed := 0, false
	flush := regexp.MustCompile(`f(data)?sync\(\d+\) += 0|f(data)?sync resumed>\) += 0`)
	for _, line := range strings.Split(string(text), "\n") {
		switch {
		case flush.MatchString(line):
			flushed = true
		case strings.Contains(line, `write(`) && strings.Contains(line, "HTTP/1.1 201"):
			answers++
			if !flushed {
				t.Errorf("answer %d left before anything was flushed", answers)
			}
			flushed = false
		}
	}
	if answers != calls {
		t.Errorf("%d answers seen in the trace, want %d", answers, calls)
	}
}

func TestPostgresFlushesBeforeItAnswers(t *testing.T) {
	database := freshDatabase(t)
	s := newServer(t, database)
	s.start()
	ctx := context.Background()
	connection, err := pgx.Connect(ctx, database)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close(ctx)
	var fsync, commit string
	if err := connection.QueryRow(ctx, "select current_setting('fsync'), current_setting('synchronous_commit')").Scan(&fsync, &commit); err != nil {
		t.Fatal(err)
	}
	if fsync != "on" || commit != "on" {
		t.Fatalf("this PostgreSQL does not flush: fsync=%s, synchronous_commit=%s", fsync, commit)
	}
	for range 20 {
		var before, inserted, flushed int64
		const position = "select (pg_current_wal_insert_lsn() - '0/0')::bigint, (pg_current_wal_flush_lsn() - '0/0')::bigint"
		if err := connection.QueryRow(ctx, position).Scan(&before, &flushed); err != nil {
			t.Fatal(err)
		}
		if status, reply, _, err := s.call(ctx, "POST", "/v1/account/sessions/anonymous", map[string]any{}, ""); err != nil || status != 201 {
			t.Fatal(status, reply, err)
		}
		if err := connection.QueryRow(ctx, position).Scan(&inserted, &flushed); err != nil {
			t.Fatal(err)
		}
		// The session's own records lie right behind `before`; a commit that does not wait leaves them unflushed.
		if flushed <= before {
			t.Errorf("answered with the log flushed to %d, which is not past %d where the session was written (%d)", flushed, before, inserted)
		}
	}
}
