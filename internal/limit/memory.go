package limit

import (
	"context"
	"sync"
	"time"
)

// Memory keeps counters in this process: right for one node, and gone with it.
type Memory struct {
	shards [shardCount]shard
}

// shard is a part of the counters under a lock of its own.
type shard struct {
	mu       sync.Mutex
	counters map[[16]byte]counter
	swept    int64 // when expired counters were last looked for, in milliseconds
}

// counter is a count in the window that ends at end.
type counter struct {
	start, end int64
	count      int
}

const (
	shardCount = 32
	// maxPerShard bounds the memory that strangers can make us use: beyond it the counters of a shard are
	// swept at once, and if all of them are live those that have counted least are dropped.
	maxPerShard = 1 << 15
	sweepEvery  = 60_000
)

// NewMemory returns empty counters.
func NewMemory() *Memory {
	m := &Memory{}
	for i := range m.shards {
		m.shards[i].counters = map[[16]byte]counter{}
	}
	return m
}

// Take implements Counter.
func (m *Memory) Take(_ context.Context, keys []Key, now time.Time) (Result, error) {
	return takeEach(keys, now, func(key Key) (int, error) {
		before := 0
		m.update(key, now, func(c *counter) {
			before = c.count
			if c.count < key.Max {
				c.count++
			}
		})
		return before, nil
	})
}

// Peek implements Counter.
func (m *Memory) Peek(_ context.Context, key Key, now time.Time) (Result, error) {
	hash := key.hash()
	s := m.shard(hash)
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.counters[hash]
	if c.start != key.start(now) {
		c.count = 0
	}
	return key.result(c.count, now), nil
}

// Add implements Counter.
func (m *Memory) Add(_ context.Context, key Key, n int, now time.Time) error {
	m.update(key, now, func(c *counter) { c.count = max(c.count+n, 0) })
	return nil
}

// Reset implements Counter.
func (m *Memory) Reset(_ context.Context, keys []Key, _ time.Time) error {
	for _, key := range keys {
		hash := key.hash()
		s := m.shard(hash)
		s.mu.Lock()
		delete(s.counters, hash)
		s.mu.Unlock()
	}
	return nil
}

// update changes a counter of the current window under its shard's lock.
func (m *Memory) update(key Key, now time.Time, change func(*counter)) {
	hash, start := key.hash(), key.start(now)
	s := m.shard(hash)
	s.mu.Lock()
	defer s.mu.Unlock()
	c, found := s.counters[hash]
	if c.start != start {
		c = counter{start: start, end: start + key.Window.Milliseconds()}
	}
	if !found {
		s.makeRoom(now.UnixMilli())
	}
	change(&c)
	s.counters[hash] = c
}

// makeRoom drops windows that have ended, now and then or when the shard is full. If every window is live those go that
// have counted least: whoever fills the table with names that are used once must not empty the counter that stands in
// their way.
func (s *shard) makeRoom(now int64) {
	full := len(s.counters) >= maxPerShard
	if !full && now-s.swept < sweepEvery {
		return
	}
	s.swept = now
	var counted [mostTold + 1]int
	for hash, c := range s.counters {
		if c.end <= now {
			delete(s.counters, hash)
		} else {
			counted[min(c.count, mostTold)]++
		}
	}
	if len(s.counters) < maxPerShard {
		return
	}
	drop := maxPerShard / 4
	for count := 0; drop > 0 && count <= mostTold; count++ {
		if counted[count] == 0 {
			continue
		}
		for hash, c := range s.counters {
			if drop > 0 && min(c.count, mostTold) == count {
				delete(s.counters, hash)
				drop--
			}
		}
	}
}

// mostTold is the count from which counters are not told apart when some of them have to go.
const mostTold = 10

func (m *Memory) shard(hash [16]byte) *shard { return &m.shards[hash[0]%shardCount] }
