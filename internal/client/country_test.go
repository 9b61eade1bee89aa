package client

import (
	"math"
	"net/netip"
	"testing"

	"pgregory.net/rapid"
)

func TestLookupCountry(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"8.8.8.8":                 "us",
		"193.0.6.139":             "nl", // the RIPE NCC itself
		"::ffff:193.0.6.139":      "nl",
		"133.11.0.1":              "jp",
		"131.188.3.1":             "de",
		"200.160.2.3":             "br", // registro.br
		"196.216.2.1":             "za",
		"2001:67c:2e8:22::c100:1": "nl",
		"2001:200::1":             "jp",
		"2a02:8100::1":            "de",
		"0.0.0.0":                 NoCountry,
		"10.1.2.3":                NoCountry,
		"100.64.0.1":              NoCountry,
		"127.0.0.1":               NoCountry,
		"169.254.169.254":         NoCountry,
		"172.31.255.255":          NoCountry,
		"192.168.178.1":           NoCountry,
		"198.51.100.7":            NoCountry,
		"224.0.0.1":               NoCountry,
		"255.255.255.255":         NoCountry,
		"::":                      NoCountry,
		"::1":                     NoCountry,
		"::ffff:10.0.0.1":         NoCountry,
		"fe80::1%eth0":            NoCountry,
		"fd00::1":                 NoCountry,
		"2001:db8::1":             NoCountry,
		"2002:c000:204::1":        NoCountry,
		"ff02::1":                 NoCountry,
	} {
		if got := LookupCountry(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s is in %q, want %q", address, got, want)
		}
	}
	if got := LookupCountry(netip.Addr{}); got != NoCountry {
		t.Errorf("no address is in %q", got)
	}
}

// TestCountryTable walks the whole table: blocks in order, every block found by its index, runs without
// holes up to the last address, codes in range, neighbours merged.
func TestCountryTable(t *testing.T) {
	t.Parallel()
	tab := table(countries)
	if countries[:4] != "LKC1" {
		t.Fatalf("the table starts with %q", countries[:4])
	}
	if size := len(countries); size < 1<<20 || size > 2<<20 {
		t.Errorf("the table has %d bytes; between 1 and 2 MB were expected", size)
	}
	for i := range tab.codes() {
		code := tab.code(byte(i))
		if i == 0 && code != NoCountry || i > 0 && (code[0] < 'a' || code[0] > 'z' || code[1] < 'a' || code[1] > 'z') {
			t.Errorf("code %d is %q", i, code)
		}
	}
	firsts := tab.counts() + 8
	fours, sixes := tab.fourBlocks(), tab.sixBlocks()
	end := walkFamily(t, tab, family{
		blocks: fours, at: tab.runs(), last: math.MaxUint32,
		first:    func(i int) uint64 { return uint64(tab.u32(firsts + 4*i)) },
		position: func(i int) uint32 { return tab.u32(firsts + 4*fours + 4*i) },
	})
	firsts += 8 * fours
	end = walkFamily(t, tab, family{
		blocks: sixes, at: end, last: math.MaxUint64,
		first:    func(i int) uint64 { return tab.u64(firsts + 8*i) },
		position: func(i int) uint32 { return tab.u32(firsts + 8*sixes + 4*i) },
	})
	if end != len(countries) {
		t.Errorf("the last run ends at %d of %d bytes", end, len(countries))
	}
}

type family struct {
	blocks, at int
	last       uint64
	first      func(int) uint64
	position   func(int) uint32
}

// walkFamily checks the blocks of one address family and returns where its runs end.
func walkFamily(t *testing.T, tab table, f family) int {
	t.Helper()
	at, key, previous := f.at, uint64(0), -1
	for block, run := 0, 0; ; run++ {
		if run%32 == 0 {
			if f.first(block) != key || tab.runs()+int(f.position(block)) != at {
				t.Fatalf("block %d starts at %d/%d, its index says %d/%d", block, key, at, f.first(block), f.position(block))
			}
			block++
		}
		length, code, next := tab.run(at)
		if int(code) >= tab.codes() || int(code) == previous || length == 0 {
			t.Fatalf("run %d of block %d: code %d after %d, length %d", run, block, code, previous, length)
		}
		previous, at = int(code), next
		if key+length-1 == f.last {
			if block != f.blocks {
				t.Fatalf("%d blocks were walked, the head says %d", block, f.blocks)
			}
			return at
		}
		if key+length < key || key+length > f.last {
			t.Fatalf("run %d leaves the family", run)
		}
		key += length
	}
}

// TestReservedAddressesHaveNoCountry holds the table against what the standard library knows of addresses.
func TestReservedAddressesHaveNoCountry(t *testing.T) {
	t.Parallel()
	check := func(t *rapid.T, ip netip.Addr) {
		got := LookupCountry(ip)
		if len(got) != 2 {
			t.Fatalf("%s is in %q", ip, got)
		}
		outside := ip.IsPrivate() || ip.IsLoopback() || ip.IsMulticast() || ip.IsLinkLocalUnicast() || ip.IsUnspecified()
		if outside && got != NoCountry {
			t.Fatalf("%s is in %q, want %q", ip, got, NoCountry)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		var four [4]byte
		copy(four[:], rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "four"))
		four[0] = rapid.OneOf(rapid.Byte(), rapid.SampledFrom([]byte{0, 10, 127, 169, 172, 192, 224})).Draw(t, "octet")
		check(t, netip.AddrFrom4(four))
		var six [16]byte
		copy(six[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "six"))
		check(t, netip.AddrFrom16(six))
	})
}

func BenchmarkLookupCountry(b *testing.B) {
	for name, address := range map[string]string{"four": "193.0.6.139", "six": "2a00:1450:4001:80b::1", "private": "192.168.1.1"} {
		ip := netip.MustParseAddr(address)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				LookupCountry(ip)
			}
		})
	}
}
