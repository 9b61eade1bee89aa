package check

import "errors"

var (
	errPhone       = errors.New("Value must be a phone number: + and the country code, 7 to 15 digits in all, without blanks.")
	errCallingCode = errors.New("Value must be a phone number that begins with + and an assigned country code.")
)

// The digits of a number: 15 at most by E.164, 7 at least by the contract.
const (
	minPhone = 7
	maxPhone = 15
)

// Phone checks a number in the form of E.164: +, a country code that is assigned, 7 to 15 digits in all.
// Whether the number is in use only a message can tell.
func Phone(value string) error {
	if len(value) < 1+minPhone || len(value) > 1+maxPhone || value[0] != '+' {
		return errPhone
	}
	for i := 1; i < len(value); i++ {
		if !digit(value[i]) {
			return errPhone
		}
	}
	if CallingCode(value) == "" {
		return errCallingCode
	}
	return nil
}

// CallingCode returns the country code a number begins with, without the +; empty if none is assigned. Codes
// have one to three digits and none is the beginning of another, so the first match is the only one.
func CallingCode(number string) string {
	if number != "" && number[0] == '+' {
		number = number[1:]
	}
	for n := 1; n <= 3 && n <= len(number); n++ {
		if callingCodes[number[:n]] != "" {
			return number[:n]
		}
	}
	return ""
}
