package check

import "errors"

var errBoolean = errors.New("Value must be true or false.")

// Boolean reads a truth value in every form SDKs send one in a query, as for `total`: true, false, 1 and 0, as
// JSON or as text, in lower case.
func Boolean(value string) (bool, error) {
	switch unquoted(value) {
	case "true", "1":
		return true, nil
	case "false", "0":
		return false, nil
	}
	return false, errBoolean
}

// StrictBoolean reads a JSON truth value and nothing that only resembles one: what switches a protection on or
// off should not depend on how a text is understood.
func StrictBoolean(value string) (bool, error) {
	switch value {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, errBoolean
}
