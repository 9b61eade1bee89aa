package secret

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"latchkey/internal/fault"
)

func TestTheGateBoundsWhatRuns(t *testing.T) {
	t.Parallel()
	gate := NewGate(3, 1000)
	var running, most atomic.Int32
	var wait sync.WaitGroup
	for range 200 {
		wait.Go(func() {
			err := gate.Run(context.Background(), func() {
				now := running.Add(1)
				for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
				}
				running.Add(-1)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if most.Load() > 3 {
		t.Errorf("%d ran at once", most.Load())
	}
	if r, w := gate.Stats(); r != 0 || w != 0 {
		t.Errorf("%d run and %d wait after everything is over", r, w)
	}
}

func TestAFullQueueIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gate := NewGate(1, 2)
		hold := make(chan struct{})
		var wait sync.WaitGroup
		for range 3 {
			wait.Go(func() { _ = gate.Run(context.Background(), func() { <-hold }) })
		}
		synctest.Wait()
		err := gate.Run(context.Background(), func() { t.Error("ran beyond the queue") })
		if !errors.Is(err, fault.ServerBusy) || fault.From(err).Retry == 0 {
			t.Errorf("a full queue says %v", err)
		}
		close(hold)
		wait.Wait()
	})
}

func TestOneAddressDoesNotKeepOthersOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gate := NewGate(1, 100)
		hold := make(chan struct{})
		var mu sync.Mutex
		var order []string
		var wait sync.WaitGroup
		enter := func(who string) {
			wait.Go(func() {
				_ = gate.Run(WithFairKey(context.Background(), who), func() {
					<-hold
					mu.Lock()
					order = append(order, who)
					mu.Unlock()
				})
			})
			synctest.Wait()
		}
		for range 20 {
			enter("flood")
		}
		enter("person")
		close(hold)
		wait.Wait()
		for i, who := range order {
			if who == "person" {
				if i > 2 {
					t.Errorf("the person waited for %d of the flood", i)
				}
				return
			}
		}
		t.Error("the person never came in")
	})
}

// An address that holds every place gives some up, as long as it has more than whoever comes.
func TestOneAddressDoesNotHoldEveryPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const places = 8
		gate := NewGate(1, places)
		hold := make(chan struct{})
		var mu sync.Mutex
		ran, refused := map[string]int{}, map[string]int{}
		var wait sync.WaitGroup
		enter := func(who string) {
			wait.Go(func() {
				err := gate.Run(WithFairKey(context.Background(), who), func() { <-hold })
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					ran[who]++
				case errors.Is(err, fault.ServerBusy):
					refused[who]++
				default:
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		for range 1 + places + 5 {
			enter("flood")
		}
		if refused["flood"] != 5 {
			t.Errorf("of a flood alone %d were refused", refused["flood"])
		}
		for range places {
			enter("person")
		}
		if _, waiting := gate.Stats(); waiting != places || refused["person"] != places/2 || refused["flood"] != 5+places/2 {
			t.Errorf("%d wait, refused were %v", waiting, refused)
		}
		for _, who := range []string{"third", "flood", "person"} {
			enter(who)
		}
		if refused["third"] != 0 || refused["flood"]+refused["person"] != 5+places+3 {
			t.Errorf("refused were %v", refused)
		}
		close(hold)
		wait.Wait()
		if running, waiting := gate.Stats(); running != 0 || waiting != 0 || ran["third"] != 1 || ran["flood"]+ran["person"] != places {
			t.Errorf("%d run and %d wait after everything is over, %v ran", running, waiting, ran)
		}
	})
}

func TestAWaiterThatGivesUpLeavesTheQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gate := NewGate(1, 1)
		hold := make(chan struct{})
		var wait sync.WaitGroup
		wait.Go(func() { _ = gate.Run(context.Background(), func() { <-hold }) })
		synctest.Wait()
		ctx, cancel := context.WithCancel(context.Background())
		wait.Go(func() {
			if err := gate.Run(ctx, func() { t.Error("ran after giving up") }); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
		synctest.Wait()
		cancel()
		synctest.Wait()
		if _, waiting := gate.Stats(); waiting != 0 {
			t.Errorf("%d still wait", waiting)
		}
		wait.Go(func() {
			if err := gate.Run(context.Background(), func() {}); err != nil {
				t.Errorf("the place is not free again: %v", err)
			}
		})
		synctest.Wait()
		close(hold)
		wait.Wait()
	})
}
