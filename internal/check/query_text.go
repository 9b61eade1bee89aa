package check

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// readTextQuery reads the text form of formats before 1.5.0: equal("provider", ["github"]), limit(5).
func readTextQuery(text string) (query, error) {
	p := &textParser{rest: strings.TrimSpace(text)}
	method, arguments, found := strings.Cut(p.rest, "(")
	if !found || !strings.HasSuffix(arguments, ")") || strings.ContainsAny(method, ". \"'") || method == "" {
		return query{}, errTextQuery
	}
	p.rest = strings.TrimSuffix(arguments, ")")
	values, err := p.list(0)
	if err != nil {
		return query{}, err
	}
	return arranged(method, values)
}

var errTextQuery = errors.New("A query must have the form method(\"attribute\", [values]).")

// arranged sorts the arguments of a text query into attribute and values.
func arranged(method string, values []any) (query, error) {
	q := query{Method: method}
	switch method {
	case "limit", "offset", "cursorAfter", "cursorBefore", "select":
	default:
		if len(values) > 0 {
			attribute, is := values[0].(string)
			if !is {
				return q, errTextQuery
			}
			q.Attribute, values = attribute, values[1:]
		}
	}
	for _, value := range values {
		many, is := value.([]any)
		if !is {
			many = []any{value}
		}
		for _, one := range many {
			raw, err := json.Marshal(one)
			if err != nil {
				return q, errTextQuery
			}
			q.Values = append(q.Values, raw)
		}
	}
	return q, nil
}

// textParser reads the arguments of a text query from the left.
type textParser struct{ rest string }

// list reads values separated by commas, to the end of the text.
func (p *textParser) list(depth int) ([]any, error) {
	var values []any
	for {
		p.rest = strings.TrimSpace(p.rest)
		if p.rest == "" {
			return values, nil
		}
		value, err := p.value(depth)
		if err != nil {
			return nil, err
		}
		values = append(values, value)
		p.rest = strings.TrimSpace(p.rest)
		if p.rest == "" {
			return values, nil
		}
		if p.rest[0] != ',' {
			return nil, errTextQuery
		}
		p.rest = p.rest[1:]
	}
}

// value reads one value: a quoted text, a list in brackets, or a bare word.
func (p *textParser) value(depth int) (any, error) {
	switch p.rest[0] {
	case '"', '\'':
		return p.quoted(p.rest[0])
	case '[':
		end := closing(p.rest)
		if end < 0 || depth > 1 {
			return nil, errTextQuery
		}
		inner := &textParser{rest: p.rest[1:end]}
		p.rest = p.rest[end+1:]
		values, err := inner.list(depth + 1)
		if values == nil {
			values = []any{}
		}
		return values, err
	}
	end := strings.IndexByte(p.rest, ',')
	if end < 0 {
		end = len(p.rest)
	}
	word := strings.TrimSpace(p.rest[:end])
	p.rest = p.rest[end:]
	switch word {
	case "true":
		return true, nil
	case "false":
		return false, nil
	case "null":
		return nil, nil // the value null
	}
	if _, err := strconv.ParseFloat(word, 64); err != nil {
		return nil, errTextQuery
	}
	return json.Number(word), nil
}

// quoted reads a quoted text; a backslash takes the next character as it is.
func (p *textParser) quoted(quote byte) (string, error) {
	var b strings.Builder
	for i := 1; i < len(p.rest); i++ {
		switch c := p.rest[i]; {
		case c == '\\' && i+1 < len(p.rest):
			i++
			b.WriteByte(p.rest[i])
		case c == quote:
			p.rest = p.rest[i+1:]
			return b.String(), nil
		default:
			b.WriteByte(c)
		}
	}
	return "", errTextQuery
}

// closing finds the bracket that closes the one a text begins with, past quoted texts.
func closing(text string) int {
	depth := 0
	var quote byte
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0 && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '[':
			depth++
		case c == ']':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}
