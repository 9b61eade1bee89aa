package client

import "strings"

// signs is what the pieces of an agent say about the machine, before they are weighed against each other.
type signs struct {
	windows, windowsPhone, mac, android, linux, chromeOS, tizen, harmony, webOS, openHarmony, blackBerry bool

	version string // of the system that the first telling piece names

	apple    string // iPhone, iPad, iPod Touch, Apple TV, Watch
	hardware string // Apple's own name of a model: "AppleTV11,1"
	darwin   string // version of Darwin, from programs that use CFNetwork
	intel    bool   // CFNetwork on an Intel processor: a Mac

	distribution system // Linux and BSD

	console string // PlayStation 5, Nintendo Switch, Xbox One …
	tv      bool

	androidAt int  // index of the piece after "Android 14": where the model stands
	mobile    bool // the word Mobile, in a comment or as a product
	tablet    bool
	webView   bool
}

// system is the code and the name of an operating system.
type system struct{ code, name string }

// signs reads every piece and every product once.
func (t *tokens) signs() signs {
	s := signs{androidAt: -1}
	for i := range t.itemCount {
		s.item(t.items[i], i)
	}
	for i := range t.productCount {
		s.product(t.products[i])
	}
	return s
}

// item reads one piece of a comment. The first letter decides which words are compared at all.
func (s *signs) item(item string, at int) {
	switch item[0] | 0x20 {
	case 'w':
		s.windowsItem(item)
	case 'm', 'd':
		s.macItem(item)
	case 'i', 'c', 'p':
		s.appleItem(item)
	case 'a':
		if rest, ok := after(item, "android"); ok {
			s.android, s.androidAt = true, at+1
			s.found(short(rest))
		}
	case 'l', 'x', 'u', 'f', 'o', 'n', 'g':
		s.unixItem(item)
	case 't', 'h', 's', 'b':
		s.deviceItem(item)
	}
}

// found keeps the first version that a piece names.
func (s *signs) found(version string) {
	if s.version == "" {
		s.version = version
	}
}

func (s *signs) windowsItem(item string) {
	switch {
	case item == "wv":
		s.webView = true
	case hasPrefix(item, "windows phone"):
		s.windowsPhone = true
		rest := strings.TrimPrefix(item[len("windows phone"):], " OS")
		s.found(short(strings.TrimPrefix(rest, " ")))
	case hasPrefix(item, "windows nt"):
		s.windows = true
		if len(item) > len("windows nt ") {
			s.found(windowsName(version(item[len("windows nt "):])))
		}
	case hasPrefix(item, "windows"), hasPrefix(item, "win32"), hasPrefix(item, "win64"):
		s.windows = true
	case hasPrefix(item, "watch os,"):
		s.apple = "Watch"
		s.found(short(item[len("watch os,"):]))
	case hasPrefix(item, "web0s"), hasPrefix(item, "webos"):
		s.webOS, s.tv = true, true
		if rest, ok := after(item, "webos.tv"); ok {
			s.found(short(rest))
		}
	}
}

// windowsName is what people call a version of the NT line.
func windowsName(number string) string {
	switch number {
	case "10.0":
		return "10" // 11 says 10.0 as well
	case "6.3":
		return "8.1"
	case "6.2":
		return "8"
	case "6.1":
		return "7"
	case "6.0":
		return "Vista"
	case "5.2":
		return "Server 2003"
	case "5.1":
		return "XP"
	case "5.0":
		return "2000"
	}
	return short(number)
}

func (s *signs) macItem(item string) {
	switch {
	case hasPrefix(item, "macintosh"), hasPrefix(item, "darwin"), hasPrefix(item, "macos"), hasPrefix(item, "macbook"):
		s.mac = true
		if rest, ok := after(item, "macos"); ok {
			s.found(dotted(rest))
		}
	case hasPrefix(item, "mac os x"):
		s.mac = true
		if rest, ok := after(item, "mac os x"); ok {
			s.found(dotted(rest))
		}
	case hasPrefix(item, "mobile"):
		s.mobile = true
	case hasPrefix(item, "debian"):
		s.distribution = system{"DEB", "Debian"}
	}
}

func (s *signs) appleItem(item string) {
	switch {
	case hasPrefix(item, "iphone"):
		s.apple = "iPhone"
	case hasPrefix(item, "ipad"):
		if s.apple == "" {
			s.apple = "iPad"
		}
		if rest, ok := after(item, "ipados"); ok {
			s.found(dotted(rest))
		}
	case hasPrefix(item, "ipod"):
		s.apple = "iPod Touch"
	case hasPrefix(item, "cpu iphone os "):
		s.found(dotted(item[len("cpu iphone os "):]))
	case hasPrefix(item, "cpu os "):
		s.found(dotted(item[len("cpu os "):]))
	case hasPrefix(item, "ios "):
		if s.apple == "" {
			s.apple = "iOS"
		}
		s.found(dotted(item[len("ios "):]))
	case hasPrefix(item, "intel mac os x"), hasPrefix(item, "ppc mac os x"):
		s.mac = true
		_, rest, _ := strings.Cut(item, " X")
		s.found(dotted(strings.TrimPrefix(rest, " ")))
	case hasPrefix(item, "cros "):
		s.chromeOS = true
		if space := strings.LastIndexByte(item, ' '); space >= 0 {
			s.found(short(item[space+1:]))
		}
	case hasPrefix(item, "playstation"):
		s.playStation(item)
	case hasPrefix(item, "phone"):
		s.mobile = true
	}
}

func (s *signs) playStation(item string) {
	rest := strings.TrimLeft(item[len("playstation"):], " ")
	generation, firmware, _ := strings.Cut(strings.Replace(rest, "/", " ", 1), " ")
	if generation == "" {
		return
	}
	s.console = "PlayStation " + printable(generation)
	s.found(short(firmware))
}

func (s *signs) unixItem(item string) {
	switch {
	case hasPrefix(item, "linux"), hasPrefix(item, "gnu/linux"):
		s.linux = true
	case item == "x86_64", hasPrefix(item, "i386"):
		s.intel = true
	case hasPrefix(item, "ubuntu"):
		s.distribution = system{"UBT", "Ubuntu"}
		if rest, ok := after(item, "ubuntu"); ok {
			s.found(short(rest))
		}
	case hasPrefix(item, "fedora"):
		s.distribution = system{"FED", "Fedora"}
	case hasPrefix(item, "freebsd"):
		s.distribution = system{"BSD", "FreeBSD"}
	case hasPrefix(item, "openbsd"):
		s.distribution = system{"OBS", "OpenBSD"}
	case hasPrefix(item, "netbsd"):
		s.distribution = system{"NBS", "NetBSD"}
	case hasPrefix(item, "openharmony"):
		s.openHarmony = true
		if rest, ok := after(item, "openharmony"); ok {
			s.found(short(rest))
		}
	case hasPrefix(item, "xbox"):
		s.console = printable(item)
	case hasPrefix(item, "nintendo"):
		s.console = printable(item)
	}
}

func (s *signs) deviceItem(item string) {
	switch {
	case hasPrefix(item, "tablet"):
		s.tablet = true
	case hasPrefix(item, "tizen"):
		s.tizen = true
		if rest, ok := after(item, "tizen"); ok {
			s.found(short(rest))
		}
	case hasPrefix(item, "harmonyos"):
		s.harmony = true
		if rest, ok := after(item, "harmonyos"); ok && version(rest) != "" {
			s.version = short(rest)
		}
	case hasPrefix(item, "smart-tv"), hasPrefix(item, "smarttv"), hasPrefix(item, "smarthub"):
		s.tv = true
	case hasPrefix(item, "bb10"), hasPrefix(item, "blackberry"):
		s.blackBerry = true
	}
}

// product reads the few products that name a system.
func (s *signs) product(p product) {
	if p.name == "" {
		return
	}
	switch p.name[0] | 0x20 {
	case 'd':
		if p.name == "Darwin" {
			s.darwin = version(p.version)
		}
	case 'o':
		if hasPrefix(p.name, "okhttp") { // the HTTP library of Android apps, React Native's among them
			s.android = true
		}
	case 'm':
		s.mobile = s.mobile || p.name == "Mobile"
	case 't':
		s.tv = s.tv || p.name == "TV"
	case 'u':
		if p.name == "Ubuntu" {
			s.distribution = system{"UBT", "Ubuntu"}
		}
	case 'i', 'a', 'w':
		s.appleProduct(p)
	}
}

// appleProduct reads what apps on Apple's systems send without any parentheses: "App/1 iPhone15,2 iOS/17.5",
// "AppleTV11,1/11.1", "App/1 watchOS/10.4".
func (s *signs) appleProduct(p product) {
	switch {
	case strings.HasPrefix(p.name, "AppleTV"):
		s.apple, s.hardware, s.tv = "Apple TV", p.name, true
		if major, _, found := strings.Cut(version(p.version), "."); found {
			s.found(major)
		}
	case strings.HasPrefix(p.name, "iPhone"):
		s.apple = "iPhone"
	case strings.HasPrefix(p.name, "iPad") && p.name != "iPadOS":
		s.apple = "iPad"
	case strings.HasPrefix(p.name, "iPod"):
		s.apple = "iPod Touch"
	case p.name == "iOS", p.name == "iPadOS":
		if s.apple == "" {
			s.apple = strings.TrimSuffix(p.name, "OS") // an iPad, or nothing more than iOS
			if p.name == "iOS" {
				s.apple = "iOS"
			}
		}
		s.found(short(p.version))
	case p.name == "watchOS":
		s.apple = "Watch"
		s.found(short(p.version))
	}
}
