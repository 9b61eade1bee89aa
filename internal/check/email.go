package check

import (
	"errors"
	"net/netip"
	"strings"
)

var errEmail = errors.New("Value must be a valid email address.")

// Lengths in octets: RFC 5321, 4.5.3.1, with its erratum 1690; RFC 1035, 2.3.4.
const (
	maxEmail = 254
	maxLocal = 64
	maxLabel = 63
)

// blanks are what surrounds a pasted address: ASCII whitespace. NUL is none, it is refused.
const blanks = " \t\n\v\f\r"

// NormalizeEmail brings an address to the one form in which it is compared and stored: without blanks around
// it, ASCII letters in lower case. Letters beyond ASCII stay, Email refuses them.
func NormalizeEmail(value string) string { return lowerASCII(strings.Trim(value, blanks)) }

// lowerASCII lower-cases the letters of ASCII and no others: strings.ToLower would make the Kelvin sign a k,
// and so two names one.
func lowerASCII(value string) string {
	for i := range len(value) {
		if c := value[i]; c >= 'A' && c <= 'Z' {
			lower := []byte(value)
			for ; i < len(lower); i++ {
				if c := lower[i]; c >= 'A' && c <= 'Z' {
					lower[i] = c + ('a' - 'A')
				}
			}
			return string(lower)
		}
	}
	return value
}

// Email checks an address, after bringing it to its normal form. It takes what PHP's FILTER_VALIDATE_EMAIL
// takes, because accounts that exist elsewhere must be able to sign in here: dot-atoms and quoted texts before
// the @, a name with a dot or an address in brackets behind it, ASCII only. It is stricter in two points:
// control characters are refused even where quoted (they would reach the header of a mail), and quotes and
// backslashes count towards the length (they do in SMTP).
func Email(value string) error {
	value = NormalizeEmail(value)
	at := strings.LastIndexByte(value, '@')
	if at < 1 || at > maxLocal || len(value) > maxEmail || !localPart(value[:at]) || !mailDomain(value[at+1:]) {
		return errEmail
	}
	return nil
}

// localPart checks what stands before the @: words joined by single dots, each an atom or a quoted text.
func localPart(local string) bool {
	for {
		n := word(local)
		if n == 0 {
			return false
		}
		if n == len(local) {
			return true
		}
		if local[n] != '.' {
			return false
		}
		local = local[n+1:]
	}
}

// word returns how long the atom or quoted text is that begins a local part; 0 if there is none.
func word(local string) int {
	if local != "" && local[0] == '"' {
		return quotedText(local)
	}
	n := 0
	for n < len(local) && (letterOrDigit(local[n]) || strings.IndexByte("!#$%&'*+/=?^_`{|}~-", local[n]) >= 0) {
		n++
	}
	return n
}

// quotedText returns the length of the quoted text that begins a local part, with its quotes; 0 if it is
// broken. A blank needs a backslash before it, as does a quote and a backslash.
func quotedText(local string) int {
	for i := 1; i < len(local); i++ {
		switch c := local[i]; {
		case c == '"':
			return i + 1
		case c <= ' ' || c > '~':
			return 0
		case c == '\\':
			if i++; i == len(local) || local[i] < ' ' || local[i] > '~' {
				return 0
			}
		}
	}
	return 0
}

// mailDomain checks what stands behind the @, in lower case: a name of two labels or more whose last is no
// number, or an IP address in brackets.
func mailDomain(host string) bool {
	if inner, bracketed := strings.CutPrefix(host, "["); bracketed {
		inner, closed := strings.CutSuffix(inner, "]")
		return closed && addressLiteral(inner)
	}
	dot := strings.LastIndexByte(host, '.')
	return dot >= 0 && hostname(host) && !digit(host[dot+1])
}

// addressLiteral checks an address literal of RFC 5321, 4.1.3. Its `::` stands for two groups at least.
func addressLiteral(text string) bool {
	v6, tagged := strings.CutPrefix(text, "ipv6:")
	ip, err := netip.ParseAddr(v6)
	if err != nil || ip.Zone() != "" || tagged != ip.Is6() {
		return false
	}
	most := 6
	if strings.Contains(v6, ".") {
		most = 4
	}
	return !strings.Contains(v6, "::") || hexGroups(v6) <= most
}

// hexGroups counts the groups of an IPv6 address that are written out; an IPv4 address at its end is none.
func hexGroups(v6 string) int {
	n := 0
	for group := range strings.SplitSeq(v6, ":") {
		if group != "" && !strings.Contains(group, ".") {
			n++
		}
	}
	return n
}
