package store

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"

	"latchkey/internal/limit"
)

// Every request that is limited counts, and to PostgreSQL a question for each would be a fifth of what a sign-up costs.
// So counts that come while others are under way go out together.
const (
	countGroups = 2  // questions under way at a time
	countsAt    = 16 // counters in one
)

// countUpAll counts several counters up, each once; places that are not needed are NULL.
var countUpAll = statement("CountUpAll", `insert into limits (hash, start, expire, count)
		select v.column1, v.column2, v.column3, v.column4 from (values `+countPlaces()+`) v where v.column1 is not null
		on conflict (hash, start) do update set count = limits.count + excluded.count
		returning hash, start, count`)

// counting is what waits to be counted.
type counting struct {
	mutex   sync.Mutex
	waiting []*count
	running int
}

// count is one call that waits for what its counter holds after it.
type count struct {
	limit.Counted
	holds int
	err   error
	done  chan struct{}
}

// up counts one call. Of calls on one counter that go out together each gets a number of its own.
func (g *counting) up(ctx context.Context, db *DB, counter limit.Counted) (int, error) {
	c := &count{Counted: counter, done: make(chan struct{})}
	g.mutex.Lock()
	g.waiting = append(g.waiting, c)
	if g.running < countGroups {
		g.running++
		go g.run(db)
	}
	g.mutex.Unlock()
	select {
	case <-c.done:
		return c.holds, c.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// run sends what waits until nothing does.
func (g *counting) run(db *DB) {
	for {
		g.mutex.Lock()
		group := g.waiting[:min(countsAt, len(g.waiting))]
		g.waiting = slices.Clone(g.waiting[len(group):])
		if len(group) == 0 {
			g.running--
			g.mutex.Unlock()
			return
		}
		g.mutex.Unlock()
		err := db.countGroup(group)
		for _, c := range group {
			c.err = err
			close(c.done)
		}
	}
}

// countGroup counts a group and tells each of it what its counter held then. The counters go in order, so that two
// groups cannot wait for each other.
func (db *DB) countGroup(group []*count) error {
	ctx, cancel := context.WithTimeout(context.Background(), silence)
	defer cancel()
	if len(group) == 1 {
		c := group[0]
		n, err := number(ctx, db, countUp.with(c.Hash, c.Start, c.Expire, 1))
		c.holds = int(n)
		return err
	}
	inOrder := func(a, b *count) int { return cmp.Or(bytes.Compare(a.Hash, b.Hash), cmp.Compare(a.Start, b.Start)) }
	slices.SortStableFunc(group, inOrder)
	args := make([]any, 4*countsAt)
	for from, place := 0, 0; from < len(group); place++ {
		same := from
		for same < len(group) && inOrder(group[same], group[from]) == 0 {
			same++
		}
		c := group[from]
		copy(args[4*place:], []any{c.Hash, c.Start, c.Expire, same - from})
		from = same
	}
	return db.ask(ctx, countUpAll.with(args...), func(r row) error {
		at := &count{Counted: limit.Counted{Hash: r.bytes(), Start: r.number()}}
		holds := int(r.number())
		from, _ := slices.BinarySearchFunc(group, at, inOrder)
		same := from
		for same < len(group) && inOrder(group[same], at) == 0 {
			same++
		}
		for i, c := range group[from:same] {
			c.holds = holds - (same - from) + 1 + i
		}
		return nil
	})
}

// countPlaces writes the rows of the statement: hash, start and expire of a counter, and by how much it goes up.
func countPlaces() string {
	rows, columns := make([]string, countsAt), make([]string, 4)
	for i := range rows {
		for n, kind := range []string{"bytea", "bigint", "bigint", "bigint"} {
			columns[n] = "$" + strconv.Itoa(4*i+n+1) + " /*postgres: ::" + kind + "*/"
		}
		rows[i] = "(" + strings.Join(columns, ", ") + ")"
	}
	return strings.Join(rows, ", ")
}
