// Package double stands for a provider: it keeps every request to the letter and gives the answer it is told. It may
// import nothing of ours.
package double

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Double is a server on loopback.
type Double struct {
	*httptest.Server
	Seen  []string // the requests, as Letter writes them
	Reply func(http.ResponseWriter, *http.Request)
}

// New starts one that gives the same answer to everything: header is names and values in turn.
func New(t *testing.T, status int, body string, header ...string) *Double {
	t.Helper()
	d := &Double{Reply: func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.Seen = append(d.Seen, letter(t, r))
		d.Reply(w, r)
	}))
	t.Cleanup(d.Close)
	return d
}

// letter writes a request down: the first line, every header that is not the transport's own, the body.
func letter(t *testing.T, r *http.Request) string {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	for _, name := range []string{"User-Agent", "Accept-Encoding", "Content-Length"} {
		r.Header.Del(name)
	}
	var header strings.Builder
	_ = r.Header.Write(&header) // sorted
	text := r.Method + " " + r.URL.RequestURI() + "\n" + header.String() + "\n" + string(body)
	return strings.ReplaceAll(text, "\r\n", "\n")
}
