package outbox_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/outbox"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

const noon = model.Time(1_772_366_400_000)

// clock is a clock that only the test moves.
type clock struct {
	mu  sync.Mutex
	now model.Time
}

func (c *clock) Time() model.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// courier does what the script of a test says and remembers what it was given.
type courier struct {
	mu     sync.Mutex
	script func(ctx context.Context, m *model.Message) error // nil: everything is sent
	given  []string                                          // project/id, in order
}

func (c *courier) Deliver(ctx context.Context, m *model.Message) error {
	c.mu.Lock()
	c.given = append(c.given, m.Project+"/"+m.ID)
	script := c.script
	c.mu.Unlock()
	if script == nil {
		return nil
	}
	return script(ctx, m)
}

func (c *courier) seen() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string{}, c.given...)
}

// refusal is an error for good.
type refusal string

func (r refusal) Error() string   { return string(r) }
func (r refusal) Permanent() bool { return true }

// events is an observer that a test can wait for.
type events chan string

func (e events) Sent(kind, channel string, waited time.Duration) {
	e <- fmt.Sprintf("sent %s %s %s", kind, channel, waited)
}
func (e events) Failed(kind, channel string) { e <- "failed " + kind + " " + channel }
func (e events) Dead(kind, channel string)   { e <- "dead " + kind + " " + channel }

// rig is one process with workers.
type rig struct {
	*testing.T
	db      *store.DB
	clock   *clock
	box     *outbox.Box
	courier *courier
	workers *outbox.Workers
	events  events
	poll    chan time.Time
	renew   chan time.Time
	end     context.CancelFunc // tells the workers to stop, without waiting for it
	log     *bytes.Buffer      // to be read once the workers have stopped
}

var keys = secret.NewKeyRing(secret.MasterKey{1})

func newRig(t *testing.T, db *store.DB) *rig {
	t.Helper()
	r := &rig{T: t, clock: &clock{now: noon}, box: &outbox.Box{Keys: keys}, courier: &courier{}, events: make(events, 10_000),
		poll: make(chan time.Time), renew: make(chan time.Time), log: &bytes.Buffer{}}
	r.db = db.WithClock(r.clock.Time)
	r.workers = &outbox.Workers{DB: r.db, Box: r.box, Courier: r.courier, Clock: func() time.Time { return r.clock.Time().Std() },
		Log: slog.New(slog.NewTextHandler(r.log, nil)), Holder: "node-1", Observer: r.events}
	r.workers.Tick(r.poll, r.renew)
	return r
}

// start runs the workers until the test is over or stop is called.
func (r *rig) start() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	r.end = cancel
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.workers.Run(ctx)
	}()
	stop = func() {
		cancel()
		<-ended
	}
	r.Cleanup(stop)
	return stop
}

// tick lets the workers look for what is due, and returns once they have begun what they found.
func (r *rig) tick() {
	r.poll <- time.Time{}
	r.settle()
}

// settle returns once the workers have done what they were told before.
func (r *rig) settle() { r.renew <- time.Time{} }

// wait returns the next thing that the observer is told.
func (r *rig) wait() string {
	r.Helper()
	select {
	case event := <-r.events:
		return event
	case <-time.After(20 * time.Second):
		r.Fatalf("nothing happens; the courier was given %d messages", len(r.courier.seen()))
		return ""
	}
}

func (r *rig) want(event string) {
	r.Helper()
	if got := r.wait(); got != event {
		r.Errorf("the observer was told %q, want %q", got, event)
	}
}

func someMessage(project, id string) *model.Message {
	return &model.Message{Project: project, ID: id, Kind: model.MessageOTP, Channel: model.ChannelEmail, CreatedAt: noon, Expire: noon + 900_000,
		To: "walter@example.com", ToName: "Walter White", Locale: "de", Values: map[string]string{"otp": "482913", "phrase": "Calm harbour"}}
}

// put puts messages in one transaction.
func put(t testing.TB, db *store.DB, box *outbox.Box, list ...*model.Message) {
	t.Helper()
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		for _, m := range list {
			box.Put(tx, m)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (r *rig) put(list ...*model.Message) {
	r.Helper()
	put(r, r.db, r.box, list...)
}

// many makes messages of one project.
func many(project string, n int) []*model.Message {
	list := make([]*model.Message, n)
	for i := range list {
		list[i] = someMessage(project, fmt.Sprintf("m%04d", i))
	}
	return list
}

func (r *rig) row(project, id string) *store.StoredMessage {
	r.Helper()
	row, err := r.db.Message(r.Context(), project, id)
	if err != nil {
		r.Fatal(err)
	}
	return row
}
