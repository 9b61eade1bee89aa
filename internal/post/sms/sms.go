// Package sms owns the providers of text messages: one row each, with the request that the provider's public
// documentation asks for and what its answers mean. It decides nothing about who gets a message, how it is worded,
// or when it is tried again. It may import outgoing and post/provider.
package sms

import (
	"context"
	"strings"
	"time"

	"latchkey/internal/outgoing"
	"latchkey/internal/post/provider"
)

// Text is one text message.
type Text struct {
	ID   string // the same however often it is sent: providers that take a reference are told it
	To   string // E.164: + and digits
	Body string
	Code string // the code inside the body, for providers that word messages themselves; empty for none
}

// digits is the recipient as most providers want it, without the +.
func (t *Text) digits() string { return strings.TrimPrefix(t.To, "+") }

// Sender sends text messages. It is safe for many goroutines.
type Sender struct {
	Calls *outgoing.Client
	Clock func() time.Time // for signatures that carry a time
}

// Send hands a message to a provider and returns when the provider has taken it. An error says with Permanent()
// whether sending the same again would end the same way; it holds neither the number nor the text.
func (s *Sender) Send(ctx context.Context, with *Settings, text *Text) error {
	p, known := providers[with.Provider]
	if !known {
		return &provider.Refusal{Provider: with.Provider, Reason: "no such provider"}
	}
	call := provider.Call{Provider: with.Provider, Base: with.endpoint(p), Judge: p.judge}
	return call.Ask(ctx, s.Calls, p.request(with, text, s.Clock()), provider.Letter{text.Body, text.To, text.digits(), text.Code})
}
