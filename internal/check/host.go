package check

import (
	"errors"
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"latchkey/internal/model"
)

// maxHost is the longest host name in octets, as text without the root's dot (RFC 1035, 2.3.4).
const maxHost = 253

var (
	errWebHost = errors.New("Value must be a host name such as app.example.com, an IP address, * or a pattern such as *.example.com: no scheme, no port, no path.")
	errScheme  = errors.New("Value must be a URL scheme of your own, such as myapp: a letter, then letters, digits, + . and -.")
	errAppID   = errors.New("Value must be an app's id, such as com.example.app: letters, digits, period, hyphen and underscore.")
)

// Platform returns the check of what a platform of this type is recognised by (model.Platform.Value). An Allow
// list ignores values that fail it; this check lets the operator know.
func Platform(kind string) String {
	switch kind {
	case model.PlatformWeb:
		return webHost
	case model.PlatformScheme:
		return appScheme
	default:
		return appID
	}
}

// webHost checks the host of a web platform: a name, an address, or a pattern with a leading star.
func webHost(value string) error {
	host := canonicalHost(value)
	if rest, pattern := strings.CutPrefix(host, "*"); pattern {
		if host == "*" {
			return nil
		}
		host = strings.TrimPrefix(rest, ".")
	}
	if !urlHost(host) {
		return errWebHost
	}
	return nil
}

// appScheme checks the scheme of a scheme platform. Those that browsers know are refused: web pages are
// recognised by their host, and what runs or shows its own text is nobody's app.
func appScheme(value string) error {
	value = lowerASCII(value)
	if !schemeForm(value) || webSchemes[value] || forbiddenSchemes[value] {
		return errScheme
	}
	return nil
}

// schemeForm says whether a lower-case text has the form of a scheme (RFC 3986, 3.1).
func schemeForm(scheme string) bool {
	if scheme == "" || len(scheme) > maxHost || scheme[0] < 'a' || scheme[0] > 'z' {
		return false
	}
	for i := range len(scheme) {
		if c := scheme[i]; !letterOrDigit(c) && c != '+' && c != '-' && c != '.' {
			return false
		}
	}
	return true
}

// anyApp stands for every app of a platform: for development, where each project has an id of its own.
const anyApp = "*"

// appID checks a bundle identifier, package name or application id. SDKs send it where a URL has its host.
func appID(value string) error {
	if value == anyApp {
		return nil
	}
	if value == "" || len(value) > maxHost {
		return errAppID
	}
	for i := range len(value) {
		if c := value[i]; !letterOrDigit(c) && c != '.' && c != '-' && c != '_' {
			return errAppID
		}
	}
	return nil
}

// hostname says whether a text is a name of letters, digits and inner hyphens (RFC 1123, 2.1), as mail has it.
func hostname(host string) bool {
	if len(host) > maxHost {
		return false
	}
	for label := range strings.SplitSeq(host, ".") {
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

// urlHost says whether a text is what a browser would show as the host of a page, without brackets: a name, in
// which underscores are common on developers' machines, or an address. It does not allocate.
func urlHost(host string) bool {
	if strings.IndexByte(host, ':') >= 0 {
		ip, err := netip.ParseAddr(host)
		return err == nil && ip.Zone() == ""
	}
	if host == "" || len(host) > maxHost {
		return false
	}
	last := byte('.') // so that a leading dot counts as an empty label
	for i := range len(host) {
		c := host[i]
		if c == '.' && last == '.' || c != '.' && c != '-' && c != '_' && !letterOrDigit(c) {
			return false
		}
		last = c
	}
	return last != '.' // the root's dot would make a second spelling of every name
}

// canonicalHost writes a host as browsers write it in an Origin: lower case, international names in their
// ASCII form, an address of IPv6 without its brackets. What is no host comes back as some text that is none.
func canonicalHost(value string) string {
	if inner, is := strings.CutPrefix(value, "["); is {
		inner, _ = strings.CutSuffix(inner, "]")
		return lowerASCII(inner)
	}
	star := ""
	if value != "" && value[0] == '*' {
		star, value = value[:1], value[1:]
		if value != "" && value[0] == '.' {
			star, value = "*.", value[1:]
		}
	}
	// Only names beyond ASCII are converted: the conversion is strict about the rest, browsers are not.
	for i := range len(value) {
		if value[i] >= 0x80 {
			if ascii, err := idna.Lookup.ToASCII(value); err == nil {
				value = ascii
			}
			break
		}
	}
	return star + lowerASCII(value)
}

// SameSite says whether two hosts, without ports, share a registrable domain, so that a cookie of one is
// first-party on a page of the other. Addresses, localhost and names under no known suffix share nothing, not
// even with themselves: nothing is proved about who owns them.
func SameSite(originHost, host string) bool {
	domain := registrable(originHost)
	return domain != "" && domain == registrable(host)
}

// registrable returns the part of a host that somebody registered, by the public suffix list with its private
// part (neighbours on a hosting provider are strangers); empty for none.
func registrable(host string) string {
	host = lowerASCII(strings.TrimSuffix(host, "."))
	if _, err := netip.ParseAddr(host); err == nil || !urlHost(host) {
		return ""
	}
	suffix, icann := publicsuffix.PublicSuffix(host)
	if !icann && !strings.Contains(suffix, ".") {
		return "" // the list's default rule: it does not know this name's end
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return ""
	}
	return domain
}
