package app

import (
	"context"
	"runtime/debug"
	"time"

	"latchkey/internal/secret"
)

// thrift gives memory back to the system when it has gone quiet. A password hash takes 19 MiB, each anew, and Go keeps
// what it has had for minutes in case it is needed again: a server that three people have signed in to would look
// like one that is at work.
type thrift struct {
	gate  *secret.Gate
	give  func() // debug.FreeOSMemory but for tests
	seen  int    // hashes, at the last look
	owing bool   // something has been taken since memory was given back
}

// quietFor is how long nobody hashes before memory is given back; at most twice as long passes.
const quietFor = 15 * time.Second

// Run looks until ctx ends. What was needed for the start is given back, too.
func (t *thrift) Run(ctx context.Context) {
	ticker := time.NewTicker(quietFor)
	defer ticker.Stop()
	for t.owing = true; ; t.look() {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// look gives memory back if nobody has hashed since the last look and somebody had before.
func (t *thrift) look() {
	running, waiting := t.gate.Stats()
	ended := t.gate.Ended()
	if running+waiting > 0 || ended != t.seen {
		t.seen, t.owing = ended, true
		return
	}
	if t.owing {
		t.owing = false
		t.give()
	}
}

func newThrift(gate *secret.Gate) *thrift { return &thrift{gate: gate, give: debug.FreeOSMemory} }
