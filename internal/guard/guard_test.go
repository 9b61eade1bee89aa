package guard_test

import (
	"bytes"
	"container/heap"
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/internal/auth"
	"latchkey/internal/fault"
	"latchkey/internal/guard"
	"latchkey/internal/limit"
	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// rig is a guard over a real engine, with a clock that only the test moves.
type rig struct {
	*guard.Guard
	t       *testing.T
	clock   *testkit.Clock
	project *model.Project
	log     bytes.Buffer
}

func newRig(t *testing.T, counts guard.Counts) *rig {
	r := &rig{t: t, clock: testkit.NewClock(), project: &model.Project{ID: "demo", Settings: model.DefaultSettings()}}
	r.Guard = &guard.Guard{Counts: counts, Numbers: limit.NewMemory(), Clock: r.clock.Now, Log: slog.New(slog.NewTextHandler(&r.log, nil))}
	return r
}

func (r *rig) policy() *model.SMSGuard { return &r.project.Settings.Policies.SMSGuard }

func (r *rig) request(from string) *auth.Request {
	return &auth.Request{Project: r.project, Client: auth.Client{IP: netip.MustParseAddr(from)}}
}

// ask asks for a code and says whether it was sent.
func (r *rig) ask(number, from string) bool {
	r.t.Helper()
	err := r.Allow(r.t.Context(), r.request(from), number)
	if err != nil && !errors.Is(err, fault.RateLimitExceeded) {
		r.t.Fatal(err)
	}
	return err == nil
}

// answer is a code that will come back.
type answer struct {
	at  time.Duration
	ask ask
}

type answers []answer

func (a answers) Len() int           { return len(a) }
func (a answers) Less(i, j int) bool { return a[i].at < a[j].at }
func (a answers) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }
func (a *answers) Push(x any)        { *a = append(*a, x.(answer)) }
func (a *answers) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

// tally counts what was asked for and what was sent.
type tally struct{ asked, sent int }

func (c tally) percent() float64 { return 100 * float64(c.sent) / float64(c.asked) }

// play runs a trace. Codes that were sent come back when the trace says so.
func (r *rig) play(trace []ask) (fraud, people, home tally) {
	r.t.Helper()
	day := r.clock.Now()
	var pending answers
	until := func(at time.Duration) {
		for len(pending) > 0 && pending[0].at <= at {
			one := heap.Pop(&pending).(answer)
			r.clock.Advance(day.Add(one.at).Sub(r.clock.Now()))
			r.Confirmed(r.t.Context(), r.request(one.ask.from.String()), one.ask.number)
		}
		r.clock.Advance(day.Add(at).Sub(r.clock.Now()))
	}
	for _, one := range trace {
		until(one.at)
		sent := r.ask(one.number, one.from.String())
		if sent && one.answered > 0 {
			heap.Push(&pending, answer{one.at + one.answered, one})
		}
		for _, counted := range []struct {
			into *tally
			is   bool
		}{{&fraud, one.fraud}, {&people, !one.fraud}, {&home, !one.fraud && strings.HasPrefix(one.number, pumped)}} {
			if counted.is {
				counted.into.asked++
				if sent {
					counted.into.sent++
				}
			}
		}
	}
	return fraud, people, home
}

// memory keeps counts by the hour, as the store does. The traces are played on it, because thirty thousand transactions
// take a minute; on the engines the pump is played when there is time, and all of it when it is asked for.
type memory map[string]map[model.Time]store.TextRoute

const hour = model.Time(60 * 60 * 1000)

func (m memory) sum(route string, now model.Time) (sum store.TextRoute) {
	sum.Route = route
	for start, count := range m[route] {
		if start > now-24*hour {
			sum.Sent, sum.Confirmed, sum.Refused = sum.Sent+count.Sent, sum.Confirmed+count.Confirmed, sum.Refused+count.Refused
		}
	}
	return sum
}

// WeighText implements guard.Counts.
func (m memory) WeighText(_ context.Context, _ string, routes []string, now model.Time, decide func(map[string]store.TextRoute) []store.TextRoute) error {
	counts := map[string]store.TextRoute{}
	for _, route := range routes {
		counts[route] = m.sum(route, now)
	}
	for _, by := range decide(counts) {
		if m[by.Route] == nil {
			m[by.Route] = map[model.Time]store.TextRoute{}
		}
		old := m[by.Route][now-now%hour]
		m[by.Route][now-now%hour] = store.TextRoute{Sent: old.Sent + by.Sent, Confirmed: old.Confirmed + by.Confirmed, Refused: old.Refused + by.Refused}
	}
	return nil
}

// TextRoutes implements guard.Counts.
func (m memory) TextRoutes(context.Context, string, model.Time, int) ([]store.TextRoute, error) {
	return nil, nil
}

// ForgetTextRoutes implements guard.Counts.
func (m memory) ForgetTextRoutes(context.Context, string) error { return nil }

// TestTraces plays the two days, each alone and both at once.
func TestTraces(t *testing.T) {
	t.Parallel()
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		playAll(t, func(*testing.T) guard.Counts { return memory{} })
	})
	if testing.Short() {
		return
	}
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		if every {
			playAll(t, func(t *testing.T) guard.Counts { return testkit.Sibling(t, db) })
			return
		}
		playPump(t, db)
	})
}

// every has all traces played on the engines as well, which takes minutes.
var every = os.Getenv("LATCHKEY_TEST_TRACES") == "all"

func playPump(t *testing.T, counts guard.Counts) {
	r := newRig(t, counts)
	fraud, _, _ := r.play(pumping())
	t.Logf("sent %d of %d messages: %.2f %% of the cost", fraud.sent, fraud.asked, fraud.percent())
	if fraud.percent() >= 2 {
		t.Error("the pump runs on")
	}
	if !strings.Contains(r.log.String(), "text messages are held back") || strings.Contains(r.log.String(), "+37129101") {
		t.Errorf("the log says %q", r.log.String())
	}
}

func playAll(t *testing.T, counts func(*testing.T) guard.Counts) {
	t.Run("a pump", func(t *testing.T) {
		t.Parallel()
		playPump(t, counts(t))
	})
	t.Run("people", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, counts(t))
		r.policy().Daily = 20000 // the app knows how big it is
		_, people, _ := r.play(genuine())
		t.Logf("sent %d of %d messages: %.2f %%", people.sent, people.asked, people.percent())
		if people.percent() <= 99 {
			t.Error("people are held back")
		}
	})
	t.Run("people and a pump", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, counts(t))
		r.policy().Daily = 20000
		fraud, people, home := r.play(inOrder(append(genuine(), pumping()...)))
		t.Logf("of the pump %.2f %%, of %d messages to people %.2f %%, of %d in the pumped country %.2f %%",
			fraud.percent(), people.asked, people.percent(), home.asked, home.percent())
		if fraud.percent() >= 2 || people.percent() <= 99 || home.percent() <= 90 {
			t.Error("people pay for the pump")
		}
	})
}

func TestABlockStopsAndComesBack(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		r.policy().PerAddress = 0
		number := func(i int) string {
			return "+3712910" + string([]byte{'0' + byte(i/1000), '0' + byte(i/100%10), '0' + byte(i/10%10), '0' + byte(i%10)})
		}
		for i := range 10 {
			if !r.ask(number(i), "192.0.2.1") {
				t.Fatalf("message %d is held back", i)
			}
		}
		if r.ask(number(10), "192.0.2.1") {
			t.Error("a block goes on without any code coming back")
		}
		if !r.ask("+37128000000", "192.0.2.1") {
			t.Error("other blocks are held back, too")
		}
		for i := range 4 {
			r.Confirmed(t.Context(), r.request("192.0.2.1"), number(i)) // 4 codes are worth 10 messages
		}
		for i := range 10 {
			if !r.ask(number(20+i), "192.0.2.1") {
				t.Fatalf("after four codes, message %d is held back", i)
			}
		}
		if r.ask(number(40), "192.0.2.1") {
			t.Error("four codes buy more than ten messages")
		}
		routes, err := r.Routes(t.Context(), r.project, 10)
		if err != nil || len(routes) == 0 || routes[0].Route != "+3712910xxxx" && routes[1].Route != "+3712910xxxx" {
			t.Fatalf("%+v %v", routes, err)
		}
		for _, route := range routes {
			if want := route.Route == "+3712910xxxx"; route.Stopped != want {
				t.Errorf("%s: stopped %v", route.Route, route.Stopped)
			}
			if route.Route == "+3712910xxxx" && (route.Sent != 20 || route.Confirmed != 4 || route.Refused != 2) {
				t.Errorf("%+v", route)
			}
		}
		r.clock.Advance(25 * time.Hour)
		if !r.ask(number(50), "192.0.2.1") {
			t.Error("a day later the block is still stopped")
		}
	})
}

func TestBudgets(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		set    func(*model.SMSGuard)
		number func(i int) string
		from   func(i int) string
		most   int
	}{
		"a number": {func(p *model.SMSGuard) { p.PerNumber, p.PerPrefix = 3, 0 }, one, one4, 3},
		"an address": {func(p *model.SMSGuard) { p.PerAddress = 5 }, spread, func(i int) string {
			return "2001:db8:1:" + string("0123456789abcdef"[i%16]) + "::1" // one /56
		}, 5},
		"a country":  {func(p *model.SMSGuard) { p.PerCountry = 7 }, spread, each, 7},
		"a project":  {func(p *model.SMSGuard) { p.Daily = 9 }, worldwide, each, 9},
		"no country": {func(p *model.SMSGuard) { p.Countries = []string{"+49"} }, spread, each, 0},
		"one of ours": {func(p *model.SMSGuard) { p.Countries = []string{"+49", "+371"}; p.PerCountry = 0 },
			spread, each, 12},
		"switched off": {func(p *model.SMSGuard) { p.Enabled = false; p.Daily = 1 }, one, one4, 12},
	}
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		for name, c := range cases {
			r := newRig(t, testkit.Sibling(t, db))
			c.set(r.policy())
			sent := 0
			for i := range 12 {
				if r.ask(c.number(i), c.from(i)) {
					sent++
				}
			}
			if sent != c.most {
				t.Errorf("%s: %d of 12 were sent, want %d", name, sent, c.most)
			}
		}
	})
}

func one(int) string    { return "+37120000001" }
func one4(int) string   { return "192.0.2.1" }
func each(i int) string { return netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}).String() }
func spread(i int) string {
	return "+3712" + string("0123456789ab"[i%10]) + string([]byte{'0' + byte(i/10)}) + "00000"
}
func worldwide(i int) string {
	return []string{"+49", "+33", "+44", "+39"}[i%4] + "1" + string([]byte{'0' + byte(i/4)}) + "0000000"
}

// A number whose codes come back is read by somebody: its budget starts anew.
func TestAReadNumberGoesOn(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		r.policy().PerNumber = 2
		for range 3 {
			if !r.ask(one(0), "192.0.2.1") || !r.ask(one(0), "192.0.2.1") || r.ask(one(0), "192.0.2.1") {
				t.Fatal("a number has a budget of two messages")
			}
			r.Confirmed(t.Context(), r.request("192.0.2.1"), one(0))
		}
	})
}

// Of any number of messages asked for at once, the budget and no more go out.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		r.policy().PerCountry, r.policy().PerPrefix, r.policy().PerAddress = 20, 0, 0
		var sent atomic.Int32
		var all sync.WaitGroup
		for i := range 60 {
			all.Go(func() {
				number := "+3712" + string([]byte{'0' + byte(i/10), '0' + byte(i%10)}) + "00000"
				switch err := r.Allow(context.Background(), r.request(each(i)), number); {
				case err == nil:
					sent.Add(1)
				case !errors.Is(err, fault.RateLimitExceeded):
					t.Error(err)
				}
			})
		}
		all.Wait()
		if sent.Load() != 20 {
			t.Errorf("%d messages went out, want 20", sent.Load())
		}
	})
}

// A stopped country goes on serving the blocks in which people live; one phone vouches for little.
func TestAStoppedCountry(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		r.policy().PerCountry, r.policy().PerPrefix, r.policy().PerAddress, r.policy().PerNumber = 10, 0, 0, 0
		for i := range 4 {
			number := "+3712900000" + string([]byte{'0' + byte(i)})
			if !r.ask(number, each(i)) {
				t.Fatal("held back")
			}
			r.Confirmed(t.Context(), r.request(each(i)), number)
		}
		for i := range 30 {
			r.ask("+37120"+string([]byte{'0' + byte(i/10), '0' + byte(i%10)})+"0000", each(i))
		}
		if r.ask("+37121000000", each(1)) {
			t.Error("the country is not stopped")
		}
		if !r.ask("+37129000009", each(1)) {
			t.Error("a block in which people live is stopped with its country")
		}
		if err := r.Forget(t.Context(), "demo"); err != nil || !r.ask("+37121000000", each(1)) {
			t.Errorf("the counts are not forgotten: %v", err)
		}
		if err := r.Forget(t.Context(), "demo"); err != nil {
			t.Fatal(err)
		}
		for range 50 {
			r.Confirmed(t.Context(), r.request(each(1)), "+37120000001")
		}
		routes, err := r.Routes(t.Context(), r.project, 1)
		if err != nil || len(routes) != 1 || routes[0].Confirmed != 3 {
			t.Errorf("one phone vouches for %+v %v", routes, err)
		}
	})
}

// A server asks for all of its people: its address has no budget, the numbers have.
func TestServersHaveNoAddress(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		r.policy().PerAddress, r.policy().PerCountry = 1, 5
		sent := 0
		for i := range 12 {
			req := r.request("192.0.2.1")
			req.Unlimited = true
			if r.Allow(t.Context(), req, spread(i)) == nil {
				sent++
			}
		}
		if sent != 5 {
			t.Errorf("%d messages went out, want 5", sent)
		}
	})
}
