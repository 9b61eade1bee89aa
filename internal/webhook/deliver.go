package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" // the contract's signature; the other one is SHA-256
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"latchkey/internal/admin"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/outgoing"
	"latchkey/internal/store"
)

const (
	// TryTime is how long a receiver may take to answer.
	TryTime = 10 * time.Second
	// A webhook is paused when this many tries have failed in a row, and for this long nothing else has happened: a
	// receiver that is restarted while many events come in is no reason.
	pauseAfter = 10
	pauseTime  = 10 * time.Minute
)

// Courier carries deliveries. Its clients reach what projects may send us to.
type Courier struct {
	DB       *store.DB
	Projects *admin.Projects
	Verified *outgoing.Client // certificates must be good
	AnyCert  *outgoing.Client // for webhooks that want no verification
	Clock    func() time.Time
	Log      *slog.Logger
	Paused   Paused // nil: nobody is told
}

// Paused tells those who look after a project that one of its webhooks is switched off, inside the transaction that does so.
type Paused func(ctx context.Context, tx *store.Tx, project string, hook *admin.Document, reason string) error

// lost is a delivery that no later try could bring.
type lost struct{ reason string }

// Error implements error.
func (l *lost) Error() string { return l.reason }

// Permanent says that trying again is no use.
func (l *lost) Permanent() bool { return true }

// Deliver implements outbox.Courier.
func (c *Courier) Deliver(ctx context.Context, m *model.Message) error {
	hook, err := c.Projects.Document(ctx, m.Project, store.KindWebhook, m.Channel)
	switch {
	case err != nil:
		return err
	case hook == nil:
		return &lost{"the webhook is gone"}
	case !hook.Enabled() && m.Kind != Ping:
		return &lost{"the webhook is switched off"}
	}
	began := time.Now()
	code, refused := c.post(ctx, hook, m)
	return errors.Join(refused, c.note(ctx, m, hook, try{code, time.Since(began), refused}))
}

// post sends a delivery once. The error's text holds no more of the address than its host.
func (c *Courier) post(ctx context.Context, hook *admin.Document, m *model.Message) (int, error) {
	request, err := c.request(ctx, hook, m)
	if err != nil {
		return 0, &lost{"the address cannot be used"}
	}
	client := c.Verified
	if tls, set := hook.Body["tls"].(bool); set && !tls {
		client = c.AnyCert
	}
	code, err := client.Tell(request)
	switch {
	case err != nil:
		return 0, err
	case code >= 200 && code < 300:
		return code, nil
	case code >= 300 && code < 400:
		return code, fmt.Errorf("the receiver answered %d: redirects are not followed", code)
	case code == http.StatusGone || m.Kind == Ping:
		return code, &lost{fmt.Sprintf("the receiver answered %d", code)}
	}
	return code, fmt.Errorf("the receiver answered %d", code)
}

// request words a delivery as the contract has it, with a signature of today's kind beside the contract's own.
func (c *Courier) request(ctx context.Context, hook *admin.Document, m *model.Message) (*http.Request, error) {
	body, key := m.Values["body"], hook.Secrets["secret"]
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.Text("url"), strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, value := range map[string]string{
		"Content-Type": "application/json", "User-Agent": "Latchkey-Webhooks",
		"X-Appwrite-Webhook-Id": hook.ID, "X-Appwrite-Webhook-Name": oneLine(hook.Text("name")), "X-Appwrite-Webhook-Events": m.Values["events"],
		"X-Appwrite-Webhook-User-Id": m.Values["user"], "X-Appwrite-Webhook-Project-Id": m.Project,
		"X-Appwrite-Webhook-Signature": signature(hook.Text("url"), body, key),
	} {
		request.Header.Set(name, value)
	}
	outgoing.Sign(request.Header, key, m.ID, c.Clock(), []byte(body))
	if user, password := hook.Text("authUsername"), hook.Secrets["authPassword"]; user != "" && password != "" {
		request.SetBasicAuth(user, password)
	}
	return request, nil
}

// oneLine makes a text one that a header can hold.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
}

// signature is the contract's: HMAC-SHA1 over address and body. The address is taken without its percent signs, as the
// contract's own servers sign it.
func signature(address, body, key string) string {
	if plain, err := url.PathUnescape(address); err == nil {
		address = plain
	}
	mac := hmac.New(sha1.New, []byte(key))
	mac.Write([]byte(address + body))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// try is what came of one.
type try struct {
	code    int
	took    time.Duration
	refused error
}

// note writes a try down where operators see it. Failures in a row are counted; when they are too many, the webhook is
// switched off, until somebody has looked after the receiver, and whoever should do so is told.
func (c *Courier) note(ctx context.Context, m *model.Message, hook *admin.Document, t try) error {
	paused := false
	ctx = context.WithoutCancel(ctx)
	err := c.DB.Write(ctx, func(tx *store.Tx) error {
		paused = false
		tx.NoteTry(m.Project, m.ID, t.code, int(t.took.Milliseconds()))
		if m.Kind == Ping {
			return nil
		}
		if t.refused == nil {
			tx.ForgetFailures(m.Project, m.Channel)
			return nil
		}
		failed, err := tx.CountFailure(m.Project, m.Channel, t.refused.Error())
		if err != nil || failed.Attempts < pauseAfter || tx.Now < failed.Since.Add(pauseTime) {
			return err
		}
		if paused, err = pause(tx, m); !paused || c.Paused == nil {
			return err
		}
		return c.Paused(ctx, tx, m.Project, hook, t.refused.Error())
	})
	if err != nil || !paused {
		return err
	}
	c.Log.Warn("a webhook was switched off: its receiver has failed too often in a row", "project", m.Project, "webhook", m.Channel)
	return c.Projects.Refresh(ctx) // the others hear of it by themselves
}

// pause switches a webhook off, and says whether it was on.
func pause(tx *store.Tx, m *model.Message) (bool, error) {
	d, err := tx.Document(m.Project, store.KindWebhook, m.Channel)
	if errors.Is(err, fault.ProviderNotFound) {
		return false, nil // deleted meanwhile
	}
	if err != nil {
		return false, err
	}
	body := map[string]any{}
	if err := json.Unmarshal([]byte(d.Body), &body); err != nil || body["enabled"] == false {
		return false, err
	}
	body["enabled"] = false
	text, err := json.Marshal(body)
	d.Body, d.UpdatedAt = model.Object(text), tx.Now
	tx.UpsertDocument(d)
	return true, err
}
