package sms

import (
	"time"

	"latchkey/internal/outgoing"
	"latchkey/internal/post/provider"
)

// row is one provider.
type row struct {
	host         string // of its API
	members      []member
	senderIsUser bool // in a URL, what stands where others have the account is the sender
	request      func(*Settings, *Text, time.Time) provider.Draft
	judge        func(*outgoing.Answer) *provider.Refusal // nil: the message is taken
}

// The members of settings.
func user(s *Settings) *string     { return &s.User }
func secret(s *Settings) *string   { return &s.Secret }
func from(s *Settings) *string     { return &s.From }
func template(s *Settings) *string { return &s.Template }
func endpoint(s *Settings) *string { return &s.Endpoint }

const webhook = "webhook"

// providers is the table. The names of members are those of the official server SDK.
var providers = map[string]*row{
	"twilio": {host: "api.twilio.com", request: twilioRequest, judge: twilioAnswer,
		members: []member{{"accountSid", user, true}, {"authToken", secret, true}, {"from", from, true}}},
	"vonage": {host: "rest.nexmo.com", request: vonageRequest, judge: vonageAnswer,
		members: []member{{"apiKey", user, true}, {"apiSecret", secret, true}, {"from", from, true}}},
	"msg91": {host: "control.msg91.com", request: msg91Request, judge: msg91Answer, senderIsUser: true,
		members: []member{{"senderId", from, false}, {"authKey", secret, true}, {"templateId", template, true}}},
	"telesign": {host: "rest-ww.telesign.com", request: telesignRequest, judge: telesignAnswer,
		members: []member{{"customerId", user, true}, {"apiKey", secret, true}, {"from", from, false}}},
	"textmagic": {host: "rest.textmagic.com", request: textmagicRequest, judge: textmagicAnswer,
		members: []member{{"username", user, true}, {"apiKey", secret, true}, {"from", from, false}}},
	webhook: {request: webhookRequest, judge: webhookAnswer,
		members: []member{{"url", endpoint, true}, {"secret", secret, true}, {"from", from, false}}},
}
