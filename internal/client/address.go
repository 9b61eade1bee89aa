package client

import (
	"net/http"
	"net/netip"
	"strings"
)

// Hop is the client's end of a request: where it comes from and how it reached the first machine of ours.
type Hop struct {
	// IP is the client's address, IPv4 in its own form and IPv6 without a zone. It is the zero Addr when
	// the server does not know its own peer (a Unix socket).
	IP netip.Addr
	// Scheme is what the client spoke: "http" or "https".
	Scheme string
	// Host is the lower-case host the client asked for, without port and without the brackets of an IPv6
	// address; empty when the request names none or an impossible one.
	Host string
	// HostPort is Host as it stood in the request: lower-case, with the port and the brackets if they were
	// there.
	HostPort string
}

// Address reads the client's end of a request. Headers that proxies add are believed as far as trusted
// reaches and not a step further:
//
//   - The peer of our own connection is the only address we have seen ourselves. If it is not trusted, the
//     story ends there: whatever the headers say, a stranger wrote it.
//   - A trusted peer has appended the address it saw to X-Forwarded-For, so the rightmost entry is true. If
//     that entry is a trusted proxy too, the entry to its left is what that proxy saw, and so on.
//   - The first entry that is not trusted is the client. All to its left is what the client chose to send.
//   - An entry that is not an address ends the walk: nobody trusted vouches for what lies to the left of
//     it, so the client is the last hop that is known for sure.
//
// Reading from the left instead, as many servers do, hands the address, and with it every rate limit and
// audit row, to whoever sends the header.
//
// X-Forwarded-Proto and X-Forwarded-Host hold what one proxy says; only the last value was written, or let
// through, by the peer we trust.
func Address(r *http.Request, trusted []netip.Prefix) Hop {
	peer := peerAddress(r.RemoteAddr)
	hop := Hop{IP: peer, Scheme: "http"}
	if r.TLS != nil {
		hop.Scheme = "https"
	}
	hop.HostPort, hop.Host = splitHost(r.Host)
	if !trusts(trusted, peer) {
		return hop
	}
	hop.IP = walk(peer, r.Header["X-Forwarded-For"], trusted)
	if scheme := forwardedScheme(lastValue(r.Header["X-Forwarded-Proto"])); scheme != "" {
		hop.Scheme = scheme
	}
	if hostPort, host := splitHost(lastValue(r.Header["X-Forwarded-Host"])); host != "" {
		hop.HostPort, hop.Host = hostPort, host
	}
	return hop
}

// walk goes through the X-Forwarded-For entries from right to left, across header lines, which RFC 9110
// section 5.3 makes one list, and returns the first address that is not trusted; when all of them are, the
// leftmost.
func walk(peer netip.Addr, lines []string, trusted []netip.Prefix) netip.Addr {
	client := peer
	for i := len(lines) - 1; i >= 0; i-- {
		rest := lines[i]
		for more := true; more; {
			var entry string
			if comma := strings.LastIndexByte(rest, ','); comma >= 0 {
				rest, entry = rest[:comma], rest[comma+1:]
			} else {
				entry, more = rest, false
			}
			ip, ok := parseEntry(strings.Trim(entry, " \t"))
			if !ok {
				return client
			}
			client = ip
			if !trusts(trusted, ip) {
				return client
			}
		}
	}
	return client
}

// parseEntry reads one X-Forwarded-For entry: an address, or, as some load balancers write, an address with
// a port.
func parseEntry(entry string) (netip.Addr, bool) {
	const longest = len("[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255%]:65535") + 32 // room for a zone
	if entry == "" || len(entry) > longest {
		return netip.Addr{}, false
	}
	if ip, err := netip.ParseAddr(entry); err == nil {
		return plain(ip), true
	}
	if pair, err := netip.ParseAddrPort(entry); err == nil {
		return plain(pair.Addr()), true
	}
	if strings.HasPrefix(entry, "[") && strings.HasSuffix(entry, "]") {
		if ip, err := netip.ParseAddr(entry[1 : len(entry)-1]); err == nil && ip.Is6() {
			return plain(ip), true
		}
	}
	return netip.Addr{}, false
}

// peerAddress reads http.Request.RemoteAddr, which is an address and a port for TCP and something else
// ("@", empty) for a Unix socket.
func peerAddress(remote string) netip.Addr {
	if pair, err := netip.ParseAddrPort(remote); err == nil {
		return plain(pair.Addr())
	}
	if ip, err := netip.ParseAddr(remote); err == nil {
		return plain(ip)
	}
	return netip.Addr{}
}

// plain gives an address its one form. A dual-stack socket shows IPv4 peers as ::ffff:1.2.3.4, and a zone
// names an interface of the machine that wrote it; with either of them left in, one client would count as
// several and no trusted prefix would match.
func plain(ip netip.Addr) netip.Addr { return ip.WithZone("").Unmap() }

// trusts says whether ip lies in one of the prefixes. Prefixes written in the IPv4-mapped form mean the
// IPv4 network.
func trusts(trusted []netip.Prefix, ip netip.Addr) bool {
	if !ip.IsValid() {
		return false
	}
	for _, prefix := range trusted {
		if prefix.Addr().Is4In6() && prefix.Bits() >= 96 {
			prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96)
		}
		if prefix.Contains(ip) {
			return true
		}
	}
	return false
}

// lastValue is the rightmost entry of a header that may come as a list, in one line or several.
func lastValue(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	last := lines[len(lines)-1]
	return strings.Trim(last[strings.LastIndexByte(last, ',')+1:], " \t")
}

// forwardedScheme maps a forwarded scheme to ours; some proxies name the WebSocket schemes.
func forwardedScheme(value string) string {
	switch strings.ToLower(value) {
	case "https", "wss":
		return "https"
	case "http", "ws":
		return "http"
	}
	return ""
}

// splitHost returns the lower-case host with and without its port, or nothing at all if it is not what RFC
// 9110 section 7.2 allows. The host ends up in links that are mailed out and in the scope of cookies, so
// only letters, digits, dots, hyphens, underscores and literal addresses get through.
func splitHost(value string) (hostPort, host string) {
	const longest = 253 + len(":65535") // RFC 1035 section 3.1
	if value == "" || len(value) > longest {
		return "", ""
	}
	hostPort = strings.ToLower(value)
	if strings.HasPrefix(hostPort, "[") {
		end := strings.IndexByte(hostPort, ']')
		if end < 0 || !validPort(hostPort[end+1:]) {
			return "", ""
		}
		ip, err := netip.ParseAddr(hostPort[1:end])
		if err != nil || !ip.Is6() || ip.Zone() != "" {
			return "", ""
		}
		return hostPort, hostPort[1:end]
	}
	host, port := hostPort, ""
	if colon := strings.IndexByte(hostPort, ':'); colon >= 0 {
		host, port = hostPort[:colon], hostPort[colon:]
	}
	if !validName(host) || !validPort(port) {
		return "", ""
	}
	return hostPort, host
}

// validName says whether a lower-case host name holds nothing but the letters a name is made of.
func validName(host string) bool {
	for i := range len(host) {
		c := host[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '-' && c != '_' {
			return false
		}
	}
	return host != ""
}

// validPort says whether what follows a host is nothing, or a colon and at most five digits.
func validPort(port string) bool {
	if port == "" {
		return true
	}
	if port[0] != ':' || len(port) < 2 || len(port) > 6 {
		return false
	}
	for i := 1; i < len(port); i++ {
		if port[i] < '0' || port[i] > '9' {
			return false
		}
	}
	return true
}
