package post

import (
	"html"
	"strings"
	"unicode"
)

// target is what a text with placeholders is being filled for.
type target int

const (
	asText   target = iota // values as they are, bold dropped
	asHTML                 // our own text: all of it escaped
	asMarkup               // an operator's HTML: kept, values escaped
)

// fill replaces placeholders in one pass over the text. What a value holds is never looked at again, so that a
// person who calls herself {{otp}} does not read a code. Names without a value stay as they are written.
func fill(text string, values map[string]string, to target) string {
	var b strings.Builder
	b.Grow(len(text) + len(text)/2)
	literal := 0 // where the text not yet written starts
	flush := func(end int) {
		if to == asHTML {
			b.WriteString(html.EscapeString(text[literal:end]))
		} else {
			b.WriteString(text[literal:end])
		}
	}
	for i := 0; i < len(text); {
		name, length := placeholderAt(text[i:])
		replacement, known := replace(name, values, to)
		if length == 0 || !known {
			i++
			continue
		}
		flush(i)
		b.WriteString(replacement)
		i += length
		literal = i
	}
	flush(len(text))
	return b.String()
}

// replace gives what stands for a placeholder.
func replace(name string, values map[string]string, to target) (string, bool) {
	switch {
	case name == "":
		return "", false
	case name == "b" && to != asText:
		return "<strong>", true
	case name == "/b" && to != asText:
		return "</strong>", true
	case name == "b" || name == "/b":
		return "", true
	}
	value, known := values[name]
	if to != asText {
		value = html.EscapeString(value)
	}
	return value, known
}

// placeholderAt reads a placeholder at the start of the text: its name, and how many bytes it takes; 0 for none.
func placeholderAt(text string) (name string, length int) {
	if !strings.HasPrefix(text, "{{") {
		return "", 0
	}
	i := skipBlanks(text, 2)
	start := i
	if i < len(text) && text[i] == '/' {
		i++
	}
	for i < len(text) && isNameByte(text[i]) {
		i++
	}
	name = text[start:i]
	i = skipBlanks(text, i)
	if name == "" || name == "/" || !strings.HasPrefix(text[i:], "}}") {
		return "", 0
	}
	return name, i + 2
}

func skipBlanks(text string, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\t') {
		i++
	}
	return i
}

func isNameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// names lists the placeholders that a text holds, in order.
func names(text string) []string {
	var list []string
	for i := 0; i < len(text); {
		name, length := placeholderAt(text[i:])
		if length == 0 {
			i++
			continue
		}
		list = append(list, name)
		i += length
	}
	return list
}

// line makes a text fit for a header: one line, without controls and without the marks that turn the direction
// of the text that follows. Blanks are put in place of what separated words.
func line(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\r' || r == '\n' || r == '\t' || r == '\u2028' || r == '\u2029' || r == '\u0085':
			return ' '
		case unicode.IsControl(r) || turns(r) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	return strings.Join(strings.Fields(text), " ")
}

// turns says whether a rune overrides or isolates direction (UAX 9): in a name it would reach beyond the name.
func turns(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\u200e' || r == '\u200f'
}

// clip shortens a text to so many runes.
func clip(text string, limit int) string {
	runes := []rune(text)
	if len(runes) <= limit {
		return text
	}
	return strings.TrimSpace(string(runes[:limit-1])) + "…"
}
