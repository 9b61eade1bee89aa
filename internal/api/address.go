package api

import "net/netip"

// addressKey is what an address counts as in a rate limit: an IPv4 address alone, an IPv6 address by its
// /64, which is what one subscriber is given; counting single IPv6 addresses would limit nobody.
func addressKey(ip netip.Addr) string {
	if ip.Is6() && !ip.Is4In6() {
		if prefix, err := ip.Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return ip.Unmap().String()
}
