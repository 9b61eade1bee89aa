package client

import (
	"strconv"
	"strings"

	"latchkey/internal/model"
)

// system decides on the operating system. The order matters: Windows Phone claims to be Android, Android to
// be Linux, iOS to be like Mac OS X, and so on, always so that old pages treat them well.
func (s *signs) system(a *model.Agent) {
	set := func(code, name, version string) { a.OSCode, a.OSName, a.OSVersion = code, name, version }
	switch {
	case s.windowsPhone:
		set("WPH", "Windows Phone", s.version)
	case strings.HasPrefix(s.console, "PlayStation"):
		set("PS3", "PlayStation", s.version)
	case strings.HasPrefix(s.console, "Nintendo"):
		set("WII", "Nintendo", strings.TrimPrefix(s.console[len("Nintendo"):], " "))
	case s.windows:
		set("WIN", "Windows", s.version)
	case s.apple != "":
		s.appleSystem(set)
	case s.darwin != "":
		s.darwinSystem(set)
	case s.chromeOS:
		set("COS", "Chrome OS", s.version)
	case s.harmony:
		s.harmonySystem(set)
	case s.openHarmony:
		set("OHS", "OpenHarmony", s.version)
	case s.tizen:
		set("TIZ", "Tizen", s.version)
	case s.webOS:
		set("WOS", "webOS", s.version)
	case s.android:
		set("AND", "Android", s.version)
	case s.mac:
		set("MAC", "Mac", s.version)
	case s.blackBerry:
		set("BLB", "BlackBerry OS", "")
	case s.distribution.code != "":
		set(s.distribution.code, s.distribution.name, s.version)
	case s.linux:
		set("LIN", "GNU/Linux", "")
	}
}

// harmonySystem leaves out the version of the Android that HarmonyOS claims to be.
func (s *signs) harmonySystem(set func(code, name, version string)) {
	if s.android {
		set("HAR", "HarmonyOS", "")
		return
	}
	set("HAR", "HarmonyOS", s.version)
}

func (s *signs) appleSystem(set func(code, name, version string)) {
	switch s.apple {
	case "Apple TV":
		set("ATV", "tvOS", s.version)
	case "Watch":
		set("WAS", "watchOS", s.version)
	case "iPad": // iPadOS took over from iOS with version 13
		major, _, _ := strings.Cut(s.version, ".")
		if number, err := strconv.Atoi(major); err == nil && number >= 13 {
			set("IPA", "iPadOS", s.version)
			return
		}
		set("IOS", "iOS", s.version)
	default:
		set("IOS", "iOS", s.version)
	}
}

// darwinSystem translates the kernel's version, which is all that Apple's CFNetwork library tells: Darwin 23
// is iOS 17 and macOS 14, with the same second number; older ones counted differently.
func (s *signs) darwinSystem(set func(code, name, version string)) {
	majorText, rest, _ := strings.Cut(s.darwin, ".")
	minorText, _, _ := strings.Cut(rest, ".")
	major, errMajor := strconv.Atoi(majorText)
	minor, errMinor := strconv.Atoi(minorText)
	name, of := system{"IOS", "iOS"}, iosOfDarwin
	if s.intel || s.mac {
		name, of = system{"MAC", "Mac"}, macOfDarwin
	}
	if errMajor != nil || errMinor != nil || major < 9 || major > 99 || minor > 99 {
		set(name.code, name.name, "")
		return
	}
	set(name.code, name.name, of(major, minor))
}

func iosOfDarwin(major, minor int) string {
	switch {
	case major >= 25: // Apple renumbered: Darwin 25 is iOS 26
		return strconv.Itoa(major+1) + "." + strconv.Itoa(minor)
	case major >= 21:
		return strconv.Itoa(major-6) + "." + strconv.Itoa(minor)
	case major == 20 && minor > 0:
		return "14." + strconv.Itoa(minor+1)
	case major >= 17:
		return strconv.Itoa(major - 6)
	}
	return ""
}

func macOfDarwin(major, minor int) string {
	switch {
	case major >= 25:
		return strconv.Itoa(major+1) + "." + strconv.Itoa(minor)
	case major >= 23:
		return strconv.Itoa(major-9) + "." + strconv.Itoa(minor)
	case major >= 20:
		return strconv.Itoa(major-9) + "." + strconv.Itoa(max(minor-1, 0))
	}
	return "10." + strconv.Itoa(major-4)
}
