package check

import (
	"errors"
	"strconv"
	"strings"
	"unicode"

	"latchkey/internal/model"
)

const (
	minPassword = 8
	maxPassword = 256
	// minPersonal is the length from which a part of a name counts as personal: a one-letter name would
	// forbid every password with that letter.
	minPersonal = 3
)

var (
	errPasswordLength = errors.New("Password must be between 8 and 256 bytes long.")
	errCommon         = errors.New("Password is one of the most common ones. Choose another one.")
)

// PasswordLength checks a password's length in bytes: what every password must have, at sign-in too.
func PasswordLength(value string) error {
	if len(value) < minPassword || len(value) > maxPassword {
		return errPasswordLength
	}
	return plainText(value)
}

// plainText refuses NUL and broken UTF-8.
func plainText(value string) error { return Text(0, maxPassword)(value) }

// Password returns the check of a new password by a project's policies: length, then strength, then the list
// of common passwords.
func Password(policies model.Policies) func(string) error {
	strength := policies.PasswordStrength
	return func(value string) error {
		if err := PasswordLength(value); err != nil {
			return err
		}
		if len(value) < strength.Min {
			return errors.New("Password must be at least " + strconv.Itoa(strength.Min) + " bytes long.")
		}
		if missing := missingKinds(value, strength); len(missing) > 0 {
			return errors.New("Password must contain " + strings.Join(missing, " and ") + ".")
		}
		if policies.PasswordDictionary.Enabled && common(value) {
			return errCommon
		}
		return nil
	}
}

// missingKinds names the kinds of character a password lacks.
func missingKinds(value string, want model.Strength) []string {
	var upper, lower, digit, symbol bool
	for _, c := range value {
		switch {
		case c >= 'A' && c <= 'Z':
			upper = true
		case c >= 'a' && c <= 'z':
			lower = true
		case c >= '0' && c <= '9':
			digit = true
		case !unicode.IsLetter(c) && !unicode.IsDigit(c) && !unicode.IsSpace(c):
			symbol = true
		}
	}
	var missing []string
	for _, kind := range []struct {
		wanted, there bool
		name          string
	}{{want.Uppercase, upper, "an upper-case letter"}, {want.Lowercase, lower, "a lower-case letter"}, {want.Number, digit, "a digit"}, {want.Symbols, symbol, "a symbol"}} {
		if kind.wanted && !kind.there {
			missing = append(missing, kind.name)
		}
	}
	return missing
}

// Person is what a password must not contain, if the project says so.
type Person struct{ ID, Email, Name, Phone string }

// PersonalData says whether a password contains something of the person, in any case: the id, the address or
// the part before its @, the name, the phone number with or without its +.
func PersonalData(password string, p Person) bool {
	password = strings.ToLower(password)
	local, _, _ := strings.Cut(p.Email, "@")
	if len(local) < minPersonal {
		local = ""
	}
	if len([]rune(p.Name)) < minPersonal {
		p.Name = ""
	}
	for _, part := range []string{p.ID, p.Email, local, p.Name, p.Phone, strings.TrimPrefix(p.Phone, "+")} {
		if part != "" && strings.Contains(password, strings.ToLower(part)) {
			return true
		}
	}
	return false
}
