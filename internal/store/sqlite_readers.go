package store

import (
	"context"
	"errors"
	"sync"
)

// sqliteReaders are the connections that read, made when they are needed. The one that was given back last is taken
// first: it has the statements prepared and the pages at hand, and what few requests do is not done on every
// connection in turn.
type sqliteReaders struct {
	open   func() (*sqliteConn, error)
	free   chan struct{} // a token for each connection that may be taken; whoever waits, waits in order
	closed chan struct{}
	mu     sync.Mutex
	stack  []*sqliteConn // connections that nobody uses
}

var errClosed = errors.New("store: the database is closed")

// startReaders opens the first of so many connections: what cannot be read is noticed at once.
func startReaders(most int, open func() (*sqliteConn, error)) (*sqliteReaders, error) {
	r := &sqliteReaders{open: open, free: make(chan struct{}, most), closed: make(chan struct{})}
	for range most {
		r.free <- struct{}{}
	}
	first, err := r.acquire(context.Background())
	if err == nil {
		r.release(first)
	}
	return r, err
}

// acquire takes a connection.
func (r *sqliteReaders) acquire(ctx context.Context) (*sqliteConn, error) {
	select {
	case <-r.closed:
		return nil, errClosed
	default:
	}
	select {
	case <-r.free:
		return r.take()
	default:
	}
	select {
	case <-r.free:
		return r.take()
	case <-r.closed:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// take gives out a connection for a token.
func (r *sqliteReaders) take() (*sqliteConn, error) {
	if c := r.pop(); c != nil {
		return c, nil
	}
	c, err := r.open()
	if err != nil {
		r.free <- struct{}{}
	}
	return c, err
}

// pop returns a connection that nobody uses, nil if there is none.
func (r *sqliteReaders) pop() *sqliteConn {
	r.mu.Lock()
	defer r.mu.Unlock()
	last := len(r.stack) - 1
	if last < 0 {
		return nil
	}
	c := r.stack[last]
	r.stack = r.stack[:last]
	return c
}

func (r *sqliteReaders) release(c *sqliteConn) {
	r.mu.Lock()
	r.stack = append(r.stack, c)
	r.mu.Unlock()
	r.free <- struct{}{}
}

// close waits for the connections and closes them.
func (r *sqliteReaders) close() {
	close(r.closed)
	for range cap(r.free) {
		<-r.free
	}
	for c := r.pop(); c != nil; c = r.pop() {
		c.close()
	}
}
