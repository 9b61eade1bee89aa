package guard

import (
	"strings"

	"latchkey/internal/model"
	"latchkey/internal/store"
)

// stop is why a message is held back: the route that is stopped, and how it stood.
type stop struct {
	route, reason            string
	sent, confirmed, refused int
}

// Route is a route as operators see it.
type Route struct {
	store.TextRoute
	Stopped bool // the next message on it alone would be held back
}

// A stopped country goes on serving blocks that have shown that people live there.
const provenBlock = 3

// decide weighs one message. Every route has a credit: its budget of messages that may go out without any code
// having come back, and 100/conversion messages for each code that has. A route that people use earns more than
// it spends; a pumped one never earns and stops when its budget is spent.
func decide(p *model.SMSGuard, r *routes, counts map[string]store.TextRoute) *stop {
	held := func(route, reason string) *stop {
		c := counts[route]
		return &stop{route, reason, c.Sent, c.Confirmed, c.Refused}
	}
	if len(p.Countries) > 0 && !contains(p.Countries, r.country) {
		return held(r.country, "the country is not on the project's list")
	}
	if p.Daily > 0 && counts[total].Sent >= p.Daily {
		return held(total, "the project's messages of a day are used up")
	}
	named := append([]string{r.address}, r.blocks...)
	for _, route := range named {
		if route != "" && overdrawn(p, with(counts, route)) {
			return held(route, "too few codes come back")
		}
	}
	if overdrawn(p, with(counts, r.country)) && !proven(p, r, counts) {
		return held(r.country, "too few codes come back")
	}
	return nil
}

func with(counts map[string]store.TextRoute, route string) store.TextRoute {
	c := counts[route]
	c.Route = route
	return c
}

// proven says whether the block of a message has earned all it spends, without any budget.
func proven(p *model.SMSGuard, r *routes, counts map[string]store.TextRoute) bool {
	for _, block := range r.blocks {
		if c := counts[block]; c.Confirmed >= provenBlock && (c.Sent+1)*p.Conversion <= c.Confirmed*100 {
			return true
		}
	}
	return false
}

// overdrawn says whether a route has no credit for one more message. A budget of 0 means that such routes are not
// looked at.
func overdrawn(p *model.SMSGuard, c store.TextRoute) bool {
	if c.Route == total {
		return p.Daily > 0 && c.Sent >= p.Daily
	}
	budget := budgetOf(p, c.Route)
	if budget == 0 {
		return false
	}
	return (c.Sent+1-budget)*p.Conversion > c.Confirmed*100
}

// budgetOf is how many messages a route may be ahead of its codes: a block ten times as wide twice as many.
func budgetOf(p *model.SMSGuard, route string) int {
	switch free := strings.Count(route, "x"); {
	case strings.HasPrefix(route, "address "):
		return p.PerAddress
	case free == 0:
		return p.PerCountry
	default:
		return p.PerPrefix << (free - narrowestBlock)
	}
}

func contains(list []string, one string) bool {
	for _, item := range list {
		if item == one {
			return true
		}
	}
	return false
}
