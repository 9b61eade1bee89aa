package check

import (
	"errors"
	"strconv"
)

var errInteger = errors.New("Value must be a whole number.")

// Integer returns a reader of whole numbers from min to max, both included. It takes a JSON number, a JSON text
// that is a number, and the bare text of a query or form, because SDKs send all three. What has a fraction or an
// exponent is not whole, whatever its value.
func Integer(min, max int) func(value string) (int, error) {
	wrong := errors.New("Value must be a whole number between " + strconv.Itoa(min) + " and " + strconv.Itoa(max) + ".")
	return func(value string) (int, error) {
		digits := unquoted(value)
		if len(digits) > 0 && digits[0] == '+' {
			return 0, errInteger // ParseInt would take it, JSON does not
		}
		number, err := strconv.ParseInt(digits, 10, 0)
		switch {
		case errors.Is(err, strconv.ErrRange):
			return 0, wrong
		case err != nil:
			return 0, errInteger
		case number < int64(min) || number > int64(max):
			return 0, wrong
		}
		return int(number), nil
	}
}

// unquoted takes one pair of quotes off a JSON text. Escapes stay: no number and no truth value has any.
func unquoted(value string) string {
	if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
		return value[1 : len(value)-1]
	}
	return value
}
