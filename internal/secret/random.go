// Package secret owns everything that must not be guessed or read: randomness, ids, hashes of passwords and
// tokens, sealed values, keyed hashes, JWTs and the gate that bounds how much hashing happens at once. It may
// import x/crypto, golang-jwt, fault and model.
package secret

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// Random makes secrets and ids from a source of randomness. It is safe for concurrent use if the source is.
type Random struct {
	source io.Reader
	last   atomic.Int64 // the time of the last id, in microseconds
}

// NewRandom returns a maker over a source; nil means the operating system's.
func NewRandom(source io.Reader) *Random {
	if source == nil {
		source = rand.Reader
	}
	return &Random{source: source}
}

// Bytes returns n random bytes. A source that fails is no state to go on in: it panics.
func (r *Random) Bytes(n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(r.source, b); err != nil {
		panic("secret: no randomness: " + err.Error())
	}
	return b
}

// Hex returns n random bytes as lower-case hex text of twice the length.
func (r *Random) Hex(n int) string { return hex.EncodeToString(r.Bytes(n)) }

// Digits returns a code of n decimal digits, each equally likely: bytes that would favour low digits are
// thrown away.
func (r *Random) Digits(n int) string {
	code := make([]byte, 0, n)
	for len(code) < n {
		for _, b := range r.Bytes(n - len(code)) {
			if b < 250 {
				code = append(code, '0'+b%10)
			}
		}
	}
	return string(code)
}

// ID returns a server id: 20 hex characters, the first 13 of them the time (seconds, then microseconds), so
// that ids sort by creation, and 7 random ones, which keep the ids of several nodes apart. One maker never
// gives the same time twice: where the clock stands still, the next microsecond is taken.
func (r *Random) ID(now time.Time) string {
	micros := now.UnixMicro()
	for {
		last := r.last.Load()
		if next := max(micros, last+1); r.last.CompareAndSwap(last, next) {
			return fmt.Sprintf("%08x%05x%s", uint32(next/1_000_000), next%1_000_000, r.Hex(4)[:7])
		}
	}
}
