package check_test

import (
	"net/url"
	"strings"
	"testing"

	"latchkey/internal/check"
	"latchkey/internal/model"
)

// misread are URLs that two readers take for two places; nobody may be sent there with a secret.
var misread = []string{
	"https://evil.com\\@app.example.com/", "https://app.example.com\\@evil.com/", "https:\\\\app.example.com", "https://app.example.com@evil.com", "https://evil.com@app.example.com",
	"https://:@app.example.com", "https://@app.example.com", "https://app.example.com:80@evil.com", "https://app.example.com:abc", "https://app.example.com:80:80", "https://app.example.com:99999",
	"https:///app.example.com", "https:/app.example.com", "https:app.example.com", "https:", "https://", "https://?x=app.example.com", "//app.example.com", "/path", "app.example.com", "localhost/x", "",
	" https://app.example.com", "https://app.example.com ", "https://app.exa\tmple.com", "https://app.example.com/\n", "\x00https://app.example.com", "https://app.example.com/\x7f",
	"https://app.example.com/ä", "https://äpp.example.com", "https://app。example.com", "https://app%2eexample.com", "https://app.example.com%00.evil.com", "https://app.example.com%2f@evil.com",
	"https://[app.example.com]", "https://[::1", "https://[::1]evil.com", "https://[::1]:x", "https://[::1%25lo]/", "https://a..example.com", "https://.example.com", "https://app.example.com.",
	"https://app.example.com/\\evil.com", `https://app.example.com/"><img src=x>`, "https://app.example.com/<b>", "https://app.example.com/`", "https://app.example.com/%zz", "1https://app.example.com", "ht tps://app.example.com",
	"myapp:", "myapp:login", "://app.example.com", "https://app.example.com/" + strings.Repeat("a", 2048),
}

// shown are URLs that a browser would run or show instead of visiting.
var shown = []string{"javascript://app.example.com/%0aalert(1)", "JavaScript:/x", "data://text/html,x", "vbscript://x", "file:///etc/passwd", "blob:https://app.example.com/1", "view-source:https://app.example.com", "about://blank"}

func TestRedirects(t *testing.T) {
	t.Parallel()
	list := project([2]string{model.PlatformWeb, "app.example.com"}, [2]string{model.PlatformScheme, "myapp"}, [2]string{model.PlatformScheme, "com.example.app"})
	holds(t, list.Redirect, []string{
		"https://app.example.com", "HTTPS://APP.example.com:8443/a/b?c=d&e=%20#/route", "http://localhost:3000/magic", "http://127.0.0.1:5173/", "http://[::1]:1/", "https://api.example.org/x", "http://localhost:",
		"https://app.example.com?next=https://evil.com/@", "https://app.example.com#@evil.com", "https://app.example.com/@evil.com", "https://app.example.com/{id}|^",
		"appwrite-callback-demo://", "appwrite-callback-demo://auth?x=1", "myapp://", "myapp:///", "myapp:/oauth", "myapp://(tabs)/login", "com.example.app:/oauth2redirect",
	}, []string{
		"https://evil.com", "https://evil.com#app.example.com", "https://evil.com?app.example.com", "https://evil.com/app.example.com", "http://127.0.0.2", "http://[0:0:0:0:0:0:0:1]", "http://localhost.example.com", "http://127.0.0.1.example.com",
		"http://128.0.0.1", "http://[2001:db8::1]", "exp://192.168.1.5:8081", "appwrite-callback-other://", "appwrite-ios://com.example.app", "otherapp://x", "myapp://user@x", "mailto:a@app.example.com",
	})
	holds(t, list.Redirect, nil, misread)
	holds(t, list.Redirect, nil, shown)
}

func TestRedirectsIntoApps(t *testing.T) {
	t.Parallel()
	list := project([2]string{model.PlatformApple, "com.example.app"})
	holds(t, list.Redirect, []string{"appwrite-ios://com.example.app/callback", "appwrite-ios://", "exp://192.168.1.5:8081/--/auth", "exp://u.expo.dev/update"},
		[]string{"appwrite-ios://com.other.app", "appwrite-android://com.example.app", "https://com.example.app", "exp:evil"})
	everywhere := project([2]string{model.PlatformWeb, "*"})
	holds(t, everywhere.Redirect, []string{"https://evil.com", "http://192.0.2.1:1"}, misread)
	holds(t, everywhere.Redirect, nil, append([]string{"otherapp://", "ftp://evil.com", "exp://x"}, shown...))
}

func TestADevKeyLeadsAnywhereButIntoScripts(t *testing.T) {
	t.Parallel()
	list := project()
	holds(t, list.RedirectWithDevKey, []string{"https://evil.com/x", "http://192.0.2.1", "otherapp://", "exp://x", "ftp://x", "com.any.app:/oauth"}, misread)
	holds(t, list.RedirectWithDevKey, nil, shown)
}

func TestURLsNeedAHost(t *testing.T) {
	t.Parallel()
	holds(t, check.URL, []string{"https://a.b", "http://localhost:3000/x", "ftp://x", "exp://h/p", "myapp://x", "https://[2001:db8::1]/"}, []string{"myapp://", "myapp:/x", "myapp:///x", "mailto:a@b.c"})
	holds(t, check.URL, nil, misread)
	holds(t, check.URL, nil, shown)
}

// FuzzRedirect: whatever is allowed for pages leads, as net/url reads it, to a host on the list; and adding a
// query, as every link does, does not move it.
func FuzzRedirect(f *testing.F) {
	for _, seed := range append(append([]string{"https://app.example.com/x?y#z", "http://[::1]:3000", "myapp:/x", "appwrite-callback-proj1://", "exp://1.2.3.4:5/--/x", "https://a.wild.test"}, misread...), shown...) {
		f.Add(seed)
	}
	list := allow()
	f.Fuzz(func(t *testing.T, value string) {
		if (list.Redirect(value) == nil) && list.RedirectWithDevKey(value) != nil {
			t.Fatalf("%q is allowed without a dev key and not with one", value)
		}
		if list.Redirect(value) != nil {
			return
		}
		parsed, err := url.Parse(value)
		if err != nil {
			t.Fatalf("%q is allowed, net/url says %v", value, err)
		}
		switch parsed.Scheme {
		case "http", "https":
			onTheList(t, list, value)
			parsed.RawQuery = "userId=1&secret=2"
			onTheList(t, list, parsed.String())
		case "javascript", "data", "file", "vbscript", "blob":
			t.Fatalf("%q is allowed", value)
		}
	})
}

func BenchmarkRedirect(b *testing.B) {
	list := allow()
	b.ReportAllocs()
	for b.Loop() {
		if err := list.Redirect("https://app.example.com/magic?x=1"); err != nil {
			b.Fatal(err)
		}
	}
}
