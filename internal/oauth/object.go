package oauth

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// object is a decoded JSON object. Numbers are kept as their text.
type object map[string]any

// at follows a path: members by dots, items by [n].
func (o object) at(path string) any {
	var value any = map[string]any(o)
	for path != "" {
		var step string
		step, path, _ = strings.Cut(path, ".")
		name, index, indexed := strings.Cut(step, "[")
		members, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = members[name]
		if indexed {
			i, err := strconv.Atoi(strings.TrimSuffix(index, "]"))
			items, ok := value.([]any)
			if err != nil || !ok || i >= len(items) {
				return nil
			}
			value = items[i]
		}
	}
	return value
}

// text reads a text, or a whole number as its digits.
func (o object) text(path string) string {
	switch value := o.at(path).(type) {
	case string:
		return value
	case json.Number:
		if n, err := value.Int64(); err == nil {
			return strconv.FormatInt(n, 10)
		}
		if strings.Trim(value.String(), "0123456789") == "" {
			return value.String() // beyond 64 bits: digits are digits
		}
	}
	return ""
}

// choose reads the first of several paths that has a text: a|b. With a+b the texts are joined by a blank.
func (o object) choose(paths string) string {
	for choice := range strings.SplitSeq(paths, "|") {
		var parts []string
		for path := range strings.SplitSeq(choice, "+") {
			if text := strings.TrimSpace(o.text(path)); text != "" {
				parts = append(parts, text)
			}
		}
		if len(parts) > 0 {
			return strings.Join(parts, " ")
		}
	}
	return ""
}

// yes reads a flag strictly: true, or the text "true", which some providers write. Whatever else is there, such
// as the text "false", is not a yes.
func (o object) yes(path string) bool {
	value := o.at(path)
	return value == true || value == "true"
}

// yesOrOne is yes for providers that write 1.
func (o object) yesOrOne(path string) bool { return o.yes(path) || o.text(path) == "1" }

// items reads a list of objects.
func (o object) items(path string) []object {
	list, _ := o.at(path).([]any)
	var out []object
	for _, item := range list {
		if members, ok := item.(map[string]any); ok {
			out = append(out, members)
		}
	}
	return out
}

// Claimed is the address at a path, vouched for by a flag at another.
func Claimed(email, flag string) func(object) (string, bool) {
	return func(o object) (string, bool) { return o.text(email), o.yes(flag) }
}

// bare is an address about which the provider says nothing more.
func bare(email string) func(object) (string, bool) {
	return func(o object) (string, bool) { return o.text(email), false }
}

// proven is an address that is verified when something else is there, be it the address itself.
func proven(email, by string) func(object) (string, bool) {
	return func(o object) (string, bool) { return o.text(email), o.text(by) != "" }
}

// listed takes one of several addresses: the primary one if it is verified, else the first verified one, else
// what another path says, unverified.
func listed(list, email, verified, primary, otherwise string) func(object) (string, bool) {
	return func(o object) (string, bool) {
		found := ""
		for _, item := range o.items(list) {
			address := item.text(email)
			if address == "" || !item.yes(verified) {
				continue
			}
			if item.yes(primary) {
				return address, true
			}
			found = or(found, address)
		}
		if found != "" {
			return found, true
		}
		return o.text(otherwise), false
	}
}

const maxName = 128

// cleanName makes a name fit to store: no control characters, at most 128 characters.
func cleanName(name string) string {
	name = strings.ToValidUTF8(name, "")
	name = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return -1
		}
		return c
	}, name)
	if utf8.RuneCountInString(name) > maxName {
		name = string([]rune(name)[:maxName])
	}
	return strings.TrimSpace(name)
}
