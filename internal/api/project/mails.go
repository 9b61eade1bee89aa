package project

import (
	"errors"

	"latchkey/internal/admin"
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/check"
	"latchkey/internal/fault"
)

func (s *Service) mails() []api.Endpoint {
	return []api.Endpoint{
		api.Define(updateSMTP, s.updateSMTP),
		api.Define(createSMTPTest, s.createSMTPTest),
		api.Define(listEmailTemplates, s.listEmailTemplates),
		api.Define(updateEmailTemplate, s.updateEmailTemplate),
		api.Define(getEmailTemplate, s.getEmailTemplate),
	}
}

var updateSMTP = api.Spec{
	Route: "PATCH /v1/project/smtp", SDK: []string{"project.updateSMTP"},
	About: "Set the project's own mail server. One that is switched on is connected to before it is kept.",
	Scope: api.ScopeProjectWrite, Audit: "project.update", Status: 200, Faults: []*fault.Kind{fault.ProjectSMTPConfigInvalid},
}

// SMTPIn is what of a mail server is set.
type SMTPIn struct{ admin.SMTPChange }

// Text binds a text that stays as it is when it is left out.
func (in *SMTPIn) Text(p *api.Params, name string, ok check.String, about string, options ...api.Option) {
	p.String(name, new(string), func(text string) error { in.Set(name, text); return ok(text) }, about, append([]api.Option{api.Optional}, options...)...)
}

// Set notes a text.
func (in *SMTPIn) Set(name, text string) {
	if in.Texts == nil {
		in.Texts = map[string]string{}
	}
	in.Texts[name] = text
}

// emptyOr lets an empty text pass.
func emptyOr(ok check.String) check.String {
	return func(text string) error {
		if text == "" {
			return nil
		}
		return ok(text)
	}
}

// Server binds where the mail server is and how it is spoken to.
func (in *SMTPIn) Server(p *api.Params) {
	in.Text(p, "host", check.Text(0, 253), "Host name of the mail server.", api.Example("mail.example.com"))
	var port int
	var given bool
	p.Int("port", &port, check.Between(0, 65535), "Port; 0 or none: by the protection.", api.Optional, api.Example(587), api.Given(&given))
	if given {
		in.Port = &port
	}
	in.Text(p, "username", check.Text(0, 256), "User name.", api.Example("mailer"))
	in.Text(p, "password", check.Text(0, 256), "Password. Empty: the one that is kept.", api.Format("password"), api.Example("a password"))
}

// Secure binds how the connection is protected.
func (in *SMTPIn) Secure(p *api.Params) {
	in.Text(p, "secure", oneOf([]string{"", "tls", "ssl"}), "Protection: tls (STARTTLS), ssl (from the first byte), or empty for what the server offers.", api.Example("tls"))
}

// On binds whether it is used.
func (in *SMTPIn) On(p *api.Params, options ...api.Option) {
	var on, given bool
	p.Bool("enabled", &on, "Whether mails go through it.", append(options, api.Example(false), api.Given(&given))...)
	if given {
		in.Enabled = &on
	}
}

// Params lists what of a mail server can be set.
func (in *SMTPIn) Params(p *api.Params) {
	in.Server(p)
	in.Text(p, "senderEmail", emptyOr(check.Email), "Address that mails come from.", api.Example("noreply@example.com"))
	in.Text(p, "senderName", check.Text(0, 256), "Name that mails come from.", api.Example("Example"))
	in.Text(p, "replyToEmail", emptyOr(check.Email), "Address that answers go to.", api.Example("help@example.com"))
	in.Text(p, "replyToName", check.Text(0, 256), "Name of that address.", api.Example("Help"))
	in.Secure(p)
	in.On(p, api.Optional)
}

func (s *Service) updateSMTP(c *api.Call, in *SMTPIn) (*wire.Project, error) {
	if _, err := s.Rules.SetSMTP(c.Context(), c.Request(), in.SMTPChange); err != nil {
		return nil, err
	}
	p, err := s.Rules.Project(c.Context(), c.Project.ID)
	return s.reply(c, p, err)
}

var errEmails = errors.New("Value must be a list of 1 to 10 email addresses.")

var createSMTPTest = api.Spec{
	Route: "POST /v1/project/smtp/tests", SDK: []string{"project.createSMTPTest"},
	About: "Send a test mail through the project's mail server, at once.",
	Scope: api.ScopeProjectWrite, Status: 204, Faults: []*fault.Kind{fault.SMTPDisabled, fault.ProjectSMTPConfigInvalid},
}

// Emails checks a list of addresses.
func Emails(list []string) error {
	if len(list) < 1 || len(list) > 10 {
		return errEmails
	}
	for _, address := range list {
		if err := check.Email(address); err != nil {
			return err
		}
	}
	return nil
}

type smtpTestIn struct{ emails []string }

func (in *smtpTestIn) Params(p *api.Params) {
	p.Strings("emails", &in.emails, Emails, "Addresses to send to, at most 10.", api.Example([]string{"walter@example.com"}))
}

func (s *Service) createSMTPTest(c *api.Call, in *smtpTestIn) (api.Empty, error) {
	return api.Empty{}, s.Rules.SendTestMail(c.Context(), c.Request(), nil, in.emails)
}

// ShownTemplate is a wording as it goes out.
func ShownTemplate(d *admin.Document) *wire.EmailTemplate {
	return &wire.EmailTemplate{TemplateID: d.Text("templateId"), Locale: d.Text("locale"), Message: d.Text("message"), Subject: d.Text("subject"),
		SenderName: d.Text("senderName"), SenderEmail: d.Text("senderEmail"), ReplyToEmail: d.Text("replyToEmail"), ReplyToName: d.Text("replyToName"),
		Type: d.Text("templateId"), ReplyTo: d.Text("replyToEmail")}
}

var listEmailTemplates = api.Spec{
	Route: "GET /v1/project/templates/email", SDK: []string{"project.listEmailTemplates"},
	About: "List the mails that the project words itself.",
	Scope: api.ScopeTemplatesRead, Status: 200,
}

func (s *Service) listEmailTemplates(c *api.Call, in *pageIn) (*wire.EmailTemplateList, error) {
	stored, err := s.Rules.Stored(c.Context(), c.Project.ID, "template")
	if err != nil {
		return nil, err
	}
	part, total := page(in, stored)
	list := &wire.EmailTemplateList{Total: total, Templates: []*wire.EmailTemplate{}}
	for _, d := range part {
		list.Templates = append(list.Templates, ShownTemplate(d))
	}
	return list, nil
}

// templateIn names a mail in a locale.
type templateIn struct{ kind, locale string }

func (in *templateIn) Params(p *api.Params) {
	p.String("templateId", &in.kind, oneOf(admin.Templates()), "Kind of mail.", api.Example("recovery"))
	p.String("locale", &in.locale, emptyOr(admin.CheckLocale), "Locale; empty for en.", api.Default(""), api.Example("de"))
}

var getEmailTemplate = api.Spec{
	Route: "GET /v1/project/templates/email/{templateId}", SDK: []string{"project.getEmailTemplate"},
	About: "Get how a mail is worded in a locale: by the project, or else by us.",
	Scope: api.ScopeTemplatesRead, Status: 200,
}

func (s *Service) getEmailTemplate(c *api.Call, in *templateIn) (*wire.EmailTemplate, error) {
	d, _, err := s.Rules.Template(c.Context(), c.Project.ID, in.kind, in.locale)
	if err != nil {
		return nil, err
	}
	return ShownTemplate(d), nil
}

var updateEmailTemplate = api.Spec{
	Route: "PATCH /v1/project/templates/email", SDK: []string{"project.updateEmailTemplate"},
	About: "Word a mail anew in a locale. What is not given stays.",
	Scope: api.ScopeTemplatesWrite, Audit: "project.update", Status: 200,
}

type templateChangeIn struct {
	templateIn
	given map[string]string
}

func (in *templateChangeIn) Params(p *api.Params) {
	in.templateIn.Params(p)
	in.given = map[string]string{}
	text := func(name string, ok check.String, about, example string) {
		p.String(name, new(string), func(text string) error { in.given[name] = text; return ok(text) }, about, api.Optional, api.Example(example))
	}
	text("subject", check.Text(1, 255), "Subject.", "Your new password")
	text("message", check.Text(1, 100_000), "Message as HTML, with placeholders in double braces.", "<p>{{redirect}}</p>")
	text("senderName", check.Text(0, 255), "Name that this mail comes from.", "Example")
	text("senderEmail", emptyOr(check.Email), "Address that this mail comes from.", "noreply@example.com")
	text("replyToEmail", emptyOr(check.Email), "Address that answers go to.", "help@example.com")
	text("replyToName", check.Text(0, 255), "Name of that address.", "Help")
}

func (s *Service) updateEmailTemplate(c *api.Call, in *templateChangeIn) (*wire.EmailTemplate, error) {
	d, err := s.Rules.SetTemplate(c.Context(), c.Request(), in.kind, in.locale, in.given)
	if err != nil {
		return nil, err
	}
	return ShownTemplate(d), nil
}
