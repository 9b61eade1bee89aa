package auth

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/store"
)

// Touches moves accessedAt of users, keys and projects, at most once a day each, behind the back of the
// request: a bounded queue, one writer, batches. Losing a touch is allowed (the next request makes it
// again); delaying a request is not.
type Touches struct {
	db    *store.DB
	clock func() time.Time
	log   *slog.Logger
	queue chan touch

	mu      sync.Mutex
	pending map[touch]bool        // so that a burst of one user's requests queues once
	written map[string]model.Time // projects: their cached copy keeps the old time until its next refresh
}

// touch names a row.
type touch struct{ table, project, id string }

const (
	touchQueue = 4096
	touchBatch = 256
	touchPause = time.Second
	day        = model.Time(24 * 60 * 60 * 1000)
)

// NewTouches returns a queue; nothing is written until Run.
func NewTouches(db *store.DB, clock func() time.Time, log *slog.Logger) *Touches {
	return &Touches{db: db, clock: clock, log: log, queue: make(chan touch, touchQueue), pending: map[touch]bool{}, written: map[string]model.Time{}}
}

// User marks a user as seen today.
func (t *Touches) User(u *model.User) { t.mark(u.AccessedAt, touch{"users", u.Project, u.ID}) }

// Key marks a key as used today.
func (t *Touches) Key(k *model.Key) { t.mark(k.AccessedAt, touch{"keys", k.Project, k.ID}) }

// Project marks a project as used today.
func (t *Touches) Project(p *model.Project) {
	if model.At(t.clock())-p.AccessedAt < day {
		return
	}
	t.mu.Lock()
	last := max(p.AccessedAt, t.written[p.ID])
	t.mu.Unlock()
	t.mark(last, touch{"projects", p.ID, p.ID})
}

// mark queues a row whose last touch is more than a day old, or drops it when the queue is full.
func (t *Touches) mark(last model.Time, row touch) {
	if model.At(t.clock())-last < day {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.pending[row] {
		return
	}
	select {
	case t.queue <- row:
		t.pending[row] = true
	default:
	}
}

// Run writes until the context ends, and what is queued by then once more.
func (t *Touches) Run(ctx context.Context) {
	tick := time.NewTicker(touchPause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			t.Flush(context.WithoutCancel(ctx))
			return
		case <-tick.C:
			t.Flush(ctx)
		}
	}
}

// Flush writes everything queued so far, a batch a transaction.
func (t *Touches) Flush(ctx context.Context) {
	for {
		batch := t.take()
		if len(batch) == 0 {
			return
		}
		err := t.db.Write(ctx, func(tx *store.Tx) error {
			for _, row := range batch {
				tx.Touch(row.table, row.project, row.id)
			}
			return nil
		})
		if err != nil && ctx.Err() == nil {
			t.log.Warn("last access could not be written", "rows", len(batch), "error", err)
		}
		t.settle(batch)
	}
}

// take empties the queue up to a batch.
func (t *Touches) take() []touch {
	var batch []touch
	for len(batch) < touchBatch {
		select {
		case row := <-t.queue:
			batch = append(batch, row)
		default:
			return batch
		}
	}
	return batch
}

// settle lets the rows be queued again.
func (t *Touches) settle(batch []touch) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, row := range batch {
		delete(t.pending, row)
		if row.table == "projects" {
			t.written[row.id] = model.At(t.clock())
		}
	}
}
