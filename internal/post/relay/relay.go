// Package relay owns the providers that take mails by an HTTP API of their own: one row each, with the request that
// the provider's public documentation asks for and what its answers mean. How a mail is worded and addressed is
// post's matter. It may import outgoing, post and post/provider.
package relay

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"latchkey/internal/outgoing"
	"latchkey/internal/post"
	"latchkey/internal/post/provider"
)

// Settings is one account with one provider, and who its mails come from.
type Settings struct {
	Provider string
	User     string // SES: the access key
	Secret   string
	Domain   string // Mailgun: the sending domain
	Region   string // SES: us-east-1 …; Mailgun: eu, or empty
	Sender   post.Sender
	Endpoint string // where the API is; empty: where the provider documents it
}

// Mailer sends mails through providers. It is safe for many goroutines.
type Mailer struct {
	Calls *outgoing.Client
	Clock func() time.Time // for signatures that carry a time
}

// row is one provider.
type row struct {
	members []member
	base    func(*Settings) string
	request func(*Settings, *post.Envelope, time.Time) provider.Draft
	judge   func(*outgoing.Answer) *provider.Refusal // nil: the mail is taken
}

// member is one member of a provider's settings, named as in the official server SDK.
type member struct {
	name     string
	into     func(*Settings) *string
	required bool
}

func user(s *Settings) *string   { return &s.User }
func secret(s *Settings) *string { return &s.Secret }
func domain(s *Settings) *string { return &s.Domain }
func region(s *Settings) *string { return &s.Region }

// providers is the table.
var providers = map[string]*row{
	"mailgun": {base: mailgunBase, request: mailgunRequest, judge: mailgunAnswer,
		members: []member{{"apiKey", secret, true}, {"domain", domain, true}}},
	"sendgrid": {base: fixed("https://api.sendgrid.com"), request: sendgridRequest, judge: sendgridAnswer,
		members: []member{{"apiKey", secret, true}}},
	"resend": {base: fixed("https://api.resend.com"), request: resendRequest, judge: resendAnswer,
		members: []member{{"apiKey", secret, true}}},
	"ses": {base: sesBase, request: sesRequest, judge: sesAnswer,
		members: []member{{"accessKey", user, true}, {"secretKey", secret, true}, {"region", region, true}}},
}

func fixed(base string) func(*Settings) string { return func(*Settings) string { return base } }

// Providers lists the names of all providers.
func Providers() []string {
	names := make([]string, 0, len(providers))
	for name := range providers {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Read makes settings of a provider's members. The error names what is missing.
func Read(name string, member func(name string) string) (*Settings, error) {
	p, known := providers[name]
	if !known {
		return nil, fmt.Errorf("%q is no provider of mails; there are %s", name, strings.Join(Providers(), ", "))
	}
	s := &Settings{Provider: name}
	for _, m := range p.members {
		if *m.into(s) = member(m.name); m.required && *m.into(s) == "" {
			return nil, fmt.Errorf("%s needs %s", name, m.name)
		}
	}
	if s.Sender.Email = member("fromEmail"); s.Sender.Email == "" {
		return nil, fmt.Errorf("%s needs fromEmail", name)
	}
	s.Sender.Name, s.Sender.ReplyToEmail, s.Sender.ReplyToName = member("fromName"), member("replyToEmail"), member("replyToName")
	return s, nil
}

// Send hands a mail to a provider and returns when the provider has taken it. An error says with Permanent() whether
// sending the same again would end the same way; it holds neither the address nor the mail.
func (m *Mailer) Send(ctx context.Context, s *Settings, mail *post.Envelope) error {
	p, known := providers[s.Provider]
	if !known {
		return &provider.Refusal{Provider: s.Provider, Reason: "no such provider"}
	}
	base := s.Endpoint
	if base == "" {
		base = p.base(s)
	}
	call := provider.Call{Provider: s.Provider, Base: base, Judge: p.judge}
	return call.Ask(ctx, m.Calls, p.request(s, mail, m.Clock()), provider.Letter{mail.To.Address, mail.To.Name, mail.Subject})
}
