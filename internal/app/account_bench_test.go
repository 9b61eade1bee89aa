package app_test

import (
	"net/http"
	"testing"

	"latchkey/internal/store"
	"latchkey/internal/testkit"
	"latchkey/internal/testkit/engines"
)

// nowhere is a response writer that keeps nothing, so that a benchmark counts the server's allocations alone.
type nowhere struct {
	header http.Header
	status int
}

func (n *nowhere) Header() http.Header         { return n.header }
func (n *nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (n *nowhere) WriteHeader(status int)      { n.status = status }

// BenchmarkSessionCheck is GET /v1/account with a session: what an app asks most often.
func BenchmarkSessionCheck(b *testing.B) {
	s := testkit.Serve(b, engines.Fresh(b, store.SQLite), testkit.NewClock(), testkit.Options{})
	_, session := s.Member(b, "walter@example.com")
	for _, carrier := range []testkit.Header{testkit.As(session), {"X-Appwrite-Session", session}} {
		b.Run(carrier[0], func(b *testing.B) {
			r, err := http.NewRequest("GET", "/v1/account", nil)
			if err != nil {
				b.Fatal(err)
			}
			r.RemoteAddr = "127.0.0.1:1"
			r.Header.Set("X-Appwrite-Project", testkit.Demo)
			r.Header.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36")
			r.Header.Set(carrier[0], carrier[1])
			w := &nowhere{header: http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				s.Handler.ServeHTTP(w, r)
			}
			if w.status != http.StatusOK {
				b.Fatalf("answered %d", w.status)
			}
		})
	}
}
