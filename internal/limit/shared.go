package limit

import (
	"context"
	"time"
)

// Store keeps counters for several nodes. A counter is found by the hash of its key and the start of its
// window (milliseconds of the epoch); it may be dropped once expire has passed.
type Store interface {
	// CountUp adds to a counter and returns what it holds then. It never falls below zero.
	CountUp(ctx context.Context, counter Counted, by int) (count int, err error)
	// CountOf returns what a counter holds; 0 for one that does not exist.
	CountOf(ctx context.Context, counter Counted) (count int, err error)
	// CountClear drops a counter, all its windows.
	CountClear(ctx context.Context, hash []byte) error
}

// Counted names a counter in a Store.
type Counted struct {
	Hash   []byte
	Start  int64
	Expire int64
}

// Shared keeps counters in a store that several nodes use. Every count is a short transaction of its own,
// never part of the one it guards: a failed sign-in must count, and a hot counter must not hold up writers.
type Shared struct{ store Store }

// NewShared returns counters over a store.
func NewShared(store Store) *Shared { return &Shared{store: store} }

// counted names the counter of a key's current window.
func (k Key) counted(now time.Time) Counted {
	hash, start := k.hash(), k.start(now)
	return Counted{Hash: hash[:], Start: start, Expire: start + k.Window.Milliseconds()}
}

// Take implements Counter. Counting first and looking then makes it exact: of parallel calls each gets a
// number of its own.
func (s *Shared) Take(ctx context.Context, keys []Key, now time.Time) (Result, error) {
	return takeEach(keys, now, func(key Key) (int, error) {
		count, err := s.store.CountUp(ctx, key.counted(now), 1)
		if err == nil && count > key.Max && key.GivenBack {
			_, err = s.store.CountUp(ctx, key.counted(now), -1)
		}
		return count - 1, err
	})
}

// Peek implements Counter.
func (s *Shared) Peek(ctx context.Context, key Key, now time.Time) (Result, error) {
	count, err := s.store.CountOf(ctx, key.counted(now))
	if err != nil {
		return Result{}, err
	}
	return key.result(count, now), nil
}

// Add implements Counter.
func (s *Shared) Add(ctx context.Context, key Key, n int, now time.Time) error {
	_, err := s.store.CountUp(ctx, key.counted(now), n)
	return err
}

// Reset implements Counter.
func (s *Shared) Reset(ctx context.Context, keys []Key, _ time.Time) error {
	for _, key := range keys {
		hash := key.hash()
		if err := s.store.CountClear(ctx, hash[:]); err != nil {
			return err
		}
	}
	return nil
}
