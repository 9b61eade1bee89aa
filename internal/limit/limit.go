// Package limit owns the counters behind rate limits: how often something may happen in a window of time. A
// window is fixed and aligned to the epoch, because its numbers are shown to clients and are contract. The
// package imports the standard library alone; where counters are shared by several nodes it asks for the two
// statements it needs through Store.
package limit

import (
	"context"
	"crypto/sha256"
	"time"
)

// Key is one counter: what is counted, how often it may happen, and in which time.
type Key struct {
	Name   string // anything; it is hashed before it is kept
	Max    int
	Window time.Duration
	// GivenBack says that calls may turn out to be none that count, and are given back. Then one that finds no room must
	// not stay counted, as it may where only the number of calls matters: a crowd of honest ones would fill the counter.
	GivenBack bool
}

// Result is the state of the fullest counter of a call.
type Result struct {
	Limit     int       // how often in a window
	Remaining int       // how often more in this window; 0 when full
	Reset     time.Time // when the window ends
	Full      bool      // this call is one too many
}

// Counter counts. Implementations are exact under concurrency: of any number of parallel calls, exactly Max
// find room in a window.
type Counter interface {
	// Take counts a call on every key in order. The first that is full stops it: earlier ones have been
	// counted by then. The result is that of the key with the fewest places left.
	Take(ctx context.Context, keys []Key, now time.Time) (Result, error)
	// Peek tells the state of a counter without counting.
	Peek(ctx context.Context, key Key, now time.Time) (Result, error)
	// Add moves a counter by n, which may be negative; it never falls below zero.
	Add(ctx context.Context, key Key, n int, now time.Time) error
	// Reset sets the counters of this window to zero.
	Reset(ctx context.Context, keys []Key, now time.Time) error
}

// hash is what a counter is kept under, so that no address and no email lies in memory or in a table.
func (k Key) hash() [16]byte {
	sum := sha256.Sum256([]byte(k.Name))
	return [16]byte(sum[:16])
}

// start is the beginning of the window that holds now, in milliseconds of the epoch.
func (k Key) start(now time.Time) int64 {
	window := k.Window.Milliseconds()
	at := now.UnixMilli()
	return at - at%window
}

// result describes a counter that stood at count before this call was counted on it.
func (k Key) result(count int, now time.Time) Result {
	return Result{
		Limit: k.Max, Remaining: max(k.Max-count-1, 0), Full: count >= k.Max,
		Reset: time.UnixMilli(k.start(now)).Add(k.Window),
	}
}

// takeEach is Take over an increment that returns the count before it, or reports that there was no room.
func takeEach(keys []Key, now time.Time, increment func(Key) (before int, err error)) (Result, error) {
	var tightest Result
	for i, key := range keys {
		before, err := increment(key)
		if err != nil {
			return Result{}, err
		}
		result := key.result(before, now)
		if i == 0 || result.Full || result.Remaining < tightest.Remaining {
			tightest = result
		}
		if result.Full {
			break
		}
	}
	return tightest, nil
}
