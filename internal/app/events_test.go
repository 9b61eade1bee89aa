package app_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"latchkey/internal/api"
	"latchkey/internal/event"
	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

// Every transcript runs with a webhook that listens to everything, so that each row is held to the event it names.

// listener is that webhook.
const listener = "everything"

// listen makes it.
func (p *player) listen() {
	p.listening = true
	now := model.At(p.s.Clock.Now())
	p.s.Write(p.t, func(tx *store.Tx) {
		tx.InsertDocument(&store.Document{Project: testkit.Demo, Kind: store.KindWebhook, ID: listener, CreatedAt: now, UpdatedAt: now,
			Body: `{"id":"everything","url":"https://app.example.com/events","events":["users.*"]}`})
	})
}

// silent are rows of which a call may succeed and tell something else, or nothing, with the reason.
var silent = map[string]string{
	"GET /v1/account/sessions/oauth2/{provider}/redirect": "it also goes on with a token, or with a refusal, as the sign-in was started",
}

// heard looks at what a request has told: the event that its row names, and nothing secret.
func (p *player) heard(request string, reply *testkit.Reply) {
	now := model.At(p.s.Clock.Now())
	rows, err := p.s.DB.Deliveries().Claim(p.t.Context(), &store.Claim{Turn: testkit.Demo + "/" + listener, Holder: "test", Now: now, LeaseUntil: now.Add(365 * 24 * time.Hour), Most: 1000})
	if err != nil {
		p.t.Fatal(err)
	}
	var names []string
	for i := range rows {
		m, err := p.s.Events.Box.Open(&rows[i])
		if err != nil {
			p.t.Fatal(err)
		}
		names = append(names, m.Kind)
		p.events[m.Kind] = true
		for name, value := range p.values {
			if secretive.MatchString(name) && len(value) >= 6 && strings.Contains(m.Values["body"], value) {
				p.t.Errorf("%s tells the %s: %s", request, name, m.Values["body"])
			}
		}
	}
	row := rowOf(p.fill(request))
	if row == nil || row.OfPath || ofOperators(row) || reply.Status >= 400 {
		return
	}
	switch {
	case row.Event == "" && slices.ContainsFunc(names, func(name string) bool { return name != "users.[userId].create" && !strings.Contains(name, ".tokens.") }):
		p.t.Errorf("%s tells %v, and its row names no event", request, names)
	case row.Event != "" && !slices.Contains(names, row.Event) && silent[row.Name()] == "":
		p.t.Errorf("%s tells %v, and its row names %s", request, names, row.Event)
	}
}

// ofOperators says whether a row is about the project of the operators, whose webhooks nobody can set up.
func ofOperators(row *api.Endpoint) bool { return strings.HasPrefix(row.Event, "teams.") }

// secretive are the names of values that no webhook may be told.
var secretive = regexp.MustCompile(`^(secret|session|jwt|totp|recovery|phrase|key|admin|operator|code_challenge|state|browser)\d*$`)

// patterns finds the row of a request line.
var patterns = func() map[*regexp.Regexp]*api.Endpoint {
	found := map[*regexp.Regexp]*api.Endpoint{}
	rows := table()
	for i := range rows {
		for _, path := range append([]string{rows[i].Path}, rows[i].Alias...) {
			pattern := regexp.MustCompile(`\\\{\w+\\\}`).ReplaceAllString(regexp.QuoteMeta(path), `[^/ ?]+`)
			found[regexp.MustCompile(`^`+rows[i].Method+" "+pattern+`(\?.*)?$`)] = &rows[i]
		}
	}
	return found
}()

// rowOf is the row of a request; of two that fit, the one with fewer placeholders.
func rowOf(request string) *api.Endpoint {
	var best *api.Endpoint
	for pattern, row := range patterns {
		if pattern.MatchString(request) && (best == nil || strings.Count(row.Path, "{") < strings.Count(best.Path, "{")) {
			best = row
		}
	}
	return best
}

func TestRowsNameEventsThatThereAre(t *testing.T) {
	t.Parallel()
	named := map[string]bool{"users.[userId].tokens.[tokenId].create": true}
	rows := table()
	for i := range rows {
		e := &rows[i]
		if e.Event != "" && !ofOperators(e) && !slices.Contains(event.Names, e.Event) {
			t.Errorf("%s names %s, which is no event", e.Name(), e.Event)
		}
		named[e.Event] = true
	}
	for _, name := range event.Names {
		if !named[name] {
			t.Errorf("no row names %s", name)
		}
	}
}
