package webhook_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"encoding/base64"
	"hash"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/internal/outbox"
	"latchkey/internal/outgoing"
	"latchkey/internal/store"
	"latchkey/internal/testkit"
	"latchkey/internal/webhook"
)

// told is one request that a receiver got.
type told struct {
	path   string
	header http.Header
	body   string
}

// receiver is a server of an app that is told events.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	answer func(w http.ResponseWriter, r *http.Request) // nil: 200
	told   chan told
}

func receive(t *testing.T, start func(http.Handler) *httptest.Server) *receiver {
	r := &receiver{told: make(chan told, 1000)}
	r.Server = start(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		r.told <- told{request.URL.RequestURI(), request.Header, string(body)}
		r.mu.Lock()
		answer := r.answer
		r.mu.Unlock()
		if answer != nil {
			answer(w, request)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) answering(answer func(w http.ResponseWriter, r *http.Request)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

func status(code int) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// ends is an observer that a test can wait for.
type ends chan string

func (e ends) Sent(kind, _ string, _ time.Duration) { e <- "sent " + kind }
func (e ends) Failed(kind, _ string)                { e <- "failed " + kind }
func (e ends) Dead(kind, _ string)                  { e <- "dead " + kind }

// rig is a server that tells webhooks.
type rig struct {
	*testing.T
	*testkit.Server
	key  string
	ends ends
	log  *bytes.Buffer
	logs *slog.Logger // into log
	stop func()
}

// each runs a test on every engine. The workers run until the test is over.
func each(t *testing.T, test func(t *rig)) {
	t.Helper()
	testkit.Engines(t, func(t *testing.T, db *store.DB) {
		s := testkit.Serve(t, db, testkit.NewClock(), testkit.Options{NoLimits: true, AllowLoopback: true})
		r := &rig{T: t, Server: s, ends: make(ends, 1000), log: &bytes.Buffer{}}
		r.key, r.logs = s.Key(t, nil, "*"), slog.New(slog.NewTextHandler(r.log, nil))
		r.start("node-1", outgoing.Options{AllowPrivate: testkit.Loopback})
		test(r)
	})
}

// start starts a process that delivers.
func (r *rig) start(holder string, o outgoing.Options) {
	any := o
	any.AnyCert = true
	courier := &webhook.Courier{DB: r.DB, Projects: r.Projects, Verified: outgoing.New(o), AnyCert: outgoing.New(any), Clock: r.Clock.Now, Log: r.logs, Paused: r.Admin.TellOfPause}
	workers := &outbox.Workers{DB: r.DB, Queue: r.DB.Deliveries(), Box: r.Events.Box, Courier: courier, Clock: r.Clock.Now, Log: r.logs, Holder: holder, Observer: r.ends}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { workers.Run(ctx); close(done) }()
	r.stop = sync.OnceFunc(func() { cancel(); <-done; courier.Verified.Close(); courier.AnyCert.Close() })
	r.Cleanup(r.stop)
}

// call calls the API with the key.
func (r *rig) call(route string, body any) *testkit.Reply {
	r.Helper()
	return r.Call(r.T, route, body, testkit.Header{"X-Appwrite-Key", r.key})
}

// webhook makes a webhook that listens to events; more members of the request may be given.
func (r *rig) webhook(id, url string, more testkit.Map, events ...string) *testkit.Reply {
	r.Helper()
	body := testkit.Map{"webhookId": id, "name": "App", "url": url, "events": events}
	for name, value := range more {
		body[name] = value
	}
	reply := r.call("POST /v1/webhooks", body)
	return reply.Want(201)
}

// next waits for the end of a try.
func (r *rig) next() string {
	r.Helper()
	select {
	case end := <-r.ends:
		return end
	case <-time.After(10 * time.Second):
		r.Fatal("nothing ended")
		return ""
	}
}

// later moves the clock and wakes whoever delivers.
func (r *rig) later(d time.Duration) {
	r.Clock.Advance(d)
	r.Events.Box.Ring()
}

// signed computes a signature as a receiver would.
func signed(algorithm func() hash.Hash, key []byte, parts ...string) string {
	mac := hmac.New(algorithm, key)
	mac.Write([]byte(strings.Join(parts, "")))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
