package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit/engines"
)

func TestFailuresForAWhileAreTriedAgain(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		r.courier.script = func(_ context.Context, m *model.Message) error {
			return errors.New("451 <walter@example.com> code 482913: come back later")
		}
		r.put(someMessage("demo", "m1"))
		stop := r.start()
		now := noon
		for i, wait := range []time.Duration{5 * time.Second, 15 * time.Second, 45 * time.Second, 2 * time.Minute, 5 * time.Minute} {
			r.want("failed otpSession email")
			row := r.row("demo", "m1")
			low, high := now.Add(wait*8/10), now.Add(wait*12/10)
			if row.DueAt < low || row.DueAt > high || row.Attempts != i+1 || row.State != store.MessageQueued || row.Holder != "" {
				t.Fatalf("after try %d, due %s later: %+v", i+1, time.Duration(row.DueAt-now)*time.Millisecond, row)
			}
			if row.LastError != "451 <w…@example.com> code …: come back later" {
				t.Error(row.LastError)
			}
			r.clock.advance(time.Duration(row.DueAt-1-r.clock.Time()) * time.Millisecond)
			r.tick()
			if early := r.row("demo", "m1"); early.Attempts != i+1 {
				t.Fatalf("taken before it was due: %+v", early)
			}
			r.clock.advance(time.Millisecond)
			now = r.clock.Time()
			r.tick()
		}
		// The next wait would be longer than the rest of its life, which is used in ever smaller parts instead.
		for tries := 6; ; tries++ {
			event := r.wait()
			row := r.row("demo", "m1")
			if event == "dead otpSession email" {
				if row.State != store.MessageDead || !strings.HasPrefix(row.LastError, "expired; last: 451") || tries < 8 || row.Expire-now > 10_000 {
					t.Errorf("after %d tries: %+v", tries, row)
				}
				break
			}
			if row.DueAt >= row.Expire {
				t.Fatalf("due when it is over: %+v", row)
			}
			r.clock.advance(time.Duration(row.DueAt-r.clock.Time()) * time.Millisecond)
			now = r.clock.Time()
			r.tick()
		}
		stop()
		log := r.log.String()
		for _, secret := range []string{"walter", "482913", "451", "harbour"} {
			if strings.Contains(log, secret) {
				t.Errorf("the log tells %q:\n%s", secret, log)
			}
		}
		if !strings.Contains(log, "attempt=2 class=temporary") {
			t.Error(log)
		}
	})
}

func TestMessagesThatAreGivenUp(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		r.courier.script = func(_ context.Context, m *model.Message) error {
			return fmt.Errorf("mail server, RCPT TO: %w", refusal("550 no such mailbox"))
		}
		late := someMessage("demo", "late")
		late.Expire = noon - 1
		r.put(someMessage("demo", "refused"), late)
		stop := r.start()
		r.want("dead otpSession email")
		r.want("dead otpSession email")
		refused, expired := r.row("demo", "refused"), r.row("demo", "late")
		if refused.State != store.MessageDead || refused.Attempts != 1 || refused.LastError != "mail server, RCPT TO: 550 no such mailbox" {
			t.Errorf("%+v", refused)
		}
		if expired.State != store.MessageDead || expired.LastError != "expired before it could be sent" || len(expired.Sealed) != 0 {
			t.Errorf("%+v", expired)
		}
		if seen := r.courier.seen(); len(seen) != 1 {
			t.Error("the courier was given", seen)
		}
		// An operator mends what was wrong.
		r.courier.mu.Lock()
		r.courier.script = nil
		r.courier.mu.Unlock()
		if err := r.db.RetryMessage(t.Context(), "demo", "refused", r.clock.Time()); err != nil {
			t.Error(err)
		}
		r.tick()
		r.want("sent otpSession email 0s")
		stop()
	})
}

func TestWhatIsNeverTooLateEndsAfterManyTries(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		m := someMessage("demo", "m1")
		m.Expire = 0
		r.put(m)
		for range 200 { // processes that died
			r.claim("dead", 0)
			r.clock.advance(time.Millisecond)
		}
		r.start()
		r.want("dead otpSession email")
		if row := r.row("demo", "m1"); row.LastError != "tried too often" || len(r.courier.seen()) != 0 {
			t.Errorf("%+v", row)
		}
	})
}

// claim takes a message as another process would.
func (r *rig) claim(holder string, lease time.Duration) []store.StoredMessage {
	r.Helper()
	now := r.clock.Time()
	rows, err := r.db.Outbox().Claim(r.Context(), &store.Claim{Turn: "demo", Holder: holder, Now: now, LeaseUntil: now.Add(lease), Most: 1})
	if err != nil || len(rows) != 1 {
		r.Fatal(rows, err)
	}
	return rows
}

func TestPanicsOfACourier(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		r.courier.script = func(_ context.Context, m *model.Message) error {
			if m.ID == "bad" {
				panic("cannot write to " + m.To + " code " + m.Values["otp"])
			}
			return nil
		}
		r.put(someMessage("demo", "bad"), someMessage("demo", "good"))
		stop := r.start()
		events := []string{r.wait(), r.wait()}
		slices.Sort(events)
		if fmt.Sprint(events) != "[failed otpSession email sent otpSession email 0s]" {
			t.Error(events)
		}
		stop()
		if row := r.row("demo", "bad"); row.LastError != "the courier panicked" || row.DueAt == noon {
			t.Errorf("%+v", row)
		}
		if log := r.log.String(); strings.Contains(log, "walter") || strings.Contains(log, "482913") || !strings.Contains(log, "class=panic") {
			t.Error(log)
		}
	})
}

func TestTriesThatLastTooLong(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		r.workers.Timeout = time.Millisecond
		r.courier.script = func(ctx context.Context, m *model.Message) error {
			<-ctx.Done()
			return ctx.Err()
		}
		r.put(someMessage("demo", "m1"))
		stop := r.start()
		r.want("failed otpSession email")
		stop()
		if log := r.log.String(); !strings.Contains(log, "class=timeout") {
			t.Error(log)
		}
	})
}

func TestTheLeaseOfADeadProcessRunsOut(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		r.start()
		r.tick() // SQLite's leases of the process before have been given up by now
		elsewhere := newRig(t, db)
		elsewhere.put(someMessage("demo", "m1")) // its bell does not ring here
		lost := r.claim("dead", time.Minute)
		r.clock.advance(time.Minute - time.Millisecond)
		r.tick()
		if row := r.row("demo", "m1"); row.Holder != "dead" {
			t.Errorf("%+v", row)
		}
		r.clock.advance(time.Millisecond)
		r.tick()
		r.want("sent otpSession email 1m0s")
		if row := r.row("demo", "m1"); row.Attempts != 2 {
			t.Errorf("%+v", row)
		}
		if err := r.db.Outbox().Later(t.Context(), &lost[0], noon, ""); !errors.Is(err, store.ErrNotHeld) {
			t.Error("the dead process came back and put the message into the queue again:", err)
		}
	})
}

func TestARestartOnSQLiteTakesUpOldLeases(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		r.put(someMessage("demo", "m1"))
		r.claim("before", time.Minute)
		stop := r.start()
		r.tick()
		if db.Engine() == store.SQLite {
			r.want("sent otpSession email 0s")
		}
		stop()
		if row := r.row("demo", "m1"); db.Engine() == store.Postgres && row.Holder != "before" {
			t.Errorf("taken from another node that may be alive: %+v", row)
		}
	})
}

func TestLeasesAreRenewedWhileACourierWorks(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		begun, gate := make(chan bool, 1), make(chan bool)
		r.courier.script = func(ctx context.Context, m *model.Message) error {
			begun <- true
			select {
			case <-gate:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		r.put(someMessage("demo", "m1"))
		stop := r.start()
		<-begun
		r.clock.advance(50 * time.Second)
		r.settle()
		r.settle() // the first is done by now
		if row := r.row("demo", "m1"); row.DueAt != noon+110_000 {
			t.Errorf("not renewed: %+v", row)
		}
		gate <- true
		r.want("sent otpSession email 50s")

		r.put(someMessage("demo", "m2"))
		<-begun
		r.clock.advance(2 * time.Minute) // as if we had been stopped for so long
		r.claim("other", time.Minute)
		r.settle()
		r.settle()
		stop() // returns because the try has been ended: somebody else is at it
		if row := r.row("demo", "m2"); row.Holder != "other" || row.Attempts != 2 || row.State != store.MessageQueued {
			t.Errorf("%+v", row)
		}
		if log := r.log.String(); !strings.Contains(log, "taken over by somebody else") {
			t.Error(log)
		}
	})
}

func TestAnEndGivesBackWhatWasNotBegun(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		begun, gate := make(chan bool, 100), make(chan bool)
		r.courier.script = func(context.Context, *model.Message) error {
			begun <- true
			<-gate
			return nil
		}
		r.put(many("demo", 30)...)
		stop := r.start()
		for range 6 {
			<-begun
		}
		r.end()
		for range 6 {
			gate <- true
			r.want("sent otpSession email 0s")
		}
		stop()
		counts, err := r.db.CountMessages(t.Context())
		if want := (store.MessageCounts{Queued: 24, Sent: 6}); counts != want || err != nil {
			t.Error(counts, err)
		}
		rows, err := r.db.Messages(t.Context(), "demo", store.MessageQueued, 100)
		for _, row := range rows {
			if row.Holder != "" || row.Attempts != 0 || row.DueAt != noon {
				t.Errorf("%+v", row)
			}
		}
		if err != nil || len(r.courier.seen()) != 6 {
			t.Error(err, r.courier.seen())
		}
	})
}

func TestAMassMailingDelaysNobodyElse(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		r.put(many("a", 2000)...)
		r.put(someMessage("b", "code"))
		gate := make(chan bool)
		begun := make(chan bool, 2000)
		r.courier.script = func(_ context.Context, m *model.Message) error {
			if m.Project == "a" {
				begun <- true
				<-gate
			}
			return nil
		}
		stop := r.start()
		r.want("sent otpSession email 0s") // all of a's hang
		for range 6 {
			<-begun
		}
		r.put(someMessage("b", "another")) // and so for one that comes when all is busy
		r.want("sent otpSession email 0s")
		r.settle()
		if seen := r.courier.seen(); len(seen) != 8 || !slices.Contains(seen, "b/code") || !slices.Contains(seen, "b/another") {
			t.Errorf("one project has more than its share, or another none: %v", seen)
		}
		// When nothing hangs, b has its turn after one of a.
		close(gate)
		for range 20 {
			r.wait()
		}
		before := len(r.courier.seen())
		r.put(someMessage("b", "third"))
		for !slices.Contains(r.courier.seen(), "b/third") {
			r.wait()
		}
		if waited := slices.Index(r.courier.seen(), "b/third") - before; waited > 200 {
			t.Errorf("%d messages of a went before one of b", waited)
		}
		stop()
	})
}

func TestOneWorkerIsEnough(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		r.workers.Parallel = 1
		r.put(many("a", 30)...)
		r.put(someMessage("b", "code"))
		r.start()
		for range 31 {
			r.want("sent otpSession email 0s")
		}
		if turn := slices.Index(r.courier.seen(), "b/code"); turn > 4 {
			t.Errorf("b had its turn after %d messages", turn)
		}
	})
}

func TestNothingIsLostAndNothingDoubled(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		const messages = 5000
		nodes := []*rig{newRig(t, db)}
		if db.Engine() == store.Postgres {
			nodes = append(nodes, newRig(t, db), newRig(t, db))
		}
		for n, node := range nodes {
			node.workers.Holder = fmt.Sprint("node-", n)
			node.workers.Tick(nil, nil) // the real ones: they work side by side
			node.start()
		}
		var wait sync.WaitGroup
		for part := range 10 {
			wait.Go(func() { nodes[part%len(nodes)].put(many(fmt.Sprint("p", part), messages/10)...) })
		}
		wait.Wait()
		for sent := 0; sent < messages; sent++ {
			select {
			case <-nodes[0].events:
			case <-nodes[len(nodes)-1].events:
			case <-nodes[len(nodes)/2].events:
			case <-time.After(30 * time.Second):
				t.Fatalf("only %d messages were sent", sent)
			}
		}
		times, busy := map[string]int{}, 0
		for _, node := range nodes {
			if len(node.courier.seen()) > 0 {
				busy++
			}
			for _, id := range node.courier.seen() {
				times[id]++
			}
		}
		for id, n := range times {
			if n != 1 {
				t.Errorf("%s was sent %d times", id, n)
			}
		}
		counts, err := nodes[0].db.CountMessages(t.Context())
		if want := (store.MessageCounts{Sent: messages}); len(times) != messages || counts != want || err != nil || busy != len(nodes) {
			t.Errorf("%d different messages were sent by %d nodes; rows: %+v (%v)", len(times), busy, counts, err)
		}
	})
}

func TestADatabaseInTroubleIsLeftAlone(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		stop := r.start()
		r.tick()
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		for range 60 {
			r.tick()
		}
		stop()
		if n := strings.Count(r.log.String(), "does not give out messages"); n < 4 || n > 8 {
			t.Errorf("in sixty polls the database was asked %d times:\n%s", n, r.log)
		}
	})
}
