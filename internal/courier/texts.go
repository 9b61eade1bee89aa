package courier

import (
	"context"
	"errors"
	"log/slog"

	"latchkey/internal/admin"
	"latchkey/internal/model"
	"latchkey/internal/post/sms"
	"latchkey/internal/store"
)

// Texts is the Texter of a server: it sends through the project's own provider, else through the server's.
type Texts struct {
	Projects *admin.Projects
	Log      *slog.Logger
	Sender   *sms.Sender
	Server   *sms.Settings // of projects without their own; nil for none
}

// smsID is the id of the only document of its kind.
const smsID = "sms"

// Send implements Texter.
func (x *Texts) Send(ctx context.Context, m *model.Message, text string) error {
	settings, err := x.settings(ctx, m.Project)
	if err != nil {
		return err
	}
	return x.Sender.Send(ctx, settings, &sms.Text{ID: m.ID, To: m.To, Body: text, Code: m.Values["otp"]})
}

// Reaches implements Texter. While the database cannot be asked it says yes: the message waits in the same database.
func (x *Texts) Reaches(ctx context.Context, project string) bool {
	_, err := x.settings(ctx, project)
	if err != nil && !errors.Is(err, errNoProvider) {
		x.Log.Error("it is not known whether a project can send text messages", "project", project, "error", err)
	}
	return !errors.Is(err, errNoProvider)
}

// settings finds who carries a project's text messages: the document that says so, else the messaging provider that
// has been there longest, else the server's provider.
func (x *Texts) settings(ctx context.Context, project string) (*sms.Settings, error) {
	document, err := x.Projects.Document(ctx, project, store.KindSMS, smsID)
	if err != nil {
		return nil, err
	}
	if document == nil || !document.Enabled() {
		if document, err = provider(ctx, x.Projects, project, "sms"); err != nil {
			return nil, err
		}
	}
	if document != nil {
		return sms.Read(document.Text("provider"), document.Text)
	}
	if x.Server == nil {
		return nil, errNoProvider
	}
	return x.Server, nil
}

// provider finds the project's oldest messaging provider of a type that is switched on; nil if there is none.
func provider(ctx context.Context, projects *admin.Projects, project, kind string) (*admin.Document, error) {
	list, err := projects.Documents(ctx, project, store.KindMessaging)
	if err != nil {
		return nil, err
	}
	for _, d := range list {
		if on, _ := d.Body["enabled"].(bool); on && d.Text("type") == kind {
			return d, nil
		}
	}
	return nil, nil //nolint:nilnil // most projects have none
}
