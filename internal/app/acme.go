package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"latchkey/internal/config"
)

const (
	// retryACME is the pause after a failure. Let's Encrypt allows five failed validations of a name in an
	// hour; a shorter pause would lock the operator out of the attempt that would have worked.
	retryACME = 15 * time.Minute
	// checkACME is how often the certificates are looked at when all is well.
	checkACME = 12 * time.Hour
	// callACME bounds one request to the certificate authority.
	callACME = 30 * time.Second
)

// acmeCertificates gets certificates by ACME (RFC 8555) and renews them. Keys, certificates and the account
// lie in the data directory, so that a restart asks the authority for nothing.
type acmeCertificates struct {
	domains []string
	manager *autocert.Manager
	clock   func() time.Time
	log     *slog.Logger
	calls   *stoppable
}

func newACME(cfg *config.Config, clock func() time.Time, log *slog.Logger) (*acmeCertificates, error) {
	dir := filepath.Join(cfg.Data, "acme")
	// The directory holds private keys. It may be left over from a restore with wider rights.
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("--data: %w", err)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return nil, fmt.Errorf("--data: %w", err)
	}
	roots, err := acmeRoots(cfg.ACMECAFile)
	if err != nil {
		return nil, fmt.Errorf("--acme-ca-file: %w", err)
	}
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		TLSClientConfig:     &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:   true,
		TLSHandshakeTimeout: callACME,
		IdleConnTimeout:     callACME,
	}
	a := &acmeCertificates{domains: cfg.ACMEDomains, clock: clock, log: log, calls: newStoppable(transport)}
	a.manager = &autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		Cache:      autocert.DirCache(dir),
		HostPolicy: a.policy,
		Email:      cfg.ACMEEmail,
		Client: &acme.Client{
			DirectoryURL: cfg.ACMEDirectory.String(),
			HTTPClient:   &http.Client{Transport: a.calls, Timeout: callACME},
			UserAgent:    "latchkey",
		},
	}
	return a, nil
}

// acmeRoots reads the roots of an authority of the operator's own; nil means the system's.
func acmeRoots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate in PEM form", file)
	}
	return roots, nil
}

// policy refuses every name but ours. Without it a stranger could name any host in a handshake and use up
// what the authority allows us to order. An HTTP-01 request may carry a port.
func (a *acmeCertificates) policy(_ context.Context, host string) error {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if !slices.Contains(a.domains, strings.ToLower(host)) {
		return fmt.Errorf("app: %q is not among --acme-domain", host)
	}
	return nil
}

// get passes on only the name and the protocols. From the rest the manager would guess whether the client
// knows elliptic curves, and it guesses wrong for one that offers TLS 1.3 alone: it would order a second,
// RSA certificate. Every client that passes our cipher list can use the first. A client that names no host,
// such as a health check by address, gets the first domain's.
func (a *acmeCertificates) get(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	name := hello.ServerName
	if name == "" {
		name = a.domains[0]
	}
	return a.manager.GetCertificate(&tls.ClientHelloInfo{
		ServerName:      name,
		SupportedProtos: hello.SupportedProtos,
		CipherSuites:    []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
	})
}

func (a *acmeCertificates) protocols() []string { return []string{acme.ALPNProto} }

func (a *acmeCertificates) challenges(next http.Handler) http.Handler {
	return a.manager.HTTPHandler(next)
}

func (a *acmeCertificates) reload() error { return nil }

// keep gets the certificates before the first visitor needs one, and watches that they are renewed: the
// manager renews on its own, but is silent when it fails.
func (a *acmeCertificates) keep(ctx context.Context) {
	// The end of ctx breaks off requests to the authority, whose own limit is five minutes.
	defer context.AfterFunc(ctx, a.calls.stop)()
	for {
		pause := checkACME
		for _, domain := range a.domains {
			if ctx.Err() == nil && !a.look(ctx, domain) {
				pause = retryACME
			}
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// look gets one domain's certificate and says whether it is well.
func (a *acmeCertificates) look(ctx context.Context, domain string) bool {
	cert, err := a.get(&tls.ClientHelloInfo{ServerName: domain})
	switch {
	case err != nil && ctx.Err() != nil:
		return false
	case err != nil:
		a.log.Error("no certificate by ACME", "domain", domain, "cause", err, "again", retryACME)
		return false
	}
	left, life := cert.Leaf.NotAfter.Sub(a.clock()), cert.Leaf.NotAfter.Sub(cert.Leaf.NotBefore)
	// Renewal begins when a third of the life is left, so at a sixth it has failed for weeks (or, for
	// short-lived certificates, a day).
	if left < life/6 {
		a.log.Error("the certificate is not being renewed", "domain", domain, "expires", cert.Leaf.NotAfter)
		return true
	}
	a.log.Info("certificate in use", "domain", domain, "expires", cert.Leaf.NotAfter)
	return true
}

// stoppable is a transport whose running requests can all be broken off.
type stoppable struct {
	base  http.RoundTripper
	ended context.Context
	stop  context.CancelFunc
}

func newStoppable(base http.RoundTripper) *stoppable {
	s := &stoppable{base: base}
	s.ended, s.stop = context.WithCancel(context.Background())
	return s
}

// RoundTrip sends the request; it fails once stop was called, then or while it runs.
func (s *stoppable) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(r.Context())
	detach := context.AfterFunc(s.ended, cancel)
	release := sync.OnceFunc(func() { detach(); cancel() })
	response, err := s.base.RoundTrip(r.WithContext(ctx))
	if err != nil {
		release()
		return nil, err
	}
	response.Body = &releasing{ReadCloser: response.Body, release: release}
	return response, nil
}

// releasing gives the context back when the body is closed; before, it would end the reading.
type releasing struct {
	io.ReadCloser
	release func()
}

// Close closes the body and gives the context back.
func (b *releasing) Close() error {
	defer b.release()
	return b.ReadCloser.Close()
}
