package store

import (
	"context"
	"strconv"
	"strings"

	"latchkey/internal/fault"
)

// page is one question of a list, on its way.
type page struct {
	ctx     context.Context
	from    source
	list    *List
	l       *listing
	budget  int
	project string
	scope   func(b *builder, alias string) string // whose rows: the project's, a user's
	orders  []sorted
	cursor  []any // the values of the cursor's row in the order's fields, then its id; nil without a cursor
}

func (p *page) builder() *builder { return &builder{l: p.l, project: p.project} }

// ask asks a question made for this list alone.
func (p *page) ask(text string, b *builder, each func(row) error) error {
	s := &Statement{name: "List " + p.l.table, text: text, once: true}
	if strings.Contains(text, "/*") {
		s.server = string(openComments([]byte(text), Postgres))
	}
	return p.from.ask(p.ctx, s.with(b.args...), each)
}

// count counts rows of the table that conditions (the scope among them) leave, up to a limit.
func (p *page) count(limit int, where func(b *builder) []string) (n int, err error) {
	b := p.builder()
	return p.counted(b, limit, p.l.table+" "+p.l.alias, where(b))
}

func (p *page) counted(b *builder, limit int, from string, where []string) (n int, err error) {
	text := "select count(*) from (select 1 from " + from + " where " + strings.Join(where, " and ") + " limit " + strconv.Itoa(limit) + ") counted"
	err = p.ask(text, b, func(r row) error {
		n = int(r.number())
		return nil
	})
	return n, err
}

// narrowing is how the rows of a page are found without reading the table: among few candidates that an index
// gives, or along the order's own index up to a bound.
type narrowing struct {
	few     func(b *builder) string // asks for the ids; nil: there is no condition that leaves few
	bounded bool                    // rows are looked for along the order, and no further than the budget
	look    int                     // how many rows of the order a total looks at, if bounded
	none    bool                    // an index has said that there is nothing
	order   string                  // makes SQLite count by the index of the one condition
	many    bool                    // an index has said that there are more than a total tells
}

// narrow decides how a page is found. Fault: database_timeout, when no index helps and there is too much to sort.
func (p *page) narrow() (n narrowing, err error) {
	served, conditions := p.l.served(p.list), len(p.all(p.builder()))
	if conditions == 1 && len(served) == 1 && len(p.orders) == 1 && p.orders[0].index && !p.list.Random && p.list.Offset <= p.budget && p.along(served[0].field) {
		n.order = served[0].order(p.l.alias)
		return n, nil // nothing is passed over on the way
	}
	for _, condition := range served {
		found, err := p.howMany(condition)
		if err != nil {
			return n, err
		}
		if found == 0 {
			return narrowing{none: true}, nil
		}
		if found <= fewEnough {
			n.few = func(b *builder) string { return p.candidates(b, condition) }
			return n, nil
		}
		n.many = len(served) == 1 && conditions == 1
	}
	if p.list.Random || len(p.orders) > 1 || !p.orders[0].index {
		rows, err := p.count(p.budget+1, func(b *builder) []string { return []string{p.scope(b, p.l.alias)} })
		if err == nil && rows > p.budget {
			err = tooMuch
		}
		return n, err
	}
	if p.list.Offset > p.budget {
		return n, tooMuch
	}
	if conditions == 0 {
		return n, nil
	}
	n.bounded, n.look = true, countBudget
	if len(served) > 1 {
		n.look /= 4 // each word alone has more than a total tells, and looking for several in a row takes longer
	}
	return n, nil
}

// howMany counts what a condition finds, up to a little more than is few. A user who has a word more than once is
// counted once, unless there are so many rows that it does not matter.
func (p *page) howMany(condition served) (int, error) {
	if condition.found == nil {
		return p.count(fewEnough+1, func(b *builder) []string {
			return []string{p.scope(b, p.l.alias), condition.write(b, p.l.alias) + condition.order(p.l.alias)}
		})
	}
	const enough = 2 * fewEnough
	n, err := p.countFound("count(*)", condition, enough)
	if err == nil && n < enough {
		n, err = p.countFound("count(distinct w.id)", condition, enough)
	}
	return n, err
}

// countFound counts the ids that a word finds, up to a limit.
func (p *page) countFound(what string, condition served, limit int) (n int, err error) {
	b := p.builder()
	text := "select " + what + " from (select f.id from (" + condition.found(b) + ") f limit " + strconv.Itoa(limit) + ") w"
	err = p.ask(text, b, func(r row) error {
		n = int(r.number())
		return nil
	})
	return n, err
}

// tooMuch answers what would have to read more rows than a list may.
var tooMuch = fault.DatabaseTimeout.Say("This would have to look at too many rows. Ask by an indexed attribute, in its order, or use search and cursors.")

// all is the conditions of the page on its own alias.
func (p *page) all(b *builder) []string { return b.all(p.l.alias, p.list) }

// along says whether a condition on a field and the order of the page are served by the same index. Those of flags
// are in the order of insertion.
func (p *page) along(f field) bool {
	return f.column != "" && (f.column == p.orders[0].column || f.kind == flagField && p.orders[0].column == insertion.column)
}

// position finds the row a number of steps along the order from a start; nil if there are fewer.
func (p *page) position(steps int, turned bool, start []any) (at []any, err error) {
	b := p.builder()
	where := p.scope(b, p.l.alias)
	if start != nil {
		where += " and " + p.after(b, p.l.alias, start, turned)
	}
	for _, c := range p.list.Where { // a range of the order itself is where the way begins and ends
		if f := p.l.fields[c.Attribute]; f.kind != flagField && f.ranged(c.Method) && p.along(f) {
			where += " and " + b.condition(p.l.alias, c)
		}
	}
	o := p.orders[0]
	text := "select " + p.l.alias + "." + o.column + ", " + p.l.alias + ".id from " + p.l.table + " " + p.l.alias + " where " + where +
		orderBy(p.l.alias, p.orders, turned) + " limit 1 offset " + strconv.Itoa(steps)
	err = p.ask(text, b, func(r row) error {
		switch o.kind {
		case flagField:
			at = []any{r.flag(), r.text()}
		case timeField:
			at = []any{r.number(), r.text()}
		default:
			at = []any{r.text(), r.text()}
		}
		return nil
	})
	return at, err
}

// candidates asks for the ids of the rows that a condition leaves, which are few.
func (p *page) candidates(b *builder, condition served) string {
	if condition.found != nil {
		return "select distinct w.id from (" + condition.found(b) + ") w"
	}
	return "select c.id from " + p.l.table + " c where " + p.scope(b, "c") + " and " + condition.write(b, "c") + condition.order("c") + " limit " + strconv.Itoa(fewEnough)
}

// source writes where rows come from: the table, or few candidates and then the table by its key. Said with `cross
// join`, SQLite keeps that order; left to itself it reads the table along the order.
func (p *page) source(b *builder, n *narrowing) string {
	table := p.l.table + " " + p.l.alias
	if n.few == nil {
		return table
	}
	return "(" + n.few(b) + ") f cross join " + table
}

// where writes all conditions of the page; bound is where looking ends.
func (p *page) where(b *builder, n *narrowing, bound []any, turned bool) []string {
	conditions := append([]string{p.scope(b, p.l.alias)}, p.all(b)...)
	if n.few != nil {
		conditions = append(conditions, p.l.alias+".id = f.id")
	}
	if bound != nil {
		conditions = append(conditions, p.upTo(b, p.l.alias, bound, turned))
	}
	return conditions
}

// total counts what the page is a part of, as far as counting is cheap.
func (p *page) total(n *narrowing) (total int, err error) {
	var bound []any
	if n.bounded {
		if bound, err = p.position(n.look, false, nil); err != nil {
			return 0, err
		}
	}
	b := p.builder()
	where := p.where(b, n, bound, false)
	where[len(where)-1] += n.order
	return p.counted(b, MostCounted, p.source(b, n), where)
}

// rows writes the question for the rows of the page up to a bound.
func (p *page) rows(n *narrowing, bound []any) (inner, order string, b *builder) {
	b = p.builder()
	conditions := p.where(b, n, bound, p.list.Before)
	if p.cursor != nil {
		conditions = append(conditions, p.after(b, p.l.alias, p.cursor, p.list.Before))
	}
	order = orderBy(p.l.alias, p.orders, p.list.Before)
	by := order
	if p.list.Random {
		by = " order by random()"
	}
	inner = "select " + p.l.alias + ".* from " + p.source(b, n) + " where " + strings.Join(conditions, " and ") +
		by + " limit " + strconv.Itoa(p.limit()) + " offset " + strconv.Itoa(p.list.Offset)
	return inner, order, b
}

func (p *page) limit() int { return min(p.list.Limit, maxPage) }

// reader is how a list reads its rows.
type reader struct {
	wrap func(inner, order string) string                   // the columns wanted, from the rows of the page
	read func(text string, b *builder) (got int, err error) // reads them, and forgets what it has read before
}

// nearby is the part of the budget that is looked at first: finding where all of it ends is itself a walk.
const nearby = 10

// look reads the rows of the page. Fault: database_timeout, when all that the budget allows does not fill it.
func (p *page) look(n *narrowing, r reader) (got int, err error) {
	steps := p.budget / nearby
	for {
		var bound []any
		if n.bounded {
			if bound, err = p.position(steps, p.list.Before, p.cursor); err != nil {
				return 0, err
			}
		}
		inner, order, b := p.rows(n, bound)
		got, err = r.read(r.wrap(inner, order), b)
		if err != nil || bound == nil || got == p.limit() {
			return got, err
		}
		if steps == p.budget {
			return 0, tooMuch
		}
		steps = p.budget
	}
}

// run reads a page and its total.
func (p *page) run(r reader) (total int, err error) {
	p.orders = p.l.order(p.list)
	if err := p.readCursor(); err != nil {
		return 0, err
	}
	n, err := p.narrow()
	if err != nil || n.none {
		return 0, err
	}
	got, err := p.look(&n, r)
	if err != nil {
		return 0, err
	}
	seen := p.list.Offset + got
	switch {
	case p.list.Uncount:
		return 0, nil
	case n.many:
		return MostCounted, nil
	case got < p.limit() && (got > 0 || p.list.Offset == 0) && p.cursor == nil:
		return min(seen, MostCounted), nil
	}
	if total, err = p.total(&n); got > 0 {
		total = max(total, min(seen, MostCounted)) // a total may have looked at fewer rows than the page
	}
	return total, err
}
