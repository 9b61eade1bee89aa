// Package messaging holds the rows of the Messaging service that accounts need: the providers that mails, text
// messages and push notifications leave by. Its handlers declare, read input, call one rule and shape the reply.
package messaging

import (
	"latchkey/internal/admin"
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/check"
	"latchkey/internal/fault"
)

// Service serves the rows of the Messaging service.
type Service struct {
	Rules *admin.Rules
}

// Endpoints lists the Messaging service.
func (s *Service) Endpoints() []api.Endpoint {
	table := []api.Endpoint{api.Define(listProviders, s.listProviders)}
	table = append(table, both[smtp](s, "SMTP", "Smtp")...)
	table = append(table, both[mailgun](s, "Mailgun")...)
	table = append(table, both[sendgrid](s, "Sendgrid")...)
	table = append(table, both[resend](s, "Resend")...)
	table = append(table, both[ses](s, "Ses")...)
	table = append(table, both[twilio](s, "Twilio")...)
	table = append(table, both[vonage](s, "Vonage")...)
	table = append(table, both[msg91](s, "Msg91")...)
	table = append(table, both[telesign](s, "Telesign")...)
	table = append(table, both[textmagic](s, "Textmagic")...)
	table = append(table, both[fcm](s, "FCM", "Fcm")...)
	table = append(table, both[apns](s, "APNS", "Apns")...)
	return append(table, api.Define(getProvider, s.getProvider), api.Define(deleteProvider, s.deleteProvider))
}

// kind is a kind of provider as a type, so that each has an input of its own.
type kind interface{ name() string }

type (
	smtp      struct{}
	mailgun   struct{}
	sendgrid  struct{}
	resend    struct{}
	ses       struct{}
	twilio    struct{}
	vonage    struct{}
	msg91     struct{}
	telesign  struct{}
	textmagic struct{}
	fcm       struct{}
	apns      struct{}
)

func (smtp) name() string      { return "smtp" }
func (mailgun) name() string   { return "mailgun" }
func (sendgrid) name() string  { return "sendgrid" }
func (resend) name() string    { return "resend" }
func (ses) name() string       { return "ses" }
func (twilio) name() string    { return "twilio" }
func (vonage) name() string    { return "vonage" }
func (msg91) name() string     { return "msg91" }
func (telesign) name() string  { return "telesign" }
func (textmagic) name() string { return "textmagic" }
func (fcm) name() string       { return "fcm" }
func (apns) name() string      { return "apns" }

// both are the rows that create and update providers of a kind. names are what the SDKs call it, newest first.
func both[K kind](s *Service, names ...string) []api.Endpoint {
	var k K
	create := api.Spec{
		Route: "POST /v1/messaging/providers/" + k.name(), SDK: sdkNames("create", names),
		About: "Create a messaging provider of the kind " + k.name() + ". It is on if that is asked for and no credential is missing.",
		Scope: api.ScopeProvidersWrite, Audit: "provider.create", Status: 201, Faults: []*fault.Kind{fault.ProviderAlreadyExists},
	}
	update := api.Spec{
		Route: "PATCH /v1/messaging/providers/" + k.name() + "/{providerId}", SDK: sdkNames("update", names),
		About: "Change a messaging provider of the kind " + k.name() + ". What is left out stays; an empty text takes a value away.",
		Scope: api.ScopeProvidersWrite, Audit: "provider.update", Status: 200,
		Faults: []*fault.Kind{fault.ProviderNotFound, fault.ProviderIncorrectType, fault.ProviderMissingCredentials},
	}
	return []api.Endpoint{
		api.Define(create, func(c *api.Call, in *createIn[K]) (*wire.Provider, error) {
			p, err := s.Rules.CreateProvider(c.Context(), c.Request(), admin.ProviderKindNamed(k.name()), in.ID, in.ProviderChange)
			return shown(p, err)
		}),
		api.Define(update, func(c *api.Call, in *updateIn[K]) (*wire.Provider, error) {
			p, err := s.Rules.UpdateProvider(c.Context(), c.Request(), admin.ProviderKindNamed(k.name()), in.ID, in.ProviderChange)
			return shown(p, err)
		}),
	}
}

// sdkNames are the names of a method in the official SDKs.
func sdkNames(verb string, names []string) []string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = "messaging." + verb + name + "Provider"
	}
	return list
}

// createIn is a provider to be made.
type createIn[K kind] struct {
	ID string
	admin.ProviderChange
}

// Params implements api.Input.
func (in *createIn[K]) Params(p *api.Params) {
	p.String("providerId", &in.ID, check.CustomID, "Id of the provider: one of your own, or `unique()`.", api.Example("unique()"))
	in.Name = new(string)
	p.String("name", in.Name, check.Text(1, 128), "Name of the provider.", api.Example("Provider"))
	var k K
	members(p, k.name(), &in.ProviderChange, true)
	enabled(p, &in.ProviderChange)
}

// updateIn is a change of a provider.
type updateIn[K kind] struct {
	ID string
	admin.ProviderChange
}

// Params implements api.Input.
func (in *updateIn[K]) Params(p *api.Params) {
	p.String("providerId", &in.ID, check.UID, "Id of the provider.")
	var name string
	p.String("name", &name, check.Text(0, 128), "Name of the provider; empty: it stays.", api.Optional)
	if name != "" {
		in.Name = &name
	}
	enabled(p, &in.ProviderChange)
	var k K
	members(p, k.name(), &in.ProviderChange, false)
}

// enabled binds the switch.
func enabled(p *api.Params, in *admin.ProviderChange) {
	var on bool
	p.Bool("enabled", &on, "Whether the provider is used.", api.Optional)
	if p.Given("enabled") {
		in.Enabled = &on
	}
}

// members binds what a kind is set up with.
func members(p *api.Params, kind string, in *admin.ProviderChange, creating bool) {
	in.Values = map[string]any{}
	for _, f := range admin.ProviderKindNamed(kind).Fields {
		option := api.Optional
		if creating && f.Name == "host" {
			option = func(*api.Param) {} // the one that the contract asks for at once
		}
		if value := member(p, f, option); p.Given(f.Name) {
			in.Values[f.Name] = value
		}
	}
}

// member binds one of them.
func member(p *api.Params, f admin.ProviderField, option api.Option) any {
	switch f.Form {
	case "boolean":
		var on bool
		p.Bool(f.Name, &on, about[f.Name], option)
		return on
	case "integer":
		var n int
		p.Int(f.Name, &n, check.Port, about[f.Name], option)
		return n
	case "object":
		return object(p, f, option)
	}
	var text string
	p.String(f.Name, &text, f.Check(), about[f.Name], option)
	return text
}

// object binds an object, which stays the JSON text it came as.
func object(p *api.Params, f admin.ProviderField, option api.Option) any {
	var text string
	p.JSON(f.Name, &text, admin.ServiceAccount, about[f.Name], option)
	return text
}

// about are the descriptions of what providers are set up with.
var about = map[string]string{
	"host": "Host of the mail server.", "port": "Port of the mail server; without one: that of its encryption.",
	"username": "User name.", "password": "Password.", "encryption": "Encryption: none, ssl or tls; empty: STARTTLS where the server offers it.",
	"autoTLS": "Whether STARTTLS is used where the server offers it.", "mailer": "Kept for the SDKs; mails do not name the program that sent them.",
	"fromName": "Name that mails come from; empty: the project's.", "fromEmail": "Address that mails come from.",
	"replyToName": "Name that answers go to.", "replyToEmail": "Address that answers go to.",
	"apiKey": "API key.", "apiSecret": "API secret.", "domain": "Sending domain.", "isEuRegion": "Whether the domain lies in the EU region.",
	"accessKey": "Access key.", "secretKey": "Secret key.", "region": "Region, such as eu-west-1.",
	"from": "Number or name that messages come from.", "accountSid": "Account SID.", "authToken": "Auth token.",
	"templateId": "Template that words the messages; it holds ##otp## or ##content##.", "senderId": "Sender id.", "authKey": "Auth key; of APNs: the text of the .p8 file.",
	"customerId": "Customer id.", "serviceAccountJSON": "JSON of a service account.", "authKeyId": "Id of the key.", "teamId": "Team id.",
	"bundleId": "Bundle id of the app.", "sandbox": "Whether the sandbox of APNs is used.",
}

// shown shapes a provider.
func shown(p *admin.Provider, err error) (*wire.Provider, error) {
	if err != nil {
		return nil, err
	}
	return &wire.Provider{ID: p.ID, CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt, Name: p.Name, Provider: p.Kind, Enabled: p.Enabled, Type: p.Type,
		Credentials: p.Credentials, Options: p.Options}, nil
}
