package client

import (
	"strings"

	"latchkey/internal/model"
)

// program decides which program sent the request: the weightiest product, then what stands in comments only
// (Internet Explorer, Facebook), then what the system alone implies.
func (t *tokens) program(s *signs, a *model.Agent) {
	var best program
	var number string
	for i := range t.productCount {
		if p, found := lookup(t.products[i].name); found && p.weight > best.weight {
			best, number = p, t.products[i].version
		}
	}
	if p, itemNumber, found := t.programInComment(s); found && p.weight >= best.weight {
		best, number = p, itemNumber
	}
	if best.weight <= isSafari && best.kind != library {
		best, number = t.ownBrowser(s, best)
	}
	best = t.variant(s, best)
	if best.name == "Electron" {
		best, number = t.electron(best, number)
	}
	if best.kind == "" {
		return
	}
	if best.code == "OP" || best.code == "SF" || best.code == "MF" {
		if v, found := t.product("version"); found {
			number = v.version
		}
	}
	a.ClientType, a.ClientCode, a.ClientName = best.kind, best.code, best.name
	a.ClientVersion = short(number)
	if best.kind == browser {
		a.ClientEngine, a.ClientEngineVersion = t.engine(s)
	}
}

// programInComment finds the programs that name themselves inside parentheses.
func (t *tokens) programInComment(s *signs) (found program, number string, ok bool) {
	for i := range t.itemCount {
		item := t.items[i]
		switch item[0] {
		case 'M':
			if rest, is := after(item, "msie"); is && found.name != "IE Mobile" {
				found, number = program{browser, "IE", "Internet Explorer", isBrowser}, rest
			}
		case 'I':
			if rest, is := after(item, "iemobile"); is {
				found, number = program{browser, "IM", "IE Mobile", isBrowser}, rest
			}
		case 'T':
			if hasPrefix(item, "trident/7") && found.kind == "" {
				found, number = program{browser, "IE", "Internet Explorer", isBrowser}, t.revision()
			}
		case 'O':
			if rest, is := after(item, "opera mini"); is {
				found, number = program{browser, "OI", "Opera Mini", isBrowser}, rest
			}
		case 'F':
			switch {
			case hasPrefix(item, "fban/messenger"), hasPrefix(item, "fb_iab/messenger"):
				found = program{app, "", "Facebook Messenger", isApp + 1}
			case hasPrefix(item, "fban/"), hasPrefix(item, "fb_iab/"):
				found = program{app, "", "Facebook", isApp + 1}
			case hasPrefix(item, "fbav/"):
				number = item[len("fbav/"):]
			}
		}
	}
	return found, number, found.kind != ""
}

// revision is the "rv:" of Gecko and of Internet Explorer 11.
func (t *tokens) revision() string {
	for i := range t.itemCount {
		if strings.HasPrefix(t.items[i], "rv:") {
			return t.items[i][len("rv:"):]
		}
	}
	return ""
}

// ownBrowser is the browser that comes with the system: Safari and what else is built on WebKit without a
// name of its own.
func (t *tokens) ownBrowser(s *signs, safari program) (program, string) {
	_, webKit := t.product("applewebkit")
	switch {
	case !webKit:
		return program{}, ""
	case strings.HasPrefix(s.console, "PlayStation"):
		return program{browser, "NF", "NetFront", isBrowser}, ""
	case s.blackBerry:
		return program{browser, "BB", "BlackBerry Browser", isBrowser}, ""
	case s.iOS():
		return program{browser, "MF", "Mobile Safari", isSafari}, ""
	case s.android:
		return program{browser, "AN", "Android Browser", isSafari}, ""
	}
	return safari, ""
}

// iOS says whether every browser on the system is WebKit underneath.
func (s *signs) iOS() bool {
	return s.apple == "iPhone" || s.apple == "iPad" || s.apple == "iPod Touch" || s.apple == "iOS"
}

// variant names the mobile and embedded forms of a browser.
func (t *tokens) variant(s *signs, p program) program {
	phone := s.android || s.windowsPhone || s.harmony
	switch p.code {
	case "CH":
		_, standIn := t.product("version") // WebView's mark before Android 5
		switch {
		case s.webView || phone && standIn:
			p.code, p.name = "CV", "Chrome Webview"
		case phone && s.mobile:
			p.code, p.name = "CM", "Chrome Mobile"
		}
	case "FF":
		if s.android || s.mobile || s.tablet {
			p.code, p.name = "FM", "Firefox Mobile"
		}
	case "OP":
		if s.android || s.iOS() {
			p.code, p.name = "OM", "Opera Mobile"
		}
	}
	return p
}

// electron gives a desktop app built on Electron the name it puts before Chrome's.
func (t *tokens) electron(p program, number string) (program, string) {
	for i := range t.productCount {
		named := t.products[i]
		switch named.name {
		case "Mozilla", "AppleWebKit", "Safari", "Electron":
			continue
		case "Chrome":
			return p, number
		}
		if name := printable(named.name); name != "" && version(named.version) != "" {
			p.name = name
			return p, named.version
		}
	}
	return p, number
}

// engine tells the layout engine of a browser. On iOS every one is WebKit; elsewhere whoever says Chrome is
// built on Blink (WebKit before version 28).
func (t *tokens) engine(s *signs) (name, number string) {
	for i := range t.itemCount {
		if rest, found := after(t.items[i], "trident"); found {
			return "Trident", version(rest)
		}
	}
	if p, found := t.product("presto"); found {
		return "Presto", version(p.version)
	}
	if p, found := t.product("edge"); found {
		return "Edge", version(p.version)
	}
	if !s.iOS() {
		if p, found := t.product("arkweb"); found {
			return "ArkWeb", version(p.version)
		}
		for _, chrome := range [...]string{"chrome", "chromium", "headlesschrome"} {
			if p, found := t.product(chrome); found && !ancientChrome(p.version) {
				return "Blink", version(p.version)
			}
		}
	}
	if p, found := t.product("applewebkit"); found {
		return "WebKit", version(p.version)
	}
	if _, found := t.product("gecko"); found {
		return "Gecko", version(t.revision())
	}
	for i := range t.itemCount {
		if hasPrefix(t.items[i], "msie") {
			return "Trident", ""
		}
	}
	return "", ""
}

// ancientChrome says whether a Chrome is older than Blink.
func ancientChrome(number string) bool {
	major, _, _ := strings.Cut(version(number), ".")
	return len(major) == 1 || len(major) == 2 && major < "28"
}
