package wellknown_test

import (
	"strings"
	"testing"

	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
)

func TestADomainTellsWhoSharesItsPasskeys(t *testing.T) {
	t.Parallel()
	fingerprint := strings.TrimSuffix(strings.Repeat("AB:", 32), ":")
	o := testkit.Options{Platforms: []model.Platform{
		{Type: model.PlatformWeb, ID: "app", Name: "App", Value: "app.example.com"}, {Type: model.PlatformWeb, ID: "org", Name: "Org", Value: "example.org"},
		{Type: model.PlatformWeb, ID: "all", Name: "All", Value: "*.example.net"},
		{Type: model.PlatformAndroid, ID: "android", Name: "Android", Value: "com.example.app"}, {Type: model.PlatformApple, ID: "ios", Name: "iOS", Value: "com.example.ios"},
	}, Settings: func(s *model.Settings) {
		s.Policies.Passkeys = model.PasskeyPolicy{Enabled: true, RPIDs: []string{"example.com"}, AndroidApps: []string{"com.example.app " + fingerprint, "com.stranger " + fingerprint},
			AppleApps: []string{"ABCDE12345.com.example.ios", "ABCDE12345.com.stranger"}}
	}}
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := testkit.Serve(t, db, testkit.NewClock(), o)
		anybody := []testkit.Header{{"X-Appwrite-Project", ""}, {"Origin", "https://elsewhere.example"}}
		for path, want := range map[string]string{
			"webauthn":                   `{"origins":["https://app.example.com","https://example.org"]}`,
			"assetlinks.json":            `[{"relation":["delegate_permission/common.get_login_creds","delegate_permission/common.handle_all_urls"],"target":{"namespace":"android_app","package_name":"com.example.app","sha256_cert_fingerprints":["` + fingerprint + `"]}}]`,
			"apple-app-site-association": `{"webcredentials":{"apps":["ABCDE12345.com.example.ios"]}}`,
		} {
			reply := s.Call(t, "GET /.well-known/"+path+"?project=demo", nil, anybody...).Want(200)
			if string(reply.Body) != want || !strings.HasPrefix(reply.Header.Get("Content-Type"), "application/json") || reply.Header.Get("Cache-Control") != "public, max-age=300" {
				t.Errorf("%s: %s\n%v", path, reply.Body, reply.Header)
			}
			// A project without passkeys, and no project, have no document.
			s.Call(t, "GET /.well-known/"+path, nil, anybody...).Want(404, "general_route_not_found")
			s.Call(t, "GET /.well-known/"+path+"?project=nowhere", nil, anybody...).Want(404, "project_not_found")
		}
	})
}
