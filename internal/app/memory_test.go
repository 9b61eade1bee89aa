package app

import (
	"testing"

	"latchkey/internal/secret"
)

func TestMemoryIsGivenBackOnceHashingHasStopped(t *testing.T) {
	t.Parallel()
	gate := secret.NewGate(1, 1)
	given := 0
	thrift := &thrift{gate: gate, give: func() { given++ }}
	looks := func(when string, want int) {
		t.Helper()
		thrift.look()
		if given != want {
			t.Errorf("%s: given back %d times, want %d", when, given, want)
		}
	}
	hash := func(during func()) {
		if err := gate.Run(t.Context(), during); err != nil {
			t.Fatal(err)
		}
	}
	looks("nothing was taken", 0)
	hash(func() { looks("a hash is made", 0) })
	looks("one has just ended", 0)
	hash(func() {})
	looks("and another", 0)
	looks("it is quiet", 1)
	looks("it stays quiet", 1)
	hash(func() {})
	looks("again one has ended", 1)
	looks("it is quiet again", 2)
}
