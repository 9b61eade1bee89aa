package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit/engines"
)

// seedTrail chains entries that differ in everything the list can be asked, a little out of order, the first ones pruned.
func seedTrail(t testing.TB, db *store.DB, n, pruned int) []model.Audit {
	t.Helper()
	var trail []model.Audit
	write(t, db, func(tx *store.Tx) {
		trail = nil
		for i := range n {
			a := model.Audit{Project: project, ID: fmt.Sprintf("e%06d", i), Time: noon + model.Time(i*1000+i%3*5000), Seq: int64(i + 1), Hash: []byte{1},
				Event: []string{"user.create", "user.update", "key.create"}[i%3], ActorType: []string{"user", "keyProject", "admin", "user", "cli"}[i%5],
				ActorID: []string{"walter", "server", "boss", "jesse"}[i%4], Resource: []string{"user/walter", "user/walter2", "project/demo/keys/a", "project/demo"}[i%4]}
			tx.InsertAudit(&a)
			tx.ChainAudit(&a)
			trail = append(trail, a)
		}
		tx.MoveAuditHead(project, store.AuditHead{}, &store.AuditCheckpoint{Seq: int64(n), Hash: []byte{1}, Time: noon, Signature: []byte{1}})
		if pruned > 0 {
			if _, err := tx.PruneAudits(project, int64(pruned), pruned); err != nil {
				t.Error(err)
			}
		}
	})
	return trail[pruned:]
}

// fits says whether an entry is what a filter asks for.
func fits(f *store.AuditFilter, a *model.Audit) bool {
	if a.Time < f.From || f.To > 0 && a.Time > f.To {
		return false
	}
	for _, c := range f.Where {
		is := func(value string) bool {
			switch c.Attribute {
			case "event":
				return a.Event == value
			case "actor":
				return a.ActorID == value
			case "kind":
				return a.ActorType == value
			}
			return a.Resource == value || strings.HasPrefix(a.Resource, value+"/")
		}
		if !slices.ContainsFunc(c.Values, is) {
			return false
		}
	}
	return true
}

// expected is the answer to a filter, found by looking at everything.
func expected(f *store.AuditFilter, trail []model.Audit) (ids []string, total int) {
	var all []model.Audit
	along := slices.ContainsFunc(f.Where, func(c store.AuditCondition) bool { return c.Attribute == "actor" && len(c.Values) == 1 })
	for _, a := range trail {
		if fits(f, &a) {
			all = append(all, a)
		}
	}
	order := func(a, b model.Audit) int {
		if along && a.Time != b.Time {
			return int(b.Time - a.Time)
		}
		return int(b.Seq - a.Seq)
	}
	slices.SortFunc(all, order)
	if f.Oldest {
		slices.Reverse(all)
	}
	page := all
	if f.Cursor > 0 {
		at := trail[slices.IndexFunc(trail, func(a model.Audit) bool { return a.Seq == f.Cursor })]
		page = slices.DeleteFunc(slices.Clone(all), func(a model.Audit) bool {
			c := order(at, a)
			if f.Oldest {
				c = -c
			}
			if f.Before {
				c = -c
			}
			return c >= 0
		})
	}
	if f.Before {
		slices.Reverse(page)
	}
	page = page[min(f.Offset, len(page)):]
	page = page[:min(f.Limit, len(page))]
	if f.Before {
		slices.Reverse(page)
	}
	for _, a := range page {
		ids = append(ids, a.ID)
	}
	return ids, len(all)
}

// TestTheTrailIsListedAsItIs asks many questions at random and holds the answers against what looking at everything finds.
func TestTheTrailIsListedAsItIs(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		trail := seedTrail(t, db, 200, 20)
		random := rand.New(rand.NewPCG(1, 2))
		choices := map[string][]string{"event": {"user.create", "key.create", "nothing"}, "actor": {"walter", "boss", "jesse"}, "kind": {"user", "cli", "keyProject", "admin"},
			"resource": {"user/walter", "project/demo", "project"}}
		for n := range 400 {
			f := store.AuditFilter{Limit: 1 + random.IntN(30), Oldest: random.IntN(3) == 0, Before: random.IntN(3) == 0}
			for _, attribute := range []string{"event", "actor", "kind", "resource"} {
				if random.IntN(3) == 0 {
					from := choices[attribute]
					f.Where = append(f.Where, store.AuditCondition{Attribute: attribute, Values: from[random.IntN(2) : 2+random.IntN(len(from)-1)]})
				}
			}
			if random.IntN(3) == 0 {
				f.From = noon + model.Time(random.IntN(220_000))
			}
			if random.IntN(3) == 0 {
				f.To = noon + model.Time(random.IntN(220_000))
			}
			if random.IntN(2) == 0 {
				f.Cursor = int64(21 + random.IntN(180))
			} else {
				f.Before = false
				f.Offset = random.IntN(20)
			}
			want, wantTotal := expected(&f, trail)
			list, total, err := db.ListAudits(t.Context(), project, &f)
			var got []string
			for _, a := range list {
				got = append(got, a.ID)
			}
			if err != nil || !slices.Equal(got, want) || total != wantTotal {
				t.Fatalf("question %d: %+v\n%v of %d, %v, want\n%v of %d", n, f, got, total, err, want, wantTotal)
			}
		}
	})
}

// What no index serves is looked for in a budget of entries: within a range of time, within those of operators, from a cursor on.
func TestTheTrailIsNotReadForOnePage(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		seedTrail(t, db, 200, 0)
		db = store.WithBudget(db, 40)
		rare := store.AuditCondition{Attribute: "event", Values: []string{"nothing"}}
		walter := store.AuditCondition{Attribute: "actor", Values: []string{"walter"}}
		for name, f := range map[string]store.AuditFilter{
			"among all":            {Where: []store.AuditCondition{rare}},
			"among those of one":   {Where: []store.AuditCondition{rare, walter}},
			"among operators'":     {Where: []store.AuditCondition{rare, {Attribute: "kind", Values: []string{"admin", "cli"}}}},
			"behind a cursor":      {Where: []store.AuditCondition{rare}, Cursor: 100},
			"oldest first":         {Where: []store.AuditCondition{rare}, Oldest: true},
			"an offset beyond all": {Offset: 41},
		} {
			f.Limit = 5
			if _, _, err := db.ListAudits(t.Context(), project, &f); !errors.Is(err, fault.DatabaseTimeout) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for name, f := range map[string]store.AuditFilter{
			"the end of the chain": {Where: []store.AuditCondition{rare}, Cursor: 30},
			"a page that is full":  {Where: []store.AuditCondition{{Attribute: "event", Values: []string{"user.create"}}}},
			"nothing to look for":  {Where: []store.AuditCondition{walter}},
			"a range of one":       {Where: []store.AuditCondition{rare, walter}, From: noon + 1000, To: noon + 100_000},
		} {
			f.Limit = 5
			if _, total, err := db.ListAudits(t.Context(), project, &f); err != nil || name == "a page that is full" && total != 13 {
				t.Errorf("%s: %v, %d", name, err, total)
			}
		}
		if _, _, err := db.ListAudits(t.Context(), project, &store.AuditFilter{Limit: 5, Cursor: 201}); !errors.Is(err, fault.CursorNotFound) {
			t.Error("a cursor that is not there:", err)
		}
	})
}
