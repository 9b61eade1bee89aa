package secret

import (
	"context"
	"slices"
	"sync"
	"time"

	"latchkey/internal/fault"
)

// Gate bounds how much hashing happens at once. Hashing is made to be slow; without a bound a flood of
// guesses would take every core, and checking a session, which is cheap, would wait behind it. Callers wait in
// a queue that takes turns between the addresses they come from, so that one address cannot keep all others out:
// neither by being served first nor by holding every place.
type Gate struct {
	mu       sync.Mutex
	parallel int
	places   int
	running  int
	waiting  int
	ended    int // hashes so far
	queues   map[string][]*ticket
	order    []string // addresses with somebody waiting, next first
}

// ticket is one caller's place in the queue.
type ticket struct {
	ready  chan struct{} // closed when the wait is over
	pushed bool          // by being pushed out
}

// NewGate lets parallel hashes run at once and queue more wait.
func NewGate(parallel, queue int) *Gate {
	return &Gate{parallel: max(parallel, 1), places: max(queue, 0), queues: map[string][]*ticket{}}
}

type fairKey struct{}

// WithFairKey names whom a request's hashes are counted for, such as its address.
func WithFairKey(ctx context.Context, key string) context.Context {
	return context.WithValue(ctx, fairKey{}, key)
}

// Run runs fn when it is its turn. A full queue is refused at once with general_server_busy.
func (g *Gate) Run(ctx context.Context, fn func()) error {
	key, _ := ctx.Value(fairKey{}).(string)
	if err := g.enter(ctx, key); err != nil {
		return err
	}
	defer g.leave()
	fn()
	g.mu.Lock()
	g.ended++
	g.mu.Unlock()
	return nil
}

// Stats returns how many hashes run and how many callers wait.
func (g *Gate) Stats() (running, waiting int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.running, g.waiting
}

// Ended returns how many hashes have been made.
func (g *Gate) Ended() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.ended
}

// enter takes a place, at once or by waiting.
func (g *Gate) enter(ctx context.Context, key string) error {
	g.mu.Lock()
	if g.running < g.parallel {
		g.running++
		g.mu.Unlock()
		return nil
	}
	if g.waiting >= g.places && !g.pushOut(len(g.queues[key])) {
		g.mu.Unlock()
		return errGateFull()
	}
	t := &ticket{ready: make(chan struct{})}
	if len(g.queues[key]) == 0 {
		g.order = append(g.order, key)
	}
	g.queues[key] = append(g.queues[key], t)
	g.waiting++
	g.mu.Unlock()
	select {
	case <-t.ready:
	case <-ctx.Done():
		return g.giveUp(ctx, key, t)
	}
	if t.pushed {
		return errGateFull()
	}
	return nil
}

func errGateFull() error { return fault.ServerBusy.RetryAfter(time.Second) }

// giveUp takes a ticket back whose caller waits no longer.
func (g *Gate) giveUp(ctx context.Context, key string, t *ticket) error {
	g.mu.Lock()
	select {
	case <-t.ready: // the turn came together with the end: pass it on
		g.mu.Unlock()
		if !t.pushed {
			g.leave()
		}
	default:
		g.take(key, slices.Index(g.queues[key], t))
		g.mu.Unlock()
	}
	return ctx.Err()
}

// pushOut makes room for an address that has so many waiting, at the cost of the one that has most: its latest is refused
// after all. It reports whether there was one that has clearly more.
func (g *Gate) pushOut(has int) bool {
	longest := ""
	for key, queue := range g.queues {
		if len(queue) > len(g.queues[longest]) {
			longest = key
		}
	}
	last := len(g.queues[longest]) - 1
	if last < has+1 {
		return false
	}
	t := g.queues[longest][last]
	g.take(longest, last)
	t.pushed = true
	close(t.ready)
	return true
}

// take takes a ticket out of the queue of its address.
func (g *Gate) take(key string, i int) {
	g.waiting--
	if g.queues[key] = slices.Delete(g.queues[key], i, i+1); len(g.queues[key]) == 0 {
		delete(g.queues, key)
		g.order = slices.DeleteFunc(g.order, func(other string) bool { return other == key })
	}
}

// leave gives the place to the next address in turn.
func (g *Gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.order) == 0 {
		g.running--
		return
	}
	key := g.order[0]
	next := g.queues[key][0]
	g.take(key, 0)
	if len(g.queues[key]) > 0 {
		g.order = append(g.order[1:], key)
	}
	close(next.ready) // running stays: the place is handed over
}
