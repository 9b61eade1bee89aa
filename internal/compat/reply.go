package compat

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Reply is a reply of the newest format that encodes itself in an older one.
type Reply struct {
	Version Version
	Model   string // the contract's name of what Value is: user, sessionList
	Value   any
}

// MarshalJSON implements json.Marshaler.
func (r Reply) MarshalJSON() ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(r.Value); err != nil {
		return nil, err
	}
	var o object
	if err := json.Unmarshal(text.Bytes(), &o); err != nil {
		return nil, fmt.Errorf("compat: %s is no object: %w", r.Model, err)
	}
	if err := r.Version.downgrade(r.Model, &o); err != nil {
		return nil, err
	}
	return o.MarshalJSON()
}

// downgrade walks an object, or every item of a list, back to the version.
func (v Version) downgrade(model string, o *object) error {
	for _, s := range steps {
		if !v.Before(s.version) {
			continue
		}
		if change := s.models[model]; change != nil {
			change(o)
		}
		change := s.models[itemOf[model]]
		if change == nil {
			continue
		}
		if err := eachItem(o, membersOf[model], change); err != nil {
			return err
		}
	}
	return nil
}

// eachItem changes the items of a list in place.
func eachItem(o *object, member string, change func(*object)) error {
	var items []*object
	if err := json.Unmarshal(o.values[member], &items); err != nil {
		return fmt.Errorf("compat: %s is no list: %w", member, err)
	}
	for _, item := range items {
		if item != nil {
			change(item)
		}
	}
	text, err := json.Marshal(items)
	if err != nil {
		return err
	}
	o.values[member] = text
	return nil
}
