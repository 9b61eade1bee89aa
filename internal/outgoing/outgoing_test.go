package outgoing_test

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"latchkey/internal/egress"
	"latchkey/internal/outgoing"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// reach starts a server and a client that may reach it.
func reach(t *testing.T, o outgoing.Options, answer http.HandlerFunc) (*outgoing.Client, string) {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	o.AllowPrivate = loopback
	client := outgoing.New(o)
	t.Cleanup(client.Close)
	return client, server.URL
}

func get(t *testing.T, client *outgoing.Client, url string) (*outgoing.Answer, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return client.Do(request)
}

// A name is judged by what it resolves to, and a literal address in any spelling by what it is.
func TestThisMachineIsOutOfReach(t *testing.T) {
	t.Parallel()
	asked := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	t.Cleanup(server.Close)
	client := outgoing.New(outgoing.Options{})
	t.Cleanup(client.Close)
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(server.URL, "http://"))
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "127.1.2.3", "[::1]", "0.0.0.0"} {
		_, err := get(t, client, "http://"+host+":"+port+"/secret?key=canary")
		if !errors.Is(err, egress.ErrRefused) {
			t.Errorf("%s: %v", host, err)
		}
		if text := err.Error(); strings.Contains(text, "canary") || strings.Contains(text, "secret") || !strings.Contains(text, "--allow-private") {
			t.Errorf("%s: the error says %q", host, text)
		}
	}
	if asked {
		t.Error("the server was reached")
	}
}

func TestAnAnswerIsReadWhole(t *testing.T) {
	t.Parallel()
	client, url := reach(t, outgoing.Options{MaxBody: 5, UserAgent: "Latchkey/9"}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Agent", r.UserAgent())
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write([]byte("12345"))
	})
	answer, err := get(t, client, url)
	if err != nil || answer.Status != http.StatusTeapot || string(answer.Body) != "12345" || answer.Header.Get("X-Agent") != "Latchkey/9" {
		t.Fatalf("%+v %v", answer, err)
	}
}

func TestALongAnswerIsGivenUp(t *testing.T) {
	t.Parallel()
	client, url := reach(t, outgoing.Options{MaxBody: 5}, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("123456")) })
	if answer, err := get(t, client, url); !errors.Is(err, outgoing.ErrTooLarge) {
		t.Fatalf("%+v %v", answer, err)
	}
}

// A redirect is where a public host would lead us into a private network.
func TestARedirectIsAnAnswer(t *testing.T) {
	t.Parallel()
	client, url := reach(t, outgoing.Options{}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			t.Error("the redirect was followed")
		}
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	})
	if answer, err := get(t, client, url); err != nil || answer.Status != http.StatusFound {
		t.Fatalf("%+v %v", answer, err)
	}
}

func TestSilenceEnds(t *testing.T) {
	t.Parallel()
	client, url := reach(t, outgoing.Options{Timeout: 30 * time.Millisecond}, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	_, err := get(t, client, url+"/?key=canary")
	var told *outgoing.Error
	if !errors.As(err, &told) || !told.Timeout() || strings.Contains(err.Error(), "canary") {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	request, _ := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if _, err := client.Do(request); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func TestATrickledAnswerEnds(t *testing.T) {
	t.Parallel()
	client, url := reach(t, outgoing.Options{Timeout: 50 * time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("1"))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	_, err := get(t, client, url)
	var told *outgoing.Error
	if !errors.As(err, &told) || !told.Timeout() {
		t.Fatal(err)
	}
}

func TestCertificatesAreChecked(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(server.Close)
	for _, trusted := range []bool{true, false} {
		roots := x509.NewCertPool()
		if trusted {
			roots.AddCert(server.Certificate())
		}
		client := outgoing.New(outgoing.Options{AllowPrivate: loopback, RootCAs: roots})
		t.Cleanup(client.Close)
		if _, err := get(t, client, server.URL); (err == nil) != trusted {
			t.Errorf("trusted %v: %v", trusted, err)
		}
	}
}
