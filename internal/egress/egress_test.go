package egress_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"

	"latchkey/internal/egress"
)

func TestPrivateAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"1.1.1.1": true, "93.184.215.14": true, "2606:4700:4700::1111": true, "2a01:4f8::1": true, "::ffff:1.1.1.1": true,
		"127.0.0.1": false, "127.8.8.8": false, "0.0.0.0": false, "10.1.2.3": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.1.1": false,
		"169.254.169.254": false, "100.64.0.1": false, "198.18.0.1": false, "224.0.0.1": false, "255.255.255.255": false,
		"::": false, "::1": false, "fe80::1": false, "fe80::1%eth0": false, "fd00::1": false, "ff02::1": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false,
		"::127.0.0.1": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false, "2001:db8::1": false, "fec0::1": false,
	} {
		if got := egress.Public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s is public: %v", address, got)
		}
	}
}

func TestWhereADialerConnects(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	for _, host := range []string{"127.0.0.1", "localhost", "::ffff:127.0.0.1"} {
		if _, err := egress.Dialer(nil)(context.Background(), "tcp", net.JoinHostPort(host, port)); !errors.Is(err, egress.ErrRefused) || err.Error() != egress.ErrRefused.Error() {
			t.Errorf("%s: %v", host, err)
		}
		connection, err := egress.Dialer([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")})(context.Background(), "tcp", net.JoinHostPort(host, port))
		if err != nil {
			t.Errorf("%s was allowed: %v", host, err)
			continue
		}
		_ = connection.Close()
	}
}

// Whoever names a host is not told which server looks names up here.
func TestANameThatIsNone(t *testing.T) {
	t.Parallel()
	_, err := egress.Dialer(nil)(context.Background(), "tcp", "nobody.invalid:80")
	var lookup *net.DNSError
	if !errors.As(err, &lookup) || lookup.Server != "" || strings.Contains(err.Error(), " on ") {
		t.Errorf("%v", err)
	}
}
