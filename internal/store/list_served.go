package store

import (
	"strconv"
	"strings"
)

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
			if on, _ := c.Values[0].(bool); f.lookup || l.flags[c.Attribute+"="+strconv.FormatBool(on)] {
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
