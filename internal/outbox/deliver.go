package outbox

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// waits are the times between tries, before jitter; the last one repeats.
var waits = []time.Duration{5 * time.Second, 15 * time.Second, 45 * time.Second, 2 * time.Minute, 5 * time.Minute, mostWait}

const (
	mostWait    = 15 * time.Minute
	lastStretch = 10 * time.Second // of its life in which a message is not tried once more
	// mostTries ends what is never too late, and what kills the process that tries it.
	mostTries = 200
)

// failure is why a try has failed.
type failure struct {
	class string // for the log: permanent, temporary, timeout, panic, unreadable, expired
	text  string // for operators
	final bool
}

// deliver tries a claimed message once and writes down what came of it.
func (d *desk) deliver(ctx context.Context, row *store.StoredMessage) {
	now := d.now()
	if past(row, now) {
		d.giveUp(row, failure{class: "expired", text: joined("expired before it could be sent", row.LastError)})
		return
	}
	if row.Attempts > mostTries {
		d.giveUp(row, failure{class: "expired", text: joined("tried too often", row.LastError)})
		return
	}
	m, err := d.Box.Open(row)
	if err != nil {
		d.giveUp(row, failure{class: "unreadable", text: err.Error()})
		return
	}
	f := d.try(ctx, m)
	switch {
	case f == nil:
		d.sent(row)
	case f.final:
		d.giveUp(row, *f)
	default:
		d.postpone(row, *f)
	}
}

// past says whether a message is past its life.
func past(row *store.StoredMessage, now model.Time) bool { return row.Expire > 0 && row.Expire < now }

// joined adds the last failure to a reason.
func joined(reason, last string) string {
	if last == "" {
		return reason
	}
	return reason + "; last: " + last
}

// try hands a message to the courier; nil means that it is sent. A courier that panics has failed: the message
// comes again, the process goes on. What it panicked with may quote the message and is thrown away.
func (d *desk) try(ctx context.Context, m *model.Message) (f *failure) {
	defer func() {
		if reason := recover(); reason != nil {
			d.Log.Error("a courier panicked", "message", m.ID, "project", m.Project, "type", fmt.Sprintf("%T", reason), "stack", string(debug.Stack()))
			f = &failure{class: "panic", text: "the courier panicked"}
		}
	}()
	err := d.Courier.Deliver(ctx, m)
	if err == nil {
		return nil
	}
	f = &failure{class: "temporary", text: scrub(err.Error(), m)}
	var final interface{ Permanent() bool }
	switch {
	case errors.As(err, &final) && final.Permanent():
		f.class, f.final = "permanent", true
	case ctx.Err() != nil:
		f.class = "timeout"
	}
	return f
}

// shortest is how long a text must be to be looked for in an error: less would blot out half of it.
const shortest = 4

// scrub removes from an error what a server may have quoted of the message, whole texts before what is part of
// them.
func scrub(text string, m *model.Message) string {
	if m.To != "" {
		text = strings.ReplaceAll(text, m.To, hint(m.To))
	}
	values := slices.SortedFunc(maps.Values(m.Values), func(a, b string) int { return len(b) - len(a) })
	for _, value := range append(values, m.ToName) {
		if len(value) >= shortest {
			text = strings.ReplaceAll(text, value, "…")
		}
	}
	return text
}

func (d *desk) sent(row *store.StoredMessage) {
	now := d.now()
	if !d.note(row, func(ctx context.Context) error { return d.Queue.Sent(ctx, row, now) }) {
		return
	}
	d.Log.Info("message sent", "message", row.ID, "project", row.Project, "kind", row.Kind, "attempt", row.Attempts)
	if d.Observer != nil {
		d.Observer.Sent(row.Kind, row.Channel, time.Duration(now-row.CreatedAt)*time.Millisecond)
	}
}

func (d *desk) giveUp(row *store.StoredMessage, f failure) {
	now := d.now()
	if !d.note(row, func(ctx context.Context) error { return d.Queue.Dead(ctx, row, now, f.text) }) {
		return
	}
	d.Log.Warn("message given up", "message", row.ID, "project", row.Project, "kind", row.Kind, "attempt", row.Attempts, "class", f.class)
	if d.Observer != nil {
		d.Observer.Dead(row.Kind, row.Channel)
	}
}

// postpone puts a message back until its next try, or gives it up when there is no life left for one.
func (d *desk) postpone(row *store.StoredMessage, f failure) {
	now := d.now()
	wait := backOff(row.Attempts, d.random)
	if row.Expire > 0 {
		left := time.Duration(row.Expire-now) * time.Millisecond
		if left < lastStretch {
			d.giveUp(row, failure{class: f.class, text: joined("expired", f.text)})
			return
		}
		wait = min(wait, left/2) // a code that comes when it has run out helps nobody: rather try sooner
	}
	due := now.Add(wait)
	if !d.note(row, func(ctx context.Context) error { return d.Queue.Later(ctx, row, due, f.text) }) {
		return
	}
	d.Log.Info("message will be tried again", "message", row.ID, "project", row.Project, "kind", row.Kind,
		"attempt", row.Attempts, "class", f.class, "seconds", int(wait.Seconds()))
	if d.Observer != nil {
		d.Observer.Failed(row.Kind, row.Channel)
	}
}

// backOff is the time before the try that follows a number of tries: a fifth more or less, so that messages that
// failed together do not come back together.
func backOff(tries int, random *secret.Random) time.Duration {
	wait := waits[min(max(tries, 1), len(waits))-1]
	b := random.Bytes(2)
	jitter := 0.8 + 0.4*float64(int(b[0])<<8|int(b[1]))/65536
	return min(time.Duration(float64(wait)*jitter), mostWait)
}

// note writes the end of a try, again and again while the database is in trouble: the message was sent, and if
// nobody knows, it is sent twice. It says whether the claim was still ours.
func (d *desk) note(row *store.StoredMessage, write func(context.Context) error) bool {
	ctx, cancel := context.WithTimeout(d.work, noteLimit) // the time of the try itself may be over
	defer cancel()
	for wait := noteFirst; ; wait = min(2*wait, noteMost) {
		err := write(ctx)
		if err == nil {
			return true
		}
		if errors.Is(err, store.ErrNotHeld) {
			d.Log.Warn("a message was taken over by somebody else before its try had ended", "message", row.ID, "project", row.Project, "attempt", row.Attempts)
			return false
		}
		d.Log.Warn("the end of a try cannot be written", "message", row.ID, "project", row.Project, "error", err)
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			d.Log.Error("the end of a try was never written: the message may be sent once more", "message", row.ID, "project", row.Project)
			return false
		}
	}
}
