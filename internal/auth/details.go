package auth

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// Details is what an entry of the audit trail says about a change: what was changed and, where that is harmless, what
// it was and is now. Never a secret, and nothing personal: it outlives whoever it is about.
type Details []Change

// Change is one thing that was changed. Of what may hold a secret only the name is noted.
type Change struct {
	Field string `json:"field"`
	Old   any    `json:"old,omitempty"`
	New   any    `json:"new,omitempty"`
}

// mostDetails bounds the text of details: beyond it the values are left out, then the names.
const mostDetails = 4000

// Named adds names of what was changed.
func (d Details) Named(names ...string) Details {
	for _, name := range names {
		d = append(d, Change{Field: name})
	}
	return d
}

// Value adds something harmless, if it was changed.
func (d Details) Value(field string, before, after any) Details {
	if reflect.DeepEqual(before, after) {
		return d
	}
	return append(d, Change{field, before, after})
}

// Values adds what differs between two documents, member by member and down to single values. named are members whose
// values are not noted.
func (d Details) Values(before, after any, named ...string) Details {
	return d.differing("", flat(before), flat(after), named)
}

func (d Details) differing(path string, before, after any, named []string) Details {
	a, isA := before.(map[string]any)
	b, isB := after.(map[string]any)
	if !isA && !isB {
		if slices.ContainsFunc(named, func(name string) bool { return name == path || strings.HasPrefix(path, name+".") }) && !reflect.DeepEqual(before, after) {
			return d.Named(path)
		}
		return d.Value(path, before, after)
	}
	names := map[string]bool{}
	for name := range a {
		names[name] = true
	}
	for name := range b {
		names[name] = true
	}
	sorted := make([]string, 0, len(names))
	for name := range names {
		sorted = append(sorted, name)
	}
	slices.Sort(sorted)
	for _, name := range sorted {
		below := name
		if path != "" {
			below = path + "." + name
		}
		d = d.differing(below, a[name], b[name], named)
	}
	return d
}

// flat is a value as JSON has it.
func flat(value any) any {
	text, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	var plain any
	_ = json.Unmarshal(text, &plain) // what was just written can be read
	return plain
}

// JSON is the stored form; empty for none.
func (d Details) JSON() string {
	if len(d) == 0 {
		return ""
	}
	form := func(d Details) string {
		text, err := json.Marshal(map[string]any{"changed": d})
		if err != nil {
			return ""
		}
		return string(text)
	}
	text := form(d)
	if len(text) > mostDetails {
		bare := make(Details, 0, len(d))
		for _, c := range d {
			bare = append(bare, Change{Field: c.Field})
		}
		for text = form(bare); len(text) > mostDetails; text = form(bare) {
			bare = bare[:len(bare)/2]
		}
	}
	return text
}
