// Package outgoing owns how the server calls others by HTTP: sign-in providers, senders of text messages and
// mails, webhooks. Where a call goes is often an operator's or a stranger's choice, so no call reaches this
// machine or a private network that the settings do not name, none is led elsewhere by a redirect, and none takes
// longer or brings more than it may. It may import egress.
package outgoing

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"latchkey/internal/egress"
)

// Defaults of a Client.
const (
	defaultTimeout = 10 * time.Second
	defaultMaxBody = 1 << 20
	maxHeader      = 64 << 10
	handshakeTime  = 5 * time.Second
	drained        = 16 << 10
)

// ErrTooLarge is an answer that is longer than the client reads.
var ErrTooLarge = errors.New("the answer is too long")

// Options say what a client may do. The zero value reaches the public internet alone.
type Options struct {
	AllowPrivate []netip.Prefix // networks beyond the public internet that may be reached
	Timeout      time.Duration  // of a whole call, the answer included; 0: 10 s
	MaxBody      int64          // bytes of an answer, after decompression; 0: 1 MiB
	RootCAs      *x509.CertPool // nil: those of the system
	UserAgent    string         // of requests that name none; empty: Latchkey
	AnyCert      bool           // certificates are not verified: whoever set the address wants it so
}

// Client calls others. It keeps connections, is safe for many goroutines, and is closed when done.
type Client struct {
	// HTTP is the client itself, for libraries that want one. What it says in errors holds the whole URL:
	// where a URL may hold a secret, call Do.
	HTTP *http.Client
}

// New returns a client.
func New(o Options) *Client {
	transport := &http.Transport{
		Proxy:       nil, // a proxy would connect to what we may not
		DialContext: egress.Dialer(o.AllowPrivate), ForceAttemptHTTP2: true, TLSHandshakeTimeout: handshakeTime,
		TLSClientConfig:     &tls.Config{RootCAs: o.RootCAs, MinVersion: tls.VersionTLS12, InsecureSkipVerify: o.AnyCert},
		MaxIdleConnsPerHost: 8, MaxIdleConns: 64, IdleConnTimeout: 30 * time.Second,
		MaxResponseHeaderBytes: maxHeader, ExpectContinueTimeout: time.Second,
	}
	limited := &limited{next: transport, most: o.MaxBody, agent: o.UserAgent}
	if limited.most == 0 {
		limited.most = defaultMaxBody
	}
	if limited.agent == "" {
		limited.agent = "Latchkey"
	}
	client := &http.Client{Transport: limited, Timeout: o.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if client.Timeout == 0 {
		client.Timeout = defaultTimeout
	}
	return &Client{HTTP: client}
}

// Close hangs up the connections that wait for the next call.
func (c *Client) Close() { c.HTTP.CloseIdleConnections() }

// Answer is a whole answer. A redirect is an answer like any other.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do sends a request and reads the whole answer, whatever its status. The error is an *Error.
func (c *Client) Do(request *http.Request) (*Answer, error) {
	response, err := c.HTTP.Do(request)
	if err != nil {
		return nil, failed(request, err)
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close() // read to its end, or given up: closing has nothing to add
	if err != nil {
		return nil, failed(request, err)
	}
	return &Answer{Status: response.StatusCode, Header: response.Header, Body: body}, nil
}

// Tell sends a request of which only whether it arrived is of interest, and returns the status. What the answer says is
// read as far as it keeps the connection usable, and thrown away. The error is an *Error.
func (c *Client) Tell(request *http.Request) (int, error) {
	response, err := c.HTTP.Do(request)
	if err != nil {
		return 0, failed(request, err)
	}
	_, _ = io.CopyN(io.Discard, response.Body, drained)
	_ = response.Body.Close()
	return response.StatusCode, nil
}

// Error is a call that brought no answer. It names the host and nothing else of the URL, whose path and query may
// hold a secret.
type Error struct {
	Method, Host string

	cause error
}

// failed makes an error of what went wrong.
func failed(request *http.Request, err error) *Error {
	var told *url.Error
	if errors.As(err, &told) {
		err = told.Err
	}
	return &Error{Method: request.Method, Host: request.URL.Host, cause: err}
}

// Error implements error.
func (e *Error) Error() string {
	if errors.Is(e.cause, egress.ErrRefused) {
		return fmt.Sprintf("%s %s: %s", e.Method, e.Host, egress.ErrRefused) // and not which address it was
	}
	if e.Timeout() {
		return fmt.Sprintf("%s %s: no answer in time", e.Method, e.Host)
	}
	return fmt.Sprintf("%s %s: %s", e.Method, e.Host, e.cause)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// Timeout says that the time was up.
func (e *Error) Timeout() bool {
	var timed interface{ Timeout() bool }
	return errors.Is(e.cause, context.DeadlineExceeded) || errors.As(e.cause, &timed) && timed.Timeout()
}

// limited bounds what an answer may bring, for everybody who uses the client.
type limited struct {
	next  http.RoundTripper
	most  int64
	agent string
}

// RoundTrip implements http.RoundTripper.
func (l *limited) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Header.Get("User-Agent") == "" {
		request = request.Clone(request.Context())
		request.Header.Set("User-Agent", l.agent)
	}
	response, err := l.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	response.Body = &body{ReadCloser: response.Body, left: l.most}
	return response, nil
}

// CloseIdleConnections lets http.Client reach the transport.
func (l *limited) CloseIdleConnections() {
	if inner, can := l.next.(interface{ CloseIdleConnections() }); can {
		inner.CloseIdleConnections()
	}
}

// body is an answer's body that ends with an error where it would get too long.
type body struct {
	io.ReadCloser
	left int64
}

// Read implements io.Reader.
func (b *body) Read(into []byte) (int, error) {
	if b.left < 0 {
		return 0, ErrTooLarge
	}
	if int64(len(into)) > b.left+1 {
		into = into[:b.left+1]
	}
	n, err := b.ReadCloser.Read(into)
	if b.left -= int64(n); b.left < 0 {
		return n - 1, ErrTooLarge
	}
	return n, err
}
