package store

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// AuditFilter says which entries of a project's audit trail are asked for. Empty parts ask for all.
type AuditFilter struct {
	Where    []AuditCondition // all of them hold
	From, To model.Time       // both included; To 0: no end
	Oldest   bool             // the oldest first, not the latest
	Cursor   int64            // position that the page follows in its order; 0: none
	Before   bool             // it precedes the cursor
	Limit    int
	Offset   int
}

// AuditCondition holds for entries whose attribute is one of the values.
type AuditCondition struct {
	Attribute string // event, resource (and everything below it), actor or kind (of actor: user, guest, keyProject, admin, cli)
	Values    []string
}

// operatedKinds are the kinds of actor that set things up; their entries have an index of their own.
var operatedKinds = []string{"admin", "keyProject", "cli"}

// The clocks of several nodes and the length of transactions put entries into the chain a little out of order. A range of
// time is looked for this much wider.
const auditDisorder = 60 * 60 * 1000

var (
	auditAt   = statement("AuditAt", `select `+auditColumns+` from audits a where a.project_id = $1 and a.seq = $2 and a.seq > 0`)
	auditTime = statement("AuditTime", `select a.time from audits a where a.project_id = $1 and a.seq = $2 and a.seq > 0`)
)

// auditPage is one question for entries: along one of the indexes of the trail, in one direction.
type auditPage struct {
	db      *DB
	ctx     context.Context
	project string
	f       *AuditFilter
	actor   string // not empty: along the entries of one actor, which have an order by time
	scope   []func(b *builder) string
	rest    []AuditCondition // what the index does not serve
}

// ListAudits lists entries of a project's audit trail that are chained, latest first, and says how many there are, up to
// MostCounted. What no index serves is looked for in as many entries as other lists look through. Faults:
// general_cursor_not_found; database_timeout, when a page is not full and there is more than can be looked through.
func (db *DB) ListAudits(ctx context.Context, project string, f *AuditFilter) (list []model.Audit, total int, err error) {
	if f.Offset > db.budget {
		return nil, 0, tooMuch
	}
	p := &auditPage{db: db, ctx: ctx, project: project, f: f}
	if err := p.along(); err != nil {
		return nil, 0, err
	}
	descending := f.Oldest == f.Before
	cursor, err := p.cursor(descending)
	if err != nil {
		return nil, 0, err
	}
	bound, err := p.bound(descending, cursor)
	if err != nil {
		return nil, 0, err
	}
	b := &builder{}
	text := "select " + auditColumns + " from audits a where " + p.where(b, p.rest, cursor, bound) + p.order(descending) + " limit " + b.arg(f.Limit) + " offset " + b.arg(f.Offset)
	if list, err = many(ctx, db, p.question(text, b), scanAudit); err != nil {
		return nil, 0, err
	}
	if f.Before {
		slices.Reverse(list)
	}
	got := len(list)
	switch {
	case got < f.Limit && bound != nil:
		return nil, 0, tooMuch
	case got < f.Limit && cursor == nil && (got > 0 || f.Offset == 0):
		return list, min(f.Offset+got, MostCounted), nil
	}
	if cursor != nil || f.Before {
		if bound, err = p.bound(!f.Oldest, nil); err != nil {
			return nil, 0, err
		}
	}
	if total, err = p.total(bound); got > 0 && cursor == nil {
		total = max(total, min(f.Offset+got, MostCounted)) // it is not less than what has been seen
	}
	return list, total, err
}

// along chooses the index that the entries are read by: those of one actor, those of operators, all.
func (p *auditPage) along() error {
	p.also(func(b *builder) string { return "a.project_id = " + b.arg(p.project) + " and a.seq > 0" })
	for _, c := range p.f.Where {
		if c.Attribute == "actor" && len(c.Values) == 1 && p.actor == "" {
			p.actor = c.Values[0]
			p.also(func(b *builder) string { return "a.actor_id = " + b.arg(p.actor) })
			continue
		}
		p.rest = append(p.rest, c)
	}
	if p.actor == "" && slices.ContainsFunc(p.rest, operated) {
		p.rest = slices.DeleteFunc(p.rest, func(c AuditCondition) bool { return operated(c) && within(operatedKinds, c.Values) })
		p.also(func(*builder) string { return "a.actor_type in ('" + strings.Join(operatedKinds, "', '") + "')" })
	}
	return p.within()
}

// operated says whether a condition leaves none but those who set things up.
func operated(c AuditCondition) bool {
	return c.Attribute == "kind" && within(c.Values, operatedKinds)
}

// within says whether all of some texts are among others.
func within(some, others []string) bool {
	return !slices.ContainsFunc(some, func(text string) bool { return !slices.Contains(others, text) })
}

func (p *auditPage) also(condition func(b *builder) string) { p.scope = append(p.scope, condition) }

// within narrows to the range of time. An actor's entries are in its order. The others are in the order of the chain,
// which is nearly the same: where the range begins and ends in it is found by halving.
func (p *auditPage) within() error {
	from, to := p.f.From, p.f.To
	if from > 0 {
		p.also(func(b *builder) string { return "a.time >= " + b.arg(from) })
	}
	if to > 0 {
		p.also(func(b *builder) string { return "a.time <= " + b.arg(to) })
	}
	if p.actor != "" || from == 0 && to == 0 {
		return nil
	}
	head, err := p.db.AuditHead(p.ctx, p.project)
	if err != nil {
		return err
	}
	low, high := int64(0), head.Seq
	if from > 0 {
		if low, err = p.last(head.Seq, from-auditDisorder); err != nil {
			return err
		}
	}
	if to > 0 {
		if high, err = p.last(head.Seq, to+auditDisorder); err != nil {
			return err
		}
	}
	p.also(func(b *builder) string { return "a.seq > " + b.arg(low) + " and a.seq <= " + b.arg(high) })
	return nil
}

// last finds the last position up to head whose entry is not after a moment. What is gone is old.
func (p *auditPage) last(head int64, moment model.Time) (int64, error) {
	low, high := int64(0), head
	for low < high {
		middle := low + (high-low+1)/2
		at := model.Time(0)
		err := p.db.ask(p.ctx, auditTime.with(p.project, middle), func(r row) error {
			at = model.Time(r.number())
			return nil
		})
		if err != nil {
			return 0, err
		}
		if at <= moment {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return low, nil
}

// key is what the entries are in order by.
func (p *auditPage) key() []string {
	if p.actor != "" {
		return []string{"a.time", "a.id"}
	}
	return []string{"a.seq"}
}

func (p *auditPage) order(descending bool) string {
	direction := ""
	if descending {
		direction = " desc"
	}
	return " order by " + strings.Join(p.key(), direction+", ") + direction
}

// auditPlace is a place in the order of a page, as a condition.
type auditPlace func(b *builder) string

// place compares entries with one.
func (p *auditPage) place(comparison string, values []any) auditPlace {
	return func(b *builder) string {
		list := make([]string, len(values))
		for i, v := range values {
			list[i] = b.arg(v)
		}
		return "(" + strings.Join(p.key(), ", ") + ") " + comparison + " (" + strings.Join(list, ", ") + ")"
	}
}

// beyond is the comparison with what follows in a direction.
func beyond(descending bool) string { return map[bool]string{true: "<", false: ">"}[descending] }

// cursor finds where the page begins. Fault: general_cursor_not_found.
func (p *auditPage) cursor(descending bool) (auditPlace, error) {
	if p.f.Cursor == 0 {
		return nil, nil //nolint:nilnil // a page without one is the usual one
	}
	at, err := one(p.ctx, p.db, auditAt.with(p.project, p.f.Cursor), scanAudit, fault.CursorNotFound)
	if err != nil {
		return nil, err
	}
	values := []any{at.Seq}
	if p.actor != "" {
		values = []any{at.Time, at.ID}
	}
	return p.place(beyond(descending), values), nil
}

// bound finds where looking ends, if there is something to look for that no index serves and more than may be looked
// through.
func (p *auditPage) bound(descending bool, from auditPlace) (auditPlace, error) {
	if len(p.rest) == 0 {
		return nil, nil //nolint:nilnil // no bound
	}
	b := &builder{}
	text := "select " + strings.Join(p.key(), ", ") + " from audits a where " + p.where(b, nil, from) + p.order(descending) + " limit 1 offset " + strconv.Itoa(p.db.budget)
	var values []any
	err := p.db.ask(p.ctx, p.question(text, b), func(r row) error {
		values = []any{r.number()}
		if p.actor != "" {
			values = append(values, r.text())
		}
		return nil
	})
	if err != nil || values == nil {
		return nil, err
	}
	return p.place(beyond(!descending), values), nil
}

// total counts entries, whatever the page is, as far as they may be looked through.
func (p *auditPage) total(bound auditPlace) (int, error) {
	b := &builder{}
	text := "select count(*) from (select 1 from audits a where " + p.where(b, p.rest, bound) + " limit " + strconv.Itoa(MostCounted) + ") counted"
	return numberOf(p.ctx, p.db, p.question(text, b))
}

func (p *auditPage) question(text string, b *builder) call {
	return (&Statement{name: "List audits", text: text, once: true}).with(b.args...)
}

// where joins the conditions of the index, those that it does not serve, and places in its order.
func (p *auditPage) where(b *builder, rest []AuditCondition, places ...auditPlace) string {
	var all []string
	for _, condition := range p.scope {
		all = append(all, condition(b))
	}
	for _, c := range rest {
		all = append(all, c.write(b))
	}
	for _, place := range places {
		if place != nil {
			all = append(all, place(b))
		}
	}
	return strings.Join(all, " and ")
}

// auditFields are the columns of what conditions speak of.
var auditFields = map[string]string{"event": "a.event", "resource": "a.resource", "actor": "a.actor_id", "kind": "a.actor_type"}

func (c AuditCondition) write(b *builder) string {
	parts := make([]string, len(c.Values))
	for i, text := range c.Values {
		column, value := auditFields[c.Attribute], b.arg(text)
		parts[i] = column + " = " + value
		if c.Attribute == "resource" {
			value = "cast(" + value + " as text)"
			parts[i] = column + " = " + value + " or substr(" + column + ", 1, length(" + value + ") + 1) = " + value + " || '/'"
		}
	}
	return "(" + strings.Join(parts, " or ") + ")"
}

// AuditAt finds the entry at a position of a project's audit trail. Fault: log_not_found.
func (db *DB) AuditAt(ctx context.Context, project string, seq int64) (*model.Audit, error) {
	return one(ctx, db, auditAt.with(project, seq), scanAudit, fault.LogNotFound)
}
