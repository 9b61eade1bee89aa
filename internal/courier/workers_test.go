package courier_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/internal/admin"
	"latchkey/internal/courier"
	"latchkey/internal/model"
	"latchkey/internal/outbox"
	"latchkey/internal/post"
	"latchkey/internal/secret"
	"latchkey/internal/store"
	"latchkey/internal/testkit/engines"
	"latchkey/internal/testkit/mailserver"
)

// hands is a clock that only the test moves.
type hands struct{ at atomic.Int64 }

func (h *hands) now() time.Time { return time.UnixMilli(h.at.Load()) }

// events are what an observer is told, as texts.
type events chan string

func (e events) Sent(kind, _ string, _ time.Duration) { e <- "sent " + kind }
func (e events) Failed(kind, _ string)                { e <- "failed " + kind }
func (e events) Dead(kind, _ string)                  { e <- "dead " + kind }

// office is workers with a courier and a real mail server.
type office struct {
	*testing.T
	db     *store.DB
	box    *outbox.Box
	clock  *hands
	events events
	bells  int
}

func newOffice(t *testing.T, db *store.DB, server *mailserver.Server) *office {
	t.Helper()
	o := &office{T: t, clock: &hands{}, events: make(events, 1000)}
	o.clock.at.Store(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixMilli())
	o.db = db.WithClock(func() model.Time { return model.At(o.clock.now()) })
	random := secret.NewRandom(nil)
	keys := secret.NewKeyRing(secret.NewMasterKey(random))
	rules := &admin.Rules{DB: o.db, Keys: keys, Random: random, Clock: o.clock.now}
	if _, err := rules.CreateProject(t.Context(), "demo", "Demo"); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	c := &courier.Courier{
		Projects: admin.NewProjects(o.db, keys, nil, log), Log: log, Mailer: &post.Mailer{}, Guest: &post.Mailer{},
		SMTP: &post.SMTPSettings{Host: server.Host, Port: server.Port, SenderEmail: "auth@example.org"},
	}
	o.box = &outbox.Box{Keys: keys}
	w := &outbox.Workers{DB: o.db, Box: o.box, Courier: c, Clock: o.clock.now, Log: log, Holder: "node", Observer: o.events, Timeout: 500 * time.Millisecond}
	ctx, stop := context.WithCancel(context.Background())
	var working sync.WaitGroup
	working.Go(func() { w.Run(ctx) })
	t.Cleanup(func() {
		stop()
		working.Wait()
		c.Close()
	})
	return o
}

func (o *office) put(list ...*model.Message) {
	o.Helper()
	err := o.db.Write(o.Context(), func(tx *store.Tx) error {
		for _, m := range list {
			o.box.Put(tx, m)
		}
		return nil
	})
	if err != nil {
		o.Fatal(err)
	}
}

// later moves the clock, wakes the workers by a message whose time is over, and waits for what they do.
func (o *office) later(d time.Duration, list map[string]int) {
	o.Helper()
	o.clock.at.Add(d.Milliseconds())
	o.bells++
	m := code("en")
	m.ID, m.Kind, m.Expire = fmt.Sprint("bell", o.bells), "bell", 1
	o.put(m)
	list["dead bell"] = 1
	o.want(list)
}

// want waits for so many events of each kind, in any order.
func (o *office) want(list map[string]int) {
	o.Helper()
	for len(list) > 0 {
		select {
		case event := <-o.events:
			if list[event]--; list[event] < 0 {
				o.Fatalf("it was not expected that %s", event)
			}
			if list[event] == 0 {
				delete(list, event)
			}
		case <-time.After(20 * time.Second):
			o.Fatalf("still to come: %v", list)
		}
	}
}

// TestNothingIsLostWhateverTheServerDoes takes the same mails through a server that is down, that says "later", that
// breaks off in the middle, that says nothing, and that takes some and refuses some.
func TestNothingIsLostWhateverTheServerDoes(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		const mails = 12
		first := mailserver.Start(t, mailserver.Options{})
		first.Stop()
		o := newOffice(t, db, first)
		for n := range mails {
			m := code("en")
			m.ID, m.To, m.Expire = fmt.Sprintf("m%02d", n), fmt.Sprintf("u%d@example.com", n), model.At(o.clock.now().Add(time.Hour))
			o.put(m)
		}
		o.want(map[string]int{"failed otpSession": mails})
		o.tried(1, 5*time.Second, "connect")

		var mood atomic.Value
		mood.Store("later")
		hang := make(chan bool)
		defer close(hang)
		server := mailserver.Start(t, mailserver.Options{Address: fmt.Sprintf("%s:%d", first.Host, first.Port), Step: func(step string, talk *mailserver.Talk) error {
			switch is := mood.Load(); {
			case is == "later" && step == mailserver.Recipient:
				return mailserver.Refuse(451, "come back later")
			case is == "torn" && step == mailserver.Data:
				talk.Drop()
			case is == "silent" && step == mailserver.Data:
				<-hang
			case is == "choosy" && step == mailserver.Recipient && len(talk.To)%2 == 0:
				return mailserver.Refuse(550, "nobody here")
			}
			return nil
		}})
		for n, next := range []struct {
			mood       string
			wait, then time.Duration
			told       string
		}{
			{"later", 6 * time.Second, 15 * time.Second, "451"}, {"torn", 18 * time.Second, 45 * time.Second, "DATA"}, {"silent", 54 * time.Second, 2 * time.Minute, "DATA"},
		} {
			mood.Store(next.mood)
			o.later(next.wait, map[string]int{"failed otpSession": mails})
			o.tried(n+2, next.then, next.told)
		}
		mood.Store("choosy")
		o.later(144*time.Second, map[string]int{"sent otpSession": 2, "dead otpSession": mails - 2}) // u10 and u11 are the longer addresses
		to := map[string]int{}
		for _, mail := range server.Mails() {
			to[mail.To]++
		}
		if len(to) != 2 || to["u10@example.com"] != 1 || to["u11@example.com"] != 1 {
			t.Errorf("taken: %v", to)
		}
		row, err := db.Message(t.Context(), "demo", "m00")
		if err != nil || row.State != store.MessageDead || row.Attempts != 5 || !strings.Contains(row.LastError, "550") || strings.Contains(row.LastError, "u0@example.com") {
			t.Errorf("%+v (%v)", row, err)
		}
	})
}

// tried looks at what an operator sees of the mails: how often they were tried, when they come again, and why.
func (o *office) tried(times int, wait time.Duration, why string) {
	o.Helper()
	rows, err := o.db.Messages(o.Context(), "demo", store.MessageQueued, 100)
	if err != nil || len(rows) == 0 {
		o.Fatal(len(rows), err)
	}
	now := model.At(o.clock.now())
	for _, row := range rows {
		if row.Attempts != times || row.DueAt < now.Add(wait*8/10) || row.DueAt > now.Add(wait*12/10) || !strings.Contains(row.LastError, why) {
			o.Errorf("tried %d times, comes again in %s: %s", row.Attempts, time.Duration(row.DueAt-now)*time.Millisecond, row.LastError)
		}
	}
}
