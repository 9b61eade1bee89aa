package secret

import (
	"context"
	"sync"
	"time"

	"latchkey/internal/fault"
)

// Gate bounds how much hashing happens at once. Hashing is made to be slow; without a bound a flood of
// guesses would take every core, and checking a session, which is cheap, would wait behind it. Callers wait in
// a queue that takes turns between the addresses they come from, so that one address cannot keep all others out.
type Gate struct {
	mu       sync.Mutex
	parallel int
	places   int
	running  int
	waiting  int
	queues   map[string][]*ticket
	order    []string // addresses with somebody waiting, next first
}

// ticket is one caller's place in the queue.
type ticket struct {
	ready chan struct{}
	gone  bool
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
	return nil
}

// Stats returns how many hashes run and how many callers wait.
func (g *Gate) Stats() (running, waiting int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.running, g.waiting
}

// enter takes a place, at once or by waiting.
func (g *Gate) enter(ctx context.Context, key string) error {
	g.mu.Lock()
	if g.running < g.parallel {
		g.running++
		g.mu.Unlock()
		return nil
	}
	if g.waiting >= g.places {
		g.mu.Unlock()
		return fault.ServerBusy.RetryAfter(time.Second)
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
		return nil
	case <-ctx.Done():
	}
	g.mu.Lock()
	select {
	case <-t.ready: // the turn came together with the end: pass it on
		g.mu.Unlock()
		g.leave()
	default:
		t.gone = true
		g.waiting--
		g.mu.Unlock()
	}
	return ctx.Err()
}

// leave gives the place to the next address in turn.
func (g *Gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for len(g.order) > 0 {
		key := g.order[0]
		g.order = g.order[1:]
		queue := g.queues[key]
		next := queue[0]
		if len(queue) > 1 {
			g.queues[key] = queue[1:]
			g.order = append(g.order, key)
		} else {
			delete(g.queues, key)
		}
		if !next.gone {
			g.waiting--
			close(next.ready) // running stays: the place is handed over
			return
		}
	}
	g.running--
}
