package secret

import "strings"

// KeyKind is what an API key's prefix says it is.
type KeyKind string

// The kinds of key. KeyOther is any prefix that is none of ours.
const (
	KeyStandard     KeyKind = "standard"
	KeyDynamic      KeyKind = "dynamic"
	KeyEphemeral    KeyKind = "ephemeral"
	KeyAccount      KeyKind = "account"
	KeyOrganization KeyKind = "organization"
	KeyOther        KeyKind = ""
)

// NewKey returns the text of a new standard key.
func NewKey(r *Random) string { return string(KeyStandard) + "_" + r.Hex(128) }

// ParseKey tells a key's kind and the part behind its prefix. A key without an underscore is a very old
// standard one.
func ParseKey(text string) (kind KeyKind, rest string) {
	prefix, rest, found := strings.Cut(text, "_")
	if !found {
		return KeyStandard, text
	}
	switch kind := KeyKind(prefix); kind {
	case KeyStandard, KeyDynamic, KeyEphemeral, KeyAccount, KeyOrganization:
		return kind, rest
	}
	return KeyOther, rest
}

// Hint returns a key's last four characters, by which an operator tells keys apart.
func Hint(text string) string {
	if len(text) < 16 {
		return ""
	}
	return text[len(text)-4:]
}
