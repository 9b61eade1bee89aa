package api_test

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/testkit"
)

const anonymous = "POST /v1/account/sessions/anonymous"

func TestTheCookiesOfASignIn(t *testing.T) {
	each(t, testkit.Options{Proxies: true, Platforms: []model.Platform{{Type: model.PlatformWeb, ID: "web", Value: "*"}}}, func(t *testing.T, s *testkit.Server) {
		const lifetime = "; expires=Mon, 01-Mar-2027 12:00:00 GMT; Max-Age=31536000; path=/"
		for _, c := range []struct {
			name, attributes string
			fallback         bool
			list             []header
		}{
			{"an address", "; HttpOnly", true, headers(header{"Host", "127.0.0.1:8080"})},
			{"an IPv6 address", "; HttpOnly", true, headers(header{"Host", "[::1]:8080"})},
			{"localhost", "; HttpOnly", true, headers(header{"Host", "localhost:8080"})},
			{"a name", "; domain=.api.example.com; HttpOnly", true, headers(header{"Host", "API.example.com:8080"})},
			{"a name without dots", "; domain=.api; HttpOnly", true, headers(header{"Host", "api"})},
			{"https", "; domain=.api.example.com; secure; HttpOnly", true, headers(header{"Host", "api.example.com"}, header{"X-Forwarded-Proto", "https"})},
			{"https on localhost", "; secure; HttpOnly", true, headers(header{"Host", "localhost"}, header{"X-Forwarded-Proto", "https"})},
			{"a proxy's host", "; domain=.api.example.com; HttpOnly", true, headers(header{"X-Forwarded-Host", "api.example.com"})},
			{"a page of the site", "; domain=.api.example.com; HttpOnly", false, headers(header{"Host", "api.example.com"}, header{"Origin", "https://app.example.com"})},
			{"a page of the site by its referer", "; domain=.api.example.com; HttpOnly", false, headers(header{"Host", "api.example.com"}, header{"Referer", "https://app.example.com/x"})},
			{"a page of another site", "; domain=.api.example.com; HttpOnly", true, headers(header{"Host", "api.example.com"}, header{"Origin", "https://app.example.org"}, header{"Referer", "https://app.example.com/x"})},
			{"a neighbour on a public suffix", "; domain=.api.github.io; HttpOnly", true, headers(header{"Host", "api.github.io"}, header{"Origin", "https://app.github.io"})},
			{"a page on localhost", "; HttpOnly", true, headers(header{"Host", "localhost:8080"}, header{"Origin", "http://localhost:5173"})},
		} {
			t.Run(c.name, func(t *testing.T) {
				reply := ask(t, s.URL, anonymous, "{}", c.list...).Want(201)
				session := reply.Session()
				want := []string{
					"a_session_demo_legacy=" + url.QueryEscape(session) + lifetime + c.attributes,
					"a_session_demo=" + url.QueryEscape(session) + lifetime + c.attributes + "; SameSite=None",
				}
				if got := reply.Header.Values("Set-Cookie"); fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("got %q\nwant %q", got, want)
				}
				stored := ""
				if c.fallback {
					stored = text(t, testkit.Map{"a_session_demo": session})
				}
				if got := reply.Header.Get("X-Fallback-Cookies"); got != stored {
					t.Errorf("X-Fallback-Cookies %q, want %q", got, stored)
				}
				if reply.Text("expire") != "2027-03-01T12:00:00.000+00:00" || reply.Text("secret") != "" {
					t.Errorf("%s", reply.Body)
				}
				ask(t, s.URL, whoAmI, "", testkit.As(session)).Want(200)
			})
		}
	})
}

func TestSecureCookiesWithoutAProxy(t *testing.T) {
	t.Parallel()
	for _, public := range []bool{false, true} {
		s := alone(t, testkit.Options{PublicHTTPS: public})
		reply := ask(t, s.URL, anonymous, "{}", header{"X-Forwarded-Proto", "https"}, header{"X-Forwarded-Host", "evil.example"})
		for _, cookie := range reply.Header.Values("Set-Cookie") {
			if strings.Contains(cookie, "; secure") != public || strings.Contains(cookie, "evil") {
				t.Errorf("the public address is https: %v, and the cookie %s", public, cookie)
			}
		}
		if reply.Header.Get("Strict-Transport-Security") != "" {
			t.Error("a stranger says the call came by TLS and is believed")
		}
	}
	s := alone(t, testkit.Options{Proxies: true})
	if got := ask(t, s.URL, health, "", header{"X-Forwarded-Proto", "https"}).Header.Get("Strict-Transport-Security"); got != "max-age=10886400" {
		t.Errorf("Strict-Transport-Security %q", got)
	}
}

func TestTheCookieOfAProjectWithCapitals(t *testing.T) {
	t.Parallel()
	s := alone(t, testkit.Options{})
	other(t, s, "Shop_1")
	project := header{"X-Appwrite-Project", "Shop_1"}
	reply := ask(t, s.URL, anonymous, "{}", project).Want(201)
	session := reply.Cookie("a_session_shop_1")
	if got, want := reply.Header.Get("X-Fallback-Cookies"), text(t, testkit.Map{"a_session_Shop_1": session}); session == "" || got != want {
		t.Errorf("session %q, X-Fallback-Cookies %s", session, got)
	}
	for _, carried := range []header{
		{"Cookie", "a_session_shop_1=" + session}, {"Cookie", "a_session_Shop_1=" + session}, {"Cookie", "A_SESSION_SHOP_1_LEGACY=" + session},
		{"X-Fallback-Cookies", reply.Header.Get("X-Fallback-Cookies")},
	} {
		ask(t, s.URL, whoAmI, "", project, carried).Want(200)
	}
	ask(t, s.URL, whoAmI, "", project, header{"X-Fallback-Cookies", text(t, testkit.Map{"a_session_shop_1": session})}).Want(401)
}

// carried returns the places a session may come in: cookie, legacy cookie, header, fallback.
func carried(session string) map[string]header {
	return map[string]header{
		"cookie":   {"Cookie", "a_session_demo=" + session},
		"legacy":   {"Cookie", "a_session_demo_legacy=" + session},
		"header":   {"X-Appwrite-Session", session},
		"fallback": {"X-Fallback-Cookies", `{"a_session_demo":` + quoted(session) + `}`},
	}
}

// quoted makes a JSON string of a text without looking at it: what is malformed must get through.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

func TestWhatASessionMayLookLike(t *testing.T) {
	each(t, testkit.Options{}, func(t *testing.T, s *testkit.Server) {
		user, session := person(t, s, nil)
		_, late := person(t, s, func(_ *model.User, session *model.Session) {
			session.Expire = model.At(s.Clock.Now()).Add(-time.Millisecond)
		})
		_, stranger := person(t, s, func(u *model.User, _ *model.Session) { u.Project = model.ConsoleProject })
		raw, _ := base64.StdEncoding.DecodeString(session)
		b64 := base64.StdEncoding.EncodeToString
		hex := strings.Repeat("a", 256)
		for _, c := range []struct {
			name, value string
			status      int
		}{
			{"as it was given", session, 200},
			{"URL-encoded", strings.ReplaceAll(session, "=", "%3D"), 200},
			{"every byte URL-encoded", escaped(session), 200},
			{"without padding", strings.TrimRight(session, "="), 200},
			{"with more keys", b64([]byte(`{"x":1,` + string(raw[1:]))), 200},
			{"with blanks around", b64([]byte(" " + string(raw) + " ")), 200},
			{"expired", late, 401},
			{"of another project", stranger, 401},
			{"of nobody", b64([]byte(`{"id":"nobody","secret":"` + hex + `"}`)), 401},
			{"a wrong secret", b64([]byte(`{"id":"` + user.ID + `","secret":"` + hex + `"}`)), 401},
			{"an empty secret", b64([]byte(`{"id":"` + user.ID + `","secret":""}`)), 401},
			{"no secret", b64([]byte(`{"id":"` + user.ID + `"}`)), 401},
			{"a secret that is a number", b64([]byte(`{"id":"` + user.ID + `","secret":1}`)), 401},
			{"an id that is a list", b64([]byte(`{"id":["` + user.ID + `"],"secret":"x"}`)), 401},
			{"NUL in the id", b64([]byte(`{"id":"a\u0000","secret":"x"}`)), 401},
			{"no UTF-8 in the id", b64([]byte("{\"id\":\"a\xff\",\"secret\":\"x\"}")), 401},
			{"a lone surrogate", b64([]byte(`{"id":"\ud800","secret":"\udfff"}`)), 401},
			{"an id that says SQL", b64([]byte(`{"id":"' or 1=1 --","secret":"x"}`)), 401},
			{"a list", b64([]byte(`[]`)), 401},
			{"null", b64([]byte(`null`)), 401},
			{"no JSON", b64([]byte(`{`)), 401},
			{"the JSON itself", "x" + string(raw[1:20]), 401},
			{"no base64", "!!!", 401},
			{"a broken escape", "%zz", 401},
			{"half", session[:len(session)/2], 401},
			{"one letter changed", session[:40] + string(session[40]^1) + session[41:], 401},
			{"twice", session + session, 401},
			{"huge", strings.Repeat("A", 100_000), 401},
			{"deleted", "deleted", 401},
		} {
			for place, h := range carried(c.value) {
				if got := ask(t, s.URL, whoAmI, "", h); got.Status != c.status {
					t.Errorf("%s as %s: %d %s", c.name, place, got.Status, got.Body)
				}
			}
		}
		for _, value := range []string{"[]", "{}", "{", "null", "7", `""`, `"a_session_demo"`, `{"a_session_demo":null}`, `{"a_session_demo":[` + quoted(session) + `]}`,
			`[{"a_session_demo":` + quoted(session) + `}]`, `{"A_SESSION_DEMO":` + quoted(session) + `}`, strings.Repeat("[", 20_000), strings.Repeat(`{"a":`, 3000),
			`{"x":"` + strings.Repeat("x", 20_000) + `","a_session_demo":` + quoted(session) + `}`} {
			ask(t, s.URL, whoAmI, "", header{"X-Fallback-Cookies", value}).Want(401, "general_unauthorized_scope")
		}
		ask(t, s.URL, whoAmI, "", header{"X-Fallback-Cookies", `{"ü":{"x":[1]},"a_session_other":"x","a_session_demo":` + quoted(session) + `}`}).Want(200)
		ask(t, s.URL, whoAmI, "", header{"Cookie", `a="b; ;=;a_session_demox=1; x=y; a_session_demo=` + session + `; é=1`}).Want(200)
		// Browsers send the older of two first: one that the host above has left.
		for _, older := range []string{late, stranger, "deleted", ""} {
			ask(t, s.URL, whoAmI, "", header{"Cookie", "a_session_demo=" + older + "; a_session_demo=" + session}).Want(200)
			ask(t, s.URL, whoAmI, "", header{"Cookie", "a_session_demo=" + older}, header{"Cookie", "a_session_demo=" + session}).Want(200)
			ask(t, s.URL, whoAmI, "", header{"Cookie", "a_session_demo_legacy=" + older + "; a_session_demo_legacy=" + session}).Want(200)
		}
		ask(t, s.URL, whoAmI, "", header{"Cookie", "a_session_demo=" + session + "; a_session_demo=deleted"}).Want(200)
		ask(t, s.URL, whoAmI, "", header{"Cookie", "a_session_demo=" + session + "; a_session_demo=" + late}).Want(401, "general_unauthorized_scope")
	})
}

// escaped URL-encodes every byte.
func escaped(text string) string {
	var b strings.Builder
	for i := range len(text) {
		fmt.Fprintf(&b, "%%%02X", text[i])
	}
	return b.String()
}

func TestWhichSessionCounts(t *testing.T) {
	t.Parallel()
	s := alone(t, testkit.Options{})
	_, a := person(t, s, nil)
	_, b := person(t, s, nil)
	userOf := func(list ...header) string { return ask(t, s.URL, whoAmI, "", list...).Text("$id") }
	stale := base64.StdEncoding.EncodeToString([]byte(`{"id":"nobody","secret":"x"}`))
	idA, idB := userOf(testkit.As(a)), userOf(testkit.As(b))
	inHeader, inFallback := header{"X-Appwrite-Session", b}, carried(b)["fallback"]
	for _, c := range []struct {
		name string
		list []header
		want string
	}{
		{"the cookie before its twin", headers(header{"Cookie", "a_session_demo_legacy=" + b + "; a_session_demo=" + a}), idA},
		{"the twin of a cookie that is no session", headers(header{"Cookie", "a_session_demo=deleted; a_session_demo_legacy=" + b}), idB},
		{"the cookie before the header", headers(testkit.As(a), inHeader), idA},
		{"the twin before the header", headers(carried(a)["legacy"], inHeader), idA},
		{"the cookie before the fallback", headers(testkit.As(a), inFallback), idA},
		{"the header before the fallback", headers(header{"X-Appwrite-Session", a}, inFallback), idA},
		{"a stale cookie hides the header", headers(testkit.As(stale), inHeader), ""},
		{"a stale cookie hides the fallback", headers(testkit.As(stale), inFallback), ""},
		{"a cookie that is no session hides nothing", headers(testkit.As("deleted"), inHeader), idB},
		{"another project's cookie hides nothing", headers(header{"Cookie", "a_session_console=" + a}, inFallback), idB},
		{"a stale header hides the fallback", headers(header{"X-Appwrite-Session", stale}, inFallback), ""},
	} {
		if got := userOf(c.list...); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestSigningOutTakesTheCookiesBack(t *testing.T) {
	each(t, testkit.Options{}, func(t *testing.T, s *testkit.Server) {
		for _, route := range []string{"DELETE /v1/account/sessions/current", "DELETE /v1/account/sessions", "DELETE /v1/account"} {
			for place := range carried("") {
				_, session := person(t, s, nil)
				h := carried(session)[place]
				reply := ask(t, s.URL, route, "{}", h, header{"Host", "api.example.com"}).Want(204)
				const gone = "=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT; Max-Age=0; path=/; domain=.api.example.com; HttpOnly"
				want := []string{"a_session_demo_legacy" + gone, "a_session_demo" + gone + "; SameSite=None"}
				if got := reply.Header.Values("Set-Cookie"); fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%s by %s: %q", route, place, got)
				}
				if got := reply.Header.Get("X-Fallback-Cookies"); got != "[]" {
					t.Errorf("%s by %s: X-Fallback-Cookies %q", route, place, got)
				}
				ask(t, s.URL, whoAmI, "", h).Want(401, "general_unauthorized_scope")
			}
		}
		_, session := person(t, s, nil)
		reply := ask(t, s.URL, "DELETE /v1/account/sessions", "{}", testkit.As(session), header{"Host", "api.example.com"}, header{"Referer", "https://app.example.com"}).Want(204)
		if got := reply.Header.Values("X-Fallback-Cookies"); len(got) > 0 {
			t.Errorf("a page that keeps cookies was sent %q", got)
		}
	})
}

func TestAnExtendedSessionIsSentAgain(t *testing.T) {
	t.Parallel()
	s := alone(t, testkit.Options{Proxies: true})
	_, session := person(t, s, nil)
	// Line ends and missing padding are within what is read; neither belongs into a header of ours.
	spelled := strings.TrimRight(session[:8], "=") + "%0A%0D%0A" + strings.TrimRight(session[8:], "=")
	for place, h := range carried(spelled) {
		reply := ask(t, s.URL, "PATCH /v1/account/sessions/current", "{}", h, s.From(place)).Want(200)
		byCookie := h[0] == "Cookie"
		if got := reply.Session(); (got == session) != byCookie || (got != "") != byCookie {
			t.Errorf("by %s: cookie %q", place, got)
		}
		stored := reply.Header.Get("X-Fallback-Cookies")
		if byCookie && stored != text(t, testkit.Map{"a_session_demo": session}) || !byCookie && stored != "" {
			t.Errorf("by %s: fallback %q", place, stored)
		}
	}
}
