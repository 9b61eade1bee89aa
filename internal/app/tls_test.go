package app

import (
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"latchkey/internal/config"
)

func tlsClient(t *testing.T, a *authority) *http.Client {
	t.Helper()
	return newClient(t, &http.Transport{TLSClientConfig: &tls.Config{RootCAs: a.pool}, ForceAttemptHTTP2: true})
}

func TestOwnCertificateSpeaksHTTP2(t *testing.T) {
	t.Parallel()
	a, dir := newAuthority(t), t.TempDir()
	cert, key := a.issue(t, dir, 2)
	l, log := open(t, settings(t, config.ModeServe, "--listen=127.0.0.1:0", "--tls-cert="+cert, "--tls-key="+key))
	serve(t, l, hello)
	if _, body := get(t, tlsClient(t, a), l.PublicURL().String()); body != "hello over HTTP/2.0" {
		t.Errorf("answered %q", body)
	}
	old := &tls.Config{RootCAs: a.pool, ServerName: "localhost", MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	if conn, err := tls.Dial("tcp", l.API()[0].String(), old); err == nil {
		conn.Close()
		t.Error("TLS 1.1 was accepted")
	}
	if strings.Contains(log.String(), "TLS handshake error") {
		t.Error("a failed handshake is noise, not a warning")
	}
}

// TestANewCertificateIsTakenUp replaces the files: a connection that is open stays, a new one gets the new
// certificate; files that do not fit together change nothing.
func TestANewCertificateIsTakenUp(t *testing.T) {
	t.Parallel()
	a, dir := newAuthority(t), t.TempDir()
	cert, key := a.issue(t, dir, 2)
	var ahead atomic.Int64
	log := &logged{}
	clock := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	l, err := Listen(t.Context(), settings(t, config.ModeServe, "--listen=127.0.0.1:0", "--tls-cert="+cert, "--tls-key="+key), clock, log.logger())
	if err != nil {
		t.Fatal(err)
	}
	serve(t, l, hello)
	serial := func(client *http.Client) int64 {
		response, _ := get(t, client, l.PublicURL().String())
		return response.TLS.PeerCertificates[0].SerialNumber.Int64()
	}
	first := tlsClient(t, a)
	if got := serial(first); got != 2 {
		t.Fatalf("serial %d, want 2", got)
	}

	good, _ := os.ReadFile(key)
	a.issue(t, dir, 3)
	writeFile(t, key, good) // the certificate is new, the key is not yet
	ahead.Add(int64(2 * lookEvery))
	if got := serial(tlsClient(t, a)); got != 2 {
		t.Errorf("half a renewal: serial %d, want the old one", got)
	}
	if !strings.Contains(log.String(), "the old one stays") {
		t.Errorf("the log does not say that the files do not fit: %s", log)
	}
	if err := l.Reload(); err == nil {
		t.Error("Reload says nothing about files that do not fit")
	}

	a.issue(t, dir, 4)
	ahead.Add(int64(2 * lookEvery))
	if got := serial(tlsClient(t, a)); got != 4 {
		t.Errorf("after the renewal: serial %d, want 4", got)
	}
	if got := serial(first); got != 2 {
		t.Errorf("the open connection was dropped: serial %d", got)
	}

	a.issue(t, dir, 5)
	if err := l.Reload(); err != nil {
		t.Fatal(err)
	}
	if got := serial(tlsClient(t, a)); got != 5 {
		t.Errorf("after Reload: serial %d, want 5", got)
	}

	if err := os.Remove(cert); err != nil {
		t.Fatal(err)
	}
	ahead.Add(int64(2 * lookEvery))
	if got := serial(tlsClient(t, a)); got != 5 {
		t.Errorf("without files: serial %d, want 5", got)
	}
}

func writeFile(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestABrokenCertificateIsRefusedAtStart(t *testing.T) {
	t.Parallel()
	a, dir := newAuthority(t), t.TempDir()
	cert, key := a.issue(t, dir, 2)
	other := filepath.Join(dir, "other.pem")
	writeFile(t, other, []byte("not PEM"))
	for _, args := range [][]string{{"--tls-cert=" + cert, "--tls-key=" + other}, {"--tls-cert=" + cert + ".nowhere", "--tls-key=" + key}} {
		cfg := settings(t, config.ModeServe, append(args, "--listen=127.0.0.1:0")...)
		if _, err := Listen(t.Context(), cfg, time.Now, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "--tls-cert") {
			t.Errorf("%v: got %v", args, err)
		}
	}
}

func TestACertificateForAnotherHostIsReported(t *testing.T) {
	t.Parallel()
	a, dir := newAuthority(t), t.TempDir()
	cert, key := a.issue(t, dir, 2)
	_, log := open(t, settings(t, config.ModeServe, "--listen=127.0.0.1:0", "--public-url=https://auth.example.com", "--tls-cert="+cert, "--tls-key="+key))
	if !strings.Contains(log.String(), "not for the host of --public-url") {
		t.Errorf("log: %s", log)
	}
}

// TestPlainHTTPIsRedirected asks the redirecting port for addresses of all kinds.
func TestPlainHTTPIsRedirected(t *testing.T) {
	t.Parallel()
	a, dir := newAuthority(t), t.TempDir()
	cert, key := a.issue(t, dir, 2)
	l, _ := open(t, settings(t, config.ModeServe, "--listen=127.0.0.1:0", "--http-listen=127.0.0.1:0", "--public-url=https://auth.example.com", "--tls-cert="+cert, "--tls-key="+key))
	serve(t, l, hello)
	client := newClient(t, &http.Transport{})
	cases := []struct {
		method, host, path string
		status             int
		location           string
	}{
		{http.MethodGet, "auth.example.com", "/v1/account?a=b%20c", 308, "https://auth.example.com/v1/account?a=b%20c"},
		{http.MethodHead, "auth.example.com:8080", "/a%2Fb", 308, "https://auth.example.com/a%2Fb"},
		{http.MethodGet, "evil.example.com", "/", 308, "https://auth.example.com/"},
		{http.MethodGet, "auth.example.com", "//evil.example.com/x", 308, "https://auth.example.com//evil.example.com/x"},
		{http.MethodPost, "auth.example.com", "/v1/account/sessions/email", 403, ""},
	}
	for _, c := range cases {
		request, err := http.NewRequestWithContext(t.Context(), c.method, "http://"+l.Redirect()[0].String()+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = c.host
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if got := response.Header.Get("Location"); response.StatusCode != c.status || got != c.location {
			t.Errorf("%s %s%s: %d %q, want %d %q", c.method, c.host, c.path, response.StatusCode, got, c.status, c.location)
		}
	}
}

func TestRedirectHost(t *testing.T) {
	t.Parallel()
	domains := []string{"a.example.com", "b.example.com"}
	for _, c := range []struct{ public, asked, want string }{
		{"https://a.example.com", "B.example.com:80", "b.example.com"},
		{"https://a.example.com:8443", "b.example.com", "b.example.com:8443"},
		{"https://a.example.com:8443", "c.example.com", "a.example.com:8443"},
		{"https://a.example.com", "", "a.example.com"},
		{"https://a.example.com", "[::1]:80", "a.example.com"},
	} {
		public, err := url.Parse(c.public)
		if err != nil {
			t.Fatal(err)
		}
		if got := redirectHost(public, domains, c.asked); got != c.want {
			t.Errorf("%s asked for %q goes to %s, want %s", c.public, c.asked, got, c.want)
		}
	}
}

// TestAPlainRequestOnTheTLSPort is what a mistyped address does: it must be told, not hang.
func TestAPlainRequestOnTheTLSPort(t *testing.T) {
	t.Parallel()
	a, dir := newAuthority(t), t.TempDir()
	cert, key := a.issue(t, dir, 2)
	l, _ := open(t, settings(t, config.ModeServe, "--listen=127.0.0.1:0", "--tls-cert="+cert, "--tls-key="+key))
	serve(t, l, hello)
	response, _ := get(t, newClient(t, &http.Transport{}), "http://"+net.JoinHostPort("127.0.0.1", l.PublicURL().Port()))
	if response.StatusCode != http.StatusBadRequest {
		t.Errorf("status %d", response.StatusCode)
	}
}
