package check_test

import (
	"slices"
	"strings"
	"testing"

	"latchkey/internal/check"
	"latchkey/internal/model"
)

const fingerprint = "14:6D:E9:83:C5:73:06:50:D8:EE:B9:95:2F:34:FC:64:16:A0:83:42:E6:1D:BE:A8:8A:04:96:B2:3F:CF:44:E5"

// keyHash is the origin of an app that is signed with the certificate of that fingerprint.
const keyHash = "android:apk-key-hash:FG3pg8VzBlDY7rmVLzT8ZBagg0LmHb6oigSWsj_PROU"

func platforms(list ...string) (all []model.Platform) {
	for _, item := range list {
		kind, value, _ := strings.Cut(item, ":")
		all = append(all, model.Platform{Type: kind, Value: value})
	}
	return all
}

func TestWhichDomainsPasskeysMayBeFor(t *testing.T) {
	t.Parallel()
	r := check.NewRelyingParty(platforms("web:app.example.co.uk", "web:*.shop.example.com", "web:me.github.io", "web:localhost", "web:127.0.0.1", "web:intranet", "web:*", "web:büro.example",
		"android:com.example.app"), &model.PasskeyPolicy{Enabled: true})
	for _, c := range []struct {
		id    string
		right bool
	}{
		{"app.example.co.uk", true}, {"example.co.uk", true}, {"co.uk", false}, {"uk", false}, {"www.example.co.uk", false},
		{"shop.example.com", true}, {"a.shop.example.com", true}, {"example.com", true}, {"com", false},
		{"me.github.io", true}, {"github.io", false}, {"io", false},
		{"localhost", true}, {"127.0.0.1", false}, {"[::1]", false}, {"intranet", true},
		{"xn--bro-hoa.example", true}, {"büro.example", true},
		{"evil.example", false}, {"com.example.app", false}, {"*", false}, {"", true /* none asked for */}, {"https://app.example.co.uk", false}, {"app.example.co.uk:443", false},
		{"APP.example.co.uk", true}, {"app.example.co.uk.", false}, {"example.co.uk/", false},
	} {
		if _, err := r.RPID(c.id, "https://app.example.co.uk"); (err == nil) != c.right {
			t.Errorf("%q: %v", c.id, err)
		}
	}
}

func TestWhichDomainAPageGets(t *testing.T) {
	t.Parallel()
	list := platforms("web:app.example.com", "web:example.com", "web:example.org", "web:*.example.net")
	for _, c := range []struct {
		ids          []string
		origin, want string
	}{
		{nil, "https://app.example.com", "app.example.com"},
		{nil, "https://app.example.com:8443", "app.example.com"},
		{nil, "https://example.com", "example.com"},
		{nil, "https://a.example.net", "a.example.net"},
		{nil, "https://example.net", ""},
		{nil, "http://app.example.com", ""},
		{nil, "https://other.example", ""},
		{nil, "", ""},
		{nil, keyHash, ""},
		{[]string{"example.com", "example.org"}, "https://app.example.com", "example.com"},
		{[]string{"example.com", "example.org"}, "https://example.org", "example.org"},
		{[]string{"example.com"}, "https://example.org", "example.com"}, // a related origin
		{[]string{"example.com"}, "", "example.com"},
		{[]string{"elsewhere.example"}, "https://app.example.com", ""}, // no platform of the project
	} {
		got, err := check.NewRelyingParty(list, &model.PasskeyPolicy{Enabled: true, RPIDs: c.ids}).RPID("", c.origin)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%v on %q: %q, %v, want %q", c.ids, c.origin, got, err, c.want)
		}
	}
	if got, err := check.NewRelyingParty(platforms("web:only.example.com"), &model.PasskeyPolicy{}).RPID("", ""); got != "only.example.com" || err != nil {
		t.Errorf("an app of a project with one page: %q, %v", got, err)
	}
}

func TestWhereAnswersMayComeFrom(t *testing.T) {
	t.Parallel()
	policy := &model.PasskeyPolicy{Enabled: true, AndroidApps: []string{"com.example.app " + fingerprint, "com.stranger " + strings.Repeat("ab", 32)},
		AppleApps: []string{"ABCDE12345.com.example.ios", "ABCDE12345.com.stranger"}}
	r := check.NewRelyingParty(platforms("web:app.example.com", "web:*.example.net", "web:localhost", "web:*", "android:com.example.app", "apple:com.example.ios"), policy)
	origin := r.Origin("example.com")
	for from, want := range map[string]bool{
		"https://app.example.com": true, "https://APP.example.com:444": true, "https://a.b.example.net": true, "http://localhost:3000": true, "https://localhost": true,
		"http://app.example.com": false, "https://example.net": false, "https://evil.example": false, "https://app.example.com.evil.example": false,
		"https://app.example.com@evil.example": false, "https://app.example.com/": false, "null": false, "": false, "file://": false, "appwrite-ios://com.example.ios": false,
		"http://127.0.0.1": false, keyHash: true, strings.ToLower(keyHash): false, "android:apk-key-hash:q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s": false,
		"https://example.com": true, // how apps of Apple's systems say it
	} {
		if origin(from) != want {
			t.Errorf("%q: %v", from, !want)
		}
	}
	if !slices.Equal(r.AppleApps(), []string{"ABCDE12345.com.example.ios"}) || len(r.AndroidApps()) != 1 {
		t.Errorf("apps %v, %v", r.AppleApps(), r.AndroidApps())
	}
	if got := r.Related(); !slices.Equal(got, []string{"https://app.example.com"}) {
		t.Errorf("related %v", got)
	}
	if check.NewRelyingParty(platforms("web:app.example.com"), &model.PasskeyPolicy{Enabled: true}).Origin("example.com")("https://example.com") {
		t.Error("a page of the domain that is no platform of the project")
	}
}

func TestHowAPolicyNamesApps(t *testing.T) {
	t.Parallel()
	for value, right := range map[string]bool{
		"com.example.app " + fingerprint: true, "com.example.app " + strings.ToLower(strings.ReplaceAll(fingerprint, ":", "")): true,
		"com.example.app": false, fingerprint: false, "com.example.app " + fingerprint[:62]: false, "com/example " + fingerprint: false, "": false,
	} {
		if _, err := check.ParseAndroidApp(value); (err == nil) != right {
			t.Errorf("%q: %v", value, err)
		}
	}
	for value, right := range map[string]bool{"ABCDE12345.com.example.ios": true, "ABCDE12345": false, "ABCDE.com.example.ios": false, "ABCDE-2345.com.example.ios": false, "": false} {
		if err := check.AppleApp(value); (err == nil) != right {
			t.Errorf("%q: %v", value, err)
		}
	}
	for value, right := range map[string]bool{"example.com": true, "localhost": true, "Example.com": false, "1.2.3.4": false, "https://example.com": false, "*.example.com": false, "": false} {
		if err := check.Domain(value); (err == nil) != right {
			t.Errorf("%q: %v", value, err)
		}
	}
}
