package check

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"latchkey/internal/model"
)

// RelyingParty is where a project's passkeys are made and used: the domains they may be made for, and the pages and
// apps that may ask for them. It is narrower than Allow: the server's own hosts are no pages of the project,
// localhost is one only where a platform says so, and a platform named * says nothing about whose pages they are.
type RelyingParty struct {
	hosts    []string // exact names of web platforms, in their order
	suffixes []string // what follows the star of a pattern: ".example.com"
	pinned   bool     // the policy names the domains, and there are no others
	ids      []string // those it names, as far as the platforms allow them
	// Apps that the policy names and a platform of their kind confirms. Those of Apple's systems have the domain's own
	// page for an origin.
	android []AndroidApp
	apple   []string
}

// AndroidApp is an app by its package and the fingerprint of the certificate it is signed with.
type AndroidApp struct {
	Package     string
	Fingerprint []byte // SHA-256
}

// origin is what Android puts under the answers of an app.
func (a *AndroidApp) origin() string {
	return "android:apk-key-hash:" + base64.RawURLEncoding.EncodeToString(a.Fingerprint)
}

var (
	errRPID    = errors.New("Value must be the host of a web platform of the project, or a registrable domain above one.")
	errRPIDOne = errors.New("Value is needed: no page says for which domain, and the project has several.")
	errAndroid = errors.New("an Android app is its package name, a blank, and the SHA-256 fingerprint of its certificate as 64 hexadecimal digits, with or without colons")
	errApple   = errors.New("an Apple app is its team id of ten characters, a period, and its bundle id")
	errDomain  = errors.New("a domain of passkeys is a host name in lower case, without scheme and port")
)

// NewRelyingParty reads a project's platforms and its policy.
func NewRelyingParty(platforms []model.Platform, policy *model.PasskeyPolicy) *RelyingParty {
	r := &RelyingParty{pinned: len(policy.RPIDs) > 0}
	packages, bundles := map[string]bool{}, map[string]bool{}
	for i := range platforms {
		p := &platforms[i]
		if Platform(p.Type)(p.Value) != nil {
			continue
		}
		switch host := canonicalHost(p.Value); {
		case p.Type == model.PlatformAndroid:
			packages[p.Value] = true
		case p.Type == model.PlatformApple:
			bundles[p.Value] = true
		case p.Type != model.PlatformWeb || host == "*":
		case host[0] == '*':
			r.suffixes = append(r.suffixes, "."+strings.TrimLeft(host, "*."))
		default:
			r.hosts = append(r.hosts, host)
		}
	}
	for _, app := range policy.AndroidApps {
		if a, err := ParseAndroidApp(app); err == nil && (packages[a.Package] || packages[anyApp]) {
			r.android = append(r.android, a)
		}
	}
	for _, app := range policy.AppleApps {
		if _, bundle, _ := strings.Cut(app, "."); AppleApp(app) == nil && (bundles[bundle] || bundles[anyApp]) {
			r.apple = append(r.apple, app)
		}
	}
	for _, id := range policy.RPIDs {
		if r.allowed(id) {
			r.ids = append(r.ids, id)
		}
	}
	return r
}

// RPID decides the domain that a ceremony is for: the one asked for, or else the policy's first that covers the page,
// or else the policy's first (the browser then asks that domain whether the page is related to it), or else the
// page's own host. An app has no page: it gets the policy's first, or the only host there is.
func (r *RelyingParty) RPID(asked, origin string) (string, error) {
	if asked != "" {
		if asked = canonicalHost(asked); !r.allowed(asked) || r.pinned && !slices.Contains(r.ids, asked) {
			return "", errRPID
		}
		return asked, nil
	}
	host, page := pageHost(origin)
	for _, id := range r.ids {
		if page && within(host, id) {
			return id, nil
		}
	}
	switch {
	case len(r.ids) > 0:
		return r.ids[0], nil
	case r.pinned:
		return "", errRPID
	case page && r.page(host) && r.allowed(host):
		return host, nil
	case page:
		return "", errRPID
	case len(r.hosts) == 1 && len(r.suffixes) == 0:
		return r.hosts[0], nil
	}
	return "", errRPIDOne
}

// Fits says whether passkeys of a domain can be used on a page: a browser refuses all others, except where the policy
// names the domain, which the page may then be related to.
func (r *RelyingParty) Fits(id, origin string) bool {
	host, page := pageHost(origin)
	return !page || within(host, id) || slices.Contains(r.ids, id)
}

// allowed says whether passkeys may be made for a domain: the host of a web platform, or a domain above one that is
// no public suffix, under which neighbours are strangers. Addresses have no domain.
func (r *RelyingParty) allowed(id string) bool {
	if _, err := netip.ParseAddr(id); err == nil || !urlHost(id) || strings.Contains(id, ":") {
		return false
	}
	if slices.Contains(r.hosts, id) || r.page(id) {
		return true
	}
	if suffix, _ := publicsuffix.PublicSuffix(id); suffix == id {
		return false
	}
	for _, host := range r.hosts {
		if within(host, id) {
			return true
		}
	}
	for _, suffix := range r.suffixes {
		if within(suffix[1:], id) {
			return true
		}
	}
	return false
}

// Origin returns what judges the origin that a browser or a system has put under an answer for a domain: a page of
// the project's web platforms over https (or on the developer's own machine), or one of its apps.
func (r *RelyingParty) Origin(id string) func(string) bool {
	return func(origin string) bool {
		if slices.ContainsFunc(r.android, func(a AndroidApp) bool { return a.origin() == origin }) {
			return true
		}
		host, page := pageHost(origin)
		return page && (r.page(host) || len(r.apple) > 0 && origin == "https://"+id)
	}
}

// Related lists the origins of a project's pages, for the document that tells browsers which pages belong to a
// domain. Patterns cannot be listed, and the developer's own machine is nobody's page.
func (r *RelyingParty) Related() []string {
	list := []string{}
	for _, host := range r.hosts {
		if _, err := netip.ParseAddr(host); err != nil && !local(host) {
			list = append(list, "https://"+host)
		}
	}
	return list
}

// AndroidApps lists the Android apps that share the passkeys of the pages.
func (r *RelyingParty) AndroidApps() []AndroidApp { return r.android }

// AppleApps lists the apps of Apple's systems that do, by team id and bundle id.
func (r *RelyingParty) AppleApps() []string { return r.apple }

// page says whether pages of a host are the project's.
func (r *RelyingParty) page(host string) bool {
	if slices.Contains(r.hosts, host) {
		return true
	}
	return slices.ContainsFunc(r.suffixes, func(suffix string) bool { return strings.HasSuffix(host, suffix) })
}

// pageHost returns the host of the origin of a page, in lower case, if browsers would hold ceremonies there.
func pageHost(origin string) (host string, page bool) {
	if len(origin) > maxOrigin || !plainURL(origin) {
		return "", false
	}
	scheme, rest, found := strings.Cut(origin, "://")
	if !found || strings.ContainsAny(rest, "/?#") {
		return "", false
	}
	host, ok := authority(rest)
	host = lowerASCII(host)
	return host, ok && urlHost(host) && (scheme == "https" || scheme == "http" && local(host))
}

// local says whether a host is the machine that the browser runs on.
func local(host string) bool { return host == "localhost" || strings.HasSuffix(host, ".localhost") }

// within says whether a host is a domain or lies under it.
func within(host, domain string) bool { return host == domain || strings.HasSuffix(host, "."+domain) }

// Domain checks a domain that a policy names for passkeys.
func Domain(value string) error {
	if _, err := netip.ParseAddr(value); err == nil || !urlHost(value) || value != canonicalHost(value) {
		return errDomain
	}
	return nil
}

// ParseAndroidApp reads an app that a policy names: its package and the fingerprint of its certificate.
func ParseAndroidApp(value string) (AndroidApp, error) {
	name, digits, found := strings.Cut(value, " ")
	fingerprint, err := hex.DecodeString(strings.ReplaceAll(digits, ":", ""))
	if !found || appID(name) != nil || err != nil || len(fingerprint) != 32 {
		return AndroidApp{}, errAndroid
	}
	return AndroidApp{name, fingerprint}, nil
}

// AppleApp checks an app that a policy names: team id and bundle id.
func AppleApp(value string) error {
	team, bundle, found := strings.Cut(value, ".")
	if !found || len(team) != 10 || appID(team) != nil || appID(bundle) != nil || strings.ContainsAny(team, "-_") {
		return errApple
	}
	return nil
}
