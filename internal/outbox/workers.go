package outbox

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// Courier sends one message. An error with a method Permanent() bool that says true ends the message; after any
// other it is tried again. The text of an error is shown to operators: it should hold the server's answer and not
// the message. The context ends when a try has lasted too long.
type Courier interface {
	Deliver(ctx context.Context, m *model.Message) error
}

// Observer is told what becomes of messages, for metrics. It is called by many goroutines and must not wait.
type Observer interface {
	Sent(kind, channel string, waited time.Duration) // since the message was put
	Failed(kind, channel string)                     // to be tried again
	Dead(kind, channel string)                       // given up
}

// Workers send what is due. One runs in each process; any number may share a database.
type Workers struct {
	DB       *store.DB
	Queue    *store.Queue // nil: that of mails and text messages
	Box      *Box
	Courier  Courier
	Clock    func() time.Time
	Log      *slog.Logger
	Holder   string         // this process's name in claims: another one each time it starts
	Parallel int            // messages on their way at the same time; 0: 8
	Timeout  time.Duration  // for one try; 0: a minute
	Random   *secret.Random // for the jitter of retries; nil: the system's
	Observer Observer       // nil: nobody

	ticks <-chan time.Time // tests: instead of the poll
	renew <-chan time.Time // tests: instead of the renewal
}

const (
	parallel   = 8
	timeout    = time.Minute
	lease      = time.Minute            // how long a message is ours without a sign from us
	renewEvery = lease / 3              // two signs may be lost
	pollEvery  = time.Second            // for what other nodes put and for retries
	turnSize   = 8                      // messages of one project in a turn
	dueAtOnce  = 500                    // projects asked for at a time
	farewell   = 5 * time.Second        // for a courier to notice that its time is over
	noteFirst  = 100 * time.Millisecond // before the end of a try is written again when the database has refused
	noteMost   = 5 * time.Second
	noteLimit  = 2 * time.Minute // then the lease is left to run out
	mostSilent = 15              // polls that a database in trouble is left alone, at most
)

// Run sends until the context ends. It returns once the tries under way have ended, each within its timeout;
// what was claimed and not begun is given back.
func (w *Workers) Run(ctx context.Context) {
	work, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	d := w.desk(work)
	poll, stop := ticker(w.ticks, pollEvery)
	defer stop()
	renew, stop := ticker(w.renew, renewEvery)
	defer stop()
	released := w.DB.Engine() != store.SQLite
	for {
		if !released {
			released = d.releaseOld(ctx)
		}
		if released && ctx.Err() == nil { // a try that ends together with ctx makes room for no other
			d.fill(ctx)
			d.start()
		}
		select {
		case <-ctx.Done():
			d.close(renew)
			return
		case <-w.Box.calls():
			d.stale = true
		case <-poll:
			d.stale = true
			d.silent = max(0, d.silent-1)
		case j := <-d.done:
			d.forget(j)
		case <-renew:
			d.renew(ctx)
		}
	}
}

// ticker returns a channel that ticks, and how to stop it.
func ticker(given <-chan time.Time, every time.Duration) (<-chan time.Time, func()) {
	if given != nil {
		return given, func() {}
	}
	t := time.NewTicker(every)
	return t.C, t.Stop
}

// desk is where claimed messages lie. It belongs to the goroutine of Run; only done is touched by others.
type desk struct {
	*Workers
	slots  int             // tries at the same time
	work   context.Context // of all tries; ends when Run does
	random *secret.Random
	ready  []*job         // claimed, not begun
	active map[*job]bool  // being tried
	load   map[string]int // of each project: ready and active
	busy   map[string]int // of each project: active
	done   chan *job
	ring   []string // projects with something due, in the order of their turns
	after  string   // where the list of due projects was cut off
	stale  bool     // the ring has to be looked up anew

	silent   int // polls for which the database is left alone
	failures int // in a row
}

// job is a claimed message on the desk.
type job struct {
	row    store.StoredMessage
	until  model.Time         // end of the lease
	ends   time.Time          // when its try is over at the latest
	cancel context.CancelFunc // ends the try; nil before it begins
}

func (w *Workers) desk(ctx context.Context) *desk {
	d := &desk{Workers: w, slots: w.Parallel, work: ctx, active: map[*job]bool{}, load: map[string]int{}, busy: map[string]int{}, random: w.Random, stale: true}
	if d.slots <= 0 {
		d.slots = parallel
	}
	if d.random == nil {
		d.random = secret.NewRandom(nil)
	}
	if d.Queue == nil {
		d.Queue = d.DB.Outbox()
	}
	d.done = make(chan *job, d.slots)
	return d
}

// turn is what a job takes turns as: its project, or its webhook.
func (d *desk) turn(j *job) string { return d.Queue.Turn(&j.row) }

// share is how much of n one project may take: three quarters, so that a sign-in code of another one never waits
// until a mass mailing is over.
func share(n int) int { return max(1, n-n/4) }

func (w *Workers) now() model.Time { return model.At(w.Clock()) }

// releaseOld gives up the leases of the process before. One program has the SQLite file to itself, so whoever
// holds them is dead.
func (d *desk) releaseOld(ctx context.Context) bool {
	if d.silent > 0 {
		return false
	}
	n, err := d.Queue.Release(ctx, d.Holder, d.now())
	if n > 0 {
		d.Log.Info("messages of the process before are taken up", "count", n)
	}
	return d.answered(ctx, err)
}

// answered counts failures of the database. After each it is left alone for longer: 1, 2, 4 … polls.
func (d *desk) answered(ctx context.Context, err error) bool {
	if err == nil {
		d.failures = 0
		return true
	}
	if ctx.Err() == nil {
		d.silent = min(1<<min(d.failures, 10), mostSilent)
		d.failures++
		d.Log.Warn("the database does not give out messages", "error", err, "pause_polls", d.silent)
	}
	return false
}

// fill claims messages, project by project in turn, until the desk is full: one round of tries and as much again,
// so that a try that ends is followed by the next without asking the database.
func (d *desk) fill(ctx context.Context) {
	room := 2*d.slots - len(d.ready) - len(d.active)
	if d.silent > 0 || ctx.Err() != nil || room <= 0 || !d.stale && len(d.ready) > d.slots/4 {
		return // nothing can be had, or it is not worth a question yet
	}
	if d.stale && !d.lookUp(ctx) {
		return
	}
	for passed := 0; room > 0 && passed < len(d.ring); {
		project := d.ring[0]
		d.ring = d.ring[1:]
		most := min(room, turnSize, share(2*d.slots)-d.load[project])
		if most <= 0 {
			d.ring = append(d.ring, project)
			passed++
			continue
		}
		now := d.now()
		claim := store.Claim{Turn: project, Holder: d.Holder, Now: now, LeaseUntil: now.Add(lease), Most: most}
		rows, err := d.Queue.Claim(ctx, &claim)
		if !d.answered(ctx, err) {
			d.stale = true
			return
		}
		for _, row := range rows {
			d.ready = append(d.ready, &job{row: row, until: claim.LeaseUntil})
		}
		d.load[project] += len(rows)
		room -= len(rows)
		passed = 0
		if len(rows) == most { // there may be more
			d.ring = append(d.ring, project)
		}
	}
}

// lookUp puts projects that have something due by now behind those that are in the ring.
func (d *desk) lookUp(ctx context.Context) bool {
	due, err := d.Queue.Due(ctx, d.after, d.now(), dueAtOnce)
	if !d.answered(ctx, err) {
		return false
	}
	known := map[string]bool{}
	for _, project := range d.ring {
		known[project] = true
	}
	for _, project := range due {
		if !known[project] {
			d.ring = append(d.ring, project)
		}
	}
	d.after, d.stale = "", len(due) == dueAtOnce
	if d.stale {
		d.after = due[len(due)-1]
	}
	return true
}

// start begins tries while there are slots: next comes who has the fewest tries under way, and of those whoever
// was claimed first.
func (d *desk) start() {
	for len(d.active) < d.slots {
		next := -1
		for i, j := range d.ready {
			busy := d.busy[d.turn(j)]
			if busy < share(d.slots) && (next < 0 || busy < d.busy[d.turn(d.ready[next])]) {
				next = i
			}
		}
		if next < 0 {
			return
		}
		j := d.ready[next]
		d.ready = slices.Delete(d.ready, next, next+1)
		d.active[j] = true
		d.busy[d.turn(j)]++
		d.begin(j)
	}
}

// begin tries a message in a goroutine of its own.
func (d *desk) begin(j *job) {
	limit := d.Timeout
	if limit <= 0 {
		limit = timeout
	}
	ctx, cancel := context.WithTimeout(d.work, limit)
	j.cancel, j.ends = cancel, time.Now().Add(limit)
	go func() {
		defer func() {
			if reason := recover(); reason != nil { // the lease runs out, and the message comes again
				d.Log.Error("a try panicked", "message", j.row.ID, "type", fmt.Sprintf("%T", reason), "stack", string(debug.Stack()))
			}
			cancel()
			d.done <- j
		}()
		d.deliver(ctx, &j.row)
	}()
}

// forget clears the desk of a message whose try has ended.
func (d *desk) forget(j *job) {
	delete(d.active, j)
	for _, counts := range []map[string]int{d.load, d.busy} {
		if counts[d.turn(j)]--; counts[d.turn(j)] <= 0 {
			delete(counts, d.turn(j))
		}
	}
}

// renew tells the database that we are still at our messages. What somebody else has by now is dropped. When the
// database cannot be told for as long as a lease lasts, tries are ended: somebody else may be at them.
func (d *desk) renew(ctx context.Context) {
	jobs := append([]*job{}, d.ready...)
	for j := range d.active {
		jobs = append(jobs, j)
	}
	if len(jobs) == 0 {
		return
	}
	rows := make([]store.StoredMessage, len(jobs))
	for i, j := range jobs {
		rows[i] = j.row
	}
	now := d.now()
	until := now.Add(lease)
	still, err := d.Queue.Renew(ctx, rows, until)
	if err != nil {
		d.Log.Warn("leases of messages cannot be renewed", "error", err)
	}
	held := map[string]bool{}
	for _, row := range still {
		held[place(row.Project, row.ID)] = true
	}
	var ready []*job
	for _, j := range jobs {
		lost := err == nil && !held[place(j.row.Project, j.row.ID)] || err != nil && j.until < now
		if err == nil && !lost {
			j.until = until
		}
		switch {
		case d.active[j] && lost:
			j.cancel()
		case !d.active[j] && lost:
			d.drop(j)
		case !d.active[j]:
			ready = append(ready, j)
		}
	}
	d.ready = ready
}

// drop forgets a message that was not begun.
func (d *desk) drop(j *job) {
	if d.load[d.turn(j)]--; d.load[d.turn(j)] <= 0 {
		delete(d.load, d.turn(j))
	}
}

// close gives back what was not begun and waits for the tries under way, renewing their leases. Each has its
// timeout; a courier that does not heed it is not waited for.
func (d *desk) close(renew <-chan time.Time) {
	rows := []store.StoredMessage{}
	for _, j := range d.ready {
		rows = append(rows, j.row)
	}
	d.ready = nil
	if len(rows) > 0 {
		ctx, cancel := context.WithTimeout(d.work, farewell)
		if err := d.Queue.GiveBack(ctx, rows, d.now()); err != nil {
			d.Log.Warn("messages could not be given back; their leases run out by themselves", "count", len(rows), "error", err)
		}
		cancel()
	}
	last := time.Now()
	for j := range d.active {
		if j.ends.After(last) {
			last = j.ends
		}
	}
	patience := time.NewTimer(time.Until(last) + farewell)
	defer patience.Stop()
	for len(d.active) > 0 {
		select {
		case j := <-d.done:
			d.forget(j)
		case <-renew:
			d.renew(d.work)
		case <-patience.C:
			d.Log.Error("tries have outlasted their time and are left behind", "count", len(d.active))
			return
		}
	}
}
