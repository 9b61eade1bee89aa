package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"latchkey/internal/config"
)

// settings reads flags as `latchkey serve` would.
func settings(t testing.TB, mode config.Mode, args ...string) *config.Config {
	t.Helper()
	cfg, err := config.Load(mode, config.Split(args), nil, os.ReadFile)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// logged is a log that a test can read.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *logged) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// open listens, and closes whatever was not served when the test ends.
func open(t *testing.T, cfg *config.Config) (*Listeners, *logged) {
	t.Helper()
	log := &logged{}
	l, err := Listen(t.Context(), cfg, time.Now, log.logger())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l, log
}

// serving is a server that runs in a test.
type serving struct {
	stop context.CancelFunc
	done chan error
}

func serve(t *testing.T, l *Listeners, api http.Handler) *serving {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	s := &serving{stop: stop, done: make(chan error, 1)}
	go func() { s.done <- l.Serve(ctx, api, NewMetrics().Handler()) }()
	t.Cleanup(func() { stop(); <-s.done })
	return s
}

// ended stops the server and returns what Serve returned.
func (s *serving) ended() error {
	s.stop()
	err := <-s.done
	s.done <- err
	return err
}

var hello = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "hello over "+r.Proto) })

func get(t *testing.T, client *http.Client, url string) (*http.Response, string) {
	t.Helper()
	response, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

func newClient(t *testing.T, transport *http.Transport) *http.Client {
	t.Helper()
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func TestDevAnswersOnBothLoopbackAddresses(t *testing.T) {
	t.Parallel()
	l, _ := open(t, settings(t, config.ModeDev, "--listen=127.0.0.1:0"))
	serve(t, l, hello)
	client := newClient(t, &http.Transport{})
	for _, address := range l.API() {
		if _, body := get(t, client, "http://"+address.String()); body != "hello over HTTP/1.1" {
			t.Errorf("%s answered %q", address, body)
		}
	}
	if probe, err := net.Listen("tcp", "[::1]:0"); err == nil {
		probe.Close()
		if len(l.API()) != 2 || l.API()[0].Port() != l.API()[1].Port() {
			t.Errorf("dev listens on %v, want both loopback addresses and one port", l.API())
		}
	}
	if want := "http://localhost:" + strings.Split(l.API()[0].String(), ":")[1]; l.PublicURL().String() != want {
		t.Errorf("the public address is %s, want %s", l.PublicURL(), want)
	}
}

func TestABusyPortNamesItsSetting(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, err = Listen(t.Context(), settings(t, config.ModeServe, "--listen=127.0.0.1:0", "--metrics-listen="+taken.Addr().String()), time.Now, slog.New(slog.DiscardHandler))
	if !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(err.Error(), "--metrics-listen: "+taken.Addr().String()+" is already in use") {
		t.Errorf("got %v", err)
	}
}

// TestSlowHeadersAreCut opens a connection, sends half a header and expects to be hung up on.
func TestSlowHeadersAreCut(t *testing.T) {
	t.Parallel()
	l, _ := open(t, settings(t, config.ModeServe, "--listen=127.0.0.1:0"))
	l.timeouts.header = 30 * time.Millisecond
	serve(t, l, hello)
	conn, err := net.Dial("tcp", l.API()[0].String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the connection stayed open: %v", err)
	}
	if strings.Contains(string(answer), "200") {
		t.Errorf("answered %q", answer)
	}
}

func TestHugeHeadersAreRefused(t *testing.T) {
	t.Parallel()
	l, _ := open(t, settings(t, config.ModeServe, "--listen=127.0.0.1:0"))
	serve(t, l, hello)
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+l.API()[0].String(), nil)
	request.Header.Set("X-Huge", strings.Repeat("x", maxHeaderBytes+8192))
	response, err := newClient(t, &http.Transport{}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("status %d", response.StatusCode)
	}
}
