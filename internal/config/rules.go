package config

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
)

// rule is something that must hold between settings. It is skipped when one of its settings is already at
// fault, so that one mistake is reported once.
type rule struct {
	// about are the settings it looks at; the fault is reported at the first.
	about []string
	// modes are the kinds of command it holds for; none for all.
	modes  []Mode
	broken func(c *Config) bool
	say    string
}

var rules = []rule{
	{about: []string{"tls-key", "tls-cert"},
		broken: func(c *Config) bool { return c.TLSCert != "" && c.TLSKey == "" },
		say:    "is missing: --tls-cert and --tls-key go together"},
	{about: []string{"tls-cert", "tls-key"},
		broken: func(c *Config) bool { return c.TLSCert == "" && c.TLSKey != "" },
		say:    "is missing: --tls-cert and --tls-key go together"},
	{about: []string{"acme-domain", "tls-cert"},
		broken: func(c *Config) bool { return len(c.ACMEDomains) > 0 && c.TLSCert != "" },
		say:    "excludes --tls-cert: the certificate is either your own or from ACME"},
	{about: []string{"acme-domain"}, modes: []Mode{ModeDev},
		broken: func(c *Config) bool { return len(c.ACMEDomains) > 0 },
		say:    "is for `serve`: no certificate authority can reach a server on loopback"},
	{about: []string{"http-listen", "tls-cert", "acme-domain"},
		broken: func(c *Config) bool { return len(c.HTTPListen) > 0 && !c.TLS() },
		say:    "redirects to HTTPS, but there is none: give --tls-cert and --tls-key, or --acme-domain"},
	{about: []string{"public-url", "tls-cert", "acme-domain"},
		broken: func(c *Config) bool {
			return c.TLS() && c.PublicURL != nil && c.PublicURL.Scheme != "https"
		},
		say: "must begin with https:// when the server speaks TLS"},
	{about: []string{"listen", "lan"}, modes: []Mode{ModeDev},
		broken: func(c *Config) bool { return !c.Lan && !loopback(c.Listen) },
		say:    "must be a loopback address: `dev` has an open mailbox and a demo key; --lan serves the local network, `serve` the world"},
	{about: []string{"lan"}, modes: []Mode{ModeServe},
		broken: func(c *Config) bool { return c.Lan },
		say:    "is only for `dev`"},
	{about: []string{"public-url", "listen", "acme-domain"}, modes: []Mode{ModeServe},
		broken: func(c *Config) bool {
			return c.PublicURL == nil && len(c.ACMEDomains) == 0 && !loopback(c.Listen)
		},
		say: "is missing: the links in mails need the address that people use, such as https://auth.example.com"},
	{about: []string{"master-key", "database"}, modes: []Mode{ModeServe},
		broken: func(c *Config) bool { return c.PostgreSQL() && c.MasterKey == nil },
		say:    "is missing: with PostgreSQL every node needs the same; `openssl rand -hex 32` makes one"},
	{about: []string{"hash-memory", "hash-threads"},
		broken: func(c *Config) bool { return c.HashMemory < 8*c.HashThreads },
		say:    "must be at least 8 KiB for each of --hash-threads (RFC 9106 section 3.1)"},
	{about: []string{"metrics-listen", "listen"}, modes: []Mode{ModeDev, ModeServe},
		broken: func(c *Config) bool { return overlap(c.MetricsListen, c.Listen) },
		say:    "must not be the address of --listen: profiles are for the operator alone"},
	{about: []string{"http-listen", "listen"}, modes: []Mode{ModeDev, ModeServe},
		broken: func(c *Config) bool { return overlap(c.HTTPListen, c.Listen) },
		say:    "must not be the address of --listen, which speaks TLS"},
}

// check applies the rules.
func (l *loader) check() {
	for _, r := range rules {
		if len(r.modes) > 0 && !slices.Contains(r.modes, l.config.Mode) {
			continue
		}
		if slices.ContainsFunc(r.about, func(name string) bool { return l.bad[name] }) || !r.broken(l.config) {
			continue
		}
		l.fault(Fault{Option: r.about[0], Origin: l.raw[r.about[0]].origin, Problem: r.say})
	}
}

func loopback(addresses []netip.AddrPort) bool {
	return !slices.ContainsFunc(addresses, func(a netip.AddrPort) bool { return !a.Addr().IsLoopback() })
}

// overlap says whether two lists would fight for a port. Port 0 never does: the system chooses.
func overlap(a, b []netip.AddrPort) bool {
	for _, x := range a {
		for _, y := range b {
			same := x.Addr() == y.Addr() || x.Addr().IsUnspecified() || y.Addr().IsUnspecified()
			if x.Port() != 0 && x.Port() == y.Port() && same {
				return true
			}
		}
	}
	return false
}

// derive fills in what follows from the rest. It runs on settings without faults.
func (l *loader) derive() {
	c := l.config
	if c.Mode == ModeDev {
		l.deriveDev()
	}
	if c.LogFormat == "" {
		c.LogFormat = LogText
		if c.Mode == ModeServe {
			c.LogFormat = LogJSON
		}
		l.note("log-format", string(c.LogFormat))
	}
	if c.HTTPListen == nil && c.TLS() {
		for _, a := range c.Listen {
			if a.Port() == 443 {
				c.HTTPListen = append(c.HTTPListen, netip.AddrPortFrom(a.Addr(), 80))
			}
		}
		l.note("http-listen", join(c.HTTPListen))
	}
	if c.PublicURL == nil && c.Mode != ModeTool {
		c.PublicURL, c.PublicURLDerived = derivePublicURL(c), true
		l.note("public-url", c.PublicURL.String())
	}
}

// deriveDev widens what dev listens on. A browser that looks up "localhost" may try ::1 first, so a server
// on 127.0.0.1 alone is reached late or, if something else listens there, not at all.
func (l *loader) deriveDev() {
	c := l.config
	port := c.Listen[0].Port()
	switch {
	case c.Lan && !l.given("listen"):
		c.Listen = []netip.AddrPort{netip.AddrPortFrom(netip.IPv6Unspecified(), port)}
	case len(c.Listen) == 1 && c.Listen[0].Addr() == ipv4Loopback:
		c.Listen = append(c.Listen, netip.AddrPortFrom(netip.IPv6Loopback(), port))
	}
	c.AllowPrivate = append(c.AllowPrivate, netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"))
	if !l.given("listen") {
		l.note("listen", join(c.Listen))
	}
}

// derivePublicURL is the first ACME domain, else localhost: the only other case that passes the rules is a
// loopback address (or dev on the local network, where the developer's own browser is on localhost too).
func derivePublicURL(c *Config) *url.URL {
	u := &url.URL{Scheme: "http", Host: "localhost"}
	standard := uint16(80)
	if c.TLS() {
		u.Scheme, standard = "https", 443
	}
	if len(c.ACMEDomains) > 0 {
		u.Host = c.ACMEDomains[0]
	}
	if port := c.Listen[0].Port(); port != standard {
		u.Host = net.JoinHostPort(u.Host, strconv.Itoa(int(port)))
	}
	return u
}

func join(addresses []netip.AddrPort) string {
	var out []byte
	for i, a := range addresses {
		if i > 0 {
			out = append(out, ',')
		}
		out = a.AppendTo(out)
	}
	return string(out)
}
