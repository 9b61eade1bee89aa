package admin

import (
	"context"
	"encoding/base64"
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/egress"
	"latchkey/internal/event"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
)

// Webhook is a receiver of a project's events as it is shown. Its password is shown to nobody.
type Webhook struct {
	WebhookChange
	ID                   string
	CreatedAt, UpdatedAt model.Time
	Secret               string // what deliveries are signed with; only where it was just made
	Attempts             int    // tries that have failed in a row
	Logs                 string // why the last of them failed
}

// WebhookChange is what an operator says about a webhook.
type WebhookChange struct {
	Name, URL    string
	Events       []string
	Enabled      bool
	TLS          bool // the receiver's certificate must be good
	AuthUsername string
	AuthPassword string // empty: the one there is stays, as long as there is a name to go with it
}

// listening picks the webhooks that are on.
func listening(hooks []*Document) []model.Webhook {
	var list []model.Webhook
	for _, d := range hooks {
		if d.Enabled() {
			list = append(list, model.Webhook{ID: d.ID, Events: eventsOf(d)})
		}
	}
	return list
}

// eventsOf reads the events a webhook listens to.
func eventsOf(d *Document) []string {
	list := []string{}
	switch events := d.Body["events"].(type) {
	case []any:
		for _, e := range events {
			if text, is := e.(string); is {
				list = append(list, text)
			}
		}
	case []string:
		list = append(list, events...)
	}
	return list
}

// CheckEvents checks what a webhook listens to.
func CheckEvents(list []string) error {
	if len(list) > 100 {
		return errors.New("Value must be a list of at most 100 events.")
	}
	for _, e := range list {
		if err := event.Check(e); err != nil {
			return err
		}
	}
	return nil
}

var errReceiver = errors.New("Value must be a full http or https URL without a user name, a password or a fragment.")

// CheckReceiver checks the address of a receiver as it is written. Where a name leads is seen when it is connected to.
func CheckReceiver(text string) error {
	at, err := url.Parse(text)
	if err != nil || !webURL(text) || at.User != nil || at.Fragment != "" || at.Hostname() == "" || len(text) > 2048 || strings.ContainsAny(text, " \r\n\t") {
		return errReceiver
	}
	return nil
}

// CheckSigningKey checks what deliveries are signed with.
func CheckSigningKey(text string) error {
	if len(text) < 8 || len(text) > 256 {
		return errors.New("Value must have 8 to 256 characters.")
	}
	return nil
}

// reachable refuses an address that can be seen to lie where webhooks may not go.
func (r *Rules) reachable(text string) error {
	at, err := url.Parse(text)
	if err != nil {
		return errReceiver
	}
	host := strings.TrimSuffix(strings.ToLower(at.Hostname()), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		host = "127.0.0.1"
	}
	address, err := netip.ParseAddr(host)
	if err == nil && !egress.Allowed(address, r.AllowPrivate) {
		return egress.ErrRefused
	}
	return nil
}

// Webhooks lists a project's webhooks, oldest first.
func (r *Rules) Webhooks(ctx context.Context, project string) ([]Webhook, error) {
	rows, err := r.DB.Documents(ctx, project, store.KindWebhook)
	if err != nil {
		return nil, err
	}
	failures, err := r.DB.WebhookFailures(ctx, project)
	if err != nil {
		return nil, err
	}
	list := make([]Webhook, len(rows))
	for i := range rows {
		d, err := open(r.Keys, &rows[i])
		if err != nil {
			return nil, err
		}
		list[i] = *shownWebhook(d, rows[i].CreatedAt, rows[i].UpdatedAt)
		list[i].Attempts, list[i].Logs = failures[d.ID].Attempts, failures[d.ID].Logs
	}
	return list, nil
}

// ListWebhooks lists a project's webhooks as a list is asked, and how many fit. Fault: general_cursor_not_found.
func (r *Rules) ListWebhooks(ctx context.Context, project string, q check.Queries) ([]Webhook, int, error) {
	all, err := r.Webhooks(ctx, project)
	if err != nil {
		return nil, 0, err
	}
	return sift(all, (*Webhook).attribute, q)
}

// attribute is a queried attribute as text that sorts as the attribute does.
func (w *Webhook) attribute(name string) string {
	switch name {
	case "$id":
		return w.ID
	case "name":
		return w.Name
	case "url":
		return w.URL
	case "authUsername":
		return w.AuthUsername
	case "tls":
		return textOf(w.TLS)
	case "enabled":
		return textOf(w.Enabled)
	case "events":
		return strings.Join(w.Events, " ")
	case "logs":
		return w.Logs
	case "$updatedAt":
		return w.UpdatedAt.String()
	}
	return w.CreatedAt.String()
}

// shownWebhook reads a webhook out of its document.
func shownWebhook(d *Document, made, changed model.Time) *Webhook {
	tls, set := d.Body["tls"].(bool)
	hook := &Webhook{ID: d.ID, CreatedAt: made, UpdatedAt: changed}
	hook.WebhookChange = WebhookChange{Name: d.Text("name"), URL: d.Text("url"), Events: eventsOf(d), Enabled: d.Enabled(), TLS: tls || !set, AuthUsername: d.Text("authUsername")}
	if hook.Name == "" {
		hook.Name = d.ID
	}
	return hook
}

// Webhook finds one of a project's webhooks. Fault: webhook_not_found.
func (r *Rules) Webhook(ctx context.Context, project, id string) (*Webhook, error) {
	list, err := r.Webhooks(ctx, project)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(list, func(w Webhook) bool { return w.ID == id })
	if i < 0 {
		return nil, fault.WebhookNotFound
	}
	return &list[i], nil
}

// write puts what is said into a webhook's document, as a declared file has it.
func (in *WebhookChange) write(d *Document) {
	d.Body = map[string]any{"id": d.ID, "name": in.Name, "url": in.URL, "events": in.Events, "enabled": in.Enabled, "tls": in.TLS}
	if in.Events == nil {
		d.Body["events"] = []string{}
	}
	switch {
	case in.AuthUsername == "":
		delete(d.Secrets, "authPassword")
	case in.AuthPassword != "":
		d.Secrets["authPassword"] = in.AuthPassword
	}
	if in.AuthUsername != "" {
		d.Body["authUsername"] = in.AuthUsername
	}
}

// newSigningKey makes what deliveries are signed with, in the form that libraries for signatures of today expect.
func (r *Rules) newSigningKey() string {
	return "whsec_" + base64.StdEncoding.EncodeToString(r.Random.Bytes(32))
}

// AddWebhook makes a webhook. Without a secret it gets one, which is shown this once.
// Faults: general_argument_invalid, webhook_already_exists.
func (r *Rules) AddWebhook(ctx context.Context, req *auth.Request, id, secret string, in WebhookChange) (*Webhook, error) {
	if err := r.reachable(in.URL); err != nil {
		return nil, fault.ArgumentInvalid.Say("Invalid `url` param: " + err.Error())
	}
	if secret == "" {
		secret = r.newSigningKey()
	}
	d := emptyDocument(r.idOr(id))
	d.Secrets["secret"] = secret
	in.write(d)
	var hook *Webhook
	err := r.changed(ctx, req, "webhooks/"+d.ID, func(tx *store.Tx, what *auth.Details) error {
		stored, err := tx.Documents(req.Project.ID, store.KindWebhook)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(stored, func(other store.Document) bool { return other.ID == d.ID }) {
			return fault.WebhookAlreadyExists
		}
		*what = documentDetails(emptyDocument(d.ID), d)
		hook = shownWebhook(d, tx.Now, tx.Now)
		hook.Secret = secret
		return r.putDocument(tx, req.Project.ID, store.KindWebhook, d, tx.Now)
	})
	if err != nil {
		return nil, err
	}
	return hook, nil
}

// ChangeWebhook changes a webhook; its secret stays. Switched on, it begins anew: failures in a row are forgotten.
// Faults: general_argument_invalid, webhook_not_found.
func (r *Rules) ChangeWebhook(ctx context.Context, req *auth.Request, id string, in WebhookChange) (*Webhook, error) {
	if err := r.reachable(in.URL); err != nil {
		return nil, fault.ArgumentInvalid.Say("Invalid `url` param: " + err.Error())
	}
	return r.changeWebhook(ctx, req, id, func(tx *store.Tx, d *Document) {
		in.write(d)
		if in.Enabled {
			tx.ForgetFailures(req.Project.ID, id)
		}
	})
}

// ChangeWebhookSecret gives a webhook another secret, a made one if none is given, and shows it this once. Deliveries
// under way are signed with it from their next try on. Fault: webhook_not_found.
func (r *Rules) ChangeWebhookSecret(ctx context.Context, req *auth.Request, id, secret string) (*Webhook, error) {
	if secret == "" {
		secret = r.newSigningKey()
	}
	hook, err := r.changeWebhook(ctx, req, id, func(_ *store.Tx, d *Document) { d.Secrets["secret"] = secret })
	if err != nil {
		return nil, err
	}
	hook.Secret = secret
	return hook, nil
}

func (r *Rules) changeWebhook(ctx context.Context, req *auth.Request, id string, change func(*store.Tx, *Document)) (*Webhook, error) {
	err := r.changed(ctx, req, "webhooks/"+id, func(tx *store.Tx, what *auth.Details) error {
		d, made, err := r.webhook(tx, req.Project.ID, id)
		if err != nil {
			return err
		}
		before := d.copy()
		change(tx, d)
		*what = documentDetails(before, d)
		return r.putDocument(tx, req.Project.ID, store.KindWebhook, d, made)
	})
	if err != nil {
		return nil, err
	}
	return r.Webhook(ctx, req.Project.ID, id)
}

// webhook finds a webhook and holds it until the transaction ends. Fault: webhook_not_found.
func (r *Rules) webhook(tx *store.Tx, project, id string) (*Document, model.Time, error) {
	stored, err := tx.Document(project, store.KindWebhook, id)
	if errors.Is(err, fault.ProviderNotFound) {
		return nil, 0, fault.WebhookNotFound
	}
	if err != nil {
		return nil, 0, err
	}
	d, err := open(r.Keys, stored)
	return d, stored.CreatedAt, err
}

// RemoveWebhook deletes a webhook with everything that is on its way to it. Fault: webhook_not_found.
func (r *Rules) RemoveWebhook(ctx context.Context, req *auth.Request, id string) error {
	return r.changed(ctx, req, "webhooks/"+id, func(tx *store.Tx, what *auth.Details) error {
		if _, _, err := r.webhook(tx, req.Project.ID, id); err != nil {
			return err
		}
		tx.DeleteDocument(req.Project.ID, store.KindWebhook, id)
		tx.DeleteWebhookState(req.Project.ID, id)
		return nil
	})
}

// Delivery is an event on its way to a webhook, or what became of it.
type Delivery = store.Delivery

// GeneralEvent is what a delivery tells of, with a star for each id.
func GeneralEvent(d *Delivery) string { return event.General(d.Event) }

// Deliveries lists what a webhook is and was told, latest first, behind one of them, and says how much there is as far as
// totals are told. Faults: webhook_not_found, general_cursor_not_found.
func (r *Rules) Deliveries(ctx context.Context, project, webhook, behind string, limit int) ([]Delivery, int, error) {
	if _, err := r.Webhook(ctx, project, webhook); err != nil {
		return nil, 0, err
	}
	if behind != "" {
		switch _, err := r.DB.Delivery(ctx, project, webhook, behind); {
		case errors.Is(err, fault.WebhookDeliveryNotFound):
			return nil, 0, fault.CursorNotFound
		case err != nil:
			return nil, 0, err
		}
	}
	list, err := r.DB.DeliveriesOf(ctx, project, webhook, behind, limit)
	if err != nil {
		return nil, 0, err
	}
	total, err := r.DB.CountDeliveries(ctx, project, webhook)
	return list, total, err
}

// Delivery finds one of them. Fault: webhook_delivery_not_found.
func (r *Rules) Delivery(ctx context.Context, project, webhook, id string) (*Delivery, error) {
	return r.DB.Delivery(ctx, project, webhook, id)
}

// Redeliver tells a webhook once more what it was told, or could not be told, under the same id.
// Faults: webhook_not_found, webhook_delivery_not_found, general_argument_invalid (the webhook is off).
func (r *Rules) Redeliver(ctx context.Context, req *auth.Request, webhook, id string) (*Delivery, error) {
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		d, _, err := r.webhook(tx, req.Project.ID, webhook)
		if err != nil {
			return err
		}
		if !d.Enabled() {
			return fault.ArgumentInvalid.Say("The webhook is switched off: switch it on first.")
		}
		tx.Redeliver(req.Project.ID, webhook, id, tx.Now.Add(r.Webhooking.Life))
		tx.After(r.Webhooking.Ring)
		r.audit(tx, req, "webhooks/"+webhook, nil)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r.DB.Delivery(ctx, req.Project.ID, webhook, id)
}

// TryWebhook sends a webhook a trial, also while it is off. Fault: webhook_not_found.
func (r *Rules) TryWebhook(ctx context.Context, req *auth.Request, webhook string) (*Delivery, error) {
	var id string
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		if _, _, err := r.webhook(tx, req.Project.ID, webhook); err != nil {
			return err
		}
		id = r.Webhooking.Ping(tx, req.Project.ID, webhook)
		r.audit(tx, req, "webhooks/"+webhook, nil)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r.DB.Delivery(ctx, req.Project.ID, webhook, id)
}
