package app

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"latchkey/internal/door"
	"latchkey/internal/mailbox"
)

func TestDevelopmentAddsTheMailboxAndNothingElse(t *testing.T) {
	t.Parallel()
	d := &Development{Mailbox: &mailbox.Mailbox{}, Door: &door.Door{}}
	handler := d.Before(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	for target, want := range map[string]int{
		"http://localhost/v1/dev/messages": 200, "http://localhost/dev/mailbox": 200, "http://localhost/dev/mailbox/style.css": 200, "http://localhost/dev/mailbox/7": 404,
		"http://evil.example/v1/dev/messages": 403, "http://evil.example/dev/mailbox": 403,
		"http://localhost/v1/account": 418, "http://localhost/dev/mailboxes": 418, "http://localhost/v1/dev/messages/x": 418, "http://evil.example/v1/account": 418,
	} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest("GET", target, nil))
		if w.Code != want {
			t.Errorf("%s: %d, want %d", target, w.Code, want)
		}
	}
}
