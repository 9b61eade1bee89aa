package store_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"latchkey/internal/store"
)

// sqliteFile opens a fresh SQLite file and says where it is.
func sqliteFile(t *testing.T) (*store.DB, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dir with ? and %41", "data.db")
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), store.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db, path
}

// commits counts the commits in the write-ahead log: the frames that carry the size of the database.
func commits(t *testing.T, path string) (n int) {
	t.Helper()
	log, err := os.ReadFile(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	page := int(binary.BigEndian.Uint32(log[8:]))
	salt := log[16:24]
	for at := 32; at+24+page <= len(log); at += 24 + page {
		frame := log[at:]
		if bytes.Equal(frame[8:16], salt) && binary.BigEndian.Uint32(frame[4:]) != 0 {
			n++
		}
	}
	return n
}

// hold keeps the writer busy until the returned function is called, which tells what became of the
// transaction that did.
func hold(t *testing.T, db *store.DB) (release func() error) {
	t.Helper()
	held, free, done := make(chan bool), make(chan bool), make(chan error)
	go func() {
		done <- db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.CountUsers(project)
			close(held)
			<-free
			return err
		})
	}()
	<-held
	return func() error {
		close(free)
		return <-done
	}
}

// queued waits until so many transactions wait for the writer.
func queued(db *store.DB, n int) {
	for store.Waiting(db) < n {
		runtime.Gosched()
	}
}

func TestWaitingTransactionsAreCommittedTogether(t *testing.T) {
	t.Parallel()
	db, path := sqliteFile(t)
	const crowd = 60
	store.TakeTime(db)
	write(t, db, func(tx *store.Tx) { tx.InsertUser(someUser("taken")) })
	release := hold(t, db)
	before := commits(t, path)
	answers := make(chan error, crowd)
	for n := range crowd {
		go func() {
			answers <- db.Write(t.Context(), func(tx *store.Tx) error {
				u := anonymous(fmt.Sprintf("u%02d", n))
				tx.InsertUser(u)
				if n%5 == 0 { // every fifth asks, every third fails after it has written
					if _, err := tx.CountUsers(project); err != nil {
						return err
					}
				}
				tx.InsertAudit(someAudit(u.ID, "a", noon))
				if n%3 == 0 {
					tx.InsertUser(anonymous("taken"))
				}
				return nil
			})
		}()
	}
	queued(db, crowd)
	if err := release(); err != nil {
		t.Error(err)
	}
	failed := 0
	for range crowd {
		if err := <-answers; err != nil {
			failed++
			wantConflict(t, err, store.UniqueUserID)
		}
	}
	if failed != crowd/3 || count(t, db) != 1+crowd-crowd/3 {
		t.Errorf("%d failed, want %d; %d users", failed, crowd/3, count(t, db))
	}
	audits, err := store.Texts(t.Context(), db, "select actor_id from audits")
	if err != nil || len(audits) != crowd-crowd/3 {
		t.Errorf("%d entries, want %d (%v)", len(audits), crowd-crowd/3, err)
	}
	if n := commits(t, path) - before; n != 1 {
		t.Errorf("%d transactions took %d commits, want one", crowd, n)
	}
}

func TestNobodyIsAnsweredBeforeTheCommitIsInTheFile(t *testing.T) {
	t.Parallel()
	db, path := sqliteFile(t)
	if full, err := store.WriterPragma(db, "synchronous"); err != nil || full != 2 {
		t.Errorf("synchronous is %d, want 2: a commit would not be on the disk when it is answered (%v)", full, err)
	}
	if on, err := store.WriterPragma(db, "secure_delete"); err != nil || on != 1 {
		t.Errorf("secure_delete is %d (%v)", on, err)
	}
	together(40, func(n int) {
		id := fmt.Sprintf("visible-%02d", n)
		write(t, db, func(tx *store.Tx) { tx.InsertUser(anonymous(id)); tx.InsertAudit(someAudit(id, "a", noon)) })
		log, err := os.ReadFile(path + "-wal")
		if err != nil || !bytes.Contains(log, []byte(id)) {
			t.Errorf("%s was answered and is not in the log (%v)", id, err)
		}
	})
}

// Whoever ran into a row of a neighbour in the same commit looks for it at once, and must find it.
func TestAFailureIsAnsweredOnceItsReasonCanBeSeen(t *testing.T) {
	t.Parallel()
	db, _ := sqliteFile(t)
	const crowd = 60
	store.TakeTime(db)
	release := hold(t, db)
	answers := make(chan error, crowd)
	for n := range crowd {
		go func() {
			id := fmt.Sprintf("u%02d", n/2)
			err := db.Write(t.Context(), func(tx *store.Tx) error {
				tx.InsertUser(anonymous(id))
				if n%4 < 2 { // half of them fail in the middle, the others at the end
					_, err := tx.CountUsers(project)
					return err
				}
				return nil
			})
			if _, collided := store.Conflict(err); collided {
				_, err = db.UserByID(t.Context(), project, id)
			}
			answers <- err
		}()
	}
	queued(db, crowd)
	if err := release(); err != nil {
		t.Error(err)
	}
	for range crowd {
		if err := <-answers; err != nil {
			t.Error(err)
		}
	}
}

func TestACommitThatFailsFailsEverybodyInIt(t *testing.T) {
	t.Parallel()
	db, _ := sqliteFile(t)
	const crowd = 20
	store.TakeTime(db)
	release := hold(t, db)
	answers := make(chan error, crowd)
	for n := range crowd {
		go func() {
			answers <- db.Write(t.Context(), func(tx *store.Tx) error {
				tx.InsertUser(anonymous(fmt.Sprintf("u%02d", n)))
				if n == 0 { // a session of nobody, found out only when everything is committed
					tx.Do("pragma defer_foreign_keys = on")
					tx.InsertSession(someSession("nobody", "s"))
				}
				return nil
			})
		}()
	}
	queued(db, crowd)
	if err := release(); err == nil {
		t.Error("the transaction before them was told that it worked")
	}
	for range crowd {
		if err := <-answers; err == nil {
			t.Error("a transaction was told that it worked")
		}
	}
	if n := count(t, db); n != 0 {
		t.Errorf("%d users are there", n)
	}
	write(t, db, func(tx *store.Tx) { tx.InsertUser(anonymous("later")) })
}

func TestATransactionCannotKeepTheWriterForever(t *testing.T) {
	t.Parallel()
	db, _ := sqliteFile(t)
	store.LimitTurns(db, 20*time.Millisecond)
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		tx.InsertUser(anonymous("outer"))
		if _, err := tx.CountUsers(project); err != nil {
			return err
		}
		// A transaction inside another one, begun with the wrong context: it waits for the writer that we hold.
		if err := db.Write(t.Context(), func(tx *store.Tx) error { tx.InsertUser(anonymous("inner")); return nil }); err != nil {
			t.Error(err)
		}
		tx.InsertUser(anonymous("more"))
		return nil
	})
	if !errors.Is(err, store.ErrTooLong) {
		t.Errorf("got %v", err)
	}
	if n := count(t, db); n != 1 {
		t.Errorf("%d users, want the inner one alone", n)
	}
	write(t, db, func(tx *store.Tx) { tx.InsertUser(anonymous("later")) })
}

func TestAJobThatStillWaitsCanBeTakenBack(t *testing.T) {
	t.Parallel()
	db, _ := sqliteFile(t)
	release := hold(t, db)
	for n, asks := range []bool{false, true} {
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			queued(db, n+1)
			cancel()
		}()
		err := db.Write(ctx, func(tx *store.Tx) error {
			tx.InsertUser(anonymous("impatient"))
			if asks {
				_, err := tx.CountUsers(project)
				return err
			}
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
	if err := release(); err != nil {
		t.Error(err)
	}
	write(t, db, func(tx *store.Tx) { tx.InsertUser(anonymous("patient")) })
	if n := count(t, db); n != 1 {
		t.Errorf("%d users, want the patient one alone", n)
	}
}

func TestTheFileIsPrivate(t *testing.T) {
	t.Parallel()
	_, path := sqliteFile(t)
	for _, name := range []string{path, path + "-wal"} {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", filepath.Base(name), info.Mode().Perm(), err)
		}
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]store.Options{
		"nothing":      {},
		"both":         {Path: "x", URL: "postgres://x"},
		"no directory": {Path: filepath.Join(t.TempDir(), "no", "such", "file")},
		"bad URL":      {URL: "postgres://user:hunter2@%zz"},
		"no server":    {URL: "postgres://user:hunter2@127.0.0.1:1/x?connect_timeout=1"},
	} {
		db, err := store.Open(t.Context(), o)
		if err == nil {
			_ = db.Close()
			t.Errorf("%s: opened", name)
			continue
		}
		if bytes.Contains([]byte(err.Error()), []byte("hunter2")) {
			t.Errorf("%s: the error tells the password: %v", name, err)
		}
	}
	garbage := filepath.Join(t.TempDir(), "garbage.db")
	if err := os.WriteFile(garbage, bytes.Repeat([]byte("not a database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	if db, err := store.Open(t.Context(), store.Options{Path: garbage}); err == nil {
		_ = db.Close()
		t.Error("a file of garbage was opened")
	}
}
