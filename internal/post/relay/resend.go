package relay

import (
	"strings"
	"time"

	"latchkey/internal/outgoing"
	"latchkey/internal/post"
	"latchkey/internal/post/provider"
)

// Resend: https://resend.com/docs/api-reference/emails/send-email. The idempotency key keeps a mail that is sent
// again within a day from going out twice.
func resendRequest(s *Settings, m *post.Envelope, _ time.Time) provider.Draft {
	d := provider.Object("/emails", struct {
		From    string            `json:"from"`
		To      []string          `json:"to"`
		ReplyTo string            `json:"reply_to,omitempty"`
		Subject string            `json:"subject"`
		HTML    string            `json:"html"`
		Text    string            `json:"text"`
		Headers map[string]string `json:"headers"`
	}{m.From.String(), []string{m.To.String()}, replyTo(m), m.Subject, m.HTML, m.Text,
		map[string]string{"Message-ID": "<" + m.MessageID + ">", "Auto-Submitted": "auto-generated"}}).Bearer(s.Secret)
	d.Header.Set("Idempotency-Key", m.MessageID)
	return d
}

// resendAnswer blames the recipient where the words name the field.
func resendAnswer(answer *outgoing.Answer) *provider.Refusal {
	if provider.Taken(answer) {
		return nil
	}
	var told struct{ Name, Message string }
	if !provider.Read(answer, &told) || told.Name == "" {
		return provider.Unread()
	}
	return &provider.Refusal{Code: told.Name, Reason: told.Message, Final: provider.Faulty(answer) && strings.Contains(told.Message, "`to`")}
}
