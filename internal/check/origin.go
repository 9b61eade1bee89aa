package check

import (
	"net/netip"
	"strings"

	"golang.org/x/net/publicsuffix"

	"latchkey/internal/model"
)

// Allow is the list of places a project's apps run at: what an Origin header and a redirect are held
// against. It is made once a project and never changed.
type Allow struct {
	hosts    map[string]bool            // exact names
	suffixes []string                   // ".example.com" for *.example.com: every depth, not example.com itself
	any      bool                       // a platform named *
	schemes  map[string]bool            // app schemes that are allowed as such
	ids      map[string]map[string]bool // by app scheme: the ids registered for it
	mobile   bool
}

// webSchemes are those whose host is what counts.
var webSchemes = map[string]bool{"http": true, "https": true, "tauri": true, "chrome-extension": true, "moz-extension": true,
	"safari-web-extension": true, "ms-browser-extension": true}

// appSchemes are the schemes by which SDKs on a platform name themselves.
var appSchemes = map[string][]string{
	model.PlatformAndroid: {"appwrite-android"},
	model.PlatformApple:   {"appwrite-ios", "appwrite-macos", "appwrite-watchos", "appwrite-tvos"},
	model.PlatformLinux:   {"appwrite-linux"},
	model.PlatformWindows: {"appwrite-windows"},
}

// forbiddenSchemes lead to no app: a browser would run or show what follows them.
var forbiddenSchemes = map[string]bool{"javascript": true, "data": true, "vbscript": true, "blob": true, "about": true, "file": true, "filesystem": true, "view-source": true}

// NewAllow makes the list for a project. Its own server's hosts and localhost are always on it: a page on the
// developer's machine is how every app begins, and no stranger's page runs there.
func NewAllow(project string, platforms []model.Platform, serverHosts []string) *Allow {
	a := &Allow{hosts: map[string]bool{"localhost": true}, schemes: map[string]bool{}, ids: map[string]map[string]bool{}}
	for _, host := range serverHosts {
		a.hosts[strings.ToLower(host)] = true
	}
	if project != "" {
		a.schemes["appwrite-callback-"+strings.ToLower(project)] = true
	}
	for i := range platforms {
		a.add(&platforms[i])
	}
	if a.mobile {
		a.schemes["exp"] = true // Expo's development app, for projects that have an app at all
	}
	return a
}

// add takes a platform in.
func (a *Allow) add(p *model.Platform) {
	value := strings.ToLower(p.Value)
	switch p.Type {
	case model.PlatformWeb:
		switch {
		case value == "*":
			a.any = true
		case strings.HasPrefix(value, "*"):
			a.suffixes = append(a.suffixes, value[1:])
		case value != "":
			a.hosts[value] = true
		}
	case model.PlatformScheme:
		if value != "" && !forbiddenSchemes[value] && !webSchemes[value] {
			a.schemes[value] = true
		}
	default:
		a.mobile = a.mobile || p.Type == model.PlatformAndroid || p.Type == model.PlatformApple
		for _, scheme := range appSchemes[p.Type] {
			if a.ids[scheme] == nil {
				a.ids[scheme] = map[string]bool{}
			}
			a.ids[scheme][value] = true
		}
	}
}

// Origin says whether a page or app of this origin belongs to the project. The port does not matter; for web
// origins neither does the scheme.
func (a *Allow) Origin(origin string) bool {
	scheme, rest, found := strings.Cut(origin, "://")
	if !found || len(origin) > 512 {
		return false
	}
	return a.place(strings.ToLower(scheme), hostOf(rest))
}

// place judges a scheme and a host.
func (a *Allow) place(scheme, host string) bool {
	if webSchemes[scheme] {
		return a.Host(host)
	}
	if ids, registered := a.ids[scheme]; registered {
		// An app that was told no platform sends its scheme alone. One that names an id must name a registered
		// one: the scheme is the same for every app there is.
		return host == "" || ids[host]
	}
	return a.schemes[scheme]
}

// Host says whether a host name is one of the project's.
func (a *Allow) Host(host string) bool {
	if host == "" || strings.ContainsRune(host, '*') {
		return false
	}
	if a.any || a.hosts[host] {
		return true
	}
	if a.hosts["localhost"] && (host == "127.0.0.1" || host == "::1") {
		return true
	}
	for _, suffix := range a.suffixes {
		if strings.HasSuffix(host, suffix) && len(host) > len(suffix) {
			return true
		}
	}
	return false
}

// hostOf returns the host of an authority and whatever follows it: lower case, without port and brackets. An
// authority that names a user yields none, because it is made to be misread.
func hostOf(rest string) string {
	if i := strings.IndexAny(rest, "/?#\\"); i >= 0 {
		rest = rest[:i]
	}
	if strings.IndexByte(rest, '@') >= 0 {
		return ""
	}
	if strings.HasPrefix(rest, "[") {
		inner, _, _ := strings.Cut(rest[1:], "]")
		return strings.ToLower(inner)
	}
	if i := strings.LastIndexByte(rest, ':'); i >= 0 {
		rest = rest[:i]
	}
	return strings.ToLower(rest)
}

// SameSite says whether two hosts share a registrable domain, so that a cookie of one is first-party on a page
// of the other. Addresses, localhost and names under no known suffix share nothing.
func SameSite(page, host string) bool {
	domain := registrable(page)
	return domain != "" && domain == registrable(host)
}

// registrable returns the part of a host that somebody registered; empty for none.
func registrable(host string) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil || host == "" {
		return ""
	}
	suffix, icann := publicsuffix.PublicSuffix(host)
	if !icann && !strings.Contains(suffix, ".") {
		return ""
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return ""
	}
	return domain
}
