package admin

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"latchkey/internal/auth"
	"latchkey/internal/fault"
	"latchkey/internal/locale"
	"latchkey/internal/model"
	"latchkey/internal/oauth"
	"latchkey/internal/post"
	"latchkey/internal/store"
)

// The kinds of document that the API speaks of.
const (
	KindOAuth2   = store.KindOAuth2
	KindSMTP     = store.KindSMTP
	KindTemplate = store.KindTemplate
)

// Stored returns a project's documents of a kind as they are stored now, opened, oldest first.
func (r *Rules) Stored(ctx context.Context, project, kind string) ([]*Document, error) {
	stored, err := r.DB.Documents(ctx, project, kind)
	if err != nil {
		return nil, err
	}
	list := make([]*Document, len(stored))
	for i := range stored {
		if list[i], err = open(r.Keys, &stored[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// StoredDocument returns one of them; an empty one if the project has none.
func (r *Rules) StoredDocument(ctx context.Context, project, kind, id string) (*Document, error) {
	list, err := r.Stored(ctx, project, kind)
	if err != nil {
		return nil, err
	}
	for _, d := range list {
		if d.ID == id {
			return d, nil
		}
	}
	return emptyDocument(id), nil
}

func emptyDocument(id string) *Document {
	return &Document{ID: id, Body: map[string]any{}, Secrets: map[string]string{}}
}

// changeDocument changes a document as it is when the change is made; one that is not there begins empty.
func (r *Rules) changeDocument(ctx context.Context, req *auth.Request, kind, id string, change func(*Document) error) (*Document, error) {
	var changed *Document
	err := r.changed(ctx, req, kind+"/"+id, func(tx *store.Tx, what *auth.Details) error {
		stored, err := tx.Documents(req.Project.ID, kind)
		if err != nil {
			return err
		}
		made := tx.Now
		changed = emptyDocument(id)
		for i := range stored {
			if stored[i].ID != id {
				continue
			}
			made = stored[i].CreatedAt
			if changed, err = open(r.Keys, &stored[i]); err != nil {
				return err
			}
		}
		before := changed.copy()
		if err := change(changed); err != nil {
			return err
		}
		*what = documentDetails(before, changed)
		return r.putDocument(tx, req.Project.ID, kind, changed, made)
	})
	if err != nil {
		return nil, err
	}
	return changed, nil
}

// copy is a document of its own with the same members.
func (d *Document) copy() *Document {
	return &Document{ID: d.ID, Body: maps.Clone(d.Body), Secrets: maps.Clone(d.Secrets)}
}

// documentDetails says how two documents differ. Texts may hold a secret where nobody expects one (an address with a
// token in it, a template), so only numbers, switches, and what something is called and listens to are noted as they are.
func documentDetails(before, after *Document) auth.Details {
	shown := func(d *Document) (map[string]any, map[string]any) {
		harmless, texts := map[string]any{}, map[string]any{}
		for name, value := range d.Body {
			_, text := value.(string)
			if text && name != "name" && name != "provider" && name != "type" {
				texts[name] = value
			} else {
				harmless[name] = value
			}
		}
		for name, value := range d.Secrets {
			texts[name] = value
		}
		return harmless, texts
	}
	oldValues, oldTexts := shown(before)
	newValues, newTexts := shown(after)
	what := auth.Details{}.Values(oldValues, newValues)
	names := map[string]bool{}
	for _, texts := range []map[string]any{oldTexts, newTexts} {
		for name := range texts {
			names[name] = oldTexts[name] != newTexts[name]
		}
	}
	for _, name := range sortedNames(names) {
		if names[name] {
			what = what.Named(name)
		}
	}
	return what
}

// putDocument writes a document, its secrets sealed.
func (r *Rules) putDocument(tx *store.Tx, project, kind string, d *Document, made model.Time) error {
	body, err := json.Marshal(d.Body)
	if err != nil {
		return err
	}
	row := &store.Document{Project: project, Kind: kind, ID: d.ID, Body: model.Object(body), CreatedAt: made, UpdatedAt: tx.Now}
	if len(d.Secrets) > 0 {
		text, err := json.Marshal(d.Secrets)
		if err != nil {
			return err
		}
		row.Sealed = r.Keys.SealText(sealedFor, sealPlace(project, kind, d.ID), string(text))
	}
	tx.UpsertDocument(row)
	return nil
}

// ProviderFields lists what a provider is set up with, by the parameters of the official server SDK; nil for one that
// there is not, or that cannot be used.
func ProviderFields(provider string) []oauth.Field {
	found := oauth.Find(provider)
	if found == nil || found.Refused != "" {
		return nil
	}
	return found.Fields
}

// Providers lists the OAuth2 providers that can be used, by name.
func Providers() []string {
	return slices.DeleteFunc(oauth.IDs(), func(id string) bool { return len(ProviderFields(id)) == 0 })
}

// CheckProviderField checks the value of a field: text, a list of texts or a whole number.
func CheckProviderField(f oauth.Field, value any) error {
	if err := f.Check(value); err != nil {
		return errors.New("Value " + err.Error() + ".")
	}
	return nil
}

// SetProvider changes the settings of an OAuth2 provider: what is given, the rest stays. Enabling one that is not
// complete is refused, because people would be sent to a page that turns them away.
// Faults: project_provider_unsupported, general_argument_invalid.
func (r *Rules) SetProvider(ctx context.Context, req *auth.Request, provider string, given map[string]any) (*Document, error) {
	fields := ProviderFields(provider)
	if fields == nil {
		return nil, fault.ProjectProviderUnsupported
	}
	return r.changeDocument(ctx, req, store.KindOAuth2, provider, func(d *Document) error {
		for _, f := range fields {
			value, is := given[f.Name]
			text, _ := value.(string)
			switch {
			case !is:
			case f.Secret() && text == "": // a form that was sent back without the secret it was never shown
			case f.Secret():
				d.Secrets[f.Name] = text
			default:
				if list, is := value.([]string); is {
					value = append([]string{}, list...) // an empty one is one, too
				}
				d.Body[f.Name] = value
			}
		}
		if on, is := given["enabled"].(bool); is {
			d.Body["enabled"] = on
		}
		if _, set := d.Body["enabled"]; !set {
			d.Body["enabled"] = false
		}
		return complete(oauth.Find(provider), d)
	})
}

// complete refuses a provider that is switched on without everything it needs, and settings that are wrong even if it is
// off, as a declared file does. Fault: general_argument_invalid.
func complete(provider *oauth.Provider, d *Document) error {
	if d.Body["enabled"] != true {
		var wrong *oauth.Wrong
		if err := provider.CheckShown(d.Body); errors.As(err, &wrong) && !errors.Is(err, oauth.ErrIncomplete) {
			return fault.ArgumentInvalid.Say("Invalid `" + wrong.Field + "` param: Value " + wrong.Text + ".")
		}
		return nil
	}
	for _, f := range provider.Fields {
		if f.Secret() && !f.Optional && d.Secrets[f.Name] == "" {
			return fault.ArgumentInvalid.Say("Invalid `" + f.Name + "` param: A provider that is switched on needs it.")
		}
	}
	if err := provider.CheckShown(d.Body); err != nil {
		return fault.ArgumentInvalid.Say("A provider that is switched on needs all its settings: " + err.Error() + ".")
	}
	return nil
}

// SMTPChange is what of a project's mail server is changed; nil parts stay.
type SMTPChange struct {
	Enabled *bool
	Port    *int
	Texts   map[string]string // host, username, secure, senderName, senderEmail, replyToEmail, replyToName, password
}

// mailServer reads a mail server out of a document.
func mailServer(d *Document) post.SMTPSettings {
	port, _ := d.Body["port"].(float64)
	return post.SMTPSettings{Host: d.Text("host"), Port: int(port), Username: d.Text("username"), Password: d.Text("password"), Secure: d.Text("secure"),
		SenderName: d.Text("senderName"), SenderEmail: d.Text("senderEmail"), ReplyToName: d.Text("replyToName"), ReplyToEmail: d.Text("replyToEmail")}
}

// SetSMTP changes a project's mail server. One that is switched on is connected to first, with what it would be signed
// in with, because a mistake would show when people wait for their codes. Fault: project_smtp_config_invalid.
func (r *Rules) SetSMTP(ctx context.Context, req *auth.Request, in SMTPChange) (*Document, error) {
	d, err := r.StoredDocument(ctx, req.Project.ID, store.KindSMTP, store.KindSMTP)
	if err != nil {
		return nil, err
	}
	merge(d, &in)
	if d.Body["enabled"] == true {
		if err := r.tryMail(ctx, mailServer(d)); err != nil {
			return nil, err
		}
	}
	return r.changeDocument(ctx, req, store.KindSMTP, store.KindSMTP, func(d *Document) error {
		merge(d, &in)
		return nil
	})
}

func merge(d *Document, in *SMTPChange) {
	for name, text := range in.Texts {
		switch {
		case name != "password":
			d.Body[name] = text
		case text != "": // never shown, so not sent back by a form that leaves it as it is
			d.Secrets[name] = text
		}
	}
	if in.Port != nil {
		d.Body["port"] = float64(*in.Port)
	}
	switch {
	case in.Enabled != nil:
		d.Body["enabled"] = *in.Enabled
	case d.Body["enabled"] == nil:
		d.Body["enabled"] = true
	}
}

// tryMail connects to a mail server. Fault: project_smtp_config_invalid.
func (r *Rules) tryMail(ctx context.Context, server post.SMTPSettings) error {
	if server.Host == "" || server.SenderEmail == "" {
		return fault.ProjectSMTPConfigInvalid.Say("A mail server needs a host and a sender's address.")
	}
	if err := r.TryMail(ctx, server); err != nil {
		return fault.ProjectSMTPConfigInvalid.Say("The mail server could not be used with these settings: " + err.Error())
	}
	return nil
}

// SendTestMail sends a mail to some addresses through the project's mail server, at once and not through the outbox:
// whoever tests wants to hear what the server says. Faults: general_smtp_disabled, project_smtp_config_invalid.
func (r *Rules) SendTestMail(ctx context.Context, req *auth.Request, given *SMTPChange, to []string) error {
	d, err := r.StoredDocument(ctx, req.Project.ID, store.KindSMTP, store.KindSMTP)
	if err != nil {
		return err
	}
	if given != nil {
		merge(d, given)
	}
	if d.Body["enabled"] != true {
		return fault.SMTPDisabled
	}
	server := mailServer(d)
	if err := r.tryMail(ctx, server); err != nil {
		return err
	}
	wording := &post.Wording{Subject: "Test mail of " + req.Project.Name, Text: "This mail server can send mail for the project " + req.Project.Name + ".",
		HTML: "<p>This mail server can send mail for the project.</p>"}
	for _, address := range to {
		message := &model.Message{Project: req.Project.ID, ID: r.Random.ID(r.Clock()), Channel: model.ChannelEmail, CreatedAt: r.now(), To: address}
		if err := r.SendMail(ctx, server, message, wording); err != nil {
			return fault.ProjectSMTPConfigInvalid.Say("The mail server did not take the mail: " + err.Error())
		}
	}
	return nil
}

// Templates lists the kinds of mail that can be rewritten.
func Templates() []string { return templates }

// templateID names the document of a kind and a locale.
func templateID(kind, code string) string {
	if code == "" {
		code = locale.Default
	}
	return "email." + kind + "." + code
}

// Template returns how a mail is worded in a locale: the project's own wording, or else the built-in one, and whether
// it is the project's.
func (r *Rules) Template(ctx context.Context, project, kind, code string) (*Document, bool, error) {
	d, err := r.StoredDocument(ctx, project, store.KindTemplate, templateID(kind, code))
	if err != nil || d.Body["templateId"] != nil {
		return d, err == nil, err
	}
	if code == "" {
		code = locale.Default
	}
	built := post.DefaultTemplate(kind, code)
	d.Body = map[string]any{"templateId": kind, "locale": code, "subject": built.Subject, "message": built.Message}
	return d, false, nil
}

// SetTemplate rewrites a mail in a locale; what is not given stays. Fault: general_argument_invalid.
func (r *Rules) SetTemplate(ctx context.Context, req *auth.Request, kind, code string, given map[string]string) (*Document, error) {
	present, _, err := r.Template(ctx, req.Project.ID, kind, code)
	if err != nil {
		return nil, err
	}
	return r.changeDocument(ctx, req, store.KindTemplate, present.ID, func(d *Document) error {
		for name, value := range present.Body {
			if d.Body[name] == nil {
				d.Body[name] = value
			}
		}
		for name, text := range given {
			d.Body[name] = text
		}
		return post.CheckTemplate(post.Template{Kind: kind, Locale: d.Text("locale"), Subject: d.Text("subject"), Message: d.Text("message")})
	})
}

// ForgetTemplate goes back to the built-in wording of a mail and returns it. Fault: project_template_default_deletion.
func (r *Rules) ForgetTemplate(ctx context.Context, req *auth.Request, kind, code string) (*Document, error) {
	present, own, err := r.Template(ctx, req.Project.ID, kind, code)
	if err != nil {
		return nil, err
	}
	if !own {
		return nil, fault.ProjectTemplateDefault
	}
	err = r.changed(ctx, req, store.KindTemplate+"/"+present.ID, func(tx *store.Tx, what *auth.Details) error {
		tx.DeleteDocument(req.Project.ID, store.KindTemplate, present.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	d, _, err := r.Template(ctx, req.Project.ID, kind, code)
	return d, err
}
