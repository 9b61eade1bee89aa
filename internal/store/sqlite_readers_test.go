package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"latchkey/internal/store"
	"latchkey/internal/testkit/engines"
)

// One after the other needs one connection; more are opened for those who read at the same time, up to the most there
// may be, and whoever comes then waits.
func TestConnectionsThatReadAreOpenedWhenTheyAreNeeded(t *testing.T) {
	t.Parallel()
	const most = 3
	db := engines.Open(t, store.Options{MaxConns: most}, store.SQLite)
	for range 10 {
		if _, err := db.Projects(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := db.IdleReaders(); n != 1 {
		t.Errorf("%d connections were opened for one reader", n)
	}
	var nest func(ctx context.Context, deep int) error
	nest = func(ctx context.Context, deep int) error {
		if deep == most {
			late, stop := context.WithTimeout(ctx, time.Millisecond)
			defer stop()
			if _, err := db.Projects(late); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("one more than there may be: %v", err)
			}
			return nil
		}
		return db.Read(ctx, func(tx *store.Tx) error {
			if _, err := tx.Project("console"); err == nil {
				t.Error("an empty database has a project")
			}
			return nest(ctx, deep+1)
		})
	}
	if err := nest(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if n := db.IdleReaders(); n != most {
		t.Errorf("%d connections were opened for %d readers", n, most)
	}
}
