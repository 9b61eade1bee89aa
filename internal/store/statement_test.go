package store_test

import (
	"testing"

	"latchkey/internal/store"
	"latchkey/internal/testkit/engines"
)

func TestEveryStatementCanBePreparedOnBothEngines(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		names := map[string]bool{}
		for _, s := range store.Statements() {
			if err := store.Prepare(t.Context(), db, s); err != nil {
				t.Error(err)
			}
			if names[s.Name()] {
				t.Errorf("two statements are called %s", s.Name())
			}
			names[s.Name()] = true
		}
		if len(names) < 50 {
			t.Errorf("only %d statements were seen", len(names))
		}
	})
}
