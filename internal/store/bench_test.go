package store_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"latchkey/internal/model"
	"latchkey/internal/store"
	"latchkey/internal/testkit/engines"
)

// clients is how many goroutines work at the same time.
const clients = 32

// bench runs work on each engine from many goroutines.
func bench(b *testing.B, seed func(*store.DB), work func(db *store.DB, n int) error) {
	for _, engine := range []string{store.SQLite, store.Postgres} {
		b.Run(engine, func(b *testing.B) {
			db := engines.Open(b, store.Options{}, engine)
			seed(db)
			var n atomic.Int64
			b.ReportAllocs()
			b.SetParallelism(clients / 2)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := work(db, int(n.Add(1))); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ops/s")
		})
	}
}

const benchUsers = 10_000

// benchID is an id like the server's own: the time first, so that new rows lie next to each other.
func benchID(n int) string {
	return fmt.Sprintf("%013x%07x", int64(noon)*1000+int64(n), uint64(n)*0x9E3779B97F4A7C15>>36)
}

// seedUsers adds users with a session and an email target each.
func seedUsers(b *testing.B) func(db *store.DB) {
	return func(db *store.DB) {
		for start := 0; start < benchUsers; start += 100 {
			write(b, db, func(tx *store.Tx) {
				for n := start; n < start+100; n++ {
					id := benchID(n)
					tx.InsertUser(someUser(id))
					tx.InsertTarget(someTarget(id, id))
					tx.InsertSession(someSession(id, id))
				}
			})
		}
	}
}

func BenchmarkSessionUser(b *testing.B) {
	bench(b, seedUsers(b), func(db *store.DB, n int) error {
		id := benchID(n * 7 % benchUsers)
		found, err := db.SessionUser(context.Background(), project, id, hashOf(id+id), noon)
		if err == nil && len(found.User.Targets) != 1 {
			return fmt.Errorf("%d targets", len(found.User.Targets))
		}
		return err
	})
}

func BenchmarkAnonymousSession(b *testing.B) {
	bench(b, func(*store.DB) {}, func(db *store.DB, n int) error {
		id := benchID(n)
		return db.Write(context.Background(), func(tx *store.Tx) error {
			tx.InsertUser(anonymous(id))
			tx.InsertSession(someSession(id, id))
			tx.InsertAudit(someAudit(id, id, noon+model.Time(n)))
			return nil
		})
	})
}
