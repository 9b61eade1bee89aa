package client

import (
	"strings"

	"latchkey/internal/model"
)

// device is what a model's name says about it.
type device struct{ kind, brand, model string }

// The kinds of device.
const (
	desktop      = "desktop"
	smartphone   = "smartphone"
	tablet       = "tablet"
	television   = "tv"
	wearable     = "wearable"
	console      = "console"
	featurePhone = "feature phone"
)

// device decides what the request was sent from. Where only the system is known, it is a desktop if the
// system is one of desktops, and nothing otherwise.
func (t *tokens) device(s *signs, a *model.Agent) {
	d := t.special(s, a)
	switch {
	case d.kind != "" || d.brand != "":
	case s.console != "":
		d = consoleDevice(s.console)
	case s.windowsPhone:
		d = t.windowsPhone()
	case a.OSCode == "MAC":
		d = device{kind: desktop, brand: "Apple"}
	case s.apple != "" || s.darwin != "":
		d = appleDevice(s)
	case s.webOS:
		d = device{kind: television, brand: "LG"}
	case s.tv && !s.android:
		d = device{kind: television}
	case s.android || s.harmony || s.openHarmony:
		d = t.android(s, a)
	case s.blackBerry:
		d = device{kind: smartphone, brand: "BlackBerry"}
	case a.OSCode != "":
		d = device{kind: desktop}
	}
	a.DeviceName, a.DeviceBrand, a.DeviceModel = d.kind, d.brand, d.model
}

// special finds the devices that name themselves outside the usual place, some with a system of their own.
func (t *tokens) special(s *signs, a *model.Agent) device {
	if p, found := t.product("roku"); found {
		a.OSCode, a.OSName = "ROK", "Roku OS"
		if rest, is := after(p.version, "dvp"); is {
			a.OSVersion = short(rest)
		}
		return device{television, "Roku", ""}
	}
	if p, found := t.product("kaios"); found {
		a.OSCode, a.OSName, a.OSVersion = "KOS", "KaiOS", short(p.version)
		return t.feature()
	}
	if _, found := t.product("tesla"); found {
		return device{"car browser", "Tesla", ""}
	}
	for i := range t.itemCount {
		if item := t.items[i]; hasPrefix(item, "quest") && (len(item) == len("quest") || item[len("quest")] == ' ') {
			return device{wearable, "Meta", printable(item)}
		}
	}
	if p, found := t.product("profile"); found && hasPrefix(p.version, "midp") {
		return device{kind: featurePhone}
	}
	return device{}
}

// feature names a feature phone by the first piece that has a maker's name in it.
func (t *tokens) feature() device {
	for i := range t.itemCount {
		if d := handset(strings.ReplaceAll(t.items[i], "_", " ")); d.brand != "" {
			d.kind = featurePhone
			return d
		}
	}
	return device{kind: featurePhone}
}

func consoleDevice(name string) device {
	switch {
	case strings.HasPrefix(name, "PlayStation"):
		return device{console, "Sony", name}
	case strings.HasPrefix(name, "Nintendo"):
		return device{console, "Nintendo", strings.TrimLeft(name[len("Nintendo"):], " ")}
	}
	return device{console, "Microsoft", name}
}

// windowsPhone takes maker and model from the last two pieces of the first comment: "…; NOKIA; Lumia 920".
func (t *tokens) windowsPhone() device {
	d := device{kind: smartphone}
	for i := 1; i < t.itemCount; i++ {
		if hasPrefix(t.items[i], "lumia") {
			d.model = printable(t.items[i])
			d.brand = "Nokia"
			if hasPrefix(t.items[i-1], "microsoft") {
				d.brand = "Microsoft"
			}
		}
	}
	return d
}

func appleDevice(s *signs) device {
	d := device{brand: "Apple"}
	switch s.apple {
	case "iPhone":
		d.kind, d.model = smartphone, "iPhone"
	case "iPad":
		d.kind, d.model = tablet, "iPad"
	case "iPod Touch":
		d.kind, d.model = "portable media player", "iPod Touch"
	case "Watch":
		d.kind, d.model = wearable, "Watch"
	case "Apple TV":
		d.kind, d.model = television, appleTV(s.hardware)
	}
	return d
}

// appleTV is the name a model is sold under.
func appleTV(hardware string) string {
	switch hardware {
	case "AppleTV5,3":
		return "Apple TV HD"
	case "AppleTV6,2":
		return "Apple TV 4K"
	case "AppleTV11,1":
		return "Apple TV 4K (2021)"
	case "AppleTV14,1":
		return "Apple TV 4K (2022)"
	}
	return "Apple TV"
}

// android names a phone, tablet, television or watch by its model. What it is follows from the model if that
// is known; else from the word Mobile, which Chrome and Firefox send on phones and leave out on tablets.
func (t *tokens) android(s *signs, a *model.Agent) device {
	d := handset(t.androidModel(s))
	_, cast := t.product("crkey")
	_, chrome := t.product("chrome")
	switch {
	case cast:
		d = device{television, "Google", "Chromecast"}
	case s.tv:
		d.kind = television
	case d.kind != "":
	case s.tablet:
		d.kind = tablet
	case s.mobile:
		d.kind = smartphone
	case chrome:
		d.kind = tablet
	case d.brand != "":
		d.kind = smartphone
	}
	switch {
	case a.OSCode != "AND":
	case d.brand == "Amazon":
		a.OSCode, a.OSName, a.OSVersion = "FIR", "Fire OS", fireOS(a.OSVersion)
	case d.kind == television:
		a.OSCode, a.OSName = "ADR", "Android TV"
	case d.kind == wearable:
		a.OSCode, a.OSName, a.OSVersion = "WER", "Wear OS", ""
	}
	return d
}

// fireOS is Amazon's own count of its versions of Android.
func fireOS(android string) string {
	major, _, _ := strings.Cut(android, ".")
	switch major {
	case "10", "11":
		return "8"
	case "9":
		return "7"
	case "7":
		return "6"
	case "5":
		return "5"
	}
	return ""
}

// androidModel is the piece after "Android 14" that is no tag, without the build.
func (t *tokens) androidModel(s *signs) string {
	if s.androidAt < 0 {
		return ""
	}
	for i := s.androidAt; i < t.itemCount && i < s.androidAt+4; i++ {
		item, _, _ := strings.Cut(t.items[i], " Build/")
		if !tag(item) {
			return printable(item)
		}
	}
	return ""
}

// tag says whether a piece beside the Android version is something else than a model.
func tag(item string) bool {
	switch item {
	case "K", "U", "wv", "Mobile", "Tablet", "HarmonyOS", "Linux", "arm_64", "KHTML, like Gecko", "TV":
		return true
	}
	switch len(item) {
	case 2: // a language
		return item[0] >= 'a' && item[0] <= 'z' && item[1] >= 'a' && item[1] <= 'z'
	case 5: // a language and a country
		return (item[2] == '-' || item[2] == '_') && item[0] >= 'a' && item[0] <= 'z' && item[3]|0x20 >= 'a' && item[3]|0x20 <= 'z' && item[4] > '9'
	}
	return strings.HasPrefix(item, "Build/") || strings.HasPrefix(item, "rv:") || hasPrefix(item, "hmscore") ||
		hasPrefix(item, "gmscore") || hasPrefix(item, "opera mini") || hasPrefix(item, "smart-tv")
}
