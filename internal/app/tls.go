package app

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"latchkey/internal/config"
)

// certificates is where the server's certificate comes from.
type certificates interface {
	// get chooses the certificate for a connection.
	get(hello *tls.ClientHelloInfo) (*tls.Certificate, error)
	// protocols are the ALPN protocols it needs beside HTTP.
	protocols() []string
	// challenges answers the certificate authority's plain HTTP requests and hands all others on.
	challenges(next http.Handler) http.Handler
	// reload looks for a new certificate now.
	reload() error
	// keep does what has to be done in the background until ctx ends.
	keep(ctx context.Context)
}

// newCertificates is nil, without an error, when the server speaks plain HTTP.
func newCertificates(cfg *config.Config, clock func() time.Time, log *slog.Logger) (certificates, error) {
	switch {
	case len(cfg.ACMEDomains) > 0:
		return newACME(cfg, clock, log)
	case cfg.TLSCert != "":
		return newOwnCertificate(cfg, clock, log)
	}
	return nil, nil
}

// tlsConfig asks for TLS 1.2 with forward secrecy and authenticated encryption, or TLS 1.3: the
// recommendation of RFC 9325 section 4.2, and what every browser and phone of the last ten years speaks.
func tlsConfig(c certificates) *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: c.get,
		NextProtos:     append([]string{"h2", "http/1.1"}, c.protocols()...),
		CipherSuites: []uint16{
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		},
	}
}

// lookEvery is how often a handshake looks whether the certificate's files have changed.
const lookEvery = time.Second

// ownCertificate is the operator's certificate, read again when its files change. Connections that are open
// keep what they were opened with; nothing is dropped.
type ownCertificate struct {
	certFile, keyFile string
	host              string
	clock             func() time.Time
	log               *slog.Logger

	mu      sync.Mutex
	current *tls.Certificate
	looked  time.Time
	seen    string // the stamp of the files as they were last read
}

func newOwnCertificate(cfg *config.Config, clock func() time.Time, log *slog.Logger) (*ownCertificate, error) {
	c := &ownCertificate{certFile: cfg.TLSCert, keyFile: cfg.TLSKey, host: cfg.PublicURL.Hostname(), clock: clock, log: log}
	if err := c.reload(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *ownCertificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.clock(); now.Sub(c.looked) >= lookEvery || now.Before(c.looked) {
		c.looked = now
		// A renewal writes two files, and between the two they do not fit together. The old certificate
		// goes on until they do: the second write changes the stamp again. Files that are absent for a
		// moment have no stamp and are left for the next look.
		if stamp, err := c.stamp(); err == nil && stamp != c.seen {
			if err := c.read(stamp); err != nil {
				c.log.Error("the new certificate cannot be used, the old one stays", "cause", err)
			}
		}
	}
	return c.current, nil
}

func (c *ownCertificate) reload() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	stamp, err := c.stamp()
	if err != nil {
		return fmt.Errorf("--tls-cert: %w", err)
	}
	return c.read(stamp)
}

// stamp tells one state of the two files from another: time and size, and the inode, because files that are
// swapped by a link may be alike in both.
func (c *ownCertificate) stamp() (string, error) {
	var b strings.Builder
	for _, name := range []string{c.certFile, c.keyFile} {
		info, err := os.Stat(name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "%d %d %d;", info.ModTime().UnixNano(), info.Size(), inode(info))
	}
	return b.String(), nil
}

// read takes the files into use if they are a certificate and its key. The caller holds the lock.
func (c *ownCertificate) read(stamp string) error {
	c.seen = stamp
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("--tls-cert and --tls-key: %w", err)
	}
	c.current = &pair
	switch now := c.clock(); {
	case now.After(pair.Leaf.NotAfter):
		c.log.Warn("the certificate has expired", "file", c.certFile, "expired", pair.Leaf.NotAfter)
	case now.Before(pair.Leaf.NotBefore):
		c.log.Warn("the certificate is not valid yet", "file", c.certFile, "valid", pair.Leaf.NotBefore)
	case pair.Leaf.VerifyHostname(c.host) != nil:
		c.log.Warn("the certificate is not for the host of --public-url", "file", c.certFile, "host", c.host, "names", pair.Leaf.DNSNames)
	default:
		c.log.Info("certificate in use", "file", c.certFile, "expires", pair.Leaf.NotAfter)
	}
	return nil
}

func (c *ownCertificate) protocols() []string { return nil }

func (c *ownCertificate) challenges(next http.Handler) http.Handler { return next }

func (c *ownCertificate) keep(context.Context) {}

// redirects answers plain HTTP beside TLS: challenges of the certificate authority, else the same address
// over HTTPS.
func (l *Listeners) redirects() http.Handler {
	public := l.PublicURL()
	return l.certs.challenges(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Only what a browser sends on its own is redirected. A program that posts a password in the clear
		// must hear of its mistake; were it led on, it would leak every password and seem to work.
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(w, "This server speaks HTTPS only: use "+public.String(), http.StatusForbidden)
			return
		}
		to := &url.URL{Scheme: "https", Host: redirectHost(public, l.cfg.ACMEDomains, r.Host), Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
		w.Header().Set("Location", to.String())
		w.WriteHeader(http.StatusPermanentRedirect)
	}))
}

// redirectHost stays on the host that was asked for if we have a certificate for it, and else goes to the
// public one: what a stranger writes into the Host header must not choose where the answer points.
func redirectHost(public *url.URL, domains []string, asked string) string {
	host := asked
	if h, _, err := net.SplitHostPort(asked); err == nil {
		host = h
	}
	host = strings.ToLower(host)
	if !slices.Contains(domains, host) {
		return public.Host
	}
	if port := public.Port(); port != "" {
		return net.JoinHostPort(host, port)
	}
	return host
}
