package client

import "net/netip"

// Subscriber is what an address counts as where callers are counted: an IPv4 address alone, an IPv6 address by
// its /64, which is what one subscriber is given. Counting single IPv6 addresses would limit nobody.
func Subscriber(ip netip.Addr) string {
	ip = ip.Unmap()
	if ip.Is6() {
		if prefix, err := ip.WithZone("").Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return ip.String()
}
