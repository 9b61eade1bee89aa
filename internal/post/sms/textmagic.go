package sms

import (
	"encoding/json"
	"net/url"
	"strconv"
	"time"

	"latchkey/internal/outgoing"
	"latchkey/internal/post/provider"
)

// TextMagic: https://docs.textmagic.com/#operation/sendMessage
func textmagicRequest(s *Settings, t *Text, _ time.Time) provider.Draft {
	values := url.Values{"text": {t.Body}, "phones": {t.digits()}}
	provider.Set(values, "from", s.From)
	provider.Set(values, "referenceId", t.ID)
	d := provider.Form("/api/v2/messages", values)
	d.Header.Set("X-TM-Username", s.User)
	d.Header.Set("X-TM-Key", s.Secret)
	return d
}

// textmagicAnswer blames the number or the text where the faults name those fields.
func textmagicAnswer(answer *outgoing.Answer) *provider.Refusal {
	if provider.Taken(answer) {
		return nil
	}
	var told struct {
		Code    int
		Message string
		Errors  struct {
			Fields map[string]json.RawMessage
		}
	}
	if !provider.Read(answer, &told) && told.Code == 0 { // without faults, errors is null or a list
		return provider.Unread()
	}
	_, number := told.Errors.Fields["phones"]
	_, text := told.Errors.Fields["text"]
	return &provider.Refusal{Code: strconv.Itoa(told.Code), Reason: told.Message, Final: provider.Faulty(answer) && (number || text)}
}
