package check

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

var errText = errors.New("Value must be valid UTF-8 without NUL characters.")

// storable refuses what a PostgreSQL text column cannot hold, on SQLite too: a database must be able to move.
func storable(value string) error {
	if strings.IndexByte(value, 0) >= 0 || !utf8.ValidString(value) {
		return errText
	}
	return nil
}

// Text returns a check for text of min to max characters (code points), both included.
func Text(min, max int) String { return length(min, max, "characters", utf8.RuneCountInString) }

// Bytes returns a check for text of min to max bytes, both included: for what is limited by its storage or by
// what reads it, not by what a person sees.
func Bytes(min, max int) String {
	return length(min, max, "bytes", func(value string) int { return len(value) })
}

func length(min, max int, unit string, measure func(string) int) String {
	span := strconv.Itoa(min) + " to " + strconv.Itoa(max)
	if min == max {
		span = "exactly " + strconv.Itoa(max)
	}
	wrong := errors.New("Value must be a text of " + span + " " + unit + ".")
	return func(value string) error {
		if err := storable(value); err != nil {
			return err
		}
		if n := measure(value); n < min || n > max {
			return wrong
		}
		return nil
	}
}

// OneOf returns a check for one of a few words, exactly as written.
func OneOf(words ...string) String {
	return choice(words, func(value string) bool { return slices.Contains(words, value) })
}

// OneOfFold returns a check for one of a few words in any case. The contract has it so for factors and types
// of authenticator; whoever uses the value lower-cases it.
func OneOfFold(words ...string) String {
	return choice(words, func(value string) bool {
		return slices.ContainsFunc(words, func(word string) bool { return strings.EqualFold(word, value) })
	})
}

func choice(words []string, holds func(string) bool) String {
	wrong := errors.New("Value must be one of: " + strings.Join(words, ", ") + ".")
	return func(value string) error {
		if !holds(value) {
			return wrong
		}
		return nil
	}
}

// OrEmpty takes an empty text as one that was left out.
func OrEmpty(ok String) String {
	return func(value string) error {
		if value == "" {
			return nil
		}
		return ok(value)
	}
}
