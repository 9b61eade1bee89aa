package app

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

// worker is something that runs beside the requests until its context ends.
type worker struct {
	name string
	run  func(context.Context)
}

// crew runs workers and waits for them. A worker that panics is reported and started again after a pause:
// a fault in housekeeping must not take sign-in down with it.
type crew struct {
	log  *slog.Logger
	wait sync.WaitGroup
}

// restartPause is how long a worker that panicked stays down.
const restartPause = time.Second

// start runs a worker until the context ends.
func (c *crew) start(ctx context.Context, w worker) {
	c.wait.Add(1)
	go func() {
		defer c.wait.Done()
		for ctx.Err() == nil {
			c.attempt(ctx, w)
			select {
			case <-ctx.Done():
			case <-time.After(restartPause):
			}
		}
	}()
}

// attempt runs a worker once and turns a panic into a line in the log.
func (c *crew) attempt(ctx context.Context, w worker) {
	defer func() {
		if cause := recover(); cause != nil {
			c.log.Error("a worker failed", "worker", w.name, "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
		}
	}()
	w.run(ctx)
}
