package client

import (
	"crypto/tls"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// request builds a request as net/http would hand it over; headers come as "Name: value" lines.
func request(remote, host string, headers ...string) *http.Request {
	r := &http.Request{RemoteAddr: remote, Host: host, Header: http.Header{}}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	return r
}

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, 0, len(texts))
	for _, text := range texts {
		list = append(list, netip.MustParsePrefix(text))
	}
	return list
}

func TestAddressBehindProxies(t *testing.T) {
	t.Parallel()
	trusted := prefixes("10.0.0.0/8", "fd00::/8", "::ffff:172.16.0.0/108")
	for name, c := range map[string]struct {
		remote  string
		headers []string
		want    string
	}{
		"a stranger is not believed":           {"203.0.113.9:4711", []string{"X-Forwarded-For: 198.51.100.1"}, "203.0.113.9"},
		"no header":                            {"10.0.0.1:80", nil, "10.0.0.1"},
		"one proxy":                            {"10.0.0.1:80", []string{"X-Forwarded-For: 198.51.100.1"}, "198.51.100.1"},
		"what the client claims is ignored":    {"10.0.0.1:80", []string{"X-Forwarded-For: 1.1.1.1, 198.51.100.1"}, "198.51.100.1"},
		"a claimed proxy address does nothing": {"10.0.0.1:80", []string{"X-Forwarded-For: 10.9.9.9,198.51.100.1"}, "198.51.100.1"},
		"two proxies":                          {"10.0.0.1:80", []string{"X-Forwarded-For: 1.1.1.1, 198.51.100.1, 10.0.0.2"}, "198.51.100.1"},
		"several lines are one list":           {"10.0.0.1:80", []string{"X-Forwarded-For: 1.1.1.1", "X-Forwarded-For: 198.51.100.1", "X-Forwarded-For: 10.0.0.3, 10.0.0.2"}, "198.51.100.1"},
		"all trusted: the leftmost":            {"10.0.0.1:80", []string{"X-Forwarded-For: 10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		"no address at all":                    {"10.0.0.1:80", []string{"X-Forwarded-For: unknown"}, "10.0.0.1"},
		"a hole stops the walk":                {"10.0.0.1:80", []string{"X-Forwarded-For: 1.1.1.1, , 10.0.0.2"}, "10.0.0.2"},
		"nonsense stops the walk":              {"10.0.0.1:80", []string{"X-Forwarded-For: 1.1.1.1, <script>, 10.0.0.2"}, "10.0.0.2"},
		"an empty last line stops the walk":    {"10.0.0.1:80", []string{"X-Forwarded-For: 1.1.1.1", "X-Forwarded-For: "}, "10.0.0.1"},
		"an octet too many":                    {"10.0.0.1:80", []string{"X-Forwarded-For: 1.1.1.1.1"}, "10.0.0.1"},
		"leading zeros are ambiguous":          {"10.0.0.1:80", []string{"X-Forwarded-For: 010.1.1.1"}, "10.0.0.1"},
		"an entry with a port":                 {"10.0.0.1:80", []string{"X-Forwarded-For: 198.51.100.1:51234"}, "198.51.100.1"},
		"IPv6 with a port":                     {"10.0.0.1:80", []string{"X-Forwarded-For: [2001:db8::1]:51234"}, "2001:db8::1"},
		"IPv6 in brackets":                     {"10.0.0.1:80", []string{"X-Forwarded-For: [2001:db8::1]"}, "2001:db8::1"},
		"mapped IPv4 is IPv4":                  {"[::ffff:10.0.0.1]:80", []string{"X-Forwarded-For: ::ffff:198.51.100.1"}, "198.51.100.1"},
		"mapped prefix":                        {"172.16.0.1:80", []string{"X-Forwarded-For: 198.51.100.1"}, "198.51.100.1"},
		"a zone is dropped":                    {"[fd00::1%eth0]:80", []string{"X-Forwarded-For: fe80::1%wlan0"}, "fe80::1"},
		"tabs and blanks":                      {"10.0.0.1:80", []string{"X-Forwarded-For: \t198.51.100.1 \t"}, "198.51.100.1"},
		"another header is not believed":       {"10.0.0.1:80", []string{"X-Real-Ip: 198.51.100.1"}, "10.0.0.1"},
	} {
		if got := Address(request(c.remote, "a.test", c.headers...), trusted).IP; got != netip.MustParseAddr(c.want) {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	for _, remote := range []string{"", "@", "/run/latchkey.sock"} {
		if got := Address(request(remote, "a.test", "X-Forwarded-For: 1.1.1.1"), prefixes("0.0.0.0/0", "::/0")).IP; got.IsValid() {
			t.Errorf("peer %q gave the address %s", remote, got)
		}
	}
}

func TestSchemeAndHost(t *testing.T) {
	t.Parallel()
	trusted := prefixes("10.0.0.0/8")
	for name, c := range map[string]struct {
		r    *http.Request
		want Hop
	}{
		"plain":                        {request("192.0.2.1:1", "API.Example.com:8080"), Hop{Scheme: "http", Host: "api.example.com", HostPort: "api.example.com:8080"}},
		"TLS of our own":               {withTLS(request("192.0.2.1:1", "a.test")), Hop{Scheme: "https", Host: "a.test", HostPort: "a.test"}},
		"a stranger is not believed":   {request("192.0.2.1:1", "a.test", "X-Forwarded-Proto: https", "X-Forwarded-Host: b.test"), Hop{Scheme: "http", Host: "a.test", HostPort: "a.test"}},
		"a trusted proxy is":           {request("10.0.0.1:1", "inner:80", "X-Forwarded-Proto: https", "X-Forwarded-Host: B.test"), Hop{Scheme: "https", Host: "b.test", HostPort: "b.test"}},
		"it may also take TLS away":    {withTLS(request("10.0.0.1:1", "a.test", "X-Forwarded-Proto: http")), Hop{Scheme: "http", Host: "a.test", HostPort: "a.test"}},
		"the last value counts":        {request("10.0.0.1:1", "inner", "X-Forwarded-Proto: http, https", "X-Forwarded-Host: evil.test", "X-Forwarded-Host: evil.test, b.test:444"), Hop{Scheme: "https", Host: "b.test", HostPort: "b.test:444"}},
		"a WebSocket":                  {request("10.0.0.1:1", "a.test", "X-Forwarded-Proto: WSS"), Hop{Scheme: "https", Host: "a.test", HostPort: "a.test"}},
		"an unknown scheme is ignored": {request("10.0.0.1:1", "a.test", "X-Forwarded-Proto: gopher"), Hop{Scheme: "http", Host: "a.test", HostPort: "a.test"}},
		"an impossible host is too":    {request("10.0.0.1:1", "a.test", "X-Forwarded-Host: b.test/@c.test"), Hop{Scheme: "http", Host: "a.test", HostPort: "a.test"}},
		"IPv6":                         {request("192.0.2.1:1", "[2001:DB8::1]:80"), Hop{Scheme: "http", Host: "2001:db8::1", HostPort: "[2001:db8::1]:80"}},
		"IPv6 without port":            {request("192.0.2.1:1", "[::1]"), Hop{Scheme: "http", Host: "::1", HostPort: "[::1]"}},
		"no host":                      {request("192.0.2.1:1", ""), Hop{Scheme: "http"}},
		"user info is no host":         {request("192.0.2.1:1", "a@b.test"), Hop{Scheme: "http"}},
		"a bare IPv6 is no host":       {request("192.0.2.1:1", "::1"), Hop{Scheme: "http"}},
		"a zone is no host":            {request("192.0.2.1:1", "[fe80::1%25eth0]"), Hop{Scheme: "http"}},
		"brackets left open":           {request("192.0.2.1:1", "[::1"), Hop{Scheme: "http"}},
		"a port of letters":            {request("192.0.2.1:1", "a.test:http"), Hop{Scheme: "http"}},
		"a port too long":              {request("192.0.2.1:1", "a.test:123456"), Hop{Scheme: "http"}},
		"a line break":                 {request("192.0.2.1:1", "a.test\r\nb"), Hop{Scheme: "http"}},
		"a name too long":              {request("192.0.2.1:1", strings.Repeat("a", 300)), Hop{Scheme: "http"}},
	} {
		got := Address(c.r, trusted)
		if diff := cmp.Diff(c.want, got, cmpopts.IgnoreFields(Hop{}, "IP")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func withTLS(r *http.Request) *http.Request {
	r.TLS = &tls.ConnectionState{}
	return r
}

// TestClientCannotChooseItsAddress is the point of the package: whatever a client sends, behind proxies that
// append what they see, its own address comes out.
func TestClientCannotChooseItsAddress(t *testing.T) {
	t.Parallel()
	trusted := prefixes("10.0.0.0/8", "fd00::/8")
	rapid.Check(t, func(t *rapid.T) {
		client := netip.AddrFrom4([4]byte{198, 51, rapid.Byte().Draw(t, "c"), rapid.Byte().Draw(t, "d")})
		lines := rapid.SliceOfN(rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"10.1.1.1", "1.1.1.1, 10.2.2.2", "", ",", "fd00::1"})), 0, 4).Draw(t, "sent")
		peer := "10.0.0.1:443"
		chain := rapid.SliceOfN(rapid.SampledFrom([]string{"10.0.0.2", "10.0.0.3:55", "fd00::7", "[fd00::8]:1"}), 0, 3).Draw(t, "proxies")
		added := strings.Join(append([]string{client.String()}, chain...), ", ")
		if len(lines) > 0 && rapid.Bool().Draw(t, "same line") {
			lines[len(lines)-1] += ", " + added
		} else {
			lines = append(lines, added)
		}
		r := &http.Request{RemoteAddr: peer, Host: "a.test", Header: http.Header{"X-Forwarded-For": lines}}
		if got := Address(r, trusted).IP; got != client {
			t.Fatalf("%q gave %s, want %s", lines, got, client)
		}
	})
}

func FuzzAddress(f *testing.F) {
	f.Add("10.0.0.1:1", "a.test", "1.1.1.1, 10.0.0.2", "https", "b.test:1")
	f.Add("[::ffff:10.0.0.1%x]:1", "[::1]:8", "::1%1,[fe80::1%2]:3", "ws", "[::ffff:1.2.3.4]")
	f.Add("", "", ",,,", ", ,", ":")
	trusted := prefixes("10.0.0.0/8", "::1/128", "fe80::/10")
	f.Fuzz(func(t *testing.T, remote, host, forwarded, proto, forwardedHost string) {
		r := &http.Request{RemoteAddr: remote, Host: host, Header: http.Header{
			"X-Forwarded-For": {forwarded}, "X-Forwarded-Proto": {proto}, "X-Forwarded-Host": {forwardedHost},
		}}
		hop, alone := Address(r, trusted), Address(r, nil)
		if hop.IP.Is4In6() || hop.IP.Zone() != "" {
			t.Errorf("%s is not in plain form", hop.IP)
		}
		if hop.Scheme != "http" && hop.Scheme != "https" {
			t.Errorf("scheme %q", hop.Scheme)
		}
		if (hop.Host == "") != (hop.HostPort == "") || strings.ContainsAny(hop.HostPort, " /\\@%\"'<>\r\n\x00") {
			t.Errorf("host %q of %q", hop.Host, hop.HostPort)
		}
		if alone.IP != peerAddress(remote) {
			t.Errorf("without trust %q became %s", remote, alone.IP)
		}
		if !trusts(trusted, alone.IP) && hop != alone {
			t.Errorf("headers of a stranger changed %+v to %+v", alone, hop)
		}
	})
}
