package check

import (
	"strings"

	"latchkey/internal/model"
)

// Allow is the list of places a project's apps run at: what an Origin header and a redirect are held against.
// It is made once a project and never changed, so any number of requests may ask it at once.
type Allow struct {
	any      bool            // a web platform named *
	hosts    map[string]bool // exact names
	suffixes []string        // what follows the star: ".example.com" covers every depth, not example.com itself
	schemes  map[string]bool // app schemes that are allowed as such, whatever follows them
	// ids holds, for every scheme by which SDKs on a registered platform name themselves, the ids registered.
	ids map[string]map[string]bool
}

// maxOrigin is the longest Origin that is looked at, in bytes: the longest host, a scheme and a port fit.
const maxOrigin = 512

// webSchemes are those of pages: their host is what counts. Extensions of browsers have one too, their id.
var webSchemes = map[string]bool{
	"http": true, "https": true, "tauri": true,
	"chrome-extension": true, "moz-extension": true, "safari-web-extension": true, "ms-browser-extension": true,
}

// appSchemes are those by which SDKs on a platform name themselves; the app's id follows.
var appSchemes = map[string][]string{
	model.PlatformAndroid: {"appwrite-android"},
	model.PlatformApple:   {"appwrite-ios", "appwrite-macos", "appwrite-watchos", "appwrite-tvos"},
	model.PlatformLinux:   {"appwrite-linux"},
	model.PlatformWindows: {"appwrite-windows"},
}

// forbiddenSchemes lead to no app: a browser would run or show what follows them, or read the disk.
var forbiddenSchemes = map[string]bool{
	"javascript": true, "vbscript": true, "data": true, "blob": true, "about": true, "view-source": true,
	"file": true, "filesystem": true,
}

// NewAllow makes the list for a project: its platforms, its server's own hosts, and localhost. Localhost is on
// every list, as in the reference: a page on the developer's machine is how every app begins, and no stranger
// can serve a page from there, only a program that runs on the person's own machine already. An empty id makes the
// list of a project that does not exist. The console, whose pages are the server's own, has no callback scheme.
func NewAllow(projectID string, platforms []model.Platform, serverHosts []string) *Allow {
	a := &Allow{hosts: map[string]bool{"localhost": true}, schemes: map[string]bool{}, ids: map[string]map[string]bool{}}
	for _, host := range serverHosts {
		a.hosts[canonicalHost(host)] = true
	}
	if projectID != "" && projectID != model.ConsoleProject {
		a.schemes["appwrite-callback-"+lowerASCII(projectID)] = true
	}
	for i := range platforms {
		a.add(&platforms[i])
	}
	return a
}

// add takes a platform in. A value that Platform would refuse is left out: it could match nothing it means.
func (a *Allow) add(p *model.Platform) {
	if p.Type != model.PlatformWeb && p.Type != model.PlatformScheme {
		a.addApp(p)
		return
	}
	if Platform(p.Type)(p.Value) != nil {
		return
	}
	if p.Type == model.PlatformScheme {
		a.schemes[lowerASCII(p.Value)] = true
		return
	}
	switch host := canonicalHost(p.Value); {
	case host == "*":
		a.any = true
	case host[0] == '*':
		a.suffixes = append(a.suffixes, host[1:])
	default:
		a.hosts[host] = true
	}
}

// addApp opens the schemes of an app's platform to its id. The id is not a host for pages, as it is in the
// reference: com.example.app is also a name in the DNS, and may be a stranger's. Expo's development app runs
// the code of every React Native project under one scheme, so it is open to projects that have such an app.
func (a *Allow) addApp(p *model.Platform) {
	for _, scheme := range appSchemes[p.Type] {
		if a.ids[scheme] == nil {
			a.ids[scheme] = map[string]bool{}
		}
		switch {
		case p.Value == anyApp:
			a.schemes[scheme] = true
		case appID(p.Value) == nil:
			a.ids[scheme][lowerASCII(p.Value)] = true
		}
	}
	if p.Type == model.PlatformAndroid || p.Type == model.PlatformApple {
		a.schemes["exp"] = true
	}
}

// Origin says whether a page or app of this origin belongs to the project. Ports do not matter, nor does it
// whether a page came by http or https. `null` and `file://` name no place and belong to nobody. An empty
// origin is none; whether that is fine is the caller's to say.
func (a *Allow) Origin(origin string) bool {
	if len(origin) > maxOrigin || !plainURL(origin) {
		return false
	}
	scheme, rest, found := strings.Cut(origin, "://")
	if !found {
		return false
	}
	host, ok := authority(rest)
	return ok && a.place(lowerASCII(scheme), lowerASCII(host))
}

// Host says whether pages of a host, without port and brackets, are the project's.
func (a *Allow) Host(host string) bool { return a.host(lowerASCII(host)) }

// place judges a scheme and a host, both in lower case.
func (a *Allow) place(scheme, host string) bool {
	if webSchemes[scheme] {
		return a.host(host)
	}
	// The scheme is the same for every app made with the SDK, so where ids are registered one of them must
	// follow. An app that was never told its id sends the scheme alone: as before, that is enough, because a
	// foreign app could send a registered id just as well. Origins protect people in browsers, not from apps.
	if a.schemes[scheme] {
		return true
	}
	ids, registered := a.ids[scheme]
	return registered && (host == "" || len(ids) == 0 || ids[host])
}

// host judges the host of a page, in lower case. 127.0.0.1 and ::1 in their usual spelling are localhost.
func (a *Allow) host(host string) bool {
	if !urlHost(host) {
		return false
	}
	if a.any || a.hosts[host] || host == "127.0.0.1" || host == "::1" {
		return true
	}
	for _, suffix := range a.suffixes {
		if strings.HasSuffix(host, suffix) {
			return true
		}
	}
	return false
}

// plainURL says whether a text has only characters that every reader of URLs takes for what they are: ASCII
// without controls and blanks, without the backslash (a slash to browsers, nothing to RFC 3986), and without
// the quotes and angle brackets that end a link in text.
func plainURL(value string) bool {
	for i := range len(value) {
		switch c := value[i]; {
		case c <= ' ' || c >= 0x7f:
			return false
		case c == '\\' || c == '"' || c == '<' || c == '>' || c == '`':
			return false
		}
	}
	return true
}

// authority returns the host of what follows "://", as written but without port and brackets. It refuses an
// authority that names a user, because the part before the @ is there to be taken for the host; brackets around
// anything but an address; and ports that are none. It does not allocate.
func authority(rest string) (host string, ok bool) {
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	if strings.IndexByte(rest, '@') >= 0 {
		return "", false
	}
	host, port := rest, ""
	if strings.HasPrefix(rest, "[") {
		end := strings.IndexByte(rest, ']')
		if end < 0 {
			return "", false
		}
		host, port = rest[1:end], rest[end+1:]
		if strings.IndexByte(host, ':') < 0 || !urlHost(host) {
			return "", false
		}
	} else if i := strings.IndexByte(rest, ':'); i >= 0 {
		host, port = rest[:i], rest[i:]
	}
	return host, portForm(port)
}

// portForm says whether a text is empty or a colon and a port number; browsers take the colon alone, too.
func portForm(port string) bool {
	if port == "" || port == ":" {
		return true
	}
	if port[0] != ':' || len(port) > len(":65535") {
		return false
	}
	number := 0
	for i := 1; i < len(port); i++ {
		if !digit(port[i]) {
			return false
		}
		number = number*10 + int(port[i]-'0')
	}
	return number <= 65535
}
