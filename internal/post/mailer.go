package post

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"latchkey/internal/model"
)

// Defaults of a Mailer, and what no setting changes.
const (
	defaultPerServer = 8
	defaultIdle      = 20 * time.Second // below the minute after which strict servers hang up
	maxIdleTotal     = 64               // over all servers: each is a file descriptor
	maxSent          = 100              // mails on one connection; servers refuse more sooner or later
	maxAge           = 5 * time.Minute
)

// Mailer sends mails and keeps connections open for the next one. The zero value is ready; it is safe for many
// goroutines and must not be copied. Close it when done.
type Mailer struct {
	Hello     string                                                               // how we introduce ourselves (EHLO); empty: the host's name
	PerServer int                                                                  // connections at once to one server and login; 0: 8
	Idle      time.Duration                                                        // how long a connection is kept without a mail; 0: 20 s
	Dial      func(ctx context.Context, network, address string) (net.Conn, error) // nil: the system's; decides where mail may go
	Clock     func() time.Time                                                     // nil: time.Now; for the Date header

	mutex  sync.Mutex
	pools  map[SMTPSettings]*pool
	idle   int
	closed bool
	timers sync.WaitGroup // connections being hung up
}

// pool is the connections to one server.
type pool struct {
	slots chan struct{} // one for each connection in use
	users int           // senders inside or waiting; a pool without users and connections is forgotten
	idle  []*kept
}

// kept is a connection that waits for the next mail.
type kept struct {
	*connection
	timer *time.Timer
}

// Send hands one mail to its server. Errors say with Permanent() whether trying again is of use. It returns
// when the server has taken the mail, or at the end of ctx.
func (m *Mailer) Send(ctx context.Context, s SMTPSettings, message *model.Message, w *Wording) error {
	l, err := compose(s, message, w, m.now())
	if err != nil {
		return err
	}
	key := s.server()
	p, err := m.enter(ctx, key)
	if err != nil {
		return err
	}
	defer m.leave(key, p)
	c := m.take(p)
	reused := c != nil
	for {
		if c == nil {
			if c, err = m.connect(ctx, key); err != nil {
				return err
			}
		}
		failure := c.deliver(ctx, l)
		if failure == nil {
			m.put(p, c)
			return nil
		}
		// A server may hang up while nobody talks. If a kept connection fails before the mail went out, that is
		// no answer to this mail.
		if reused && !failure.answered() && failure.Stage == stageMail && ctx.Err() == nil {
			_ = c.wire.Close()
			c, reused = nil, false
			continue
		}
		m.after(p, c, failure)
		return failure
	}
}

// after keeps or ends the connection on which a mail failed.
func (m *Mailer) after(p *pool, c *connection, failure *DeliveryError) {
	if (failure.answered() || failure.Stage == stageCompose) && c.reset() {
		m.put(p, c)
		return
	}
	_ = c.wire.Close()
}

// Test tries a server: connection, TLS and login. The error is fit for the operator who entered the settings.
func (m *Mailer) Test(ctx context.Context, s SMTPSettings) error {
	c, err := m.connect(ctx, s.server())
	if err != nil {
		return err
	}
	c.quit()
	return nil
}

// Test tries a server without any Mailer: connection, TLS and login.
func Test(ctx context.Context, s SMTPSettings) error { return new(Mailer).Test(ctx, s) }

// Close hangs up all connections that wait, and those in use when their mail is done. It may be called twice.
func (m *Mailer) Close() {
	m.mutex.Lock()
	m.closed = true
	var all []*kept
	for key, p := range m.pools {
		all = append(all, p.idle...)
		p.idle = nil
		if p.users == 0 {
			delete(m.pools, key)
		}
	}
	m.idle = 0
	for _, k := range all {
		m.hangUp(k)
	}
	m.mutex.Unlock()
	m.timers.Wait()
}

// hangUp says goodbye on a goroutine of its own, which Close waits for. The mutex is held.
func (m *Mailer) hangUp(k *kept) {
	k.timer.Stop()
	m.timers.Go(k.quit)
}

var errClosed = errors.New("the mailer is closed")

// enter waits for a place among the connections of a server.
func (m *Mailer) enter(ctx context.Context, key SMTPSettings) (*pool, error) {
	m.mutex.Lock()
	if m.closed {
		m.mutex.Unlock()
		return nil, refused(stageConnect, errClosed)
	}
	p := m.pools[key]
	if p == nil {
		limit := m.PerServer
		if limit <= 0 {
			limit = defaultPerServer
		}
		p = &pool{slots: make(chan struct{}, limit)}
		if m.pools == nil {
			m.pools = map[SMTPSettings]*pool{}
		}
		m.pools[key] = p
	}
	p.users++
	m.mutex.Unlock()
	select {
	case p.slots <- struct{}{}:
		return p, nil
	case <-ctx.Done():
		m.forget(key, p)
		return nil, refused(stageConnect, context.Cause(ctx))
	}
}

// leave gives the place back.
func (m *Mailer) leave(key SMTPSettings, p *pool) {
	<-p.slots
	m.forget(key, p)
}

// forget drops a pool that nothing holds any more.
func (m *Mailer) forget(key SMTPSettings, p *pool) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	p.users--
	m.sweep(key, p)
}

// sweep removes an empty pool. The mutex is held.
func (m *Mailer) sweep(key SMTPSettings, p *pool) {
	if p.users == 0 && len(p.idle) == 0 && m.pools[key] == p {
		delete(m.pools, key)
	}
}

// take gives the connection used last: the others may then run out of time.
func (m *Mailer) take(p *pool) *connection {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for len(p.idle) > 0 {
		last := len(p.idle) - 1
		k := p.idle[last]
		p.idle = p.idle[:last]
		m.idle--
		k.timer.Stop()
		return k.connection
	}
	return nil
}

// put keeps a connection for the next mail, or hangs up if it has served long enough.
func (m *Mailer) put(p *pool, c *connection) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.closed {
		_ = c.wire.Close() // the mail is delivered; Close waits for nobody who comes later
		return
	}
	k := &kept{connection: c}
	k.timer = time.AfterFunc(m.idleTime(), func() { m.expire(p, k) })
	if m.idle >= maxIdleTotal || c.sent >= maxSent || m.now().Sub(c.since) > maxAge {
		m.hangUp(k)
		return
	}
	p.idle = append(p.idle, k)
	m.idle++
}

// expire hangs up a connection that nobody came for.
func (m *Mailer) expire(p *pool, k *kept) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for i, candidate := range p.idle {
		if candidate != k {
			continue
		}
		p.idle = append(p.idle[:i], p.idle[i+1:]...)
		m.idle--
		m.hangUp(k)
		for key, known := range m.pools {
			if known == p {
				m.sweep(key, p)
			}
		}
		return
	}
}

func (m *Mailer) idleTime() time.Duration {
	if m.Idle > 0 {
		return m.Idle
	}
	return defaultIdle
}

func (m *Mailer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if m.Dial != nil {
		return m.Dial(ctx, network, address)
	}
	return new(net.Dialer).DialContext(ctx, network, address)
}

func (m *Mailer) now() time.Time {
	if m.Clock != nil {
		return m.Clock()
	}
	return time.Now()
}
