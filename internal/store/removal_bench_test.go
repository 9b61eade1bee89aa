package store_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit/engines"
)

// BenchmarkDeletingABusyUser measures what others feel while somebody goes who has a hundred thousand entries in the
// security log and a thousand sessions: the slowest of a hundred session checks and writes before, and while they go.
func BenchmarkDeletingABusyUser(b *testing.B) {
	const entries, sessions = 100_000, 1000
	for _, engine := range []string{store.SQLite, store.Postgres} {
		b.Run(engine, func(b *testing.B) {
			db := engines.Open(b, store.Options{}, engine)
			seedUsers(b)(db)
			for n := range b.N {
				busy := fmt.Sprint("busy", n)
				write(b, db, func(tx *store.Tx) { tx.InsertUser(someUser(busy)) })
				for start := 0; start < entries; start += 1000 {
					write(b, db, func(tx *store.Tx) {
						for i := start; i < start+1000; i++ {
							tx.InsertAudit(someAudit(busy, fmt.Sprint(busy, "-", i), noon+model.Time(i)))
						}
						for i := start / 100; i < start/100+sessions/100; i++ {
							tx.InsertSession(someSession(busy, fmt.Sprint(busy, "-", i)))
						}
					})
				}
				calm := p99(b, db, n, func() { time.Sleep(time.Second) })
				var took time.Duration
				meanwhile := p99(b, db, n, func() {
					time.Sleep(300 * time.Millisecond)
					began := time.Now()
					write(b, db, func(tx *store.Tx) { tx.DeleteUser(project, busy) })
					took = time.Since(began)
					time.Sleep(300 * time.Millisecond)
				})
				b.ReportMetric(float64(took.Microseconds())/1000, "delete-ms")
				b.ReportMetric(float64(calm.Microseconds())/1000, "others-before-p99-ms")
				b.ReportMetric(float64(meanwhile.Microseconds())/1000, "others-meanwhile-p99-ms")
			}
		})
	}
}

// p99 has four others work for as long as fn takes, and returns what all but one of a hundred of their calls took at
// most.
func p99(b *testing.B, db *store.DB, round int, fn func()) time.Duration {
	var over atomic.Bool
	var mutex sync.Mutex
	var times []time.Duration
	var others sync.WaitGroup
	for who := range 4 {
		others.Go(func() {
			for n := 0; !over.Load(); n++ {
				id := benchID((who*2503 + n) % benchUsers)
				began := time.Now()
				_, err := db.SessionUser(context.Background(), project, id, hashOf(id+id), noon)
				if err == nil && n%4 == 0 {
					err = db.Write(context.Background(), func(tx *store.Tx) error {
						tx.InsertAudit(someAudit(id, fmt.Sprint(round, "-", who, "-", time.Now().UnixNano()), noon))
						return nil
					})
				}
				took := time.Since(began)
				if err != nil {
					b.Error(err)
					return
				}
				mutex.Lock()
				times = append(times, took)
				mutex.Unlock()
			}
		})
	}
	fn()
	over.Store(true)
	others.Wait()
	slices.Sort(times)
	return times[len(times)*99/100]
}
