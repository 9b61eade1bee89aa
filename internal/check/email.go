package check

import (
	"errors"
	"net/netip"
	"strings"
)

var errEmail = errors.New("Value must be a valid email address.")

const (
	maxEmail = 254 // RFC 5321, 4.5.3.1.3
	maxLocal = 64
	maxLabel = 63
)

// NormalizeEmail brings an address to the one form in which it is compared and stored: without blanks around
// it, ASCII letters in lower case.
func NormalizeEmail(value string) string {
	value = strings.Trim(value, " \t\r\n\v\f\x00")
	lower := []byte(value)
	for i, c := range lower {
		if c >= 'A' && c <= 'Z' {
			lower[i] = c + 'a' - 'A'
		}
	}
	return string(lower)
}

// Email checks an address in its normal form. It takes what the contract's validator takes: dot-atoms and
// quoted texts without blanks before the @, a domain with a dot or an address in brackets behind it, ASCII only.
func Email(value string) error {
	value = NormalizeEmail(value)
	at := strings.LastIndexByte(value, '@')
	if at < 1 || at > maxLocal || len(value) > maxEmail || !localPart(value[:at]) || !domain(value[at+1:]) {
		return errEmail
	}
	return nil
}

// localPart checks the part before the @: atoms joined by single dots, each plain or quoted.
func localPart(local string) bool {
	if len(local) > 1 && local[0] == '"' {
		return quoted(local)
	}
	for _, atom := range strings.Split(local, ".") {
		if atom == "" {
			return false
		}
		for i := range len(atom) {
			if c := atom[i]; !letterOrDigit(c) && strings.IndexByte("!#$%&'*+/=?^_`{|}~-", c) < 0 {
				return false
			}
		}
	}
	return true
}

// quoted checks a quoted local part: printable ASCII but blanks, quotes and backslashes escaped.
func quoted(local string) bool {
	if len(local) < 3 || local[len(local)-1] != '"' {
		return false
	}
	inner := local[1 : len(local)-1]
	for i := 0; i < len(inner); i++ {
		c := inner[i]
		switch {
		case c <= ' ' || c >= 0x7f || c == '"':
			return false
		case c == '\\':
			i++
			if i == len(inner) || inner[i] <= ' ' || inner[i] >= 0x7f {
				return false
			}
		}
	}
	return true
}

// domain checks what stands behind the @.
func domain(host string) bool {
	if inner, is := strings.CutPrefix(host, "["); is {
		inner, closed := strings.CutSuffix(inner, "]")
		inner = strings.TrimPrefix(inner, "ipv6:")
		ip, err := netip.ParseAddr(inner)
		return closed && err == nil && ip.Zone() == ""
	}
	return strings.Contains(host, ".") && hostname(host)
}

// hostname checks labels of letters, digits and inner hyphens.
func hostname(host string) bool {
	if len(host) > 253 {
		return false
	}
	for _, label := range strings.Split(host, ".") {
		if label == "" || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if c := label[i]; !letterOrDigit(c) && c != '-' {
				return false
			}
		}
	}
	return true
}
