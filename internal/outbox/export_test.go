package outbox

import "time"

// Tick replaces the tickers behind the poll and the renewal of leases.
func (w *Workers) Tick(poll, renew <-chan time.Time) { w.ticks, w.renew = poll, renew }

// BackOff, Hint and Scrub are as the workers use them.
var (
	BackOff = backOff
	Hint    = hint
	Scrub   = scrub
)
