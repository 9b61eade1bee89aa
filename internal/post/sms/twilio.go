package sms

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"latchkey/internal/outgoing"
	"latchkey/internal/post/provider"
)

// Twilio: https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource
func twilioRequest(s *Settings, t *Text, _ time.Time) provider.Draft {
	values := url.Values{"To": {t.To}, "Body": {t.Body}}
	if strings.HasPrefix(s.From, "MG") && len(s.From) == 34 {
		values.Set("MessagingServiceSid", s.From)
	} else {
		values.Set("From", s.From)
	}
	return provider.Form("/2010-04-01/Accounts/"+url.PathEscape(s.User)+"/Messages.json", values).Basic(s.User, s.Secret)
}

// twilioOurs are the codes of refused requests that blame the account, the sender or the messaging service. The
// others blame the number or the text: unknown, not mobile, unsubscribed, not allowed.
var twilioOurs = []int{21212, 21603, 21606, 21617, 21659, 21660, 21661, 21701, 21702, 21703, 21704, 21705}

func twilioAnswer(answer *outgoing.Answer) *provider.Refusal {
	if provider.Taken(answer) {
		return nil
	}
	var told struct {
		Code    int
		Message string
	}
	if !provider.Read(answer, &told) {
		return provider.Unread()
	}
	return &provider.Refusal{Code: strconv.Itoa(told.Code), Reason: told.Message,
		Final: provider.Faulty(answer) && told.Code != 0 && !slices.Contains(twilioOurs, told.Code)}
}
