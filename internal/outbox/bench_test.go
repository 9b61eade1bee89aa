package outbox_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/outbox"
	"latchkey/internal/store"
	"latchkey/internal/testkit/engines"
)

// counter is a courier that does nothing, and an observer that says when all is done.
type counter struct {
	left atomic.Int64
	done chan struct{}
}

func (c *counter) Deliver(context.Context, *model.Message) error { return nil }
func (c *counter) Failed(string, string)                         {}
func (c *counter) Dead(string, string)                           {}
func (c *counter) Sent(string, string, time.Duration) {
	if c.left.Add(-1) == 0 {
		close(c.done)
	}
}

func benchSend(b *testing.B, db *store.DB, projects int) {
	box := &outbox.Box{Keys: keys}
	for start := 0; start < b.N; start += 500 {
		list := []*model.Message{}
		for n := start; n < min(start+500, b.N); n++ {
			m := someMessage(fmt.Sprintf("p%02d", n%projects), fmt.Sprintf("m%09d", n))
			m.Expire = 0
			list = append(list, m)
		}
		put(b, db, box, list...)
	}
	c := &counter{done: make(chan struct{})}
	c.left.Store(int64(b.N))
	workers := &outbox.Workers{DB: db, Box: box, Courier: c, Observer: c, Clock: time.Now, Log: slog.New(slog.DiscardHandler), Holder: "bench"}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	b.ReportAllocs()
	b.ResetTimer()
	go func() {
		workers.Run(ctx)
		close(ended)
	}()
	<-c.done
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
	b.StopTimer()
	cancel()
	<-ended
}

func BenchmarkSend(b *testing.B) {
	for _, engine := range []string{store.SQLite, store.Postgres} {
		for _, projects := range []int{1, 20} {
			b.Run(fmt.Sprintf("%s/projects=%d", engine, projects), func(b *testing.B) {
				benchSend(b, engines.Open(b, store.Options{}, engine), projects)
			})
		}
	}
}
