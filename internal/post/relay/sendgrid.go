package relay

import (
	"net/http"
	"net/mail"
	"strings"
	"time"

	"latchkey/internal/outgoing"
	"latchkey/internal/post"
	"latchkey/internal/post/provider"
)

// sendgridAddress is an address as SendGrid wants it.
type sendgridAddress struct {
	Email string `json:"email"`
	Name  string `json:"name,omitempty"`
}

func forSendgrid(a mail.Address) *sendgridAddress {
	if a.Address == "" {
		return nil
	}
	return &sendgridAddress{a.Address, a.Name}
}

type sendgridPart struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

type sendgridSwitch struct {
	Enable bool `json:"enable"`
}

// sendgridMail is the body of a request.
type sendgridMail struct {
	Personalizations []struct {
		To []*sendgridAddress `json:"to"`
	} `json:"personalizations"`
	From     *sendgridAddress          `json:"from"`
	ReplyTo  *sendgridAddress          `json:"reply_to,omitempty"`
	Subject  string                    `json:"subject"`
	Content  []sendgridPart            `json:"content"`
	Headers  map[string]string         `json:"headers"`
	Tracking map[string]sendgridSwitch `json:"tracking_settings"`
}

// SendGrid: https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send. Tracking is switched off: it
// would rewrite links that hold a secret, and follow them.
func sendgridRequest(s *Settings, m *post.Envelope, _ time.Time) provider.Draft {
	body := sendgridMail{
		From: forSendgrid(m.From), ReplyTo: forSendgrid(m.ReplyTo), Subject: m.Subject,
		Content:  []sendgridPart{{"text/plain", m.Text}, {"text/html", m.HTML}},
		Headers:  map[string]string{"Message-ID": "<" + m.MessageID + ">", "Auto-Submitted": "auto-generated"},
		Tracking: map[string]sendgridSwitch{"click_tracking": {}, "open_tracking": {}},
	}
	body.Personalizations = append(body.Personalizations, struct {
		To []*sendgridAddress `json:"to"`
	}{[]*sendgridAddress{forSendgrid(m.To)}})
	return provider.Object("/v3/mail/send", body).Bearer(s.Secret)
}

// sendgridAnswer blames the recipient where the fault is in the personalizations, which hold nothing else.
func sendgridAnswer(answer *outgoing.Answer) *provider.Refusal {
	if provider.Taken(answer) {
		return nil
	}
	refusal := &provider.Refusal{Final: answer.Status == http.StatusRequestEntityTooLarge}
	var told struct {
		Errors []struct{ Message, Field string }
	}
	if !provider.Read(answer, &told) || len(told.Errors) == 0 {
		refusal.Reason = "the answer is not of the documented form"
		return refusal
	}
	first := told.Errors[0]
	refusal.Code, refusal.Reason = first.Field, first.Message
	refusal.Final = refusal.Final || provider.Faulty(answer) && strings.HasPrefix(first.Field, "personalizations")
	return refusal
}
