package relay

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"

	"latchkey/internal/outgoing"
	"latchkey/internal/post"
	"latchkey/internal/post/provider"
)

func mailgunBase(s *Settings) string {
	if s.Region == "eu" {
		return "https://api.eu.mailgun.net"
	}
	return "https://api.mailgun.net"
}

// Mailgun: https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages/post-v3--domain-name--messages
// Tracking is switched off: it would rewrite links that hold a secret, and follow them.
func mailgunRequest(s *Settings, m *post.Envelope, _ time.Time) provider.Draft {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.SetBoundary("latchkey-" + boundary(m.MessageID)) // made of letters and digits alone
	for _, field := range [][2]string{{"from", m.From.String()}, {"to", m.To.String()}, {"subject", m.Subject}, {"text", m.Text}, {"html", m.HTML},
		{"h:Message-Id", "<" + m.MessageID + ">"}, {"h:Auto-Submitted", "auto-generated"}, {"h:Reply-To", replyTo(m)}, {"o:tracking", "no"}} {
		if field[1] != "" {
			_ = form.WriteField(field[0], field[1]) // a buffer takes everything
		}
	}
	_ = form.Close()
	return provider.Parts("/v3/"+url.PathEscape(s.Domain)+"/messages", form.FormDataContentType(), body.Bytes()).Basic("api", s.Secret)
}

// boundary is fixed for a message, so that a repeated request is the same to the letter.
func boundary(id string) string {
	text := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, id)
	return text[:min(len(text), 40)] + "-7d8a1f2c9e"
}

// replyTo is the reply address as a header; empty for none.
func replyTo(m *post.Envelope) string {
	if m.ReplyTo.Address == "" {
		return ""
	}
	return m.ReplyTo.String()
}

// mailgunAnswer blames the recipient where the words name the parameter; there are no codes.
func mailgunAnswer(answer *outgoing.Answer) *provider.Refusal {
	if provider.Taken(answer) {
		return nil
	}
	var told struct{ Message string }
	if !provider.Read(answer, &told) {
		return &provider.Refusal{Reason: "the answer is not of the documented form", Final: answer.Status == http.StatusRequestEntityTooLarge}
	}
	blamed := strings.Contains(told.Message, "to parameter") || strings.Contains(told.Message, "'to'")
	return &provider.Refusal{Reason: told.Message, Final: provider.Faulty(answer) && blamed || answer.Status == http.StatusRequestEntityTooLarge}
}
