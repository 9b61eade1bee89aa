package client

import (
	_ "embed" // the country table is part of the program: no file to find, no heap to fill
	"net/netip"
)

// countries is the packed table; `make gen` (tools/countries) writes it and documents the layout. As a
// string it stays in the read-only pages of the program, shared and unloaded like code.
//
//go:embed countries.bin
var countries string

// NoCountry is what an address without a country has: private, reserved, or not given out.
const NoCountry = "--"

// LookupCountry returns the lower-case ISO 3166-1 alpha-2 code of the country an address is registered in,
// or NoCountry. Source: the regional registries and published geofeeds, as of the generator's pinned
// release. It allocates nothing.
func LookupCountry(ip netip.Addr) string {
	ip = plain(ip)
	t := table(countries)
	switch {
	case ip.Is4():
		b := ip.As4()
		return t.four(uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3]))
	case ip.Is6():
		b := ip.As16()
		var upper uint64
		for _, octet := range b[:8] {
			upper = upper<<8 | uint64(octet)
		}
		return t.six(upper)
	}
	return NoCountry
}

// table reads the packed form in place. The file is ours and a test walks all of it, so a broken table is
// a broken build: positions are not checked again here (a wrong one would panic, not read elsewhere).
type table string

const tableHead = len("LKC1") + 2 // magic, number of codes

func (t table) codes() int      { return int(t.u16(len("LKC1"))) }
func (t table) counts() int     { return tableHead + 2*t.codes() }
func (t table) fourBlocks() int { return int(t.u32(t.counts())) }
func (t table) sixBlocks() int  { return int(t.u32(t.counts() + 4)) }

func (t table) code(i byte) string {
	at := tableHead + 2*int(i)
	return string(t[at : at+2])
}

// four finds the block whose first address is the last one not beyond key, then counts through its runs.
func (t table) four(key uint32) string {
	firsts, n := t.counts()+8, t.fourBlocks()
	low, high := 0, n
	for high-low > 1 {
		mid := int(uint(low+high) >> 1)
		if t.u32(firsts+4*mid) <= key {
			low = mid
		} else {
			high = mid
		}
	}
	positions := firsts + 4*n
	return t.scan(t.runs()+int(t.u32(positions+4*low)), uint64(key-t.u32(firsts+4*low)))
}

// six is four for the upper half of an IPv6 address.
func (t table) six(key uint64) string {
	firsts, n := t.counts()+8+8*t.fourBlocks(), t.sixBlocks()
	low, high := 0, n
	for high-low > 1 {
		mid := int(uint(low+high) >> 1)
		if t.u64(firsts+8*mid) <= key {
			low = mid
		} else {
			high = mid
		}
	}
	positions := firsts + 8*n
	return t.scan(t.runs()+int(t.u32(positions+4*low)), key-t.u64(firsts+8*low))
}

func (t table) runs() int { return t.counts() + 8 + 8*t.fourBlocks() + 12*t.sixBlocks() }

// scan returns the country of the run that holds the address lying rest behind the start of the run at
// position at. A block has at most 32 runs, and the runs of a family cover it without holes, so the loop
// ends inside the block.
func (t table) scan(at int, rest uint64) string {
	for {
		length, code, next := t.run(at)
		if rest < length {
			return t.code(code)
		}
		rest -= length
		at = next
	}
}

// run decodes one run: its length in addresses, its country, and where the next one starts.
func (t table) run(at int) (length uint64, code byte, next int) {
	head := t[at]
	length = 1
	at++
	switch head >> 6 {
	case 1:
		length = uint64(t[at])
		at++
	case 2:
		length = uint64(t.u16(at))
		at += 2
	case 3:
		length = t.u64(at)
		at += 8
	}
	return length << (head & 63), t[at], at + 1
}

// The readers spell out every octet in one expression, which the compiler turns into a single load.

func (t table) u16(at int) uint16 {
	s := t[at : at+2]
	return uint16(s[0]) | uint16(s[1])<<8
}

func (t table) u32(at int) uint32 {
	s := t[at : at+4]
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

func (t table) u64(at int) uint64 {
	s := t[at : at+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}
