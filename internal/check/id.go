package check

import (
	"errors"
	"strings"
)

var (
	errUID      = errors.New("Value must be a valid id: 1 to 36 of a-z, A-Z, 0-9, period, hyphen and underscore, not starting with a special character.")
	errCustomID = errors.New("Value must be `unique()`, or 1 to 36 of a-z, A-Z, 0-9, period, hyphen and underscore, not starting with a special character.")
	errProject  = errors.New("Value must be 1 to 36 of a-z, 0-9 and hyphen, starting with a letter or a digit.")
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

// SessionID checks the id of a session. The word `current`, which means the caller's own, has the form of an id
// and needs no exception; no session bears it, because their ids are drawn and never chosen.
func SessionID(value string) error { return UID(value) }

// ProjectID checks the id of a project to be made. Lower case only: it becomes part of a cookie's name, and
// those are lower-cased on the wire. That `console` is taken is a rule of its owner, not of the form.
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
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || digit(c)
}

// digit says whether a byte is one of ASCII's digits.
func digit(c byte) bool { return c >= '0' && c <= '9' }
