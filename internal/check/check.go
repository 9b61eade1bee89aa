// Package check owns the checks of parameters and the policies that need nothing but the value: ids, texts,
// addresses, passwords, origins, redirects, preferences and list queries. A check looks; it stores and decides
// nothing. It may import fault and model.
package check

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// String checks a text. Its error is the sentence that follows "Invalid `name` param: " on the wire.
type String func(value string) error

var (
	errUID      = errors.New("Value must be a valid id: 1 to 36 of a-z, A-Z, 0-9, period, hyphen and underscore, not starting with a special character.")
	errCustomID = errors.New("Value must be `unique()`, or 1 to 36 of a-z, A-Z, 0-9, period, hyphen and underscore, not starting with a special character.")
	errProject  = errors.New("Value must be 1 to 36 of a-z, 0-9 and hyphen, starting with a letter or a digit.")
	errText     = errors.New("Value must be valid UTF-8 without NUL characters.")
)

// maxID is the longest id, in characters.
const maxID = 36

// UID checks a reference to something that exists.
func UID(value string) error {
	if len(value) < 1 || len(value) > maxID || strings.IndexByte("._-", value[0]) >= 0 {
		return errUID
	}
	for i := range len(value) {
		if c := value[i]; !letterOrDigit(c) && strings.IndexByte("._-", c) < 0 {
			return errUID
		}
	}
	return nil
}

// CustomID checks the id of something to be made: an id, or the literal unique(), which asks for a new one.
func CustomID(value string) error {
	if value != "unique()" && UID(value) != nil {
		return errCustomID
	}
	return nil
}

// ProjectID checks the id of a project to be made. Lower case only: it becomes part of a cookie's name.
func ProjectID(value string) error {
	if len(value) < 1 || len(value) > maxID || value[0] == '-' {
		return errProject
	}
	for i := range len(value) {
		if c := value[i]; c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return errProject
		}
	}
	return nil
}

// letterOrDigit says whether a byte is one of ASCII.
func letterOrDigit(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// Text returns a check for text of min to max characters.
func Text(min, max int) String {
	wrong := errors.New("Value must be a text of " + strconv.Itoa(min) + " to " + strconv.Itoa(max) + " characters.")
	return func(value string) error {
		if !utf8.ValidString(value) || strings.IndexByte(value, 0) >= 0 {
			return errText
		}
		if n := utf8.RuneCountInString(value); n < min || n > max {
			return wrong
		}
		return nil
	}
}
