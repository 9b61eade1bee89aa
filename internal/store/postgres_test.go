package store_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"testing"

	"latchkey/internal/fault"
	"latchkey/internal/store"
	"latchkey/internal/testkit/engines"
)

// openedWith opens the test's database once more, with a setting of the server changed.
func openedWith(t *testing.T, setting, value string) (*store.DB, string) {
	t.Helper()
	u, err := url.Parse(engines.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Set(setting, value)
	u.RawQuery = query.Encode()
	var log bytes.Buffer
	db, err := store.Open(t.Context(), store.Options{URL: u.String(), MaxConns: 2, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db, log.String()
}

func TestAServerThatMayLoseCommitsIsNamed(t *testing.T) {
	t.Parallel()
	if _, log := openedWith(t, "synchronous_commit", "off"); !strings.Contains(log, "may lose commits") {
		t.Errorf("nothing was said: %s", log)
	}
	if _, log := openedWith(t, "synchronous_commit", "on"); strings.Contains(log, "synchronous_commit=off") {
		t.Errorf("a safe server is warned about: %s", log)
	}
}

func TestSettingsInTheAddressReachTheServer(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{"synchronous_commit": "on", "application_name": "test", "jit": "on"} {
		db, _ := openedWith(t, setting, want)
		if got := settingOf(t, db, setting); got != want {
			t.Errorf("%s is %s, want %s", setting, got, want)
		}
	}
}

func settingOf(t *testing.T, db *store.DB, setting string) string {
	t.Helper()
	got, err := store.Texts(t.Context(), db, "select current_setting($1)", setting)
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	return got[0]
}

func TestPlansAreNotCompiled(t *testing.T) {
	t.Parallel()
	if got := settingOf(t, engines.Fresh(t, store.Postgres), "jit"); got != "off" {
		t.Errorf("jit is %s", got)
	}
}

func TestAServerThatHangsUpIsNoFaultOfTheRequest(t *testing.T) {
	t.Parallel()
	db, _ := openedWith(t, "application_name", "victim")
	// The session ends itself in the middle of a transaction, as if an operator or a failover had ended it.
	ended := false
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		tx.InsertUser(anonymous("lost"))
		if _, err := tx.CountUsers(project); err != nil {
			return err
		}
		tx.InsertAudit(someAudit("lost", "a", noon))
		if !ended {
			ended = true
			tx.Must("delete from users where pg_terminate_backend(pg_backend_pid())")
		}
		return nil
	})
	if n := count(t, db); err != nil || n != 1 || !ended {
		t.Errorf("%d users of a transaction that was run again (%v)", n, err)
	}
	// A server that goes on hanging up is told as a server that is busy.
	err = db.Write(t.Context(), func(tx *store.Tx) error {
		tx.Must("delete from users where pg_terminate_backend(pg_backend_pid())")
		return nil
	})
	wantFault(t, err, fault.ServerBusy)
	// Connections that died while they were idle are replaced without a word.
	killer, _ := openedWith(t, "application_name", "killer")
	kill := func() {
		count(t, db) // there is one to kill
		killed, err := store.Texts(t.Context(), killer, "select pg_terminate_backend(pid)::text from pg_stat_activity where application_name = 'victim'")
		if err != nil || len(killed) == 0 {
			t.Fatal("nothing was killed:", err)
		}
	}
	for n := range 3 {
		kill()
		if _, err := db.CountUsers(t.Context(), project); err != nil {
			t.Errorf("a read over a stale connection: %v", err)
		}
		kill()
		id := fmt.Sprint(n)
		write(t, db, func(tx *store.Tx) {
			tx.InsertAudit(someAudit("once", id, noon))
			tx.DeleteSessionsOf(project, "once", "")
		})
		kill()
		write(t, db, func(tx *store.Tx) { tx.DeleteSessionsOf(project, "once", "") })
	}
	if n, err := db.CountAuditsByActor(t.Context(), project, "once"); err != nil || n != 3 {
		t.Errorf("%d entries, want 3 (%v)", n, err)
	}
}

func TestWhatHasGrownIsPlannedAnew(t *testing.T) {
	t.Parallel()
	db := engines.Fresh(t, store.Postgres)
	write(t, db, func(tx *store.Tx) { tx.Do("truncate users cascade") }) // takes figures of an earlier test with it
	write(t, db, func(tx *store.Tx) {
		for n := range 300 {
			tx.InsertUser(anonymous(benchID(n)))
		}
	})
	// As a foreign key asks.
	key := func() string {
		plan, err := store.Texts(t.Context(), db, "explain select 1 from users where project_id = '"+project+"' and id = '"+benchID(7)+"' for key share")
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(plan, "\n")
	}
	tables, err := db.Analyze(t.Context())
	if err != nil || !slices.Contains(tables, "users") {
		t.Fatalf("%v were counted (%v)", tables, err)
	}
	if plan := key(); !strings.Contains(plan, "users_id") {
		t.Errorf("a user is found by %s", plan)
	}
	if tables, err := db.Analyze(t.Context()); err != nil || len(tables) > 0 {
		t.Errorf("%v were counted twice (%v)", tables, err)
	}
}
