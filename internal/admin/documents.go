package admin

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"latchkey/internal/check"
	"latchkey/internal/locale"
	"latchkey/internal/oauth"
)

// smsFields names what each SMS provider is set up with.
var smsFields = map[string]string{
	"twilio": "accountSid authToken! from", "vonage": "apiKey apiSecret! from", "msg91": "senderId authKey! templateId", "telesign": "customerId apiKey! from",
	"textmagic": "username apiKey! from", "webhook": "url secret! from",
}

// templates are the kinds of mail that can be rewritten.
var templates = []string{"verification", "magicSession", "recovery", "invitation", "mfaChallenge", "sessionAlert", "otpSession"}

// member reads one member of a document: secrets apart from the rest.
func member(d *DeclaredDocument, field string) (name string, read func(node)) {
	name, isSecret := strings.CutSuffix(field, "!")
	return name, func(n node) {
		if !isSecret {
			switch value := n.value.(type) {
			case string, bool, int, int64, uint64:
				d.Body[name] = value
			case []any:
				var list []string
				n.texts(&list, check.Text(0, 4096))
				d.Body[name] = list
			default:
				n.fail("must be a text, a number, true or false, or a list of texts")
			}
			return
		}
		var text string
		n.text(&text, check.Text(1, 16384))
		d.Secrets[name] = text
	}
}

// readDocument reads a mapping with the given fields, all optional but the required ones.
func readDocument(n node, id, fields string, required ...string) DeclaredDocument {
	d := DeclaredDocument{ID: id, Body: map[string]any{}, Secrets: map[string]string{}}
	known := map[string]func(node){}
	for _, field := range strings.Fields(fields) {
		name, read := member(&d, field)
		known[name] = read
	}
	given := n.fields(known)
	n.require(given, required...)
	if on, set := d.Body["enabled"]; set {
		if _, is := on.(bool); !is {
			n.child("enabled", nil).fail("must be true or false")
		}
	}
	return d
}

// readOAuth2 reads OAuth2 providers. Their settings and what these may be stand in the table of providers.
func readOAuth2(n node) []DeclaredDocument {
	list := []DeclaredDocument{}
	known := map[string]func(node){}
	for _, id := range oauth.IDs() {
		provider := oauth.Find(id)
		known[id] = func(n node) {
			if provider.Refused != "" {
				n.fail("%s cannot be used: %s", provider.Name, provider.Refused)
				return
			}
			list = append(list, readProvider(n, provider))
		}
	}
	n.fields(known)
	return list
}

// readProvider reads one provider. A provider that is switched on has every setting that is not secret; a secret
// that is left out is kept, so whether one is missing is seen at the first sign-in.
func readProvider(n node, provider *oauth.Provider) DeclaredDocument {
	fields := "enabled"
	for _, f := range provider.Fields {
		fields += " " + f.Name
		if f.Secret() {
			fields += "!"
		}
	}
	d := readDocument(n, provider.ID, fields)
	for name, text := range d.Secrets {
		f, _ := provider.Field(name)
		if err := f.Check(text); err != nil {
			n.child(name, nil).fail("%s", err)
		}
	}
	err := provider.CheckShown(d.Body)
	var wrong *oauth.Wrong
	if errors.As(err, &wrong) && (d.Body["enabled"] == true || !errors.Is(err, oauth.ErrIncomplete)) {
		n.child(wrong.Field, nil).fail("%s", wrong.Text)
	}
	return d
}

// CheckLocale checks the code of a locale.
func CheckLocale(code string) error {
	if !locale.Accept(code) {
		return errLocale
	}
	return nil
}

var errLocale = errors.New("Value must be the code of a locale, such as en or pt-br.")

// webURL says whether a text is a full URL of the web.
func webURL(text string) bool {
	parsed, err := url.Parse(text)
	return err == nil && (parsed.Scheme == "https" || parsed.Scheme == "http") && parsed.Host != ""
}

// readSMTP reads a project's own mail server.
func readSMTP(n node) []DeclaredDocument {
	d := readDocument(n, "smtp", "enabled host port username password! secure senderName senderEmail replyToEmail replyToName")
	for _, name := range []string{"senderEmail", "replyToEmail"} {
		if text, is := d.Body[name].(string); is && text != "" && check.Email(text) != nil {
			n.child(name, nil).fail("must be a valid email address")
		}
	}
	if port, given := d.Body["port"]; given {
		var number int
		n.child("port", port).number(&number, 1, 65535)
	}
	if secure, given := d.Body["secure"]; given && secure != "" && secure != "tls" && secure != "ssl" {
		n.child("secure", nil).fail(`must be tls, ssl or ""`)
	}
	return []DeclaredDocument{d}
}

// readSMS reads a project's own SMS provider.
func readSMS(n node) []DeclaredDocument {
	members, _ := n.value.(map[string]any)
	provider, _ := members["provider"].(string)
	fields, known := smsFields[provider]
	if !known {
		n.child("provider", nil).fail("must be one of msg91, telesign, textmagic, twilio, vonage, webhook")
		return []DeclaredDocument{}
	}
	return []DeclaredDocument{readDocument(n, "sms", "enabled provider "+fields, "provider")}
}

// readTemplates reads rewritten mails, by kind and locale.
func readTemplates(n node) []DeclaredDocument {
	list := []DeclaredDocument{}
	n.fields(map[string]func(node){"email": func(n node) {
		n.items(func(n node) {
			d := readDocument(n, "", "templateId locale subject message senderName senderEmail replyToEmail replyToName", "templateId")
			kind, _ := d.Body["templateId"].(string)
			code, _ := d.Body["locale"].(string)
			if code == "" {
				code = locale.Default
				d.Body["locale"] = code
			}
			if !slices.Contains(templates, kind) {
				n.child("templateId", nil).fail("must be one of %s", strings.Join(templates, ", "))
			}
			if !locale.Accept(code) {
				n.child("locale", nil).fail("%q is no locale code", code)
			}
			d.ID = "email." + kind + "." + code
			list = append(list, d)
		})
	}})
	return list
}

// readWebhooks reads where events are told.
func readWebhooks(n node) []DeclaredDocument {
	list := []DeclaredDocument{}
	n.items(func(n node) {
		d := readDocument(n, "", "id name url events enabled tls authUsername authPassword! secret!", "id", "url", "events")
		id, _ := d.Body["id"].(string)
		if err := check.UID(id); err != nil {
			n.child("id", nil).fail("%s", strings.TrimSuffix(err.Error(), "."))
		}
		address, _ := d.Body["url"].(string)
		if err := CheckReceiver(address); err != nil {
			n.child("url", nil).fail("must be a full http or https URL without a user name, a password or a fragment")
		}
		events, is := d.Body["events"].([]string)
		if err := CheckEvents(events); err != nil || !is && d.Body["events"] != nil {
			n.child("events", nil).fail("must be a list of events such as users.*.create")
		}
		if tls, set := d.Body["tls"]; set && tls != true && tls != false {
			n.child("tls", nil).fail("must be true or false")
		}
		if secret := d.Secrets["secret"]; secret != "" && CheckSigningKey(secret) != nil {
			n.child("secret", nil).fail("must have 8 to 256 characters")
		}
		d.ID = id
		list = append(list, d)
	})
	return list
}
