package check

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"

	"latchkey/internal/model"
)

// MaxPrefs is how long preferences may be, in bytes of their JSON text.
const MaxPrefs = 65535

// maxDepth bounds how deep preferences may nest: whoever reads them should not run out of stack.
const maxDepth = 256

var errPrefs = errors.New("Value must be a JSON object of at most 65535 bytes.")

// Prefs checks preferences and returns their compacted text, otherwise unchanged: numbers keep their digits,
// members their order. An empty list counts as an empty object, because some languages cannot tell them apart.
func Prefs(raw json.RawMessage) (model.Object, error) {
	var text bytes.Buffer
	if !utf8.Valid(raw) || tooDeep(raw) || json.Compact(&text, raw) != nil {
		return "", errPrefs
	}
	if text.String() == "[]" {
		return "{}", nil
	}
	if text.Len() == 0 || text.Bytes()[0] != '{' || text.Len() > MaxPrefs {
		return "", errPrefs
	}
	return model.Object(text.String()), nil
}

// tooDeep says whether a JSON text nests deeper than maxDepth.
func tooDeep(raw []byte) bool {
	depth, inText := 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			inText = !inText
		case inText:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}
