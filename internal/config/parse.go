package config

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Each function here checks one kind of value. The errors complete a sentence that begins with the value
// and never repeat it: the value may be a secret, and so may a part of it that a library would quote.

// items splits a list at its commas; blanks around an item do not count, and neither do empty items.
func items(v string) []string {
	var out []string
	for item := range strings.SplitSeq(v, ",") {
		if item = strings.TrimSpace(item); item != "" {
			out = append(out, item)
		}
	}
	return out
}

// addresses reads `host:port,…`. The host is an address, "localhost" for both loopback addresses, or
// nothing for every address. Other names are refused: what they resolve to may change between two starts,
// and with it whether the server can be reached from outside.
func addresses(v string) ([]netip.AddrPort, error) {
	var out []netip.AddrPort
	for _, item := range items(v) {
		colon := strings.LastIndexByte(item, ':')
		if colon < 0 {
			return nil, errors.New("has no port: write an address and a port, such as 127.0.0.1:8080")
		}
		port, err := strconv.ParseUint(item[colon+1:], 10, 16)
		if err != nil {
			return nil, errors.New("has no port between 0 and 65535 at its end")
		}
		hosts, err := listenHosts(item[:colon])
		if err != nil {
			return nil, err
		}
		for _, ip := range hosts {
			out = append(out, netip.AddrPortFrom(ip, uint16(port)))
		}
	}
	if len(out) == 0 {
		return nil, errors.New("is not an address and a port, such as 127.0.0.1:8080")
	}
	return out, nil
}

func listenHosts(host string) ([]netip.Addr, error) {
	switch host {
	case "", "*":
		return []netip.Addr{netip.IPv6Unspecified()}, nil
	case "localhost":
		return []netip.Addr{ipv4Loopback, netip.IPv6Loopback()}, nil
	}
	inner, bracketed := strings.CutPrefix(host, "[")
	if bracketed {
		inner = strings.TrimSuffix(inner, "]")
	}
	ip, err := netip.ParseAddr(inner)
	if err != nil {
		return nil, errors.New("must name an IP address, localhost, or nothing for every address, before the port")
	}
	if ip.Is6() && !bracketed {
		return nil, errors.New("must have its IPv6 address in brackets, such as [::1]:8080")
	}
	return []netip.Addr{ip.Unmap()}, nil
}

var ipv4Loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// addressesOrOff is addresses, or an empty, non-nil list for "off".
func addressesOrOff(v string) ([]netip.AddrPort, error) {
	if v == "off" {
		return []netip.AddrPort{}, nil
	}
	return addresses(v)
}

// prefixes reads CIDRs; a lone address is a network of one.
func prefixes(v string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, item := range items(v) {
		if ip, err := netip.ParseAddr(item); err == nil {
			ip = ip.Unmap().WithZone("")
			out = append(out, netip.PrefixFrom(ip, ip.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(item)
		if err != nil {
			return nil, fmt.Errorf("has an entry that is not a network, such as 10.0.0.0/8: %s", item)
		}
		// A host with a mask is most often a slip of the pen; widening it silently would trust strangers.
		if p.Masked() != p {
			return nil, fmt.Errorf("has an entry with bits beyond its mask: %s; write %s or %s", item, p.Masked(), p.Addr())
		}
		out = append(out, p)
	}
	return out, nil
}

func publicURL(v string) (*url.URL, error) {
	u, err := url.Parse(v)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		return nil, errors.New("is not a web address, such as https://auth.example.com")
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, errors.New("must be only scheme, host and port: the API always lies at /v1")
	}
	return &url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host)}, nil
}

func httpsURL(v string) (*url.URL, error) {
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" {
		return nil, errors.New("is not an https address")
	}
	return u, nil
}

func postgres(v string) (string, error) {
	u, err := url.Parse(v)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return "", errors.New("is not the address of a PostgreSQL database, such as postgres://user:password@host/name " +
			"(characters such as / @ : in a password are written %2F %40 %3A)")
	}
	return v, nil
}

func smtpURL(v string) (*url.URL, error) {
	u, err := url.Parse(v)
	if err != nil || (u.Scheme != "smtp" && u.Scheme != "smtps") || u.Hostname() == "" {
		return nil, errors.New("is not a mail server, such as smtp://user:password@host:587?from=auth@example.com " +
			"(characters such as / @ : in a password are written %2F %40 %3A)")
	}
	if _, err := mail.ParseAddress(u.Query().Get("from")); err != nil {
		return nil, errors.New("does not say who mails are from: add ?from=auth@example.com")
	}
	return u, nil
}

// smsSchemes are the providers that can be named; what each needs is checked where it is used.
var smsSchemes = strings.Fields("msg91 telesign textmagic twilio vonage webhook+http webhook+https")

func smsURL(v string) (*url.URL, error) {
	u, err := url.Parse(v)
	if err != nil || !slices.Contains(smsSchemes, u.Scheme) || u.User == nil {
		return nil, errors.New("is not an SMS provider, such as twilio://accountSid:authToken@?from=%2B15550100 or webhook+https://:secret@host/path " +
			"(characters such as / @ : in a secret are written %2F %40 %3A)")
	}
	return u, nil
}

func masterKey(v string) ([]byte, error) {
	key, err := hex.DecodeString(v)
	if err != nil || len(key) != 32 {
		return nil, errors.New("is not 64 hex digits; `openssl rand -hex 32` makes a good one")
	}
	return key, nil
}

// domains reads host names that a certificate authority can check. Wildcards need a DNS challenge, which
// the program cannot answer.
func domains(v string) ([]string, error) {
	var out []string
	for _, item := range items(v) {
		host := strings.ToLower(strings.TrimSuffix(item, "."))
		if _, err := netip.ParseAddr(host); err == nil || !hostName(host) {
			return nil, fmt.Errorf("has an entry that is not a full host name, such as auth.example.com: %s", item)
		}
		out = append(out, host)
	}
	return out, nil
}

// hostName checks the letters-digits-hyphens rule of RFC 1123 section 2.1 and asks for at least one dot.
func hostName(host string) bool {
	labels := strings.Split(host, ".")
	if len(host) > 253 || len(labels) < 2 {
		return false
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, r := range label {
			if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' {
				return false
			}
		}
	}
	return true
}

func email(v string) (string, error) {
	a, err := mail.ParseAddress(v)
	if err != nil || a.Address != v {
		return "", errors.New("is not an email address")
	}
	return v, nil
}

func path(v string) (string, error) {
	if strings.ContainsRune(v, 0) {
		return "", errors.New("is not a path")
	}
	return v, nil
}

func truth(v string) (bool, error) {
	b, err := strconv.ParseBool(v)
	if err != nil {
		return false, errors.New("is neither true nor false")
	}
	return b, nil
}

// onOff also takes true and false: a bare `on` in a YAML file is a string in YAML 1.2 and a truth value in
// YAML 1.1, and editors rewrite one into the other.
func onOff(v string) (bool, error) {
	switch v {
	case "on", "true":
		return true, nil
	case "off", "false":
		return false, nil
	}
	return false, errors.New("is neither on nor off")
}

func number(v string, low, high int) (int, error) {
	n, err := strconv.Atoi(v)
	if err != nil || n < low || n > high {
		return 0, fmt.Errorf("is not a whole number between %d and %d", low, high)
	}
	return n, nil
}

// duration reads Go's notation, and a bare number as seconds.
func duration(v string) (time.Duration, error) {
	d, err := time.ParseDuration(v)
	if err != nil {
		d, err = time.ParseDuration(v + "s")
	}
	if err != nil || d < 0 || d > 24*time.Hour {
		return 0, errors.New("is not a duration between 0s and 24h, such as 20s or 1m30s")
	}
	return d, nil
}

func oneOf[T ~string](v string, allowed ...T) (T, error) {
	words := make([]string, len(allowed))
	for i, word := range allowed {
		if v == string(word) {
			return word, nil
		}
		words[i] = string(word)
	}
	return "", fmt.Errorf("is none of %s", strings.Join(words, ", "))
}
