package sms

import (
	"net/url"
	"time"

	"latchkey/internal/outgoing"
	"latchkey/internal/post/provider"
)

// Vonage: https://developer.vonage.com/en/api/sms#send-an-sms
func vonageRequest(s *Settings, t *Text, _ time.Time) provider.Draft {
	values := url.Values{"to": {t.digits()}, "from": {s.From}, "text": {t.Body}}
	if !gsm(t.Body) {
		values.Set("type", "unicode") // or the letters would arrive as question marks
	}
	provider.Set(values, "client-ref", t.ID)
	return provider.Form("/sms/json", values).Basic(s.User, s.Secret)
}

// vonageAnswer looks at the status of every part: the status of HTTP is 200 also for what was refused.
// https://developer.vonage.com/en/api-errors/sms
func vonageAnswer(answer *outgoing.Answer) *provider.Refusal {
	var told struct {
		Messages []struct {
			Status string `json:"status"`
			Text   string `json:"error-text"`
		} `json:"messages"`
	}
	if !provider.Taken(answer) || !provider.Read(answer, &told) || len(told.Messages) == 0 {
		return provider.Unread()
	}
	for _, part := range told.Messages {
		switch part.Status {
		case "0":
		case "6", "7": // no route to such a number; barred
			return &provider.Refusal{Code: part.Status, Reason: part.Text, Final: true}
		default:
			return &provider.Refusal{Code: part.Status, Reason: part.Text}
		}
	}
	return nil
}
