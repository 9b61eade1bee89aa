package outgoing

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// ErrForbidden is a call to an address that no call may reach: one of this machine, of a private network, or of
// no network at all.
var ErrForbidden = errors.New("the host lies in a network that outgoing requests may not reach; --allow-private opens one")

// special are the IPv4 networks that are not the public internet: those of the IANA registry of special-purpose
// addresses (RFC 6890 and its successors), multicast, and the reserved rest.
var special = prefixes("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
	"192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
	"224.0.0.0/4", "240.0.0.0/4")

// special6 are the exceptions inside global, the only part of IPv6 that is given out for the public internet:
// protocol assignments (Teredo among them), documentation, and 6to4, which wraps any IPv4 address.
var (
	global   = netip.MustParsePrefix("2000::/3")
	special6 = prefixes("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48")
	nat64    = netip.MustParsePrefix("64:ff9b::/96")
)

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

// Guard says which addresses may be reached: those of the public internet, and the networks that it names.
type Guard []netip.Prefix

// Check refuses an address with ErrForbidden.
func (g Guard) Check(address netip.Addr) error {
	address = address.Unmap()
	if g.named(address) || public(address) {
		return nil
	}
	return ErrForbidden
}

func (g Guard) named(address netip.Addr) bool {
	return slices.ContainsFunc(g, func(p netip.Prefix) bool { return p.Contains(address) })
}

// public says whether an address is one of the public internet. A network that speaks IPv6 alone reaches IPv4
// through NAT64 (RFC 6052): such an address is as public as the one inside it.
func public(address netip.Addr) bool {
	in := func(p netip.Prefix) bool { return p.Contains(address) }
	switch {
	case address.Is4():
		return !slices.ContainsFunc(special, in)
	case nat64.Contains(address):
		wrapped := address.As16()
		return public(netip.AddrFrom4([4]byte(wrapped[12:])))
	}
	return address.Zone() == "" && global.Contains(address) && !slices.ContainsFunc(special6, in)
}

// dialTimeout is how long connecting may take, name resolution included.
const dialTimeout = 5 * time.Second

// Dialer connects to addresses that may be reached. It looks at each address a name was resolved to, at the
// moment of connecting: a name that shows another address at the second look gains nothing.
func (g Guard) Dialer() *net.Dialer {
	return &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		target, err := netip.ParseAddrPort(address)
		if err != nil {
			return ErrForbidden
		}
		return g.Check(target.Addr())
	}}
}
