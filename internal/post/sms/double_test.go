package sms_test

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"latchkey/internal/outgoing"
	"latchkey/internal/post/sms"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newSender(t *testing.T, o outgoing.Options) *sms.Sender {
	t.Helper()
	o.AllowPrivate = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	calls := outgoing.New(o)
	t.Cleanup(calls.Close)
	return &sms.Sender{Calls: calls, Clock: func() time.Time { return noon }}
}

// account is a full set of settings for a provider that is played by the double.
func account(t *testing.T, provider, url string) *sms.Settings {
	t.Helper()
	values := map[string]string{
		"accountSid": "AC1", "authToken": "tok:en", "apiKey": "key1", "apiSecret": "s3cret", "senderId": "LATCHK", "authKey": "auth1", "templateId": "tpl1",
		"customerId": "CUST-1", "username": "ann", "secret": "hook-secret", "url": url + "/sms?route=1", "from": "+15550100",
	}
	s, err := sms.Read(provider, func(name string) string { return values[name] })
	if err != nil {
		t.Fatal(err)
	}
	if provider != "webhook" {
		s.Endpoint = url
	}
	return s
}

func message() *sms.Text {
	return &sms.Text{ID: "msg1", To: "+4915112345678", Body: "123456 is your code & nothing else", Code: "123456"}
}

// sent says what came of a message: sent, again or never.
func verdict(err error) string {
	if err == nil {
		return "sent"
	}
	var final interface{ Permanent() bool }
	if errors.As(err, &final) && final.Permanent() {
		return "never"
	}
	return "again"
}
