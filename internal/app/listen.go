package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"latchkey/internal/config"
)

// timeouts bound what a client may cost without sending a whole request or reading the answer.
type timeouts struct {
	header, read, write, idle time.Duration
}

var (
	// The API's requests are small JSON bodies. Thirty seconds for one is a very bad phone line, anything
	// beyond is somebody who holds connections open on purpose. Writing may take longer because the time
	// includes the wait for the hashing gate.
	apiTimeouts = timeouts{header: 10 * time.Second, read: 30 * time.Second, write: time.Minute, idle: 2 * time.Minute}
	// A CPU profile takes as long as the operator asks for, and pprof refuses what does not fit here.
	operatorTimeouts = timeouts{header: 10 * time.Second, read: 30 * time.Second, write: 5 * time.Minute, idle: 2 * time.Minute}
)

const (
	maxHeaderBytes = 32 << 10
	// cutGrace is how long requests that were cut off may take to notice that their context has ended.
	cutGrace = 2 * time.Second
)

// Listeners are the program's open ports. They are bound before anything else is built, so that a second
// server, or a port that needs privileges, is noticed before it touches data.
type Listeners struct {
	cfg      *config.Config
	log      *slog.Logger
	api      []net.Listener
	redirect []net.Listener
	operator []net.Listener
	certs    certificates // nil without TLS
	timeouts timeouts
	inFlight atomic.Int64
}

// Listen binds every port that the settings ask for. On an error nothing stays open.
func Listen(ctx context.Context, cfg *config.Config, clock func() time.Time, log *slog.Logger) (*Listeners, error) {
	l := &Listeners{cfg: cfg, log: log, timeouts: apiTimeouts}
	var err error
	if l.certs, err = newCertificates(cfg, clock, log); err != nil {
		return nil, err
	}
	for _, group := range []struct {
		option    string
		addresses []netip.AddrPort
		into      *[]net.Listener
	}{
		{"listen", cfg.Listen, &l.api}, {"http-listen", cfg.HTTPListen, &l.redirect}, {"metrics-listen", cfg.MetricsListen, &l.operator},
	} {
		if *group.into, err = bind(ctx, group.addresses); err != nil {
			l.Close()
			return nil, fmt.Errorf("--%s: %w", group.option, err)
		}
	}
	return l, nil
}

// bind opens one listener for each address. With port 0 the first gets a free port and the others, which
// are other names of the same machine, the same one. A machine without IPv6 has no [::1]: that it cannot be
// bound is no fault as long as another address was.
func bind(ctx context.Context, addresses []netip.AddrPort) (out []net.Listener, err error) {
	defer func() {
		if err != nil {
			closeAll(out)
		}
	}()
	var chosen uint16
	for _, a := range addresses {
		if a.Port() == 0 {
			a = netip.AddrPortFrom(a.Addr(), chosen)
		}
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", listenName(a))
		if err != nil && len(out) > 0 && a.Addr() == netip.IPv6Loopback() && noSuchAddress(err) {
			continue
		}
		if err != nil {
			return out, bindError(a, err)
		}
		chosen = portOf(listener)
		out = append(out, listener)
	}
	return out, nil
}

// listenName spells the unspecified IPv6 address as no host at all, which also works on machines without IPv6.
func listenName(a netip.AddrPort) string {
	if a.Addr() == netip.IPv6Unspecified() {
		return ":" + strconv.Itoa(int(a.Port()))
	}
	return a.String()
}

func noSuchAddress(err error) bool {
	return errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT)
}

// bindError says what to do about the two reasons that nearly every failure has.
func bindError(a netip.AddrPort, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s is already in use, perhaps by another server: %w", a, err)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%s needs the right to bind ports below 1024 (CAP_NET_BIND_SERVICE): %w", a, err)
	}
	return err
}

func portOf(l net.Listener) uint16 {
	if tcp, ok := l.Addr().(*net.TCPAddr); ok {
		return tcp.AddrPort().Port()
	}
	return 0
}

func closeAll(listeners []net.Listener) {
	for _, l := range listeners {
		_ = l.Close() // Closing a listener fails only when it is closed already.
	}
}

// Close gives up ports that were never served.
func (l *Listeners) Close() {
	closeAll(l.api)
	closeAll(l.redirect)
	closeAll(l.operator)
}

// API is where the API answers, with the ports that the system chose.
func (l *Listeners) API() []netip.AddrPort { return bound(l.api) }

// Redirect is where plain HTTP is redirected from; empty for nowhere.
func (l *Listeners) Redirect() []netip.AddrPort { return bound(l.redirect) }

// Operator is where metrics and profiles answer; empty for nowhere.
func (l *Listeners) Operator() []netip.AddrPort { return bound(l.operator) }

func bound(listeners []net.Listener) []netip.AddrPort {
	var out []netip.AddrPort
	for _, l := range listeners {
		if tcp, ok := l.Addr().(*net.TCPAddr); ok {
			a := tcp.AddrPort()
			out = append(out, netip.AddrPortFrom(a.Addr().Unmap(), a.Port()))
		}
	}
	return out
}

// PublicURL is the configured address, or the derived one with the port that the system chose.
func (l *Listeners) PublicURL() *url.URL {
	u := *l.cfg.PublicURL
	if l.cfg.PublicURLDerived && u.Port() == "0" && len(l.api) > 0 {
		u.Host = net.JoinHostPort(u.Hostname(), strconv.Itoa(int(portOf(l.api[0]))))
	}
	return &u
}

// InFlight is how many API requests are being answered right now.
func (l *Listeners) InFlight() int { return int(l.inFlight.Load()) }

// Reload reads the operator's certificate again at once, for a SIGHUP. On an error the certificate in use
// stays in use.
func (l *Listeners) Reload() error {
	if l.certs == nil {
		return nil
	}
	return l.certs.reload()
}

// counted counts the requests that are being answered.
func (l *Listeners) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.inFlight.Add(1)
		defer l.inFlight.Add(-1)
		next.ServeHTTP(w, r)
	})
}

// errorLog takes what net/http has to say. Failed TLS handshakes are the noise of port scanners and end at
// debug; the rest is worth a warning.
func errorLog(log *slog.Logger) *lineWriter { return &lineWriter{log: log} }

type lineWriter struct{ log *slog.Logger }

// Write logs one line.
func (w *lineWriter) Write(line []byte) (int, error) {
	text := strings.TrimSpace(string(line))
	level := slog.LevelWarn
	if strings.Contains(text, "TLS handshake error") {
		level = slog.LevelDebug
	}
	w.log.Log(context.Background(), level, text)
	return len(line), nil
}
