package courier_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/internal/admin"
	"latchkey/internal/auth"
	"latchkey/internal/courier"
	"latchkey/internal/model"
	"latchkey/internal/outgoing"
	"latchkey/internal/post/relay"
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

// wire answers instead of the network and keeps which host was asked.
type wire struct {
	mu     sync.Mutex
	hosts  []string
	answer string
}

// RoundTrip implements http.RoundTripper.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hosts = append(w.hosts, r.URL.Host)
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(w.answer)), Request: r}, nil
}

// Messaging providers carry what no document of the project says otherwise: the oldest that is on.
func TestMessagingProviders(t *testing.T) {
	t.Parallel()
	server := mailserver.Start(t, mailserver.Options{})
	r := newRig(t, server, netip.MustParsePrefix("127.0.0.0/8"))
	network := &wire{answer: `{"message-count":"1","messages":[{"status":"0"}],"message":"Queued. Thank you."}`}
	calls := outgoing.New(outgoing.Options{})
	calls.HTTP.Transport = network
	r.Texter = &courier.Texts{Projects: r.Projects, Log: r.Log, Sender: &sms.Sender{Calls: calls, Clock: time.Now}}
	r.Relay = &relay.Mailer{Calls: calls, Clock: time.Now}
	r.declare(bare)
	on := true
	create := func(kind string, enabled bool, values map[string]any) {
		name := kind
		_, err := r.rules.CreateProvider(t.Context(), demo, admin.ProviderKindNamed(kind), kind, admin.ProviderChange{Name: &name, Enabled: &enabled, Values: values})
		if err == nil {
			err = r.Projects.Refresh(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	text := code("en")
	text.Kind, text.Channel, text.To = model.MessagePhoneCode, model.ChannelSMS, "+33612345678"

	create("vonage", false, map[string]any{"apiKey": "k", "apiSecret": "s", "from": "Demo"})
	if r.reaches(model.ChannelSMS) || r.reaches(model.ChannelEmail) {
		t.Error("a provider that is off is used")
	}
	if _, err := r.rules.UpdateProvider(t.Context(), demo, admin.ProviderKindNamed("vonage"), "vonage", admin.ProviderChange{Enabled: &on}); err != nil {
		t.Fatal(err)
	}
	create("mailgun", true, map[string]any{"apiKey": "k", "domain": "mg.example.com", "isEuRegion": true, "fromEmail": "auth@example.com"})
	create("smtp", true, map[string]any{"host": "127.0.0.1", "port": 1, "fromEmail": "auth@example.com"})
	if err := errors.Join(r.Deliver(t.Context(), text), r.Deliver(t.Context(), code("en"))); err != nil {
		t.Fatal(err)
	}
	if want := []string{"rest.nexmo.com", "api.eu.mailgun.net"}; !slices.Equal(network.hosts, want) {
		t.Errorf("asked were %v, want %v", network.hosts, want)
	}
	r.declare(bare + smtp(server, ", senderEmail: kiosk@example.net"))
	if err := r.Deliver(t.Context(), code("en")); err != nil || len(network.hosts) != 2 {
		t.Error("the document of the project does not come first", network.hosts, err)
	}
}

// demo is a change in the project of these tests.
var demo = &auth.Request{Project: &model.Project{ID: "demo"}}
