package check_test

import (
	"strings"
	"testing"

	"latchkey/internal/check"
	"latchkey/internal/model"
)

func TestPlatformValues(t *testing.T) {
	t.Parallel()
	holds(t, check.Platform(model.PlatformWeb),
		[]string{"app.example.com", "LOCALHOST", "*", "*.example.com", "*example.com", "192.0.2.1", "2001:db8::1", "[2001:db8::1]", "my_app.test", "münchen.de", "*.münchen.de", "abcdefghijklmnop"},
		[]string{"", "**", "*.", ".example.com", "a.*.com", "https://app.example.com", "app.example.com:3000", "app.example.com/", "a b", "user@host", "a..b", "example.com.", "[::1%eth0]", strings.Repeat("a", 254)})
	holds(t, check.Platform(model.PlatformScheme), []string{"myapp", "com.example.app", "exp+my-app", "MyApp"},
		[]string{"", "myapp://", "1app", "my_app", "https", "JavaScript", "chrome-extension", "file", "ä", "a b"})
	for _, kind := range []string{model.PlatformAndroid, model.PlatformApple, model.PlatformLinux, model.PlatformWindows} {
		holds(t, check.Platform(kind), []string{"com.example.app", "com.Example.my_app-2"}, []string{"", "com.example/app", "com example", "a:b", "ä.b", strings.Repeat("a", 254)})
	}
}

func TestSameSite(t *testing.T) {
	t.Parallel()
	cases := map[[2]string]bool{
		{"app.example.com", "api.example.com"}:         true,
		{"example.com", "API.Example.COM"}:             true,
		{"example.com.", "api.example.com"}:            true,
		{"a.example.co.uk", "b.example.co.uk"}:         true,
		{"one.co.uk", "two.co.uk"}:                     false,
		{"a.github.io", "b.github.io"}:                 false,
		{"x.a.github.io", "a.github.io"}:               true,
		{"co.uk", "co.uk"}:                             false,
		{"com", "com"}:                                 false,
		{"example.com", "example.org"}:                 false,
		{"evilexample.com", "example.com"}:             false,
		{"my_app.example.com", "api.example.com"}:      true,
		{"localhost", "localhost"}:                     false,
		{"app.localhost", "api.localhost"}:             false,
		{"127.0.0.1", "127.0.0.1"}:                     false,
		{"::1", "::1"}:                                 false,
		{"[::1]", "[::1]"}:                             false,
		{"a.internal.test", "b.internal.test"}:         false,
		{"", ""}:                                       false,
		{".", "."}:                                     false,
		{"example..com", "example..com"}:               false,
		{"a b.com", "a b.com"}:                         false,
		{"xn--mnchen-3ya.de", "api.xn--mnchen-3ya.de"}: true,
	}
	for hosts, want := range cases {
		if got := check.SameSite(hosts[0], hosts[1]); got != want {
			t.Errorf("%q and %q: got %v", hosts[0], hosts[1], got)
		}
	}
}
