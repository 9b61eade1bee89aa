package sms

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"latchkey/internal/outgoing"
	"latchkey/internal/post/provider"
)

// webhookRequest posts the message to whoever sends it for the operator, signed by the Standard Webhooks
// specification (https://www.standardwebhooks.com): the id, the time in seconds and the body, joined by full
// stops, under HMAC-SHA256. The id tells a repetition, the time keeps what was overheard from being played again.
func webhookRequest(s *Settings, t *Text, now time.Time) provider.Draft {
	d := provider.Object("", struct {
		To   string `json:"to"`
		From string `json:"from"`
		Body string `json:"body"`
	}{t.To, s.From, t.Body})
	moment := strconv.FormatInt(now.Unix(), 10)
	mac := hmac.New(sha256.New, signingKey(s.Secret))
	mac.Write([]byte(t.ID + "." + moment + "."))
	mac.Write(d.Body)
	d.Header.Set("Webhook-Id", t.ID)
	d.Header.Set("Webhook-Timestamp", moment)
	d.Header.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return d
}

// signingKey is the key of a secret: the specification writes it in base64 behind "whsec_"; any other text is
// the key itself.
func signingKey(secret string) []byte {
	if text, marked := strings.CutPrefix(secret, "whsec_"); marked {
		if key, err := base64.StdEncoding.DecodeString(text); err == nil {
			return key
		}
	}
	return []byte(secret)
}

// webhookAnswer takes any 2xx as sent, and a 400 or 422 as a message that will never go.
func webhookAnswer(answer *outgoing.Answer) *provider.Refusal {
	if provider.Taken(answer) {
		return nil
	}
	return &provider.Refusal{Final: provider.Faulty(answer)}
}
