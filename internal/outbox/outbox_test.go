package outbox_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/model"
	"latchkey/internal/outbox"
	"latchkey/internal/secret"
	"latchkey/internal/store"
	"latchkey/internal/testkit/engines"
)

func TestAMessageIsSentAndWiped(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		m := someMessage("demo", "m1")
		r.courier.script = func(_ context.Context, got *model.Message) error {
			if diff := cmp.Diff(m, got); diff != "" {
				t.Error(diff)
			}
			return nil
		}
		r.clock.advance(1500 * time.Millisecond)
		r.put(m)
		row := r.row("demo", "m1")
		for _, secret := range []string{"walter", "482913", "harbour", "White"} {
			if strings.Contains(string(row.Sealed), secret) {
				t.Errorf("the row shows %q", secret)
			}
		}
		if row.RecipientHint != "w…@example.com" || row.State != store.MessageQueued || row.DueAt != noon+1500 || len(row.Sealed) == 0 {
			t.Errorf("%+v", row)
		}
		stop := r.start()
		r.want("sent otpSession email 1.5s")
		stop()
		row = r.row("demo", "m1")
		if row.State != store.MessageSent || len(row.Sealed) != 0 || row.EndedAt != noon+1500 || row.Attempts != 1 {
			t.Errorf("%+v", row)
		}
		if log := r.log.String(); !strings.Contains(log, "message=m1 project=demo kind=otpSession attempt=1") || strings.Contains(log, "walter") {
			t.Error(log)
		}
	})
}

func TestAMessageGoesOutAtOnceAndOnlyWithItsTransaction(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		r.start()
		r.settle()
		refused := errors.New("refused")
		err := r.db.Write(t.Context(), func(tx *store.Tx) error {
			r.box.Put(tx, someMessage("demo", "never"))
			return refused
		})
		if !errors.Is(err, refused) {
			t.Error(err)
		}
		r.put(someMessage("demo", "m1")) // nobody ticks: the box itself wakes the workers
		r.want("sent otpSession email 0s")
		if diff := cmp.Diff([]string{"demo/m1"}, r.courier.seen()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestASealedMessageOpensInItsRowAlone(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		r.put(someMessage("demo", "m1"))
		moved := *r.row("demo", "m1")
		moved.ID = "m2"
		err := r.db.Write(t.Context(), func(tx *store.Tx) error { tx.InsertMessage(&moved); return nil })
		if err != nil {
			t.Fatal(err)
		}
		put(t, r.db, &outbox.Box{Keys: secret.NewKeyRing(secret.MasterKey{2})}, someMessage("demo", "m3"))
		r.start()
		got := map[string]int{r.wait(): 1}
		got[r.wait()]++
		got[r.wait()]++
		if diff := cmp.Diff(map[string]int{"sent otpSession email 0s": 1, "dead otpSession email": 2}, got); diff != "" {
			t.Error(diff)
		}
		for _, id := range []string{"m2", "m3"} {
			if row := r.row("demo", id); row.State != store.MessageDead || !strings.Contains(row.LastError, "master key") || len(row.Sealed) == 0 {
				t.Errorf("%+v", row)
			}
		}
	})
}

func TestHints(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]string{
		"walter@example.com": "w…@example.com", "ärzte@example.com": "ä…@example.com", "@example.com": "…@example.com",
		"+4930123456": "+49…56", "+123": "…", "": "…",
	} {
		if got := outbox.Hint(to); got != want {
			t.Errorf("%q gives %q, want %q", to, got, want)
		}
	}
}

func TestErrorsAreScrubbed(t *testing.T) {
	t.Parallel()
	m := someMessage("demo", "m1")
	m.Values["redirect"] = "https://app.example/?secret=abcdef"
	m.Values["secret"] = "abcdef"
	m.Values["short"] = "5"
	got := outbox.Scrub("550 <walter@example.com> Walter White: 482913 https://app.example/?secret=abcdef abcdef", m)
	if want := "550 <w…@example.com> …: … … …"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := outbox.Scrub("550 no", &model.Message{}); got != "550 no" {
		t.Error(got)
	}
}

func TestTheTimeBetweenTriesGrows(t *testing.T) {
	t.Parallel()
	random := secret.NewRandom(nil)
	seen := map[time.Duration]bool{}
	for tries, wait := range map[int]time.Duration{0: 5 * time.Second, 1: 5 * time.Second, 2: 15 * time.Second, 3: 45 * time.Second, 4: 2 * time.Minute, 5: 5 * time.Minute, 6: 15 * time.Minute, 99: 15 * time.Minute} {
		for range 50 {
			got := outbox.BackOff(tries, random)
			if got < wait*8/10 || got > wait*12/10 || got > 15*time.Minute {
				t.Errorf("after %d tries: %s, want about %s", tries, got, wait)
			}
			seen[got] = true
		}
	}
	if len(seen) < 200 {
		t.Errorf("only %d different times: no jitter", len(seen))
	}
}
