package app

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"latchkey/internal/config"
)

// answer is what a request in the background came to.
type answer struct {
	body string
	err  error
}

func inBackground(client *http.Client, url string) <-chan answer {
	got := make(chan answer, 1)
	go func() {
		response, err := client.Get(url)
		if err != nil {
			got <- answer{err: err}
			return
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		got <- answer{string(body), err}
	}()
	return got
}

// TestARunningRequestFinishes tells the server to stop in the middle of a request: the request is answered,
// new connections are not taken, and Serve returns only afterwards.
func TestARunningRequestFinishes(t *testing.T) {
	t.Parallel()
	l, log := open(t, settings(t, config.ModeServe, "--listen=127.0.0.1:0"))
	entered, release := make(chan struct{}), make(chan struct{})
	s := serve(t, l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-release
		if r.Context().Err() != nil {
			_, _ = io.WriteString(w, "the context has ended")
			return
		}
		_, _ = io.WriteString(w, "finished")
	}))
	address := l.API()[0].String()
	got := inBackground(newClient(t, &http.Transport{}), "http://"+address)
	<-entered
	s.stop()
	for refused := false; !refused; {
		conn, err := net.Dial("tcp", address)
		if refused = err != nil; !refused {
			conn.Close()
		}
	}
	select {
	case err := <-s.done:
		t.Fatalf("Serve returned while a request was running: %v", err)
	default:
	}
	if n := l.InFlight(); n != 1 {
		t.Errorf("%d requests in flight, want 1", n)
	}
	close(release)
	if a := <-got; a.err != nil || a.body != "finished" {
		t.Errorf("the running request got %q, %v", a.body, a.err)
	}
	if err := s.ended(); err != nil {
		t.Error(err)
	}
	if strings.Contains(log.String(), "cut off") {
		t.Errorf("the log speaks of cut requests: %s", log)
	}
}

// TestARequestThatTakesTooLongIsCut checks the other end: after the timeout the request's context ends and
// Serve waits for its handler.
func TestARequestThatTakesTooLongIsCut(t *testing.T) {
	t.Parallel()
	l, log := open(t, settings(t, config.ModeServe, "--listen=127.0.0.1:0", "--shutdown-timeout=20ms"))
	entered := make(chan struct{})
	var why error
	s := serve(t, l, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done()
		why = r.Context().Err()
	}))
	got := inBackground(newClient(t, &http.Transport{}), "http://"+l.API()[0].String())
	<-entered
	if err := s.ended(); err != nil {
		t.Error(err)
	}
	if why != context.Canceled {
		t.Errorf("the handler had not returned when Serve did: %v", why)
	}
	if a := <-got; a.err == nil {
		t.Errorf("the cut request was answered with %q", a.body)
	}
	if !strings.Contains(log.String(), "requests were cut off") {
		t.Errorf("the log does not say so: %s", log)
	}
}

// TestAFailedListenerEndsServe closes a listener under the server.
func TestAFailedListenerEndsServe(t *testing.T) {
	t.Parallel()
	l, _ := open(t, settings(t, config.ModeServe, "--listen=127.0.0.1:0", "--metrics-listen=127.0.0.1:0"))
	s := serve(t, l, hello)
	l.operator[0].Close()
	select {
	case err := <-s.done:
		s.done <- err
		if err == nil || !strings.Contains(err.Error(), "operator listener") {
			t.Errorf("got %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("Serve goes on without its listener")
	}
}
