// Package guard owns the decision whether a text message is worth its price: it holds back messages to numbers that
// earn somebody money by being written to (artificially inflated traffic), and lets people through. It decides
// nothing about codes and knows no provider. It may import auth, check, fault, limit, model and store.
package guard

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/limit"
	"latchkey/internal/model"
	"latchkey/internal/store"
)

var _ auth.TextGuard = (*Guard)(nil)

// Guard implements auth.TextGuard over counts that all nodes share. All fields are required.
type Guard struct {
	Counts  Counts
	Numbers limit.Counter // budgets of single numbers
	Clock   func() time.Time
	Log     *slog.Logger
}

// Counts keeps what became of messages; *store.DB does.
type Counts interface {
	WeighText(ctx context.Context, project string, routes []string, now model.Time, decide func(map[string]store.TextRoute) []store.TextRoute) error
	TextRoutes(ctx context.Context, project string, now model.Time, limit int) ([]store.TextRoute, error)
	ForgetTextRoutes(ctx context.Context, project string) error
}

const (
	// Window is how far back a route's messages count. What is older is forgotten, so that a stopped route comes
	// back by itself; a pump that goes on is stopped again after as many messages as the first time.
	Window = 24 * time.Hour

	// maxConfirmed is how many codes of one number count as having come back, in a day: a fraudster with one phone
	// of his own must not vouch for a whole country.
	maxConfirmed = 3
)

// Allow is asked before a text message to a number is written, and counts it. Fault: general_rate_limit_exceeded.
func (g *Guard) Allow(ctx context.Context, req *auth.Request, number string) error {
	policy := &req.Project.Settings.Policies.SMSGuard
	if !policy.Enabled {
		return nil
	}
	now := g.Clock()
	if policy.PerNumber > 0 {
		if result, err := g.Numbers.Take(ctx, []limit.Key{budgetKey(req, number)}, now); err != nil {
			return err
		} else if result.Full {
			return fault.RateLimitExceeded.Because(fmt.Errorf("guard: the budget of the number is used up"))
		}
	}
	r := routesOf(req.Project.ID, number, caller(req))
	stop, err := g.weigh(ctx, req.Project.ID, policy, r)
	if err != nil {
		return err
	}
	if stop == nil {
		return nil
	}
	g.report(req.Project.ID, stop)
	return fault.RateLimitExceeded.Because(fmt.Errorf("guard: %s: %s", stop.route, stop.reason))
}

// budgetKey names the counter of a number's messages.
func budgetKey(req *auth.Request, number string) limit.Key {
	return limit.Key{Name: "text/" + req.Project.ID + "/" + number, Max: req.Project.Settings.Policies.SMSGuard.PerNumber, Window: Window}
}

// weigh decides and counts at once: of messages asked for at the same time, each is weighed with those before it.
func (g *Guard) weigh(ctx context.Context, project string, policy *model.SMSGuard, r *routes) (held *stop, err error) {
	err = g.Counts.WeighText(ctx, project, r.all(), model.At(g.Clock()), func(counts map[string]store.TextRoute) []store.TextRoute {
		if held = decide(policy, r, counts); held == nil {
			return onEach(r, store.TextRoute{Sent: 1})
		}
		refused := []store.TextRoute{{Route: total, Refused: 1}}
		if held.route != total {
			refused = append(refused, store.TextRoute{Route: held.route, Refused: 1})
		}
		return refused
	})
	return held, err
}

// onEach is one count on every route of a message.
func onEach(r *routes, count store.TextRoute) []store.TextRoute {
	list := []store.TextRoute{}
	for _, count.Route = range r.all() {
		list = append(list, count)
	}
	return list
}

// report tells operators about a stopped route: at its first refusal, and then ever more rarely.
func (g *Guard) report(project string, s *stop) {
	if n := s.refused; n != 0 && n != 9 && n != 99 && n != 999 && n != 9_999 && n != 99_999 {
		return
	}
	g.Log.Warn("text messages are held back", "project", project, "route", s.route, "reason", s.reason, "sent", s.sent, "confirmed", s.confirmed, "refused", s.refused+1)
}

// Confirmed tells that a code sent to a number has come back: somebody does read there. Losing one costs a route a
// little credit and nobody their sign-in, so trouble is logged and not returned.
func (g *Guard) Confirmed(ctx context.Context, req *auth.Request, number string) {
	if !req.Project.Settings.Policies.SMSGuard.Enabled {
		return
	}
	if err := g.confirm(ctx, req, number); err != nil && ctx.Err() == nil {
		g.Log.Error("a confirmed number was not counted", "project", req.Project.ID, "error", err)
	}
}

// confirm counts a code on every route, and gives the number its budget back: whoever reads there may go on.
func (g *Guard) confirm(ctx context.Context, req *auth.Request, number string) error {
	if err := g.Numbers.Reset(ctx, []limit.Key{budgetKey(req, number)}, g.Clock()); err != nil {
		return err
	}
	key := limit.Key{Name: "confirmed/" + req.Project.ID + "/" + number, Max: maxConfirmed, Window: Window}
	if result, err := g.Numbers.Take(ctx, []limit.Key{key}, g.Clock()); err != nil || result.Full {
		return err
	}
	r := routesOf(req.Project.ID, number, caller(req))
	return g.Counts.WeighText(ctx, req.Project.ID, nil, model.At(g.Clock()), func(map[string]store.TextRoute) []store.TextRoute {
		return onEach(r, store.TextRoute{Confirmed: 1})
	})
}

// Routes lists what became of a project's messages within the window, those with most refusals first.
func (g *Guard) Routes(ctx context.Context, project *model.Project, limit int) ([]Route, error) {
	list, err := g.Counts.TextRoutes(ctx, project.ID, model.At(g.Clock()), limit)
	if err != nil {
		return nil, err
	}
	routes := make([]Route, len(list))
	for i, counts := range list {
		routes[i] = Route{TextRoute: counts, Stopped: overdrawn(&project.Settings.Policies.SMSGuard, counts)}
	}
	return routes, nil
}

// Forget drops a project's counts: every route begins anew.
func (g *Guard) Forget(ctx context.Context, project string) error {
	return g.Counts.ForgetTextRoutes(ctx, project)
}

// caller is the address whose credit a call uses: that of a person. A server that calls with an API key asks for
// all of its people from one address, and is known.
func caller(req *auth.Request) netip.Addr {
	if req.Unlimited {
		return netip.Addr{}
	}
	return req.Client.IP
}

// total is the route of all messages of a project.
const total = "all"

// routes are the ways on which one message counts, from the widest to the narrowest.
type routes struct {
	country string   // +371
	blocks  []string // +371291xxxxx …: a million numbers, a hundred thousand, ten thousand
	address string   // who asks; empty for a server
}

// all lists them in the order in which everybody counts them.
func (r *routes) all() []string {
	list := append([]string{total, r.country}, r.blocks...)
	if r.address != "" {
		list = append(list, r.address)
	}
	return list
}

// The blocks of numbers that are looked at, by how many digits are free. What fraudsters rent are ranges of a
// thousand to ten thousand numbers; the wider blocks see the one who spreads over many.
const (
	widestBlock, narrowestBlock = 6, 4
)

// routesOf finds the routes of a message. Numbers have passed check.Phone.
func routesOf(project, number string, from netip.Addr) *routes {
	code := "+" + check.CallingCode(number)
	r := &routes{country: code}
	for free := widestBlock; free >= narrowestBlock; free-- {
		if fixed := len(number) - free; fixed > len(code) {
			r.blocks = append(r.blocks, number[:fixed]+"xxxxxxxxx"[:free])
		}
	}
	if from.IsValid() {
		r.address = addressRoute(project, from)
	}
	return r
}

// addressRoute names an address without telling it. An IPv6 customer has at least a /56 (RIPE-690): all of it is
// one caller.
func addressRoute(project string, from netip.Addr) string {
	from = from.Unmap()
	bits := 32
	if from.Is6() {
		bits = 56
	}
	network, err := from.Prefix(bits)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256([]byte(project + "/" + network.String()))
	return "address " + hex.EncodeToString(sum[:8])
}
