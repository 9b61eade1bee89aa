package admin

import (
	"fmt"
	"math"
	"sort"
	"strings"
	"time"
)

// Faults is everything that is wrong with a declaration, each with its path: all of it at once, because an
// operator who mends one line and meets the next fault has been served badly.
type Faults []string

// Error implements error.
func (f Faults) Error() string { return strings.Join(f, "\n") }

// node is a value of a declared file with its path. Reading one of the wrong kind notes a fault and yields
// the zero value, so that reading goes on.
type node struct {
	path   string
	value  any
	faults *Faults
}

// fail notes a fault at the node.
func (n node) fail(format string, args ...any) {
	*n.faults = append(*n.faults, n.path+": "+fmt.Sprintf(format, args...))
}

// child is the node below.
func (n node) child(name string, value any) node {
	path := name
	if n.path != "" {
		path = n.path + "." + name
	}
	return node{path, value, n.faults}
}

// fields reads a mapping: every key must be known, and is read by its function. Functions run in order of the
// keys' names, so that faults come out in the same order each time.
func (n node) fields(known map[string]func(node)) map[string]bool {
	given := map[string]bool{}
	members, is := n.value.(map[string]any)
	if !is {
		n.fail("must be a mapping")
		return given
	}
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		read := known[name]
		if read == nil {
			n.child(name, nil).fail("is not known%s", suggestion(name, known))
			continue
		}
		given[name] = true
		read(n.child(name, members[name]))
	}
	return given
}

// items reads a list.
func (n node) items(read func(node)) {
	list, is := n.value.([]any)
	if !is {
		n.fail("must be a list")
		return
	}
	for i, item := range list {
		read(node{fmt.Sprintf("%s[%d]", n.path, i), item, n.faults})
	}
}

// text reads text and checks it.
func (n node) text(into *string, checks ...func(string) error) {
	text, is := n.value.(string)
	if !is {
		n.fail("must be a text (put it in quotes)")
		return
	}
	for _, check := range checks {
		if err := check(text); err != nil {
			n.fail("%s", strings.TrimSuffix(err.Error(), "."))
			return
		}
	}
	*into = text
}

// number reads a whole number between min and max.
func (n node) number(into *int, min, max int) {
	var got int64
	switch value := n.value.(type) {
	case int:
		got = int64(value)
	case int64:
		got = value
	case uint64:
		if value > math.MaxInt64 {
			value = math.MaxInt64
		}
		got = int64(value)
	default:
		n.fail("must be a whole number")
		return
	}
	if got < int64(min) || got > int64(max) {
		n.fail("must be from %d to %d, is %d", min, max, got)
		return
	}
	*into = int(got)
}

// flag reads true or false.
func (n node) flag(into *bool) {
	value, is := n.value.(bool)
	if !is {
		n.fail("must be true or false")
		return
	}
	*into = value
}

// texts reads a list of texts.
func (n node) texts(into *[]string, check func(string) error) {
	list := []string{}
	n.items(func(item node) {
		var text string
		item.text(&text, check)
		list = append(list, text)
	})
	*into = list
}

// moment reads a date.
func (n node) moment(into *time.Time) {
	var text string
	n.text(&text)
	if text == "" {
		return
	}
	for _, form := range []string{time.RFC3339, "2006-01-02"} {
		if at, err := time.Parse(form, text); err == nil {
			*into = at
			return
		}
	}
	n.fail("must be a date such as 2030-01-31 or 2030-01-31T12:00:00Z")
}

// require notes what must be there and is not.
func (n node) require(given map[string]bool, names ...string) {
	for _, name := range names {
		if !given[name] {
			n.child(name, nil).fail("is missing")
		}
	}
}

// suggestion names the known key that a misspelt one is closest to.
func suggestion(name string, known map[string]func(node)) string {
	best, distance := "", 3
	for candidate := range known {
		if d := editDistance(strings.ToLower(name), strings.ToLower(candidate)); d < distance || d == distance && best != "" && candidate < best {
			best, distance = candidate, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}

// editDistance is the Levenshtein distance.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		previous := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := previous
			if a[i] != b[j] {
				cost = 1 + min(previous, row[j], row[j+1])
			}
			previous, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
