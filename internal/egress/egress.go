// Package egress owns where connections may go that others name: the mail server, provider or webhook of a
// project, whose operators are not those of this machine. Without it, whoever can set up a project reaches what
// stands beside the server: databases, metadata services, routers. It imports nothing of ours.
package egress

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// ErrRefused means that an address is not of the public internet and not in a network that was allowed.
var ErrRefused = errors.New("the address is in a private network; the server's operator can open it with --allow-private")

// connectTime is how long a connection may take to be made.
const connectTime = 10 * time.Second

// Dialer returns a dial function that connects to public addresses and to those in the allowed networks. The
// check is made on the address that is connected to, after every name was resolved: a name that resolves to
// something else the second time it is asked for gains nothing.
func Dialer(allowed []netip.Prefix) func(ctx context.Context, network, address string) (net.Conn, error) {
	d := &net.Dialer{
		Timeout: connectTime,
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil || !Allowed(to.Addr(), allowed) {
				return ErrRefused
			}
			return nil
		},
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := d.DialContext(ctx, network, address)
		return conn, discreet(err)
	}
}

// discreet takes out of an error what is nobody's business but the machine's: which private address a name leads to, and
// which server was asked for it. Whoever names a host reads why it cannot be reached.
func discreet(err error) error {
	if errors.Is(err, ErrRefused) {
		return ErrRefused
	}
	var lookup *net.DNSError
	if errors.As(err, &lookup) {
		lookup.Server = ""
	}
	return err
}

// Allowed says whether an address may be connected to.
func Allowed(address netip.Addr, allowed []netip.Prefix) bool {
	address = address.WithZone("").Unmap()
	for _, network := range allowed {
		if network.Contains(address) {
			return true
		}
	}
	return Public(address)
}

// Public says whether an address belongs to the public internet.
func Public(address netip.Addr) bool {
	address = address.WithZone("").Unmap()
	if !address.IsGlobalUnicast() || address.IsPrivate() {
		return false
	}
	for _, network := range special {
		if network.Contains(address) {
			return false
		}
	}
	return true
}

// special are the networks that look global and are not (IANA's registries of special-purpose addresses), and
// those that carry an IPv4 address inside, through which a translator would lead back into a private network.
var special = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
)

func prefixes(list ...string) []netip.Prefix {
	parsed := make([]netip.Prefix, len(list))
	for i, text := range list {
		parsed[i] = netip.MustParsePrefix(text)
	}
	return parsed
}
