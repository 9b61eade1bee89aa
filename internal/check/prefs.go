package check

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"unicode/utf8"

	"latchkey/internal/model"
)

// MaxPrefs is how long preferences may be, in bytes of their compacted JSON text in UTF-8.
const MaxPrefs = 65535

// maxDepth bounds how deep preferences may nest, their own braces included: whoever reads them (our own older
// formats, an app in a language with small stacks) should not run out of stack. PHP's reader has the same bound.
const maxDepth = 512

var (
	errPrefs     = errors.New("Value must be a JSON object.")
	errPrefsLong = errors.New("Value must be a JSON object of at most " + strconv.Itoa(MaxPrefs) + " bytes.")
	errPrefsDeep = errors.New("Value must be a JSON object nested at most " + strconv.Itoa(maxDepth) + " levels deep.")
)

// Prefs checks preferences and returns their compacted text, otherwise as sent: numbers keep their digits,
// members their order, texts their escapes (`\u0000` in its six characters is harmless to a text column). An
// empty list counts as an empty object, because some languages cannot tell the two apart.
func Prefs(raw json.RawMessage) (model.Object, error) {
	if !utf8.Valid(raw) {
		return "", errText
	}
	if tooDeep(raw) {
		return "", errPrefsDeep
	}
	var text bytes.Buffer
	if json.Compact(&text, raw) != nil {
		return "", errPrefs
	}
	compact := text.String()
	switch {
	case compact == "[]":
		return "{}", nil
	case compact == "" || compact[0] != '{':
		return "", errPrefs
	case len(compact) > MaxPrefs:
		return "", errPrefsLong
	}
	return model.Object(compact), nil
}

// tooDeep says whether a JSON text nests deeper than maxDepth. It runs before the text is known to be JSON; on
// one that is not, it may say anything, since that is refused either way.
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
