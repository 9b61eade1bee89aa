package app

import (
	"time"

	"latchkey/internal/auth"
	"latchkey/internal/config"
	"latchkey/internal/guard"
)

// Guard is the guard of text messages as commands see it: it tells and forgets what the servers have counted.
func (a *App) Guard() *guard.Guard { return &guard.Guard{Counts: a.DB, Clock: time.Now, Log: a.Log} }

// textGuard is the guard that the server asks. A development server catches its messages, so none of them costs
// anything; without rate limits nobody is refused.
func (a *App) textGuard() auth.TextGuard {
	if a.Config.Mode == config.ModeDev || !a.Config.RateLimits {
		return nil
	}
	g := a.Guard()
	g.Numbers = counters(a.DB)
	return g
}
