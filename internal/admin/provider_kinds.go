package admin

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"slices"
	"strings"

	"latchkey/internal/check"
)

// ProviderField is one member of what a kind of messaging provider is set up with, named as in the official server
// SDK.
type ProviderField struct {
	Name   string
	Form   string // string, boolean, integer or object
	Secret bool   // taken and never shown
	Needed bool   // without it the provider cannot be switched on
	Option bool   // shown among the options, else among the credentials

	key bool // the text of a .p8 file
}

// ProviderKind is one kind of messaging provider.
type ProviderKind struct {
	Name   string
	Type   string // email, sms or push
	Fields []ProviderField
}

const mailFields = " fromName@ fromEmail@* replyToName@ replyToEmail@"

// providerKinds is the table. Of a field, ! marks a secret, * what is needed, @ an option, ? a truth value, # a
// number, % an object and ^ a key file.
var providerKinds = map[string]*ProviderKind{
	"smtp":      kindOf("smtp", "email", "host* port# username password! encryption@ autoTLS?@ mailer@"+mailFields),
	"mailgun":   kindOf("mailgun", "email", "apiKey!* domain* isEuRegion?"+mailFields),
	"sendgrid":  kindOf("sendgrid", "email", "apiKey!*"+mailFields),
	"resend":    kindOf("resend", "email", "apiKey!*"+mailFields),
	"ses":       kindOf("ses", "email", "accessKey* secretKey!* region*"+mailFields),
	"twilio":    kindOf("twilio", "sms", "from@* accountSid* authToken!*"),
	"vonage":    kindOf("vonage", "sms", "from@* apiKey* apiSecret!*"),
	"msg91":     kindOf("msg91", "sms", "templateId* senderId authKey!*"),
	"telesign":  kindOf("telesign", "sms", "from@ customerId* apiKey!*"),
	"textmagic": kindOf("textmagic", "sms", "from@ username* apiKey!*"),
	"fcm":       kindOf("fcm", "push", "serviceAccountJSON%!*"),
	"apns":      kindOf("apns", "push", "authKey^!* authKeyId* teamId* bundleId* sandbox?@"),
}

func kindOf(name, messages, fields string) *ProviderKind {
	kind := &ProviderKind{Name: name, Type: messages}
	for _, text := range strings.Fields(fields) {
		f := ProviderField{Name: strings.TrimRight(text, "!*@?#%^"), Form: "string"}
		marks := text[len(f.Name):]
		has := func(mark string) bool { return strings.Contains(marks, mark) }
		f.Secret, f.Needed, f.Option, f.key = has("!"), has("*"), has("@"), has("^")
		for mark, form := range map[string]string{"?": "boolean", "#": "integer", "%": "object"} {
			if has(mark) {
				f.Form = form
			}
		}
		kind.Fields = append(kind.Fields, f)
	}
	return kind
}

// ProviderKindNamed returns a kind by its name; a name that is none is a mistake in the program.
func ProviderKindNamed(name string) *ProviderKind {
	kind := providerKinds[name]
	if kind == nil {
		panic("admin: no such kind of provider: " + name)
	}
	return kind
}

// Check returns the check of a field's text. Empty text takes a value away.
func (f ProviderField) Check() check.String {
	return func(text string) error {
		if text == "" {
			return nil
		}
		switch f.Name {
		case "fromEmail", "replyToEmail":
			return check.Email(text)
		case "encryption":
			if !slices.Contains([]string{"none", "ssl", "tls"}, text) {
				return errors.New("Value must be one of none, ssl, tls.")
			}
		case "region", "domain": // they become part of a URL
			if strings.ContainsFunc(text, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.' }) {
				return errors.New("Value must be of a-z, 0-9, hyphen and period.")
			}
		}
		if f.key {
			return applePrivateKey(text)
		}
		return check.Text(1, 4096)(text)
	}
}

// applePrivateKey checks the text of a .p8 file: an EC key in PKCS #8, in PEM.
func applePrivateKey(text string) error {
	block, _ := pem.Decode([]byte(text))
	if block != nil {
		if _, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
			return nil
		}
	}
	return errors.New("Value must be the text of a .p8 key file.")
}

// ServiceAccount checks the JSON of a Google service account, which FCM is spoken to with.
func ServiceAccount(text string) error {
	var account struct {
		Type       string `json:"type"`
		ProjectID  string `json:"project_id"`
		Email      string `json:"client_email"`
		PrivateKey string `json:"private_key"`
	}
	if err := json.Unmarshal([]byte(text), &account); err != nil || account.ProjectID == "" || account.Email == "" {
		return errors.New("Value must be the JSON of a service account: with project_id, client_email and private_key.")
	}
	block, _ := pem.Decode([]byte(account.PrivateKey))
	if block == nil {
		return errors.New("Value must be the JSON of a service account, and its private_key is not in PEM.")
	}
	if _, err := x509.ParsePKCS8PrivateKey(block.Bytes); err != nil {
		return errors.New("Value must be the JSON of a service account, and its private_key is no PKCS #8 key.")
	}
	return nil
}
