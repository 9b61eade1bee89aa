package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit/engines"
)

func someMessage(project, id string) *store.StoredMessage {
	return &store.StoredMessage{Project: project, ID: id, Kind: model.MessageOTP, Channel: model.ChannelEmail, State: store.MessageQueued,
		CreatedAt: noon, DueAt: noon, Expire: noon + 900_000, Sealed: []byte("sealed\x00bytes of " + id), RecipientHint: "w…@example.com"}
}

func insertMessages(t testing.TB, db *store.DB, list ...*store.StoredMessage) {
	t.Helper()
	write(t, db, func(tx *store.Tx) {
		for _, m := range list {
			tx.InsertMessage(m)
		}
	})
}

// claim takes messages of the project for a minute.
func claim(t testing.TB, db *store.DB, holder string, now model.Time, most int) []store.StoredMessage {
	t.Helper()
	list, err := db.Outbox().Claim(t.Context(), &store.Claim{Turn: project, Holder: holder, Now: now, LeaseUntil: now + 60_000, Most: most})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(list, func(a, b store.StoredMessage) int { return strings.Compare(a.ID, b.ID) })
	return list
}

// message reads a row.
func message(t testing.TB, db *store.DB, id string) store.StoredMessage {
	t.Helper()
	m, err := db.Message(t.Context(), project, id)
	if err != nil {
		t.Fatal(err)
	}
	return *m
}

func idsOf(list []store.StoredMessage) string {
	ids := []string{}
	for _, m := range list {
		ids = append(ids, m.ID)
	}
	return strings.Join(ids, " ")
}

func TestAMessageIsClaimedAndSent(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		m := someMessage(project, "m1")
		later := someMessage(project, "m2")
		later.DueAt = noon + 10
		insertMessages(t, db, m, later, someMessage("other", "m1"))
		if diff := cmp.Diff(*m, message(t, db, "m1")); diff != "" {
			t.Error(diff)
		}
		got := claim(t, db, "a", noon+1, 10)
		want := *m
		want.Holder, want.Attempts, want.DueAt = "a", 1, noon+60_001
		if diff := cmp.Diff([]store.StoredMessage{want}, got); diff != "" {
			t.Fatal(diff)
		}
		if again := claim(t, db, "b", noon+9, 10); len(again) != 0 {
			t.Error("claimed twice:", again)
		}
		for name, change := range map[string]func(*store.StoredMessage){
			"another holder": func(m *store.StoredMessage) { m.Holder = "b" },
			"another claim":  func(m *store.StoredMessage) { m.Attempts = 2 },
			"nobody":         func(m *store.StoredMessage) { m.Holder = "" },
		} {
			claimed := got[0]
			change(&claimed)
			for _, err := range []error{db.Outbox().Sent(t.Context(), &claimed, noon), db.Outbox().Later(t.Context(), &claimed, noon, ""), db.Outbox().Dead(t.Context(), &claimed, noon, "")} {
				if !errors.Is(err, store.ErrNotHeld) {
					t.Errorf("%s ends a claim: %v", name, err)
				}
			}
		}
		if err := db.Outbox().Sent(t.Context(), &got[0], noon+2); err != nil {
			t.Fatal(err)
		}
		want.Holder, want.State, want.Sealed, want.EndedAt = "", store.MessageSent, []byte{}, noon+2
		if diff := cmp.Diff(want, message(t, db, "m1")); diff != "" {
			t.Error(diff)
		}
		if err := db.Outbox().Sent(t.Context(), &got[0], noon+3); !errors.Is(err, store.ErrNotHeld) {
			t.Error("sent twice:", err)
		}
		if left := claim(t, db, "b", noon+100_000, 10); idsOf(left) != "m2" {
			t.Error(idsOf(left))
		}
	})
}

func TestMessagesAreTriedAgainOrGivenUp(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		insertMessages(t, db, someMessage(project, "m1"), someMessage(project, "m2"), someMessage(project, "m3"))
		list := claim(t, db, "a", noon, 3)
		reason := strings.Repeat("ä", 400) // 800 bytes
		if err := db.Outbox().Later(t.Context(), &list[0], noon+5000, reason); err != nil {
			t.Fatal(err)
		}
		late := message(t, db, "m1")
		if late.State != store.MessageQueued || late.Holder != "" || late.DueAt != noon+5000 || late.Attempts != 1 || len(late.LastError) != 500 || !utf8.ValidString(late.LastError) {
			t.Errorf("%+v", late)
		}
		if n := len(claim(t, db, "a", noon+4999, 3)); n != 0 {
			t.Error("taken before it was due")
		}
		if again := claim(t, db, "a", noon+5000, 3); idsOf(again) != "m1" || again[0].Attempts != 2 {
			t.Error(again)
		}
		if err := db.Outbox().Dead(t.Context(), &list[1], noon+6000, "no such mailbox"); err != nil {
			t.Fatal(err)
		}
		if err := db.Outbox().Dead(t.Context(), &list[2], noon+900_001, "too late"); err != nil {
			t.Fatal(err)
		}
		dead, expired := message(t, db, "m2"), message(t, db, "m3")
		if dead.State != store.MessageDead || len(dead.Sealed) == 0 || dead.LastError != "no such mailbox" || dead.EndedAt != noon+6000 {
			t.Errorf("%+v", dead)
		}
		if expired.State != store.MessageDead || len(expired.Sealed) != 0 {
			t.Errorf("what a message past its life said is kept: %+v", expired)
		}
		listed, err := db.Messages(t.Context(), project, store.MessageDead, 10)
		if err != nil || idsOf(listed) != "m3 m2" {
			t.Error(idsOf(listed), err)
		}
		counts, err := db.CountMessages(t.Context())
		if want := (store.MessageCounts{Queued: 1, Dead: 2}); counts != want || err != nil {
			t.Error(counts, err)
		}
		if err := db.RetryMessage(t.Context(), project, "m2", noon+7000); err != nil {
			t.Error(err)
		}
		if again := claim(t, db, "b", noon+7000, 3); idsOf(again) != "m2" || again[0].Attempts != 1 || again[0].EndedAt != 0 {
			t.Error(again)
		}
		for id, now := range map[string]model.Time{"m3": noon + 900_001, "m2": noon, "m1": noon, "nothing": noon} {
			wantFault(t, db.RetryMessage(t.Context(), project, id, now), fault.MessageNotFound)
		}
		if _, err := db.Messages(t.Context(), project, "lost", 10); err == nil {
			t.Error("a state that there is not")
		}
		_, err = db.Message(t.Context(), project, "nothing")
		wantFault(t, err, fault.MessageNotFound)
	})
}

func TestLeasesOfMessages(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		insertMessages(t, db, someMessage(project, "m1"), someMessage(project, "m2"), someMessage(project, "m3"))
		list := claim(t, db, "a", noon, 3)
		still, err := db.Outbox().Renew(t.Context(), list[:2], noon+90_000)
		if err != nil || idsOf(still) != "m1 m2" {
			t.Error(idsOf(still), err)
		}
		if taken := claim(t, db, "b", noon+60_000, 3); idsOf(taken) != "m3" {
			t.Error("of a dead holder: ", idsOf(taken))
		}
		if still, err = db.Outbox().Renew(t.Context(), list, noon+100_000); err != nil || idsOf(still) != "m1 m2" {
			t.Error(idsOf(still), err)
		}
		if err := db.Outbox().Sent(t.Context(), &list[2], noon); !errors.Is(err, store.ErrNotHeld) {
			t.Error("ended by whoever has lost it:", err)
		}
		if err := db.Outbox().GiveBack(t.Context(), list[:1], noon+70_000); err != nil {
			t.Error(err)
		}
		if m := message(t, db, "m1"); m.Attempts != 0 || m.Holder != "" || m.DueAt != noon+70_000 {
			t.Errorf("%+v", m)
		}
		if n, err := db.Outbox().Release(t.Context(), "b", noon+71_000); err != nil || n != 1 {
			t.Error(n, err)
		}
		if taken := claim(t, db, "c", noon+71_000, 3); idsOf(taken) != "m1 m2" {
			t.Error(idsOf(taken))
		}
	})
}

func TestNoMessageIsClaimedTwice(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		const messages = 600
		list := []*store.StoredMessage{}
		for n := range messages {
			list = append(list, someMessage(project, fmt.Sprintf("m%03d", n)))
		}
		insertMessages(t, db, list...)
		var mu sync.Mutex
		seen := map[string]int{}
		together(16, func(n int) {
			for empty := 0; empty < 3; { // those that another one has locked are passed over
				got, err := db.Outbox().Claim(t.Context(), &store.Claim{Turn: project, Holder: fmt.Sprint("h", n), Now: noon, LeaseUntil: noon + 60_000, Most: 7})
				if err != nil {
					t.Error(err)
					return
				}
				if len(got) == 0 {
					empty++
				}
				mu.Lock()
				for _, m := range got {
					seen[m.ID]++
				}
				mu.Unlock()
			}
		})
		for id, n := range seen {
			if n != 1 {
				t.Errorf("%s was claimed %d times", id, n)
			}
		}
		if rest := claim(t, db, "last", noon, messages); len(seen)+len(rest) != messages {
			t.Errorf("%d were claimed, %d are left", len(seen), len(rest))
		}
	})
}

func TestProjectsWithSomethingDue(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		list := []*store.StoredMessage{}
		for _, project := range []string{"a", "b", "c", "d", "e"} {
			for n := range 3 {
				m := someMessage(project, fmt.Sprint("m", n))
				if project == "b" {
					m.DueAt = noon + 1
				}
				if project == "d" {
					m.State = store.MessageDead
				}
				list = append(list, m)
			}
		}
		insertMessages(t, db, list...)
		for _, c := range []struct {
			after string
			now   model.Time
			limit int
			want  string
		}{{"", noon, 9, "a c e"}, {"", noon + 1, 9, "a b c e"}, {"", noon - 1, 9, ""}, {"a", noon, 9, "c e"}, {"", noon, 2, "a c"}, {"e", noon, 9, ""}, {"bb", noon, 1, "c"}} {
			got, err := db.Outbox().Due(t.Context(), c.after, c.now, c.limit)
			if err != nil || strings.Join(got, " ") != c.want {
				t.Errorf("behind %q: got %v, want %s (%v)", c.after, got, c.want, err)
			}
		}
	})
}

func TestMessagesAreSweptAndGoWithTheirProject(t *testing.T) {
	t.Parallel()
	const hours = model.Time(time.Hour / time.Millisecond)
	engines.Each(t, func(t *testing.T, db *store.DB) {
		list := []*store.StoredMessage{}
		for id, ended := range map[string]model.Time{"sent-23": 23, "sent-25": 25, "dead-300": 300, "dead-337": 337, "queued-999": 999} {
			m := someMessage(project, id)
			m.State, _, _ = strings.Cut(id, "-")
			m.EndedAt = noon - ended*hours
			list = append(list, m)
		}
		write(t, db, func(tx *store.Tx) { tx.InsertProject(someProject(project)) })
		insertMessages(t, db, append(list, someMessage("other", "m"))...)
		for i, want := range []int{2, 0} {
			if n, err := db.SweepExpired(t.Context(), noon, 5); err != nil || n != want {
				t.Errorf("step %d swept %d rows, want %d (%v)", i, n, want, err)
			}
		}
		left := func() string {
			ids, err := store.Texts(t.Context(), db, "select id from messages order by id")
			if err != nil {
				t.Fatal(err)
			}
			return strings.Join(ids, " ")
		}
		if got := left(); got != "dead-300 m queued-999 sent-23" {
			t.Error(got)
		}
		for state, want := range map[string]string{store.MessageSent: "sent-23", store.MessageQueued: "queued-999"} {
			if listed, err := db.Messages(t.Context(), project, state, 10); err != nil || idsOf(listed) != want {
				t.Error(state, idsOf(listed), err)
			}
		}
		write(t, db, func(tx *store.Tx) { tx.DeleteProject(project) })
		if got := left(); got != "m" {
			t.Error("left by a project that is gone:", got)
		}
	})
}
