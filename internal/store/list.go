package store

import (
	"strconv"
	"strings"
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
	lookup  bool   // an index finds rows by it, but does not have all of them in its order
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
	flags  map[string]bool                                    // values of flags that an index has alone: "status=false"
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
