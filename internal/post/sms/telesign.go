package sms

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"latchkey/internal/outgoing"
	"latchkey/internal/post/provider"
)

// Telesign: https://developer.telesign.com/enterprise/reference/sendsms
func telesignRequest(s *Settings, t *Text, _ time.Time) provider.Draft {
	values := url.Values{"phone_number": {t.digits()}, "message": {t.Body}, "message_type": {"OTP"}}
	provider.Set(values, "sender_id", s.From)
	provider.Set(values, "external_id", t.ID)
	return provider.Form("/v1/messaging", values).Basic(s.User, s.Secret)
}

var (
	// telesignTaken are the states of a message on its way, or there: delivered, at the gateway, in progress, queued.
	telesignTaken = []int{200, 203, 290, 291, 292, 295}
	// telesignFinal are the refusals that blame the number or the text: not a number, no such country, not a text.
	telesignFinal = []int{11000, 11001, 11009}
)

func telesignAnswer(answer *outgoing.Answer) *provider.Refusal {
	var told struct {
		Status struct {
			Code        int
			Description string
		}
		Errors []struct {
			Code        int
			Description string
		}
	}
	if !provider.Read(answer, &told) {
		return provider.Unread()
	}
	state := told.Status
	if state.Code == 0 && len(told.Errors) > 0 {
		state.Code, state.Description = told.Errors[0].Code, told.Errors[0].Description
	}
	switch {
	case provider.Taken(answer) && slices.Contains(telesignTaken, state.Code):
		return nil
	case state.Code == 0:
		return provider.Unread()
	}
	return &provider.Refusal{Code: strconv.Itoa(state.Code), Reason: state.Description,
		Final: provider.Faulty(answer) && slices.Contains(telesignFinal, state.Code)}
}
