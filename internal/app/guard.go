package app

import (
	"time"

	"latchkey/internal/guard"
)

// Guard is the guard of text messages as commands see it: it tells and forgets what the servers have counted.
func (a *App) Guard() *guard.Guard { return &guard.Guard{Counts: a.DB, Clock: time.Now, Log: a.Log} }
