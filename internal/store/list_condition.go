package store

import (
	"strconv"
	"strings"
)

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
