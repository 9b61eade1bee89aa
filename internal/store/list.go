package store

import (
	"context"
	"strconv"
	"strings"

	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// List is what a list is asked: which rows, in which order, which page of them.
type List struct {
	Search  string // words, each of which has to begin a word of the row; empty: all
	Where   []Condition
	Orders  []Order
	Random  bool
	Limit   int
	Offset  int
	Cursor  string // the id of the row that the page follows, or comes before
	Before  bool
	Uncount bool // the total is not asked for
}

// Condition is a method of the contract on an attribute with values (string, bool or model.Time), or conditions
// joined by `and` or `or`.
type Condition struct {
	Method    string
	Attribute string
	Values    []any
	Children  []Condition
}

// Order is an attribute to sort by; an empty one is the order of insertion.
type Order struct {
	Attribute string
	Desc      bool
}

// The bounds of a list. A million rows are never read for one page: what no index narrows is looked for in the
// first scanBudget rows of the list's order, and a page that these do not fill is refused rather than shown as if
// there were no more.
const (
	MostCounted  = 5000   // a total says no more than this
	maxPage      = 5000   // rows of a page, however many are asked for
	scanBudget   = 50_000 // rows that a page may look at without an index
	countBudget  = 5000   // and a total
	fewEnough    = 5000   // rows that may be sorted in an order that no index has
	nothingFound = "1 = 0"
)

// field is an attribute of a list as the table holds it.
type field struct {
	column  string
	kind    kindOfField
	null    bool   // the column may be NULL, which counts as empty
	folded  bool   // the column holds lower case, so values are compared in it
	index   bool   // rows come out of an index (project_id, column, id) in order
	lookup  bool   // an index finds rows by it, but not all of them are in it
	collate bool   // its order is not that of bytes on PostgreSQL unless it is told to be
	terms   string // the field of user_terms that serves `search` on it
}

type kindOfField int

const (
	textField kindOfField = iota
	flagField
	timeField
	wordsField
)

// listing describes a table as a list.
type listing struct {
	table  string
	alias  string
	fields map[string]field
	flags  map[string]bool                                    // conditions on flags that an index of their own serves: "status=false"
	search func(b *builder, alias, word, terms string) string // the condition that one word of a search puts on a row
	found  func(b *builder, word, terms string) string        // asks an index for the ids of rows that a word finds; nil: there is none
}

// insertion is the order of a list that is not asked for another one.
var insertion = field{column: "created_at", kind: timeField, index: true}

// builder collects the text of a statement and its arguments.
type builder struct {
	l       *listing
	project string
	args    []any
}

func (b *builder) arg(value any) string {
	b.args = append(b.args, value)
	return "$" + strconv.Itoa(len(b.args))
}

// in writes a column of a table's alias.
func (f field) in(alias string) string {
	column := alias + "." + f.column
	if f.collate {
		column += ` /*postgres: collate "C"*/`
	}
	return column
}

// value brings a value into the form the column holds.
func (f field) value(v any) any {
	if text, is := v.(string); is && f.folded {
		return strings.ToLower(text)
	}
	return v
}

// highest follows every text that begins with the same prefix.
const highest = "\U0010FFFF"

// condition writes a condition on the rows of an alias.
func (b *builder) condition(alias string, c Condition) string {
	if c.Method == "and" || c.Method == "or" {
		parts := make([]string, len(c.Children))
		for i, child := range c.Children {
			parts[i] = b.condition(alias, child)
		}
		return "(" + strings.Join(parts, " "+c.Method+" ") + ")"
	}
	f := b.l.fields[c.Attribute]
	if positive, negated := strings.CutPrefix(c.Method, "not"); negated && c.Method != "notEqual" {
		c.Method = strings.ToLower(positive[:1]) + positive[1:]
		return "not " + b.positive(alias, f, c)
	}
	return b.positive(alias, f, c)
}

// comparisons are the methods that are an operator.
var comparisons = map[string]string{"lessThan": "<", "lessThanEqual": "<=", "greaterThan": ">", "greaterThanEqual": ">="}

// positive writes a condition that is never unknown: NULL is an empty text, so that `not` turns it into its contrary.
func (b *builder) positive(alias string, f field, c Condition) string {
	column := f.in(alias)
	switch c.Method {
	case "equal":
		return b.any(c.Values, func(v any) string { return b.equals(column, f, v) })
	case "notEqual":
		return "not " + b.equals(column, f, c.Values[0])
	case "isNull", "isNotNull":
		empty := map[kindOfField]string{textField: column + " = ''", wordsField: column + " = ''", timeField: column + " = 0", flagField: nothingFound}[f.kind]
		if f.null {
			empty = "(" + column + " is null)"
		}
		if c.Method == "isNotNull" {
			return "not " + parens(empty)
		}
		return parens(empty)
	case "between":
		return b.known(f, column, column+" >= "+b.arg(f.value(c.Values[0]))+" and "+column+" <= "+b.arg(f.value(c.Values[1])))
	case "startsWith":
		prefix, _ := f.value(c.Values[0]).(string)
		return b.known(f, column, column+" >= "+b.arg(prefix)+" and "+column+" < "+b.arg(prefix+highest))
	case "endsWith":
		end := b.arg(f.value(c.Values[0]))
		end = "cast(" + end + " as text)"
		return b.known(f, column, "length("+column+") >= length("+end+") and substr("+column+", length("+column+") - length("+end+") + 1) = "+end)
	case "contains", "containsAny":
		return b.any(c.Values, func(v any) string { return b.contains(column, f, v) })
	case "containsAll":
		parts := []string{}
		for _, v := range c.Values {
			parts = append(parts, b.contains(column, f, v))
		}
		return "(" + strings.Join(parts, " and ") + ")"
	case "search":
		return b.searched(alias, searchWords(c.Values[0]), f.terms)
	}
	return b.known(f, column, column+" "+comparisons[c.Method]+" "+b.arg(f.value(c.Values[0])))
}

func parens(text string) string { return "(" + text + ")" }

// any joins alternatives.
func (b *builder) any(values []any, one func(any) string) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = one(v)
	}
	return "(" + strings.Join(parts, " or ") + ")"
}

// known makes a condition on a column that may be NULL one that is then false.
func (b *builder) known(f field, column, condition string) string {
	if f.null {
		condition = column + " is not null and " + condition
	}
	return parens(condition)
}

func (b *builder) equals(column string, f field, v any) string {
	if on, is := v.(bool); is {
		switch {
		case f.lookup: // SQLite enters an index by a comparison alone
			return "(" + column + " = " + strconv.FormatBool(on) + ")"
		case on:
			return parens(column)
		}
		return "(not " + column + ")"
	}
	return b.known(f, column, column+" = "+b.arg(f.value(v)))
}

// contains says whether a text holds another one. Both engines know replace; each has a name of its own for finding.
func (b *builder) contains(column string, f field, v any) string {
	text, _ := f.value(v).(string)
	if f.kind == wordsField {
		column, text = "(' ' || "+column+" || ' ')", " "+text+" "
	}
	if text == "" {
		return "(1 = 1)"
	}
	return b.known(f, column, "replace("+column+", "+b.arg(text)+", '') <> "+column)
}

// searched joins the conditions of a search's words.
func (b *builder) searched(alias string, words []string, terms string) string {
	if len(words) == 0 {
		return parens(nothingFound)
	}
	parts := make([]string, len(words))
	for i, word := range words {
		parts[i] = b.l.search(b, alias, word, terms)
	}
	return "(" + strings.Join(parts, " and ") + ")"
}

// searchWords takes a search apart: blanks separate words, quotes and stars are for other engines.
func searchWords(v any) []string {
	text, _ := v.(string)
	words := strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return c == ' ' || c == '"' || c == '\t' || c == '\n' || c == '*' || c == ',' })
	return words[:min(len(words), 8)]
}

// all writes the conditions of a list.
func (b *builder) all(alias string, list *List) []string {
	parts := []string{}
	if list.Search != "" {
		parts = append(parts, b.searched(alias, searchWords(list.Search), ""))
	}
	for _, c := range list.Where {
		parts = append(parts, b.condition(alias, c))
	}
	return parts
}

// served is a condition in the form in which an index serves it.
type served struct {
	field field // what it is on, if it is on one field of the table itself
	write func(b *builder, alias string) string
	found func(b *builder) string // asks for the ids, in the place of a condition
}

// foundBy is a word as an index of words serves it.
func (l *listing) foundBy(word, terms string) served {
	return served{found: func(b *builder) string { return l.found(b, word, terms) }}
}

// order makes SQLite read a flag from the index that has such rows alone, in order of insertion: without it, it prefers
// the table.
func (s served) order(alias string) string {
	if s.field.kind != flagField || s.field.column == "" {
		return ""
	}
	return " order by " + alias + "." + insertion.column + ", " + alias + ".id"
}

// served lists the conditions that an index serves.
func (l *listing) served(list *List) []served {
	var found []served
	words := func(v any, terms string) {
		for _, word := range searchWords(v) {
			found = append(found, l.foundBy(word, terms))
		}
	}
	if l.found != nil {
		words(list.Search, "")
	}
	for _, c := range list.Where {
		f := l.fields[c.Attribute]
		plain := served{field: f, write: func(b *builder, alias string) string { return b.condition(alias, c) }}
		switch {
		case c.Method == "search" && l.found != nil:
			words(c.Values[0], f.terms)
		case f.kind == wordsField && (c.Method == "contains" || c.Method == "containsAny") && len(c.Values) == 1 && l.found != nil:
			text, _ := c.Values[0].(string)
			found = append(found, l.foundBy(strings.ToLower("label:"+text), "labels"))
		case f.kind == flagField && c.Method == "equal" && len(c.Values) == 1:
			if on, _ := c.Values[0].(bool); l.flags[c.Attribute+"="+strconv.FormatBool(on)] {
				found = append(found, plain)
			}
		case f.ranged(c.Method):
			found = append(found, plain)
		}
	}
	return found
}

// ranged says whether a method on a field is a range of its index.
func (f field) ranged(method string) bool {
	return (f.index || f.lookup) && (method == "equal" || method == "between" || method == "startsWith" || comparisons[method] != "")
}

// order is the fields a list is sorted by, without the id that decides between equals.
func (l *listing) order(list *List) []sorted {
	orders := make([]sorted, 0, len(list.Orders)+1)
	for _, o := range list.Orders {
		f := insertion
		if o.Attribute != "" {
			f = l.fields[o.Attribute]
		}
		orders = append(orders, sorted{f, o.Desc})
	}
	if len(orders) == 0 {
		orders = append(orders, sorted{insertion, false})
	}
	return orders
}

// sorted is a field to sort by.
type sorted struct {
	field
	desc bool
}

// orderBy writes an order; turned is the contrary one. NULL comes first, as an empty text would.
func orderBy(alias string, orders []sorted, turned bool) string {
	parts, desc := []string{}, false
	add := func(text string) {
		if desc {
			text += " desc"
		}
		parts = append(parts, text)
	}
	for _, o := range orders {
		desc = o.desc != turned
		if o.null {
			add(alias + "." + o.column + " is not null")
		}
		add(o.in(alias))
	}
	add(alias + ".id")
	return " order by " + strings.Join(parts, ", ")
}

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

// readCursor reads where the cursor's row stands in the order. Faults: general_cursor_not_found,
// database_query_order_null.
func (p *page) readCursor() error {
	if p.list.Cursor == "" {
		return nil
	}
	b := p.builder()
	columns := []string{}
	for _, o := range p.orders {
		columns = append(columns, p.l.alias+"."+o.column+" is null", p.l.alias+"."+o.column)
	}
	where := p.scope(b, p.l.alias) + " and " + p.l.alias + ".id = " + b.arg(p.list.Cursor)
	empty := false
	err := p.ask("select "+strings.Join(columns, ", ")+" from "+p.l.table+" "+p.l.alias+" where "+where, b, func(r row) error {
		p.cursor = nil
		for _, o := range p.orders {
			empty = r.flag() || empty
			switch o.kind {
			case flagField:
				p.cursor = append(p.cursor, r.flag())
			case timeField:
				p.cursor = append(p.cursor, model.Time(r.number()))
			default:
				p.cursor = append(p.cursor, r.text())
			}
		}
		p.cursor = append(p.cursor, p.list.Cursor)
		return nil
	})
	switch {
	case err != nil:
		return err
	case p.cursor == nil:
		return fault.CursorNotFound
	case empty:
		return fault.QueryOrderNull
	}
	return nil
}

// upTo writes the condition that a row comes no later than a position in an order that is one index.
func (p *page) upTo(b *builder, alias string, bound []any, turned bool) string {
	sign := " <= "
	if p.orders[0].desc != turned {
		sign = " >= "
	}
	return "(" + p.orders[0].in(alias) + ", " + alias + ".id)" + sign + "(" + b.arg(bound[0]) + ", " + b.arg(bound[1]) + ")"
}

// after writes the condition that a row comes after the cursor in the order, or before it.
func (p *page) after(b *builder, alias string, cursor []any, turned bool) string {
	sign := func(desc bool) string {
		if desc != turned {
			return " < "
		}
		return " > "
	}
	last := p.orders[len(p.orders)-1].desc
	if len(p.orders) == 1 && !p.orders[0].null {
		// Compared as a pair, which an index can be entered by.
		return "(" + p.orders[0].in(alias) + ", " + alias + ".id)" + sign(last) + "(" + b.arg(cursor[0]) + ", " + b.arg(cursor[1]) + ")"
	}
	alternatives, equal := []string{}, ""
	for i, o := range p.orders {
		alternatives = append(alternatives, "("+equal+o.in(alias)+sign(o.desc)+b.arg(cursor[i])+")")
		equal += o.in(alias) + " = " + b.arg(cursor[i]) + " and "
	}
	alternatives = append(alternatives, "("+equal+alias+".id"+sign(last)+b.arg(cursor[len(p.orders)])+")")
	return "(" + strings.Join(alternatives, " or ") + ")"
}
