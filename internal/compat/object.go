package compat

import (
	"bytes"
	"encoding/json"
)

// object is a JSON object that keeps the order of its members: older clients print what they get, and a
// shuffled reply is hard to compare with one of the newest format.
type object struct {
	names  []string
	values map[string]json.RawMessage
}

// UnmarshalJSON implements json.Unmarshaler.
func (o *object) UnmarshalJSON(text []byte) error {
	if err := json.Unmarshal(text, &o.values); err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	if _, err := decoder.Token(); err != nil {
		return err
	}
	seen := make(map[string]bool, len(o.values))
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return err
		}
		var skipped json.RawMessage
		if err := decoder.Decode(&skipped); err != nil {
			return err
		}
		if text := name.(string); !seen[text] { // a member's name is always text
			seen[text] = true
			o.names = append(o.names, text)
		}
	}
	return nil
}

// MarshalJSON implements json.Marshaler.
func (o *object) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, name := range o.names {
		if i > 0 {
			b = append(b, ',')
		}
		quoted, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, quoted...), ':'), o.values[name]...)
	}
	return append(b, '}'), nil
}

// drop removes members.
func (o *object) drop(names ...string) {
	for _, name := range names {
		if _, found := o.values[name]; !found {
			continue
		}
		delete(o.values, name)
		kept := o.names[:0:0]
		for _, other := range o.names {
			if other != name {
				kept = append(kept, other)
			}
		}
		o.names = kept
	}
}

// rename gives a member its older name, in its place.
func (o *object) rename(from, to string) {
	value, found := o.values[from]
	if !found || from == to {
		return
	}
	o.drop(to)
	delete(o.values, from)
	o.values[to] = value
	for i, name := range o.names {
		if name == from {
			o.names[i] = to
		}
	}
}

// set gives a member a value, at the end if it is new.
func (o *object) set(name string, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		return // only called with plain values
	}
	if _, found := o.values[name]; !found {
		o.names = append(o.names, name)
	}
	o.values[name] = text
}
