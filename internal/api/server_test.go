package api_test

import (
	"fmt"
	"strings"
	"testing"

	"latchkey/internal/compat"
	"latchkey/internal/model"
	"latchkey/internal/testkit"
)

func TestWhoIsBelievedAboutTheAddress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		trusted bool
		name    string
		list    []header
		want    string
	}{
		{false, "nothing said", nil, "127.0.0.1"},
		{false, "a stranger's word", headers(header{"X-Forwarded-For", "8.8.8.8"}), "127.0.0.1"},
		{true, "nothing said", nil, "127.0.0.1"},
		{true, "the proxy's word", headers(header{"X-Forwarded-For", "8.8.8.8"}), "8.8.8.8"},
		{true, "what the client made up before it", headers(header{"X-Forwarded-For", "1.1.1.1, 8.8.8.8"}), "8.8.8.8"},
		{true, "two proxies", headers(header{"X-Forwarded-For", "1.1.1.1, 8.8.8.8, 127.0.0.2"}), "8.8.8.8"},
		{true, "with a port", headers(header{"X-Forwarded-For", "8.8.8.8:4711"}), "8.8.8.8"},
		{true, "IPv6", headers(header{"X-Forwarded-For", "[2001:4860:4860::8888]"}), "2001:4860:4860::8888"},
		{true, "no address", headers(header{"X-Forwarded-For", "8.8.8.8, unknown"}), "127.0.0.1"},
		{true, "another header", headers(header{"X-Real-Ip", "8.8.8.8"}, header{"Forwarded", "for=8.8.8.8"}), "127.0.0.1"},
	} {
		s := alone(t, testkit.Options{Proxies: c.trusted})
		if got := ask(t, s.URL, anonymous, "{}", c.list...).Want(201).Text("ip"); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestTheAgentOfAServersUser(t *testing.T) {
	t.Parallel()
	s := alone(t, testkit.Options{})
	const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"
	forwarded := header{"X-Forwarded-User-Agent", firefox}
	key := header{"X-Appwrite-Key", s.Key(t, nil, "sessions.write")}
	for _, c := range []struct {
		name, want string
		list       []header
	}{
		{"from a server", "Firefox", headers(forwarded, key)},
		{"from anybody else", "", headers(forwarded, header{"User-Agent", "node"})},
		{"of its own", "Firefox", headers(header{"User-Agent", firefox})},
		{"huge and no UTF-8", "", headers(header{"User-Agent", strings.Repeat("\xff", 10_000)})},
	} {
		if got := ask(t, s.URL, anonymous, "{}", c.list...).Want(201).Text("clientName"); got != c.want {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

func TestTheLocaleOfACall(t *testing.T) {
	t.Parallel()
	s := alone(t, testkit.Options{Proxies: true})
	for _, c := range []struct{ query, header, want string }{
		{"", "", "Germany"},
		{"", "de", "Deutschland"},
		{"?locale=fr", "de", "Allemagne"},
		{"?locale=", "de", "Deutschland"},
		{"", "DE", "Germany"},
		{"", "klingon", "Germany"},
		{"", "de\xff", "Germany"},
		{"?locale[]=de", "", "Germany"},
		{"?locale=de%00", "", "Germany"},
		{"", strings.Repeat("de", 5000), "Germany"},
	} {
		got := ask(t, s.URL, "GET /v1/locale"+c.query, "", header{"X-Appwrite-Locale", c.header}, header{"X-Forwarded-For", "131.188.3.1"}).Want(200)
		if got.Text("country") != c.want {
			t.Errorf("%q and %.20q: %s", c.query, c.header, got.Body)
		}
	}
	body := ask(t, s.URL, anonymous, `{"locale":"de"}`, header{"X-Forwarded-For", "131.188.3.1"}).Want(201)
	if body.Text("countryName") != "Deutschland" || body.Text("countryCode") != "de" {
		t.Errorf("%s", body.Body)
	}
}

func TestTheFormatOfAnAnswer(t *testing.T) {
	t.Parallel()
	s := alone(t, testkit.Options{})
	_, session := person(t, s, nil)
	for _, c := range []struct {
		format      string
		impersonate bool // since 1.9.0
		warned      bool
	}{
		{"", true, false}, {compat.Newest, true, false}, {"2.0.0", true, false}, {"1.9.0", true, false}, {"1.9", true, false}, {"1.8.9", false, false}, {"1.6.0", false, false},
		{"0.1.0", false, false}, {"2.3.1", true, true}, {"3.0.0", true, true}, {"99.0.0", true, true}, {"newest", true, false}, {"-1", true, false},
		{"1.6.0.0", true, false}, {"1.6.0\xff", true, false}, {strings.Repeat("1.", 5000), true, false},
	} {
		reply := ask(t, s.URL, whoAmI, "", testkit.As(session), header{"X-Appwrite-Response-Format", c.format}).Want(200)
		if has := reply.Get("impersonator") != nil; has != c.impersonate {
			t.Errorf("format %.20q: %s", c.format, reply.Body)
		}
		if got := reply.Header.Values("X-Appwrite-Warning"); (len(got) == 1) != c.warned || c.warned && (strings.Contains(got[0], ";") || !strings.Contains(got[0], compat.Newest)) {
			t.Errorf("format %.20q: warnings %q", c.format, got)
		}
		reply = ask(t, s.URL, whoAmI, "", header{"X-Appwrite-Response-Format", c.format}).Want(401)
		if got := reply.Header.Values("X-Appwrite-Warning"); (len(got) == 1) != c.warned {
			t.Errorf("a refusal in format %.20q: warnings %q", c.format, got)
		}
	}
}

func TestServicesThatAreOff(t *testing.T) {
	t.Parallel()
	s := alone(t, testkit.Options{})
	_, session := person(t, s, nil)
	cookie, key := testkit.As(session), header{"X-Appwrite-Key", s.Key(t, nil, "*")}
	for _, c := range []struct {
		change                  func(*model.Settings)
		account, locale, server string // types of the refusals
	}{
		{func(*model.Settings) {}, "", "", ""},
		{func(settings *model.Settings) { settings.Services = map[string]bool{"account": false} }, "general_service_disabled", "", ""},
		{func(settings *model.Settings) { settings.Services = map[string]bool{"account": true, "locale": false} }, "", "general_service_disabled", ""},
		{func(settings *model.Settings) {
			settings.Services, settings.APIs = map[string]bool{"users": false}, map[string]bool{"graphql": false}
		}, "", "", ""},
		{func(settings *model.Settings) { settings.Services, settings.APIs = nil, map[string]bool{"rest": false} }, "general_api_disabled", "general_api_disabled", ""},
	} {
		set(t, s, c.change)
		for _, got := range []struct {
			reply *testkit.Reply
			want  string
		}{
			{ask(t, s.URL, whoAmI, "", cookie), c.account},
			{ask(t, s.URL, "GET /v1/locale", "", cookie), c.locale},
			{ask(t, s.URL, "GET /v1/locale", "", key), c.server},
		} {
			if got.reply.Text("type") != got.want || got.want != "" && got.reply.Status != 403 {
				t.Errorf("%d %s, want %q", got.reply.Status, got.reply.Body, got.want)
			}
		}
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	s := alone(t, testkit.Options{})
	_, session := person(t, s, nil)
	ids := map[string]bool{}
	for _, c := range []struct {
		route, kind, cache string
		status             int
	}{
		{whoAmI, "application/json; charset=UTF-8", "no-cache, no-store, must-revalidate", 200},
		{health, "text/plain; charset=UTF-8", "no-cache, no-store, must-revalidate", 200},
		{"GET /v1/locale", "application/json; charset=UTF-8", "private, max-age=3888000", 200},
		{"GET /v1/locale?project=nowhere", "application/json; charset=UTF-8", "no-cache, no-store, must-revalidate", 404},
		{"GET /v1/nothing", "application/json; charset=UTF-8", "no-cache, no-store, must-revalidate", 404},
		{"DELETE /v1/account/sessions/current", "", "no-cache, no-store, must-revalidate", 204},
	} {
		reply := ask(t, s.URL, c.route, "", testkit.As(session)).Want(c.status)
		h := reply.Header
		if got, want := fmt.Sprint(h.Get("Content-Type"), h.Get("Cache-Control"), h.Get("X-Content-Type-Options")), fmt.Sprint(c.kind, c.cache, "nosniff"); got != want {
			t.Errorf("%s: %s, want %s", c.route, got, want)
		}
		if stored := strings.HasPrefix(c.cache, "private"); (h.Get("Expires") == "0") == stored || (h.Get("Pragma") == "no-cache") == stored {
			t.Errorf("%s: Expires %q, Pragma %q", c.route, h.Get("Expires"), h.Get("Pragma"))
		}
		if names := strings.Contains(h.Get("Vary"), "X-Appwrite-Locale"); !strings.HasPrefix(h.Get("Vary"), "Origin") || names != strings.HasPrefix(c.cache, "private") {
			t.Errorf("%s: Vary %q", c.route, h.Get("Vary"))
		}
		if id := h.Get("X-Request-Id"); id == "" || ids[id] {
			t.Errorf("%s: request id %q", c.route, id)
		} else {
			ids[id] = true
		}
	}
	if got := string(ask(t, s.URL, health, "").Body); got != "Pong!" {
		t.Errorf("ping answers %q", got)
	}
}
