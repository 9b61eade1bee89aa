package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"latchkey/internal/fault"
	"latchkey/internal/store"
	"latchkey/internal/testkit/engines"
)

// count counts the users of the project.
func count(t *testing.T, db *store.DB) int {
	t.Helper()
	n, err := db.CountUsers(t.Context(), project)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAFailedTransactionLeavesNothing(t *testing.T) {
	t.Parallel()
	refused := errors.New("refused")
	// Each comes after something was written, with and without a question in between.
	failures := map[string]func(tx *store.Tx) error{
		"error":     func(*store.Tx) error { return refused },
		"panic":     func(*store.Tx) error { panic("at the disco") },
		"conflict":  func(tx *store.Tx) error { tx.InsertUser(anonymous("taken")); return nil },
		"no row":    func(tx *store.Tx) error { tx.Must("update users set name = '' where id = 'nobody'"); return nil },
		"bad SQL":   func(tx *store.Tx) error { tx.Do("update nothing set x = 1"); return nil },
		"no parent": func(tx *store.Tx) error { tx.InsertSession(someSession("nobody", "s")); return nil },
	}
	engines.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(tx *store.Tx) { tx.InsertUser(someUser("taken")) })
		for name, fail := range failures {
			for _, asks := range []string{"never", "before", "after"} {
				committed := false
				err := db.Write(t.Context(), func(tx *store.Tx) error {
					tx.After(func() { committed = true })
					tx.InsertUser(anonymous("one"))
					if asks == "before" {
						if n, err := tx.CountUsers(project); err != nil || n != 2 {
							t.Errorf("%s: the transaction does not see its own user: %d, %v", name, n, err)
						}
					}
					tx.InsertUser(anonymous("two"))
					if err := fail(tx); err != nil {
						return err
					}
					if asks == "after" {
						if _, err := tx.CountUsers(project); err == nil {
							t.Errorf("%s: a failed transaction still answers", name)
						}
					}
					return nil
				})
				if err == nil || committed {
					t.Errorf("%s, asking %s: error %v, committed %v", name, asks, err, committed)
				}
				if name == "error" && !errors.Is(err, refused) || name == "no row" && !errors.Is(err, store.ErrGone) {
					t.Errorf("%s, asking %s: got %v", name, asks, err)
				}
				if name == "conflict" {
					wantConflict(t, err, store.UniqueUserID)
				}
				if n := count(t, db); n != 1 {
					t.Fatalf("%s, asking %s: %d users are left, want 1", name, asks, n)
				}
			}
		}
	})
}

func TestATransactionSeesWhatItHasQueued(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		order := ""
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			tx.After(func() { order += "after" })
			tx.InsertUser(someUser("walter"))
			u, err := tx.UserByEmail(project, "walter@example.com")
			if err != nil {
				return err
			}
			u.Name = "Renamed"
			tx.UpdateUserName(u)
			if u, err = tx.UserByID(project, "walter"); err != nil || u.Name != "Renamed" {
				return fmt.Errorf("the queued change is not seen: %v", err)
			}
			tx.InsertUser(anonymous("more")) // queued behind the last question
			order += "fn "
			return nil
		})
		if err != nil || order != "fn after" {
			t.Fatal(err, order)
		}
		if n := count(t, db); n != 2 {
			t.Error(n)
		}
		if err := db.Write(t.Context(), func(*store.Tx) error { return nil }); err != nil {
			t.Error("a transaction without statements:", err)
		}
	})
}

func TestTransactionsDoNotNest(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		outer := func(run func(context.Context, func(*store.Tx) error) error) {
			err := run(t.Context(), func(tx *store.Tx) error {
				if _, err := tx.CountUsers(project); err != nil {
					return err
				}
				return db.Write(tx.Context(), func(*store.Tx) error { return nil })
			})
			if !errors.Is(err, store.ErrNested) {
				t.Errorf("got %v", err)
			}
		}
		outer(db.Write)
		outer(db.Read)
	})
}

func TestReadingTransactionsChangeNothing(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		err := db.Read(t.Context(), func(tx *store.Tx) error {
			before, err := tx.CountUsers(project)
			if err != nil {
				return err
			}
			write(t, db, func(tx *store.Tx) { tx.InsertUser(anonymous("meanwhile")) })
			after, err := tx.CountUsers(project)
			if before != after {
				t.Errorf("one transaction has seen two states: %d and %d users", before, after)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		err = db.Read(t.Context(), func(tx *store.Tx) error { tx.InsertUser(anonymous("x")); return nil })
		if err == nil || count(t, db) != 1 {
			t.Error("a reading transaction has written:", err)
		}
	})
}

func TestOfManySignUpsWithOneAddressOneWins(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		var won, lost atomic.Int32
		together(200, func(n int) {
			u := anonymous(fmt.Sprintf("u%d", n))
			u.Email = "same@example.com"
			err := db.Write(t.Context(), func(tx *store.Tx) error {
				tx.InsertUser(u)
				tx.InsertAudit(someAudit(u.ID, "a", noon))
				return nil
			})
			switch constraint, taken := store.Conflict(err); {
			case err == nil:
				won.Add(1)
			case taken && constraint == store.UniqueUserEmail:
				lost.Add(1)
			default:
				t.Error(err)
			}
		})
		audits, err := store.Texts(t.Context(), db, "select actor_id from audits")
		if won.Load() != 1 || lost.Load() != 199 || count(t, db) != 1 || len(audits) != 1 || err != nil {
			t.Errorf("%d won, %d lost, %d users, %d entries, %v", won.Load(), lost.Load(), count(t, db), len(audits), err)
		}
	})
}

// together runs work from many goroutines at once.
func together(n int, work func(n int)) {
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() { work(i) })
	}
	wait.Wait()
}

func TestLimitsHoldAgainstParallelCalls(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		const limit = 5
		write(t, db, func(tx *store.Tx) { tx.UpsertProject(someProject(project)); tx.InsertUser(anonymous("u0")) })
		together(30, func(n int) {
			err := db.Write(t.Context(), func(tx *store.Tx) error {
				if err := tx.LockProjectUsers(project); err != nil {
					return err
				}
				if count, err := tx.CountUsers(project); err != nil || count >= limit {
					return errors.Join(err, fault.UserCountExceeded)
				}
				tx.InsertUser(anonymous(fmt.Sprintf("u%d", n+1)))
				return nil
			})
			if err != nil && !errors.Is(err, fault.UserCountExceeded) {
				t.Error(err)
			}
		})
		if n := count(t, db); n != limit {
			t.Errorf("%d users, want %d", n, limit)
		}
		together(30, func(n int) {
			write(t, db, func(tx *store.Tx) {
				tx.LockUser(project, "u0", fault.UserNotFound)
				tx.InsertSession(someSession("u0", fmt.Sprintf("s%d", n)))
				tx.TrimSessions(project, "u0", limit)
			})
		})
		left, err := store.Texts(t.Context(), db, "select id from sessions where user_id = 'u0'")
		if err != nil || len(left) != limit {
			t.Errorf("%d sessions, want %d (%v)", len(left), limit, err)
		}
		err = db.Write(t.Context(), func(tx *store.Tx) error { return tx.LockProjectUsers("gone") })
		wantFault(t, err, fault.ProjectNotFound)
	})
}

func TestTransactionsThatCollideAreTriedAgain(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(tx *store.Tx) { tx.InsertUser(anonymous("a")); tx.InsertUser(anonymous("b")) })
		// Two transactions take the same rows in opposite order: where rows are locked one by one, one of them
		// has to go back and come again.
		var both sync.WaitGroup
		both.Add(2)
		var runs atomic.Int32
		cross := func(first, second string) error {
			met := false
			return db.Write(t.Context(), func(tx *store.Tx) error {
				runs.Add(1)
				tx.LockUser(project, first, fault.UserNotFound)
				if _, err := tx.CountUsers(project); err != nil {
					return err
				}
				if !met && db.Engine() == store.Postgres {
					met = true
					both.Done()
					both.Wait()
				}
				tx.LockUser(project, second, fault.UserNotFound)
				tx.InsertAudit(someAudit(first, "a", noon))
				_, err := tx.CountUsers(project)
				return err
			})
		}
		together(2, func(n int) {
			order := []string{"a", "b"}
			if err := cross(order[n], order[1-n]); err != nil {
				t.Error(err)
			}
		})
		if db.Engine() == store.Postgres && runs.Load() < 3 {
			t.Error("nothing has collided: the test tests nothing")
		}
		audits, err := store.Texts(t.Context(), db, "select actor_id from audits")
		if err != nil || len(audits) != 2 {
			t.Error(audits, err)
		}
	})
}

func TestTextThatIsNoText(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		audit := someAudit("walter", "a", noon)
		audit.UserAgent = "bad \xff\xfe bytes\x00 and ' quotes"
		write(t, db, func(tx *store.Tx) { tx.InsertAudit(audit) })
		list, err := db.AuditsByActor(t.Context(), project, "walter", 10, 0)
		if err != nil || len(list) != 1 || !strings.Contains(list[0].UserAgent, "and ' quotes") {
			t.Error(list, err)
		}
	})
}

func TestAContextThatEndsStopsTheWait(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		write(t, db, func(tx *store.Tx) { tx.InsertUser(anonymous("before")) })
		err := db.Write(ended, func(tx *store.Tx) error { tx.InsertUser(anonymous("x")); return nil })
		// The writer may have been quicker than the context; what was answered is what happened.
		if n := count(t, db); (err == nil) != (n == 2) {
			t.Errorf("error %v, %d users", err, n)
		}
	})
}

func TestAClosedDatabaseRefuses(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := db.CountUsers(t.Context(), project); err == nil {
			t.Error("a closed database answers")
		}
		if err := db.Write(t.Context(), func(tx *store.Tx) error { tx.InsertUser(anonymous("x")); return nil }); err == nil {
			t.Error("a closed database writes")
		}
		if err := db.Ping(t.Context()); err == nil {
			t.Error("a closed database says it is well")
		}
	})
}
