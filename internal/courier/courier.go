// Package courier owns which way a message leaves: whose mail server or provider carries it, which templates word
// it, and whether anybody could carry it at all. How mails are worded and travel is post's matter, when they are
// tried again the outbox's. It may import admin, fault, model, post and store.
package courier

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"

	"latchkey/internal/admin"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/post"
	"latchkey/internal/post/relay"
)

// Texter sends text messages, by the project's provider or the server's.
type Texter interface {
	// Send hands over one message, worded. An error with a method Permanent() bool that says true ends it; after any
	// other it is tried again.
	Send(ctx context.Context, m *model.Message, text string) error
	// Reaches says whether a project has a provider at all, its own or the server's.
	Reaches(ctx context.Context, project string) bool
}

// Courier carries messages. Close it when the workers are done.
type Courier struct {
	Projects *admin.Projects
	Log      *slog.Logger

	Mailer *post.Mailer       // connects anywhere: to the server's own mail server
	Guest  *post.Mailer       // connects where projects may send us: to theirs
	Relay  *relay.Mailer      // speaks to providers with an API of their own; nil: none is spoken to
	SMTP   *post.SMTPSettings // of projects without their own; nil for none
	Texter Texter             // nil for none

	RootCAs *x509.CertPool // what mail servers are checked against; nil: the system's
}

// lost is a message that no later try could deliver.
type lost struct{ reason string }

// Error implements error.
func (l *lost) Error() string { return l.reason }

// Permanent says that trying again is no use.
func (l *lost) Permanent() bool { return true }

// Not permanent: an operator may set up what is missing while the message is still of use.
var (
	errNoServer   = errors.New("neither the project nor the server has a mail server")
	errNoProvider = errors.New("neither the project nor the server has a provider of text messages")
)

// Deliver implements outbox.Courier.
func (c *Courier) Deliver(ctx context.Context, m *model.Message) error {
	look, templates, err := Stationery(ctx, c.Projects, m.Project)
	if errors.Is(err, fault.ProjectNotFound) {
		return &lost{"the project is gone"}
	}
	if err != nil {
		return err
	}
	switch m.Channel {
	case model.ChannelEmail:
		return c.mail(ctx, m, look, templates)
	case model.ChannelSMS:
		return c.text(ctx, m, look)
	}
	return &lost{"there is no way to carry a message by " + m.Channel}
}

func (c *Courier) text(ctx context.Context, m *model.Message, look post.Look) error {
	text, err := post.WordSMS(m, look)
	if err != nil {
		return err
	}
	if c.Texter == nil {
		return errNoProvider
	}
	return c.Texter.Send(ctx, m, text)
}

func (c *Courier) mail(ctx context.Context, m *model.Message, look post.Look, templates []post.Template) error {
	r, err := c.route(ctx, m.Project)
	if err != nil {
		return err
	}
	wording, err := post.Word(m, look, templates)
	if err != nil {
		return err
	}
	if !r.own {
		wording.SenderEmail = "" // a project does not choose in whose name the server's own mail server speaks
	}
	if r.relay != nil {
		return c.relay(ctx, r.relay, m, wording, look)
	}
	if r.settings.SenderName == "" {
		r.settings.SenderName = look.Name
	}
	return r.mailer.Send(ctx, r.settings, m, wording)
}

// relay hands a mail to a provider with an API of its own.
func (c *Courier) relay(ctx context.Context, s *relay.Settings, m *model.Message, w *post.Wording, look post.Look) error {
	if s.Sender.Name == "" {
		s.Sender.Name = look.Name
	}
	envelope, err := post.Address(s.Sender, m, w)
	if err != nil {
		return err
	}
	return c.Relay.Send(ctx, s, envelope)
}

// Reaches says whether messages of a channel can leave for people of a project; it is auth.Reach. While the
// database cannot be asked it says yes: the message waits in the same database.
func (c *Courier) Reaches(ctx context.Context, project *model.Project, channel string) bool {
	if channel == model.ChannelSMS {
		return c.Texter != nil && c.Texter.Reaches(ctx, project.ID)
	}
	_, err := c.route(ctx, project.ID)
	if err != nil && !errors.Is(err, errNoServer) {
		c.Log.Error("it is not known whether a project can send mail", "project", project.ID, "error", err)
	}
	return !errors.Is(err, errNoServer)
}

// Close ends the connections to mail servers.
func (c *Courier) Close() {
	c.Mailer.Close()
	c.Guest.Close()
}
