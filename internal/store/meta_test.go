package store_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/limit"
	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit/engines"
)

func TestTheLogIsReadNewestFirst(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(tx *store.Tx) {
			for i := range 5 {
				tx.InsertAudit(someAudit("walter", fmt.Sprintf("a%d", i), noon+model.Time(i/2)))
			}
			tx.InsertAudit(someAudit("skyler", "b", noon))
		})
		list, err := db.AuditsByActor(t.Context(), project, "walter", 3, 1)
		ids := []string{}
		for _, a := range list {
			ids = append(ids, a.ID)
		}
		if diff := cmp.Diff([]string{"a3", "a2", "a1"}, ids); err != nil || diff != "" {
			t.Error(err, diff)
		}
		if diff := cmp.Diff(*someAudit("walter", "a3", noon+1), list[0]); diff != "" {
			t.Error(diff)
		}
		if n, err := db.CountAuditsByActor(t.Context(), project, "walter"); err != nil || n != 5 {
			t.Error(n, err)
		}
	})
}

func TestTokensAreDeletedByPurpose(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		left := func() []string {
			list, err := store.Texts(t.Context(), db, "select purpose from tokens where user_id = 'walter' order by purpose")
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		write(t, db, func(tx *store.Tx) {
			for _, id := range []string{"walter", "skyler"} {
				tx.InsertUser(someUser(id))
				for _, purpose := range []string{"recovery", "magic-url", "verification"} {
					insertToken(tx, id, purpose, noon)
				}
			}
		})
		write(t, db, func(tx *store.Tx) { tx.DeleteTokensOf(project, "walter", "recovery", "magic-url") })
		if diff := cmp.Diff([]string{"verification"}, left()); diff != "" {
			t.Error(diff)
		}
		write(t, db, func(tx *store.Tx) { tx.DeleteTokensOf(project, "walter") })
		if got := left(); len(got) != 0 {
			t.Error(got)
		}
		if all, err := store.Texts(t.Context(), db, "select id from tokens"); err != nil || len(all) != 3 {
			t.Error("somebody else's tokens went:", all, err)
		}
	})
}

func insertToken(tx *store.Tx, user, purpose string, expire model.Time) {
	tx.Do(`insert into tokens (project_id, id, user_id, purpose, secret_hash, address, expire, attempts, ip, user_agent, created_at)
		values ($1, $2, $3, $4, $5, '', $6, 0, '', '', 1)`, project, purpose, user, purpose, hashOf(user+purpose), expire)
}

func TestCountersCountExactly(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		counter := limit.Counted{Hash: hashOf("counter")[:16], Start: 1000, Expire: 2000}
		var seen [50]atomic.Bool
		together(len(seen), func(int) {
			n, err := db.CountUp(t.Context(), counter, 1)
			if err != nil || n < 1 || n > len(seen) || seen[n-1].Swap(true) {
				t.Errorf("got %d (%v)", n, err)
			}
		})
		next := limit.Counted{Hash: counter.Hash, Start: 2000, Expire: 3000}
		for _, step := range []struct{ by, want int }{{-5, 0}, {2, 2}, {-1, 1}, {-9, 0}, {3, 3}} {
			if n, err := db.CountUp(t.Context(), next, step.by); err != nil || n != step.want {
				t.Errorf("%+d gives %d, want %d (%v)", step.by, n, step.want, err)
			}
		}
		check := func(c limit.Counted, want int) {
			t.Helper()
			if n, err := db.CountOf(t.Context(), c); err != nil || n != want {
				t.Errorf("got %d, want %d (%v)", n, want, err)
			}
		}
		check(counter, 50)
		check(next, 3)
		if err := db.CountClear(t.Context(), counter.Hash); err != nil {
			t.Error(err)
		}
		check(counter, 0)
		check(next, 0)
	})
}

func TestMetaAndLeases(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		if value, err := db.Meta(t.Context(), store.MetaKeyCheck); err != nil || value != "" {
			t.Error(value, err)
		}
		kept := make([]string, 10)
		together(len(kept), func(n int) {
			var err error
			if kept[n], err = db.MetaOnce(t.Context(), store.MetaKeyCheck, fmt.Sprint("value ", n)); err != nil {
				t.Error(err)
			}
		})
		for _, value := range kept {
			if value == "" || value != kept[0] {
				t.Errorf("nodes got different values: %v", kept)
				break
			}
		}
		write(t, db, func(tx *store.Tx) { tx.SetMeta(store.MetaKeyCheck, "new") })
		if value, err := db.Meta(t.Context(), store.MetaKeyCheck); err != nil || value != "new" {
			t.Error(value, err)
		}
		lease := func(holder string, now model.Time) bool {
			held, err := at(db, now).AcquireLease(t.Context(), "janitor", holder, time.Second)
			if err != nil {
				t.Fatal(err)
			}
			return held
		}
		for i, step := range []struct {
			holder string
			now    model.Time
			want   bool
		}{{"a", noon, true}, {"b", noon, false}, {"a", noon + 900, true}, {"b", noon + 1500, false}, {"b", noon + 1901, true}, {"a", noon + 1901, false}} {
			if got := lease(step.holder, step.now); got != step.want {
				t.Errorf("step %d: %s got %v", i, step.holder, got)
			}
		}
		if err := db.ReleaseLease(t.Context(), "janitor", "a"); err != nil || lease("a", noon+1901) {
			t.Error("a lease of another was released", err)
		}
		if err := db.ReleaseLease(t.Context(), "janitor", "b"); err != nil || !lease("a", noon+1901) {
			t.Error("a lease was not released", err)
		}
	})
}

func TestTheJanitorSweepsInSmallSteps(t *testing.T) {
	t.Parallel()
	const days = model.Time(24 * 60 * 60 * 1000)
	engines.Each(t, func(t *testing.T, db *store.DB) {
		write(t, db, func(tx *store.Tx) {
			tx.InsertUser(someUser("walter"))
			for i := range 6 {
				s := someSession("walter", fmt.Sprintf("s%d", i))
				s.Expire = noon - 3 + model.Time(i) // three are over, the fourth is in its last millisecond
				tx.InsertSession(s)
				push := someTarget("walter", "push-"+s.ID)
				push.ProviderType, push.SessionID, push.Identifier = model.TargetPush, s.ID, s.ID
				tx.InsertTarget(push)
			}
			insertToken(tx, "walter", "old", noon-1)
			insertToken(tx, "walter", "new", noon)
			for name, age := range map[string]model.Time{"fresh": 13 * days, "stale": 15 * days} {
				tx.InsertAudit(someAudit("walter", name, noon-age))
				console := someAudit("root", name, noon-age)
				console.Project = model.ConsoleProject
				tx.InsertAudit(console)
			}
			ancient := someAudit("root", "ancient", noon-184*days)
			ancient.Project = model.ConsoleProject
			tx.InsertAudit(ancient)
		})
		for n, expire := range map[string]model.Time{"old": noon - 1, "new": noon} {
			if _, err := db.CountUp(t.Context(), limit.Counted{Hash: hashOf(n), Expire: int64(expire)}, 1); err != nil {
				t.Fatal(err)
			}
		}
		for i, want := range []int{2 + 1 + 1, 1, 0} {
			if n, err := db.SweepExpired(t.Context(), noon, 2); err != nil || n != want {
				t.Errorf("step %d swept %d rows, want %d (%v)", i, n, want, err)
			}
		}
		for table, want := range map[string]int{"sessions": 3, "targets": 3, "tokens": 1, "limits": 1, "audits": 5} {
			left, err := store.Texts(t.Context(), db, "select 'row' from "+table)
			if err != nil || len(left) != want {
				t.Errorf("%d rows are left in %s, want %d (%v)", len(left), table, want, err)
			}
		}
	})
}
