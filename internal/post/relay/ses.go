package relay

import (
	"strings"
	"time"

	"latchkey/internal/outgoing"
	"latchkey/internal/post"
	"latchkey/internal/post/provider"
)

func sesBase(s *Settings) string { return "https://" + sesHost(s) }

// sesHost is the host that is asked, and signed for, in a region.
func sesHost(s *Settings) string {
	if s.Endpoint != "" {
		_, host, _ := strings.Cut(s.Endpoint, "://")
		return host
	}
	return "email." + s.Region + ".amazonaws.com"
}

// sesText is a text of a mail.
type sesText struct {
	Data    string
	Charset string
}

func utf8(text string) sesText { return sesText{text, "UTF-8"} }

// Amazon SES v2: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html. SES gives every mail a
// Message-ID of its own.
func sesRequest(s *Settings, m *post.Envelope, now time.Time) provider.Draft {
	var body struct {
		FromEmailAddress string
		Destination      struct{ ToAddresses []string }
		ReplyToAddresses []string `json:",omitempty"`
		Content          struct {
			Simple struct {
				Subject sesText
				Body    struct{ Text, Html sesText }
				Headers []sesHeader
			}
		}
	}
	body.FromEmailAddress, body.Destination.ToAddresses = m.From.String(), []string{m.To.String()}
	if m.ReplyTo.Address != "" {
		body.ReplyToAddresses = []string{m.ReplyTo.String()}
	}
	simple := &body.Content.Simple
	simple.Subject, simple.Body.Text, simple.Body.Html = utf8(m.Subject), utf8(m.Text), utf8(m.HTML)
	simple.Headers = []sesHeader{{"Auto-Submitted", "auto-generated"}}
	d := provider.Object("/v2/email/outbound-emails", body)
	sign(&d, sesHost(s), scope{"ses", s.Region, s.User, s.Secret}, now)
	return d
}

type sesHeader struct{ Name, Value string }

// sesAnswer takes a request that is wrong in itself as final: nothing but the recipient changes from mail to mail.
// Rejected mails, unproven senders and paused accounts are mended by an operator.
func sesAnswer(answer *outgoing.Answer) *provider.Refusal {
	if provider.Taken(answer) {
		return nil
	}
	var told struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	read := provider.Read(answer, &told)
	kind := answer.Header.Get("X-Amzn-ErrorType")
	if kind == "" {
		kind = told.Type
	}
	kind, _, _ = strings.Cut(kind, ":") // the type may be followed by where it is described
	if _, name, found := strings.Cut(kind, "#"); found {
		kind = name
	}
	if !read && kind == "" {
		return provider.Unread()
	}
	return &provider.Refusal{Code: kind, Reason: told.Message, Final: provider.Faulty(answer) && kind == "BadRequestException"}
}
