// Package testkit gives tests a whole server on a real engine, with a clock that only they move and hashes that
// cost next to nothing. Only tests import it; it may import everything.
package testkit

import (
	"testing"

	"latchkey/internal/store"
	"latchkey/internal/testkit/engines"
)

// DB makes a fresh database on an engine, store.SQLite or store.Postgres. It is gone when the test is over.
func DB(t testing.TB, engine string) *store.DB {
	t.Helper()
	return engines.Fresh(t, engine)
}

// Engines runs a test on every engine there is, each with a fresh database.
func Engines(t *testing.T, test func(t *testing.T, db *store.DB)) {
	t.Helper()
	engines.Each(t, test)
}

// Sibling makes another fresh database on the engine of db.
func Sibling(t testing.TB, db *store.DB) *store.DB {
	t.Helper()
	return engines.Fresh(t, db.Engine())
}
