package limit

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// counters are both implementations; the shared one over a store that is a map.
func counters() map[string]Counter {
	return map[string]Counter{"memory": NewMemory(), "shared": NewShared(&mapStore{counts: map[string]int{}})}
}

// mapStore is the least a Store can be.
type mapStore struct {
	mu     sync.Mutex
	counts map[string]int
}

func (m *mapStore) CountUp(_ context.Context, c Counted, by int) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	name := fmt.Sprintf("%x/%d", c.Hash, c.Start)
	m.counts[name] = max(m.counts[name]+by, 0)
	return m.counts[name], nil
}

func (m *mapStore) CountOf(_ context.Context, c Counted) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.counts[fmt.Sprintf("%x/%d", c.Hash, c.Start)], nil
}

func (m *mapStore) CountClear(_ context.Context, hash []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name := range m.counts {
		if len(name) > 32 && name[:32] == fmt.Sprintf("%x", hash) {
			delete(m.counts, name)
		}
	}
	return nil
}

func TestExactlyTheLimitPasses(t *testing.T) {
	t.Parallel()
	for name, counter := range counters() {
		key := Key{Name: "a", Max: 10, Window: time.Hour}
		var passed, seen atomic.Int32
		var wait sync.WaitGroup
		for range 1000 {
			wait.Go(func() {
				result, err := counter.Take(context.Background(), []Key{key}, noon)
				if err != nil {
					t.Error(err)
				}
				seen.Add(1)
				if !result.Full {
					passed.Add(1)
				}
			})
		}
		wait.Wait()
		if passed.Load() != 10 || seen.Load() != 1000 {
			t.Errorf("%s: %d of %d passed a limit of 10", name, passed.Load(), seen.Load())
		}
	}
}

func TestFigures(t *testing.T) {
	t.Parallel()
	for name, counter := range counters() {
		key := Key{Name: "a", Max: 3, Window: time.Hour}
		now := noon.Add(17 * time.Minute)
		for call, want := range []Result{{3, 2, noon.Add(time.Hour), false}, {3, 1, noon.Add(time.Hour), false}, {3, 0, noon.Add(time.Hour), false}, {3, 0, noon.Add(time.Hour), true}} {
			got, err := counter.Take(context.Background(), []Key{key}, now)
			if err != nil {
				t.Fatal(err)
			}
			if got.Limit != want.Limit || got.Remaining != want.Remaining || !got.Reset.Equal(want.Reset) || got.Full != want.Full {
				t.Errorf("%s: call %d gives %+v, want %+v", name, call+1, got, want)
			}
		}
		if got, _ := counter.Take(context.Background(), []Key{key}, noon.Add(time.Hour)); got.Full || got.Remaining != 2 {
			t.Errorf("%s: the next window begins with %+v", name, got)
		}
	}
}

// The model: a plain map from key and window to a count.
func TestAgainstAModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		for name, counter := range counters() {
			model := map[string]int{}
			now := noon
			ctx := context.Background()
			for range rapid.IntRange(1, 60).Draw(t, "steps") {
				key := Key{Name: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "key"), Max: 5, Window: time.Minute}
				key.GivenBack = key.Name == "b"
				slot := fmt.Sprint(key.Name, key.start(now))
				switch rapid.IntRange(0, 4).Draw(t, "action") {
				case 0, 1:
					result, err := counter.Take(ctx, []Key{key}, now)
					if err != nil || result.Full != (model[slot] >= 5) {
						t.Fatalf("%s: %+v, %v with a count of %d", name, result, err, model[slot])
					}
					if name == "shared" && !key.GivenBack || model[slot] < 5 {
						model[slot]++
					}
				case 2:
					if err := counter.Add(ctx, key, -1, now); err != nil {
						t.Fatal(err)
					}
					model[slot] = max(model[slot]-1, 0)
				case 3:
					if err := counter.Reset(ctx, []Key{key}, now); err != nil {
						t.Fatal(err)
					}
					model[slot] = 0
				case 4:
					now = now.Add(time.Duration(rapid.IntRange(1, 70).Draw(t, "seconds")) * time.Second)
				}
				result, err := counter.Peek(ctx, key, now)
				if want := model[fmt.Sprint(key.Name, key.start(now))]; err != nil || result.Full != (want >= 5) || result.Remaining != max(5-want-1, 0) {
					t.Fatalf("%s: peek says %+v, %v with a count of %d", name, result, err, want)
				}
			}
		}
	})
}

// A crowd of honest calls, more than there is room for at once, leaves the counter as it was.
func TestWhatIsGivenBackLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, counter := range counters() {
		key := Key{Name: "a", Max: 10, Window: time.Hour, GivenBack: true}
		var wait sync.WaitGroup
		for range 200 {
			wait.Go(func() {
				result, err := counter.Take(context.Background(), []Key{key}, noon)
				if err == nil && !result.Full {
					err = counter.Add(context.Background(), key, -1, noon)
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if result, _ := counter.Peek(context.Background(), key, noon); result.Remaining != 9 {
			t.Errorf("%s: %d are left", name, result.Remaining)
		}
	}
}

func TestTheFirstFullCounterStopsTheRest(t *testing.T) {
	t.Parallel()
	for name, counter := range counters() {
		ctx := context.Background()
		first, full, last := Key{Name: "1", Max: 5, Window: time.Hour}, Key{Name: "2", Max: 1, Window: time.Hour}, Key{Name: "3", Max: 5, Window: time.Hour}
		_ = counter.Add(ctx, full, 1, noon)
		if result, _ := counter.Take(ctx, []Key{first, full, last}, noon); !result.Full || result.Limit != 1 {
			t.Errorf("%s: %+v", name, result)
		}
		for key, want := range map[Key]int{first: 3, last: 4} {
			if result, _ := counter.Peek(ctx, key, noon); result.Remaining != want {
				t.Errorf("%s: counter %s has %d left, want %d", name, key.Name, result.Remaining, want)
			}
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	m := NewMemory()
	for i := range shardCount * maxPerShard / 8 {
		now := noon.Add(time.Duration(i) * 10 * time.Millisecond)
		_, _ = m.Take(context.Background(), []Key{{Name: fmt.Sprint(i), Max: 1, Window: time.Second}}, now)
	}
	kept := 0
	for i := range m.shards {
		kept += len(m.shards[i].counters)
	}
	if kept > 20000 {
		t.Errorf("%d counters are kept, nearly all of them over", kept)
	}
}

// A stranger who fills the table with names that are used once does not empty the counter that refuses them.
func TestAFullTableForgetsWhatCountedLeast(t *testing.T) {
	t.Parallel()
	m := NewMemory()
	hot := Key{Name: "walter@example.com", Max: 10, Window: time.Hour}
	take := func(key Key) bool {
		result, err := m.Take(context.Background(), []Key{key}, noon)
		return err == nil && !result.Full
	}
	for range hot.Max {
		take(hot)
	}
	of := m.shard(hot.hash())
	for i, filled := 0, 0; filled < 2*maxPerShard; i++ {
		if key := (Key{Name: strconv.Itoa(i), Max: 10, Window: time.Hour}); m.shard(key.hash()) == of {
			take(key)
			filled++
		}
	}
	if len(of.counters) > maxPerShard {
		t.Errorf("%d counters are kept", len(of.counters))
	}
	if take(hot) {
		t.Error("a full counter was forgotten for others that counted once")
	}
}

func BenchmarkTake(b *testing.B) {
	m := NewMemory()
	keys := []Key{{Name: "demo\nurl:\nPOST /v1/account/sessions/email\n,email:\nwalter@example.com\n", Max: 1 << 30, Window: time.Hour}}
	for b.Loop() {
		_, _ = m.Take(context.Background(), keys, noon)
	}
}
