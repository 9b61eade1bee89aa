package sms

import (
	"strings"
	"time"

	"latchkey/internal/outgoing"
	"latchkey/internal/post/provider"
)

// MSG91 words a message by a template of its own, which must name ##otp## or ##content##:
// https://docs.msg91.com/sms/send-sms
func msg91Request(s *Settings, t *Text, _ time.Time) provider.Draft {
	d := provider.Object("/api/v5/flow", struct {
		Template   string              `json:"template_id"`
		Sender     string              `json:"sender,omitempty"`
		Short      string              `json:"short_url"` // links stay as they are
		Recipients []map[string]string `json:"recipients"`
	}{s.Template, s.From, "0", []map[string]string{{"mobiles": t.digits(), "otp": t.Code, "content": t.Body}}})
	d.Header.Set("authkey", s.Secret)
	return d
}

// msg91Answer reads the type: it may be "error" under any status. There are no codes; words that name the mobile
// number are about the number.
func msg91Answer(answer *outgoing.Answer) *provider.Refusal {
	var told struct{ Type, Message string }
	if !provider.Read(answer, &told) {
		return provider.Unread()
	}
	switch {
	case provider.Taken(answer) && told.Type == "success":
		return nil
	case told.Type != "error":
		return provider.Unread()
	}
	blamed := provider.Taken(answer) || provider.Faulty(answer)
	return &provider.Refusal{Reason: told.Message, Final: blamed && strings.Contains(strings.ToLower(told.Message), "mobile")}
}
