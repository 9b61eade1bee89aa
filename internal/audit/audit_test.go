package audit_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx

	"latchkey/internal/audit"
	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
	"latchkey/internal/testkit/engines"
)

const retention = 14 * 24 * time.Hour

// demo is the project whose chain is looked at.
var demo = &model.Project{ID: testkit.Demo, Settings: model.DefaultSettings()}

// trail is a server with a sealer and a verifier that the test calls.
type trail struct {
	t        *testing.T
	s        *testkit.Server
	raw      *sql.DB
	dir      string // where SQLite's files lie
	sealer   *audit.Sealer
	verifier *audit.Verifier
}

func each(t *testing.T, test func(t *testing.T, a *trail)) {
	t.Helper()
	t.Parallel()
	for _, engine := range []string{store.SQLite, store.Postgres} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			db, raw, dir := open(t, engine)
			s := testkit.Serve(t, db, testkit.NewClock(), testkit.Options{NoLimits: true, HashQueue: 1000, Proxies: true})
			test(t, &trail{t, s, raw, dir,
				&audit.Sealer{DB: s.DB, Keys: s.Keys, Random: s.Random, Clock: s.Clock.Now, Holder: "a"},
				&audit.Verifier{DB: s.DB, Keys: s.Keys, Clock: s.Clock.Now}})
		})
	}
}

// open makes a database and a way past everybody into it.
func open(t *testing.T, engine string) (*store.DB, *sql.DB, string) {
	t.Helper()
	dir := t.TempDir()
	o, driver, address := store.Options{MaxConns: 8}, "sqlite", ""
	if engine == store.Postgres {
		o.URL = engines.URL(t)
		driver, address = "pgx", o.URL
	} else {
		o.Path = filepath.Join(dir, "latchkey.db")
		address = "file:" + o.Path + "?_busy_timeout=5000"
	}
	db, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = raw.Close() })
	return db, raw, dir
}

// events makes n people who each sign up.
func (a *trail) events(n int) {
	a.t.Helper()
	for i := range n {
		a.s.Clock.Advance(time.Second)
		a.s.SignUp(a.t, fmt.Sprintf("p%d-%d@example.com", a.s.Clock.Now().Unix(), i))
	}
}

func (a *trail) seal() {
	a.t.Helper()
	if err := a.sealer.Seal(a.t.Context()); err != nil {
		a.t.Fatal(err)
	}
}

func (a *trail) verify() *audit.Report {
	a.t.Helper()
	report, err := a.verifier.Verify(a.t.Context(), demo, store.AuditHead{})
	if err != nil {
		a.t.Fatal(err)
	}
	return report
}

// tamper runs SQL behind everybody's back.
func (a *trail) tamper(texts ...string) {
	a.t.Helper()
	for _, text := range texts {
		if _, err := a.raw.ExecContext(a.t.Context(), text); err != nil {
			a.t.Fatal(err)
		}
	}
}

func TestAWholeChain(t *testing.T) {
	each(t, func(t *testing.T, a *trail) {
		if r := a.verify(); r.Broken != "" || r.Last != 0 || r.Unchained != 0 {
			t.Errorf("nothing: %+v", r)
		}
		a.events(3)
		if r := a.verify(); r.Broken != "" || r.Last != 0 || r.Unchained != 3 {
			t.Errorf("nothing chained: %+v", r)
		}
		a.seal()
		a.events(2)
		a.seal()
		a.seal()
		a.events(1)
		if r := a.verify(); r.Broken != "" || r.First != 1 || r.Last != 5 || r.Unchained != 1 {
			t.Errorf("two batches and a tail: %+v", r)
		}
	})
}

// Whatever is done to the table, the first event that it was done to is named.
func TestWhatIsDoneToTheTable(t *testing.T) {
	for label, c := range map[string]struct {
		tamper []string
		at     int64
		says   string
	}{
		"an event changed":                    {[]string{`update audits set event = 'user.delete' where seq = 4`}, 4, "was changed"},
		"an address changed":                  {[]string{`update audits set ip = '10.0.0.1' where seq = 4`}, 4, "was changed"},
		"a time changed":                      {[]string{`update audits set time = time + 1 where seq = 6`}, 6, "was changed"},
		"sealed fields changed":               {[]string{`update audits set personal = 'x' where seq = 2`}, 2, "was changed"},
		"a hash changed":                      {[]string{`update audits set hash = (select hash from audits where seq = 1) where seq = 5`}, 5, "was changed"},
		"an event dropped":                    {[]string{`delete from audits where seq = 3`}, 3, "is missing"},
		"the first dropped":                   {[]string{`delete from audits where seq = 1`}, 1, "is missing"},
		"the last dropped":                    {[]string{`delete from audits where seq = 8`}, 8, "is missing"},
		"all dropped":                         {[]string{`delete from audits where seq > 0`}, 1, "is missing"},
		"dropped and closed up":               {[]string{`delete from audits where seq = 3`, `update audits set seq = seq - 1 where seq > 3`}, 3, "was changed"},
		"two neighbours changed places":       {[]string{`update audits set seq = 100 where seq = 4`, `update audits set seq = 4 where seq = 5`, `update audits set seq = 5 where seq = 100`}, 4, "belongs at 5"},
		"two far ones changed places":         {[]string{`update audits set seq = 100 where seq = 2`, `update audits set seq = 2 where seq = 7`, `update audits set seq = 7 where seq = 100`}, 2, "belongs at 7"},
		"a checkpoint forged":                 {[]string{`update audit_checkpoints set time = time - 1 where seq = 4`}, 4, "checkpoint"},
		"the end cut off, and its checkpoint": {[]string{`delete from audits where seq > 4`, `delete from audit_checkpoints where seq > 4`}, 5, "is missing"},
	} {
		t.Run(label, func(t *testing.T) {
			each(t, func(t *testing.T, a *trail) {
				a.events(4)
				a.seal()
				a.events(4)
				a.seal()
				whole := a.verify()
				if whole.Broken != "" || whole.Last != 8 {
					t.Fatalf("%+v", whole)
				}
				a.tamper(c.tamper...)
				if r := a.verify(); r.At != c.at || !strings.Contains(r.Broken, c.says) {
					t.Errorf("%+v, want %q at %d", r, c.says, c.at)
				}
			})
		})
	}
}

// A head that was kept elsewhere shows what signatures cannot: that the end and every trace of it is gone.
func TestAHeadThatWasKeptElsewhere(t *testing.T) {
	each(t, func(t *testing.T, a *trail) {
		a.events(2)
		a.seal()
		before, err := a.s.DB.AuditHead(t.Context(), testkit.Demo)
		if err != nil {
			t.Fatal(err)
		}
		a.events(2)
		a.seal()
		head, err := a.s.DB.AuditHead(t.Context(), testkit.Demo)
		if err != nil {
			t.Fatal(err)
		}
		for _, kept := range []store.AuditHead{before, head} {
			if r, err := a.verifier.Verify(t.Context(), demo, kept); err != nil || r.Broken != "" {
				t.Errorf("%+v, %v", r, err)
			}
		}
		a.tamper(`delete from audits where seq > 2`, `delete from audit_checkpoints where seq > 2`, `update audit_heads set seq = 2, hash = (select hash from audits where seq = 2)`)
		if r := a.verify(); r.Broken != "" {
			t.Errorf("nothing shows here: %+v", r)
		}
		if r, err := a.verifier.Verify(t.Context(), demo, head); err != nil || r.At != 3 {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

// A person's entries are read by them as before, and by nobody once they are gone; the chain stays whole.
func TestAPersonIsForgotten(t *testing.T) {
	each(t, func(t *testing.T, a *trail) {
		const mail = "walter.white@example.com"
		_, session := a.s.Member(t, mail)
		me := testkit.As(session)
		const logs = "GET /v1/account/logs"
		before := string(a.s.Call(t, logs, nil, me).Want(200).Body)
		a.seal()
		a.events(1)
		if after := string(a.s.Call(t, logs, nil, me).Want(200).Body); after != before {
			t.Errorf("sealed, the log reads\n%s\nand before\n%s", after, before)
		}
		rows, err := a.s.DB.AuditChain(t.Context(), testkit.Demo, 0, 10)
		if err != nil || len(rows) != 2 || rows[0].ActorMail != "" || rows[0].IP != "" || rows[0].Personal == "" || strings.Contains(rows[0].Personal, "walter") {
			t.Errorf("stored %+v, %v", rows, err)
		}
		a.s.Call(t, "DELETE /v1/account", nil, me).Want(204)
		a.seal() // the entry of the deletion itself comes after the person has gone
		rows, err = a.s.DB.AuditChain(t.Context(), testkit.Demo, 0, 10)
		if err != nil || len(rows) != 4 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		if err := audit.Open(t.Context(), a.s.DB, a.s.Keys, rows); err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			if strings.Contains(row.ActorMail+row.ActorName+row.IP, "walter") || row.Event == "user.delete" && row.IP != "" {
				t.Errorf("left: %+v", row)
			}
		}
		if r := a.verify(); r.Broken != "" || r.Last != 4 {
			t.Errorf("%+v", r)
		}
	})
}

func TestOldEventsGo(t *testing.T) {
	each(t, func(t *testing.T, a *trail) {
		prune := func() {
			if err := a.sealer.Prune(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		a.events(3)
		a.seal()
		a.s.Clock.Advance(retention / 2)
		a.events(3)
		a.seal()
		prune()
		if r := a.verify(); r.Broken != "" || r.First != 1 || r.Last != 6 {
			t.Errorf("nothing is old yet: %+v", r)
		}
		a.s.Clock.Advance(retention/2 + time.Minute)
		prune()
		if r := a.verify(); r.Broken != "" || r.First != 4 || r.Last != 6 {
			t.Errorf("the first batch is old: %+v", r)
		}
		a.tamper(`delete from audits where seq = 4`)
		if r := a.verify(); r.At != 4 || !strings.Contains(r.Broken, "missing") {
			t.Errorf("retention is no excuse: %+v", r)
		}
		a.s.Clock.Advance(2 * retention)
		prune()
		a.events(1)
		a.seal()
		if r := a.verify(); r.Broken != "" || r.First != 7 || r.Last != 7 {
			t.Errorf("all old ones are gone: %+v", r)
		}
	})
}

// Two sealers without a lease between them, and people at work meanwhile: one chain.
func TestTwoSealersMakeOneChain(t *testing.T) {
	each(t, func(t *testing.T, a *trail) {
		other := *a.sealer
		other.Holder = "b"
		var wait sync.WaitGroup
		for _, sealer := range []*audit.Sealer{a.sealer, &other} {
			wait.Go(func() {
				for range 20 {
					if err := sealer.Batch(context.WithoutCancel(t.Context()), testkit.Demo); err != nil {
						t.Logf("one of two: %v", err)
					}
				}
			})
		}
		for i := range 40 {
			wait.Go(func() { a.s.SignUp(t, fmt.Sprintf("p%d@example.com", i)) })
		}
		wait.Wait()
		a.seal()
		if r := a.verify(); r.Broken != "" || r.Last != 40 || r.Unchained != 0 {
			t.Errorf("%+v", r)
		}
	})
}
