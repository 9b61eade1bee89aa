package courier_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/internal/courier"
	"latchkey/internal/model"
	"latchkey/internal/outgoing"
	"latchkey/internal/post/sms"
	"latchkey/internal/testkit/mailserver"
)

// hook is a webhook that takes text messages.
type hook struct {
	*httptest.Server
	mu   sync.Mutex
	seen []string
}

func newHook(t *testing.T) *hook {
	h := &hook{}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		h.mu.Lock()
		defer h.mu.Unlock()
		h.seen = append(h.seen, r.Header.Get("Webhook-Id")+" "+string(body))
	}))
	t.Cleanup(h.Close)
	return h
}

// A project's own provider carries its text messages, the server's those of all others; what neither has is not
// reached.
func TestWhoCarriesTextMessages(t *testing.T) {
	t.Parallel()
	r := newRig(t, mailserver.Start(t, mailserver.Options{}))
	own, server := newHook(t), newHook(t)
	calls := outgoing.New(outgoing.Options{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	t.Cleanup(calls.Close)
	texts := &courier.Texts{Projects: r.Projects, Log: r.Log, Sender: &sms.Sender{Calls: calls, Clock: time.Now}}
	r.Texter = texts
	m := code("en")
	m.Kind, m.Channel, m.To = model.MessagePhoneCode, model.ChannelSMS, "+33612345678"

	r.declare(bare)
	if err := r.Deliver(t.Context(), m); err == nil || permanent(err) || r.reaches(model.ChannelSMS) {
		t.Error("nobody could send it:", err)
	}
	texts.Server = &sms.Settings{Provider: "webhook", Secret: "s", From: "Latchkey", Endpoint: server.URL}
	if err := r.Deliver(t.Context(), m); err != nil || len(server.seen) != 1 || !r.reaches(model.ChannelSMS) {
		t.Error("the server's provider has", server.seen, err)
	}
	r.declare(bare + "    sms: {enabled: true, provider: webhook, url: " + own.URL + ", secret: top, from: Demo}\n")
	if err := r.Deliver(t.Context(), m); err != nil || len(own.seen) != 1 || len(server.seen) != 1 {
		t.Fatal("the project's own provider has", own.seen, err)
	}
	if !strings.HasPrefix(own.seen[0], m.ID+" ") || !strings.Contains(own.seen[0], `"to":"+33612345678","from":"Demo","body":"482913 is`) {
		t.Error(own.seen[0])
	}
}
