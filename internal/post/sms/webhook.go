package sms

import (
	"time"

	"latchkey/internal/outgoing"
	"latchkey/internal/post/provider"
)

// webhookRequest posts the message to whoever sends it for the operator, signed.
func webhookRequest(s *Settings, t *Text, now time.Time) provider.Draft {
	d := provider.Object("", struct {
		To   string `json:"to"`
		From string `json:"from"`
		Body string `json:"body"`
	}{t.To, s.From, t.Body})
	outgoing.Sign(d.Header, s.Secret, t.ID, now, d.Body)
	return d
}

// webhookAnswer takes any 2xx as sent, and a 400 or 422 as a message that will never go.
func webhookAnswer(answer *outgoing.Answer) *provider.Refusal {
	if provider.Taken(answer) {
		return nil
	}
	return &provider.Refusal{Final: provider.Faulty(answer)}
}
