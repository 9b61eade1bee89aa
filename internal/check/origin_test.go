package check_test

import (
	"net/url"
	"strings"
	"testing"

	"latchkey/internal/check"
	"latchkey/internal/model"
)

// project makes a list with one platform of each kind given as type and value.
func project(platforms ...[2]string) *check.Allow {
	var list []model.Platform
	for _, p := range platforms {
		list = append(list, model.Platform{Type: p[0], Value: p[1]})
	}
	return check.NewAllow("demo", list, []string{"API.example.org", "[2001:db8::5]"})
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	web := func(value string) *check.Allow { return project([2]string{model.PlatformWeb, value}) }
	cases := []struct {
		name      string
		list      *check.Allow
		good, bad []string
	}{
		{
			"a new project", project(),
			[]string{
				"http://localhost", "https://localhost:3000", "http://127.0.0.1:5173", "http://[::1]", "http://[::1]:8080", "tauri://localhost",
				"https://api.example.org", "https://API.example.org:444", "http://[2001:db8::5]:1", "appwrite-callback-demo://", "appwrite-callback-DEMO://x",
			},
			[]string{
				"", "null", "file://", "http://", "://", "localhost", "//localhost", "http:localhost", "http:/localhost", "https://example.com",
				"http://127.0.0.2", "http://[0:0:0:0:0:0:0:1]", "http://::1", "http://[::1", "http://[::1]x", "http://[::1].evil.com", "http://[localhost]", "http://[127.0.0.1]",
				"http://[::1%25eth0]", "http://[::1%eth0]", "http://localhost.", "http://localhost.evil.com", "http://127.0.0.1.evil.com", "http://evil.com#localhost",
				"http://localhost:x", "http://localhost:99999", "http://localhost:1:2", "http://user@localhost", "http://localhost@evil.com",
				"http://evil.com\\@localhost", "http://evil.com\\.localhost", "http://localhost\\.evil.com", "http://localhost ", " http://localhost", "http://local\thost", "http://localhost\x00",
				"http://loc%61lhost", "http://ｌocalhost", "capacitor://localhost", "exp://192.168.1.5:8081", "appwrite-ios://", "appwrite-ios://com.example.app",
				"appwrite-callback-other://", "javascript://localhost", "data://localhost", "ws://localhost",
				"http://localhost/" + strings.Repeat("a", 512),
			},
		},
		{
			"an exact host", web("App.Example.com"),
			[]string{"https://app.example.com", "http://APP.EXAMPLE.COM:8443", "https://app.example.com/path?x=1#f"},
			[]string{"https://example.com", "https://a.app.example.com", "https://xapp.example.com", "https://app.example.com.evil.com", "https://*.example.com", "myapp://app.example.com"},
		},
		{
			"a pattern", web("*.example.com"),
			[]string{"https://a.example.com", "https://a.b.example.com", "chrome-extension://a.example.com"},
			[]string{"https://example.com", "https://.example.com", "https://a..example.com", "https://evilexample.com", "https://a.example.com.", "https://*.example.com", "https://a_b%2f.example.com"},
		},
		{"a pattern without a dot matches as a suffix", web("*example.com"), []string{"https://example.com", "https://my-example.com"}, []string{"https://example.com.evil.com"}},
		{"every host", web("*"), []string{"https://evil.com", "http://192.0.2.1"}, []string{"null", "file://", "https://", "https://a@b.com", "https://a%2fb.com", "myapp://evil.com", "exp://x"}},
		{"an international name", web("*.München.de"), []string{"https://a.xn--mnchen-3ya.de"}, []string{"https://xn--mnchen-3ya.de", "https://a.münchen.de"}},
		{"an address", web("[2001:db8::1]"), []string{"http://[2001:db8::1]:80"}, []string{"http://[2001:db8::2]", "http://2001:db8::1"}},
		{"an extension", web("abcdefghijklmnop"), []string{"chrome-extension://abcdefghijklmnop", "moz-extension://abcdefghijklmnop"}, []string{"chrome-extension://other"}},
		{"a value that is no host allows nothing", web("https://app.example.com"), nil, []string{"https://app.example.com", "https://https"}},
		{
			"an Apple app", project([2]string{model.PlatformApple, "com.Example.app"}),
			[]string{"appwrite-ios://com.example.app", "appwrite-macos://com.Example.App", "appwrite-tvos://com.example.app", "appwrite-watchos://com.example.app", "appwrite-ios://", "exp://192.168.1.5:8081", "exp://u.expo.dev/update"},
			[]string{"appwrite-ios://com.other.app", "appwrite-android://com.example.app", "appwrite-android://", "https://com.example.app", "appwrite-ios://x@com.example.app", "appwrite-ios://x@"},
		},
		{"an Android app", project([2]string{model.PlatformAndroid, "com.example.my_app"}), []string{"appwrite-android://com.example.my_app", "exp://x"}, []string{"appwrite-android://other", "appwrite-ios://com.example.my_app"}},
		{"a desktop app", project([2]string{model.PlatformLinux, "com.example.app"}), []string{"appwrite-linux://com.example.app"}, []string{"appwrite-windows://com.example.app", "exp://x"}},
		{
			"every app of a kind", project([2]string{model.PlatformAndroid, "*"}, [2]string{model.PlatformAndroid, "com.example.app"}),
			[]string{"appwrite-android://com.any.app", "appwrite-android://com.example.app", "appwrite-android://"},
			[]string{"appwrite-ios://com.any.app", "https://com.any.app"},
		},
		{"an app without an id", project([2]string{model.PlatformWindows, ""}), []string{"appwrite-windows://", "appwrite-windows://any"}, []string{"appwrite-linux://"}},
		{"a scheme", project([2]string{model.PlatformScheme, "MyApp"}), []string{"myapp://", "MYAPP://login/x"}, []string{"myapp:", "myapp:/x", "otherapp://", "myapp2://", "myapp://user@x", "myapp://a\\b"}},
		{"a scheme of scripts or pages", project([2]string{model.PlatformScheme, "javascript"}, [2]string{model.PlatformScheme, "https"}), nil, []string{"javascript://x", "https://evil.com"}},
	}
	for _, c := range cases {
		for _, origin := range c.good {
			if !c.list.Origin(origin) {
				t.Errorf("%s: %q is refused", c.name, origin)
			}
		}
		for _, origin := range c.bad {
			if c.list.Origin(origin) {
				t.Errorf("%s: %q is allowed", c.name, origin)
			}
		}
	}
}

func TestTheConsoleHasNoAppSchemes(t *testing.T) {
	t.Parallel()
	console := check.NewAllow(model.ConsoleProject, nil, []string{"api.example.org"})
	if console.Origin("appwrite-callback-console://") || !console.Origin("https://api.example.org") || !console.Origin("http://localhost:5173") {
		t.Error("the console runs on the server's own hosts and localhost, and nowhere else")
	}
	if nobody := check.NewAllow("", nil, nil); nobody.Origin("appwrite-callback-://") || !nobody.Origin("http://localhost") {
		t.Error("a project that does not exist has localhost and nothing else")
	}
}

func TestHostOfAPage(t *testing.T) {
	t.Parallel()
	list := project([2]string{model.PlatformWeb, "*.example.com"})
	for host, want := range map[string]bool{"a.EXAMPLE.com": true, "localhost": true, "::1": true, "example.com": false, "": false, "*.example.com": false} {
		if got := list.Host(host); got != want {
			t.Errorf("%q: got %v", host, got)
		}
	}
}

// FuzzOrigin: a web origin that is allowed is one whose host, as net/url reads it, is on the list.
func FuzzOrigin(f *testing.F) {
	for _, seed := range []string{
		"http://localhost:3000", "http://[::1]:1", "https://app.example.com@evil.com", "https://a.wild.test/x?y#z", "appwrite-ios://com.example.app", "exp://x", "null",
		"https://evil.com\\@app.example.com", "appwrite-callback-proj1://", "HTTPS://APP.example.com",
	} {
		f.Add(seed)
	}
	list := allow()
	f.Fuzz(func(t *testing.T, origin string) {
		if list.Origin(origin) && strings.HasPrefix(strings.ToLower(origin), "http") {
			onTheList(t, list, origin)
		}
	})
}

// onTheList reads a URL with net/url and asserts that its host is one of the list of allow.
func onTheList(t *testing.T, list *check.Allow, value string) {
	t.Helper()
	parsed, err := url.Parse(value)
	if err != nil {
		// The path of an Origin is not looked at; its host is what counts.
		if parsed, err = url.Parse(value[:strings.Index(value, "://")+3] + strings.FieldsFunc(value[strings.Index(value, "://")+3:], func(r rune) bool { return strings.ContainsRune("/?#", r) })[0]); err != nil {
			t.Fatalf("%q is allowed, net/url says %v", value, err)
		}
	}
	host := strings.ToLower(parsed.Hostname())
	named := host == "localhost" || host == "127.0.0.1" || host == "::1" || host == "app.example.com" || host == "api.appwrite.test" || strings.HasSuffix(host, ".wild.test")
	if parsed.User != nil || !named || !list.Host(host) {
		t.Fatalf("%q is allowed, its host is %q", value, host)
	}
}

func BenchmarkOrigin(b *testing.B) {
	list := allow()
	for name, origin := range map[string]string{
		"exact": "https://app.example.com", "localhost": "http://localhost:3000", "pattern": "https://a.b.wild.test:8443", "app": "appwrite-ios://com.example.app", "foreign": "https://evil.example.net",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				list.Origin(origin)
			}
		})
	}
}

func TestOriginsCostNoMemory(t *testing.T) {
	list := allow()
	for _, origin := range []string{"https://app.example.com", "http://[::1]:3000", "https://a.wild.test", "appwrite-ios://com.example.app", "https://evil.com"} {
		if n := testing.AllocsPerRun(10, func() { list.Origin(origin) }); n != 0 {
			t.Errorf("%s: %v allocations", origin, n)
		}
	}
}
