package courier

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"

	"latchkey/internal/admin"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/post"
	"latchkey/internal/post/relay"
	"latchkey/internal/store"
)

// route is the mail server for a project's mails.
type route struct {
	settings post.SMTPSettings
	mailer   *post.Mailer
	own      bool            // the project's, not the server's
	relay    *relay.Settings // instead of a mail server: a provider with an API of its own
}

// documentID is that of the only document of its kind.
const documentID = "smtp"

// route finds it: the project's own if it is set up and switched on, else the server's.
func (c *Courier) route(ctx context.Context, project string) (*route, error) {
	document, err := c.Projects.Document(ctx, project, store.KindSMTP, documentID)
	if err != nil {
		return nil, err
	}
	if document != nil && document.Enabled() && document.Text("host") != "" {
		return &route{settings: c.settings(document), mailer: c.Guest, own: true}, nil
	}
	if document, err = provider(ctx, c.Projects, project, "email"); err != nil {
		return nil, err
	}
	if document != nil {
		return c.throughProvider(document)
	}
	if c.SMTP == nil {
		return nil, errNoServer
	}
	settings := *c.SMTP
	settings.RootCAs = c.RootCAs
	return &route{settings: settings, mailer: c.Mailer}, nil
}

// throughProvider reads a messaging provider, which is a mail server or has an API of its own.
func (c *Courier) throughProvider(d *admin.Document) (*route, error) {
	if d.Text("provider") == "smtp" {
		settings := post.SMTPSettings{
			Host: d.Text("host"), Port: number(d.Body["port"]), Username: d.Text("username"), Password: d.Text("password"), Secure: d.Text("encryption"),
			SenderName: d.Text("fromName"), SenderEmail: d.Text("fromEmail"), ReplyToEmail: d.Text("replyToEmail"), ReplyToName: d.Text("replyToName"), RootCAs: c.RootCAs,
		}
		if auto, set := d.Body["autoTLS"].(bool); settings.Secure == post.SecureAuto && set && !auto {
			settings.Secure = post.SecureNone
		}
		return &route{settings: settings, mailer: c.Guest, own: true}, nil
	}
	if c.Relay == nil {
		return nil, errNoServer
	}
	settings, err := relay.Read(d.Text("provider"), d.Text)
	if err != nil {
		return nil, err
	}
	if eu, _ := d.Body["isEuRegion"].(bool); eu {
		settings.Region = "eu"
	}
	return &route{relay: settings, own: true}, nil
}

// settings reads a project's document. Where it does not say whom its mails are from, they are from whom the
// server's are.
func (c *Courier) settings(d *admin.Document) post.SMTPSettings {
	s := post.SMTPSettings{
		Host: strings.TrimSpace(d.Text("host")), Port: number(d.Body["port"]), Username: d.Text("username"), Password: d.Text("password"),
		Secure: strings.ToLower(d.Text("secure")), SenderName: d.Text("senderName"), SenderEmail: d.Text("senderEmail"),
		ReplyToEmail: d.Text("replyToEmail"), ReplyToName: d.Text("replyToName"), RootCAs: c.RootCAs,
	}
	if c.SMTP != nil {
		s.SenderEmail, s.SenderName = cmp.Or(s.SenderEmail, c.SMTP.SenderEmail), cmp.Or(s.SenderName, c.SMTP.SenderName)
	}
	return s
}

// number reads a number of a document: JSON knows only one kind, a document that was just made may hold another.
func number(value any) int {
	switch n := value.(type) {
	case float64:
		return int(n)
	case int:
		return n
	case int64:
		return int(n)
	}
	return 0
}

// Stationery is what a project gives to its messages: its look, and its own wordings.
func Stationery(ctx context.Context, projects *admin.Projects, id string) (post.Look, []post.Template, error) {
	project, err := projects.Find(ctx, id)
	if err != nil {
		return post.Look{}, nil, err
	}
	documents, err := projects.Documents(ctx, id, store.KindTemplate)
	if err != nil {
		return post.Look{}, nil, err
	}
	list := make([]post.Template, 0, len(documents))
	for _, d := range documents {
		list = append(list, Template(d))
	}
	return post.Look{Name: project.Name, Accent: project.Settings.Branding.Accent}, list, nil
}

// Template reads one document of the kind template.
func Template(d *admin.Document) post.Template {
	return post.Template{
		Kind: d.Text("templateId"), Locale: d.Text("locale"), Subject: d.Text("subject"), Message: d.Text("message"),
		SenderName: d.Text("senderName"), SenderEmail: d.Text("senderEmail"), ReplyToEmail: d.Text("replyToEmail"), ReplyToName: d.Text("replyToName"),
	}
}

// checkTime is how long a mail server may take to answer while an operator waits.
const checkTime = 5 * time.Second

// Check tries the mail server of a project's document before it is kept: connection, TLS and login. Fault:
// project_smtp_config_invalid, whose message says what was wrong.
func (c *Courier) Check(ctx context.Context, d *admin.Document) error {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	return unusable(c.Guest.Test(ctx, c.settings(d)))
}

// SendTest sends a mail of trial by the server of a document and waits until it was taken. Faults:
// project_smtp_config_invalid.
func (c *Courier) SendTest(ctx context.Context, project *model.Project, d *admin.Document, to, locale string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*checkTime)
	defer cancel()
	settings := c.settings(d)
	if settings.SenderName == "" {
		settings.SenderName = project.Name
	}
	now := model.At(time.Now())
	m := &model.Message{Project: project.ID, ID: "test-" + strconv.FormatInt(int64(now), 10), Kind: post.KindTest, Channel: model.ChannelEmail, CreatedAt: now, To: to, Locale: locale}
	wording, err := post.Word(m, post.Look{Name: project.Name, Accent: project.Settings.Branding.Accent}, nil)
	if err != nil {
		return err
	}
	return unusable(c.Guest.Send(ctx, settings, m, wording))
}

func unusable(err error) error {
	if err == nil {
		return nil
	}
	return fault.ProjectSMTPConfigInvalid.Say("The mail server cannot be used. " + err.Error()).Because(err)
}
