package store_test

import (
	"slices"
	"sync"
	"testing"

	"latchkey/internal/limit"
	"latchkey/internal/store"
	"latchkey/internal/testkit/engines"
)

// Calls that come together go out together where that is cheaper; each still gets a number of its own.
func TestEachCountGetsANumberOfItsOwn(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		const counters, calls = 7, 40
		var mutex sync.Mutex
		var all sync.WaitGroup
		var got [counters][]int
		for n := range counters * calls {
			all.Go(func() {
				which := n % counters
				holds, err := db.CountUp(t.Context(), limit.Counted{Hash: []byte{byte(which / 2)}, Start: int64(which % 2), Expire: 1000}, 1)
				if err != nil {
					t.Error(err)
				}
				mutex.Lock()
				got[which] = append(got[which], holds)
				mutex.Unlock()
			})
		}
		all.Wait()
		for which, list := range got {
			slices.Sort(list)
			for i, holds := range list {
				if holds != i+1 {
					t.Fatalf("counter %d: %v", which, list)
				}
			}
			if n, err := db.CountOf(t.Context(), limit.Counted{Hash: []byte{byte(which / 2)}, Start: int64(which % 2)}); err != nil || n != calls {
				t.Errorf("counter %d holds %d, %v", which, n, err)
			}
		}
	})
}
