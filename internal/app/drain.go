package app

import (
	"context"
	"errors"
	"fmt"
	stdlog "log"
	"net"
	"net/http"
	"sync"
	"time"
)

// front is one HTTP server on its listeners.
type front struct {
	name      string
	server    *http.Server
	listeners []net.Listener
	tls       bool
}

// Serve answers requests until ctx ends or a listener fails, then drains and returns:
//
//  1. The API and the redirects stop accepting and tell kept-alive connections to go.
//  2. Running requests get the shutdown timeout to finish. What is left after it is cut off: its connection
//     is closed and its context ends.
//  3. The operator's listener goes last, so that the drain itself can be watched.
//
// When Serve returns, no request is running (or ignores its context), so the caller may close the database.
// The error is nil after an ordinary stop.
func (l *Listeners) Serve(ctx context.Context, api, operator http.Handler) error {
	// Requests outlive ctx on purpose: the signal to stop is no reason to break off a sign-in.
	base, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	public := []*front{l.front("api", l.counted(api), l.api, l.timeouts)}
	if len(l.redirect) > 0 {
		public = append(public, l.front("redirect", l.redirects(), l.redirect, l.timeouts))
	}
	private := l.front("operator", operator, l.operator, operatorTimeouts)
	if l.certs != nil {
		public[0].tls = true
		public[0].server.TLSConfig = tlsConfig(l.certs)
	}

	var running sync.WaitGroup
	failed := make(chan error, len(l.api)+len(l.redirect)+len(l.operator))
	for _, f := range append(public, private) {
		f.server.BaseContext = func(net.Listener) context.Context { return base }
		f.start(&running, failed)
	}
	if l.certs != nil {
		running.Go(func() { l.certs.keep(ctx) })
	}

	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	stop()
	l.drain(public, cut)
	// Nothing of the operator's is worth waiting for: a scrape is short, a profile can be taken again.
	_ = private.server.Close()
	running.Wait()
	return err
}

func (l *Listeners) front(name string, handler http.Handler, listeners []net.Listener, t timeouts) *front {
	return &front{name: name, listeners: listeners, server: &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: t.header,
		ReadTimeout:       t.read,
		WriteTimeout:      t.write,
		IdleTimeout:       t.idle,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          stdlog.New(errorLog(l.log), "", 0),
	}}
}

// start serves every listener of the front; a listener that fails for another reason than the end is
// reported.
func (f *front) start(running *sync.WaitGroup, failed chan<- error) {
	for _, listener := range f.listeners {
		running.Go(func() {
			var err error
			if f.tls {
				err = f.server.ServeTLS(listener, "", "")
			} else {
				err = f.server.Serve(listener)
			}
			if !errors.Is(err, http.ErrServerClosed) {
				failed <- fmt.Errorf("the %s listener on %s failed: %w", f.name, listener.Addr(), err)
			}
		})
	}
}

// drain lets running requests finish and cuts off what is still there when the time is over.
func (l *Listeners) drain(fronts []*front, cut context.CancelFunc) {
	limit, cancel := context.WithTimeout(context.Background(), l.cfg.ShutdownTimeout)
	defer cancel()
	var draining sync.WaitGroup
	for _, f := range fronts {
		// Shutdown fails only when the time is over; the listeners are closed either way.
		draining.Go(func() { _ = f.server.Shutdown(limit) })
	}
	draining.Wait()
	if n := l.InFlight(); n > 0 {
		l.log.Warn("requests were cut off, they took longer than --shutdown-timeout", "requests", n, "timeout", l.cfg.ShutdownTimeout)
	}
	for _, f := range fronts {
		_ = f.server.Close()
	}
	cut()
	l.awaitCut()
}

// awaitCut waits until the handlers that were cut off have returned, for a bounded time. Closing a
// connection does not wait for its handler, and the database must not close under one.
func (l *Listeners) awaitCut() {
	deadline := time.NewTimer(cutGrace)
	defer deadline.Stop()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for l.InFlight() > 0 {
		select {
		case <-look.C:
		case <-deadline.C:
			l.log.Error("requests ignore the end of their context", "requests", l.InFlight())
			return
		}
	}
}
