package sms

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Settings is one account with one provider. Which of them a provider needs is its row's matter.
type Settings struct {
	Provider string
	User     string // the account, where a login has two parts
	Secret   string
	From     string // the number or name that messages come from
	Template string // MSG91: the template that words the message
	Endpoint string // where the API is; empty: where the provider documents it. Of a webhook: the whole URL
}

func (s *Settings) endpoint(p *row) string {
	if s.Endpoint != "" {
		return s.Endpoint
	}
	return "https://" + p.host
}

// member is one member of a provider's settings document.
type member struct {
	name     string
	into     func(*Settings) *string
	required bool
}

// Read makes settings of a document's members, named as in the official server SDK. The error names what is missing.
func Read(provider string, member func(name string) string) (*Settings, error) {
	p, known := providers[provider]
	if !known {
		return nil, fmt.Errorf("%q is no provider of text messages; there are %s", provider, strings.Join(Providers(), ", "))
	}
	s := &Settings{Provider: provider}
	for _, m := range p.members {
		*m.into(s) = member(m.name)
	}
	return s, s.complete(p)
}

// complete finds what is missing.
func (s *Settings) complete(p *row) error {
	for _, m := range p.members {
		if m.required && *m.into(s) == "" {
			return fmt.Errorf("%s needs %s", s.Provider, m.name)
		}
	}
	if s.Provider != webhook {
		return nil
	}
	u, err := url.Parse(s.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return errors.New("the url of a webhook must be a full http or https URL")
	}
	return nil
}

// Providers lists the names of all providers.
func Providers() []string {
	names := make([]string, 0, len(providers))
	for name := range providers {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// webhookScheme marks the URL of a webhook: what follows is the URL to post to.
const webhookScheme = "webhook+"

// ParseURL reads settings from a URL: twilio://accountSid:authToken@?from=+15550100, with the login in front of the
// @, a host after it only where the API is not at its usual place, and the parameters from and template; or
// webhook+https://:secret@host/path. The error never repeats the URL, which holds a secret.
func ParseURL(u *url.URL) (*Settings, error) {
	scheme := strings.ToLower(u.Scheme)
	secret, _ := u.User.Password()
	if target, is := strings.CutPrefix(scheme, webhookScheme); is {
		bare := *u
		bare.Scheme, bare.User = target, nil
		query, from := bare.Query(), ""
		if from = sender(query); from != "" {
			query.Del("from")
			bare.RawQuery = query.Encode()
		}
		s := &Settings{Provider: webhook, Secret: secret, From: from, Endpoint: bare.String()}
		return s, s.complete(providers[webhook])
	}
	p, known := providers[scheme]
	if !known || scheme == webhook {
		return nil, fmt.Errorf("there is no such provider; there are %s and webhook+https", strings.Join(slices.DeleteFunc(Providers(), func(n string) bool { return n == webhook }), ", "))
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil || strings.Trim(u.Path, "/") != "" || u.Fragment != "" {
		return nil, fmt.Errorf("%s:// is followed by the login, a host at most, and parameters", scheme)
	}
	for name := range query {
		if name != "from" && name != "template" {
			return nil, fmt.Errorf("%q is no parameter; there are from and template", name)
		}
	}
	s := &Settings{Provider: scheme, User: u.User.Username(), Secret: secret, From: sender(query), Template: query.Get("template")}
	if u.Host != "" {
		s.Endpoint = "https://" + u.Host
	}
	if p.senderIsUser {
		s.From, s.User = s.User, ""
	}
	return s, s.complete(p)
}

// sender reads the parameter from. A + that nobody has escaped arrives as a blank, and no sender begins with one.
func sender(query url.Values) string {
	from := query.Get("from")
	if digits, blank := strings.CutPrefix(from, " "); blank {
		return "+" + digits
	}
	return from
}
