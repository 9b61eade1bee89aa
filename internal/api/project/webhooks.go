package project

import (
	"latchkey/internal/admin"
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/check"
	"latchkey/internal/fault"
)

func (s *Service) webhooks() []api.Endpoint {
	return []api.Endpoint{
		api.Define(listWebhooks, s.listWebhooks),
		api.Define(createWebhook, s.createWebhook),
		api.Define(getWebhook, s.getWebhook),
		api.Define(updateWebhook, s.updateWebhook),
		api.Define(updateWebhookSecret, s.updateWebhookSecret),
		api.Define(deleteWebhook, s.deleteWebhook),
		api.Define(tryWebhook, s.tryWebhook),
		api.Define(listDeliveries, s.listDeliveries),
		api.Define(redeliver, s.redeliver),
	}
}

// shownWebhook shapes a webhook.
func shownWebhook(w *admin.Webhook, err error) (*wire.Webhook, error) {
	if err != nil {
		return nil, err
	}
	return &wire.Webhook{ID: w.ID, CreatedAt: w.CreatedAt, UpdatedAt: w.UpdatedAt, Name: w.Name, URL: w.URL, Events: w.Events, TLS: w.TLS,
		AuthUsername: w.AuthUsername, Secret: w.Secret, Enabled: w.Enabled, Logs: w.Logs, Attempts: w.Attempts}, nil
}

var listWebhooks = api.Spec{
	Route: "GET /v1/webhooks", SDK: []string{"webhooks.list"},
	About: "List the project's webhooks, oldest first, without secrets.",
	Scope: api.ScopeWebhooksRead, Status: 200, Faults: []*fault.Kind{fault.CursorNotFound},
}

type webhooksIn struct{ pageIn }

func (in *webhooksIn) Params(p *api.Params) {
	in.total = true
	p.Queries(&in.queries, check.WebhookQueries)
	p.Bool("total", &in.total, "Whether the list is counted; otherwise the total is 0.", api.Default(true))
}

func (s *Service) listWebhooks(c *api.Call, in *webhooksIn) (*wire.WebhookList, error) {
	part, total, err := s.Rules.ListWebhooks(c.Context(), c.Project.ID, in.queries)
	if err != nil {
		return nil, err
	}
	list := &wire.WebhookList{Webhooks: make([]*wire.Webhook, len(part))}
	if in.total {
		list.Total = total
	}
	for i := range part {
		list.Webhooks[i], _ = shownWebhook(&part[i], nil)
	}
	return list, nil
}

var createWebhook = api.Spec{
	Route: "POST /v1/webhooks", SDK: []string{"webhooks.create"},
	About: "Make a webhook: events of the project are told to its address. The secret that signs them is in this answer and in none after it.",
	Scope: api.ScopeWebhooksWrite, Audit: "webhook.create", Status: 201, Faults: []*fault.Kind{fault.WebhookAlreadyExists},
}

type webhookIn struct {
	admin.WebhookChange
	id, secret string
}

func (in *webhookIn) url(p *api.Params) {
	p.String("url", &in.URL, admin.CheckReceiver, "Address that events are posted to. Private networks are out of reach unless the server allows them.", api.Format("url"), api.Example("https://app.example.com/events"))
}

func (in *webhookIn) name(p *api.Params) {
	p.String("name", &in.Name, check.Text(1, 128), "Name, 1 to 128 characters.", api.Example("App"))
}

// rest binds what follows address and name.
func (in *webhookIn) rest(p *api.Params) {
	in.Enabled, in.TLS = true, true
	p.Strings("events", &in.Events, admin.CheckEvents, "Events, at most 100.", api.Example([]string{"users.*.create"}))
	p.Bool("enabled", &in.Enabled, "Whether it is told anything.", api.Default(true))
	p.Bool("tls", &in.TLS, "Whether the certificate of the address must be good.", api.Default(true))
	p.String("authUsername", &in.AuthUsername, check.Text(0, 256), "User name for HTTP basic authentication.", api.Default(""))
	p.String("authPassword", &in.AuthPassword, check.Text(0, 256), "Password for it. Empty: the one there is stays, as long as there is a user name.", api.Default(""))
}

func (in *webhookIn) Params(p *api.Params) {
	p.String("webhookId", &in.id, check.CustomID, "Webhook id, or `unique()`.", api.Example("unique()"))
	in.url(p)
	in.name(p)
	in.rest(p)
	in.key(p)
}

func (in *webhookIn) key(p *api.Params) {
	p.String("secret", &in.secret, emptyOr(admin.CheckSigningKey), "What deliveries are signed with, 8 to 256 characters; without it one is made.", api.Default(""))
}

func (s *Service) createWebhook(c *api.Call, in *webhookIn) (*wire.Webhook, error) {
	return shownWebhook(s.Rules.AddWebhook(c.Context(), c.Request(), in.id, in.secret, in.WebhookChange))
}

var getWebhook = api.Spec{
	Route: "GET /v1/webhooks/{webhookId}", SDK: []string{"webhooks.get"},
	About: "Get a webhook without its secrets, and how its tries have failed in a row.",
	Scope: api.ScopeWebhooksRead, Status: 200, Faults: []*fault.Kind{fault.WebhookNotFound},
}

type webhookIDIn struct{ id string }

func (in *webhookIDIn) Params(p *api.Params) {
	p.String("webhookId", &in.id, check.UID, "Webhook id.", api.Example("app"))
}

func (s *Service) getWebhook(c *api.Call, in *webhookIDIn) (*wire.Webhook, error) {
	return shownWebhook(s.Rules.Webhook(c.Context(), c.Project.ID, in.id))
}

var updateWebhook = api.Spec{
	Route: "PUT /v1/webhooks/{webhookId}", SDK: []string{"webhooks.update"},
	About: "Change a webhook. Its secret stays. Switched on, it begins anew: failures in a row are forgotten.",
	Scope: api.ScopeWebhooksWrite, Audit: "webhook.update", Status: 200, Faults: []*fault.Kind{fault.WebhookNotFound},
}

type webhookChangeIn struct{ webhookIn }

func (in *webhookChangeIn) Params(p *api.Params) {
	p.String("webhookId", &in.id, check.UID, "Webhook id.", api.Example("app"))
	in.name(p)
	in.url(p)
	in.rest(p)
}

func (s *Service) updateWebhook(c *api.Call, in *webhookChangeIn) (*wire.Webhook, error) {
	return shownWebhook(s.Rules.ChangeWebhook(c.Context(), c.Request(), in.id, in.WebhookChange))
}

var updateWebhookSecret = api.Spec{
	Route: "PATCH /v1/webhooks/{webhookId}/secret", SDK: []string{"webhooks.updateSecret"},
	About: "Give a webhook another secret, which is in this answer and in none after it.",
	Scope: api.ScopeWebhooksWrite, Audit: "webhook.update", Status: 200, Faults: []*fault.Kind{fault.WebhookNotFound},
}

type webhookSecretIn struct{ webhookIn }

func (in *webhookSecretIn) Params(p *api.Params) {
	p.String("webhookId", &in.id, check.UID, "Webhook id.", api.Example("app"))
	in.key(p)
}

func (s *Service) updateWebhookSecret(c *api.Call, in *webhookSecretIn) (*wire.Webhook, error) {
	return shownWebhook(s.Rules.ChangeWebhookSecret(c.Context(), c.Request(), in.id, in.secret))
}

var deleteWebhook = api.Spec{
	Route: "DELETE /v1/webhooks/{webhookId}", SDK: []string{"webhooks.delete"},
	About: "Delete a webhook. What is on its way to it is dropped.",
	Scope: api.ScopeWebhooksWrite, Audit: "webhook.delete", Status: 204, Faults: []*fault.Kind{fault.WebhookNotFound},
}

func (s *Service) deleteWebhook(c *api.Call, in *webhookIDIn) (api.Empty, error) {
	return api.Empty{}, s.Rules.RemoveWebhook(c.Context(), c.Request(), in.id)
}

// Ours: what became of what was told.

var tryWebhook = api.Spec{
	Route: "POST /v1/webhooks/{webhookId}/test",
	About: "Tell a webhook the event `ping` once, also while it is off. Ours; the delivery in the answer is found in the list of deliveries.",
	Scope: api.ScopeWebhooksWrite, Audit: "webhook.test", Status: 201, Faults: []*fault.Kind{fault.WebhookNotFound},
}

func (s *Service) tryWebhook(c *api.Call, in *webhookIDIn) (*wire.Delivery, error) {
	return shownDelivery(s.Rules.TryWebhook(c.Context(), c.Request(), in.id))
}

var listDeliveries = api.Spec{
	Route: "GET /v1/webhooks/{webhookId}/deliveries",
	About: "List what a webhook is and was told in the last seven days, latest first, at most the last 10000. Ours.",
	Scope: api.ScopeWebhooksRead, Status: 200, Faults: []*fault.Kind{fault.WebhookNotFound, fault.CursorNotFound},
}

type deliveriesIn struct {
	webhookIDIn
	limit int
	after string
}

func (in *deliveriesIn) Params(p *api.Params) {
	in.webhookIDIn.Params(p)
	in.limit = check.DefaultLimit
	p.Int("limit", &in.limit, check.Between(1, 100), "How many, 1 to 100.", api.Default(check.DefaultLimit))
	p.String("cursorAfter", &in.after, emptyOr(check.UID), "Id of a delivery: the list goes on behind it.", api.Default(""))
}

func (s *Service) listDeliveries(c *api.Call, in *deliveriesIn) (*wire.DeliveryList, error) {
	part, total, err := s.Rules.Deliveries(c.Context(), c.Project.ID, in.id, in.after, in.limit)
	if err != nil {
		return nil, err
	}
	list := &wire.DeliveryList{Total: total, Deliveries: make([]*wire.Delivery, len(part))}
	for i := range part {
		list.Deliveries[i], _ = shownDelivery(&part[i], nil)
	}
	return list, nil
}

var redeliver = api.Spec{
	Route: "POST /v1/webhooks/{webhookId}/deliveries/{deliveryId}/redeliver",
	About: "Tell a webhook once more what it was told, or could not be told, under the same delivery id. Ours.",
	Scope: api.ScopeWebhooksWrite, Audit: "webhook.redeliver", Status: 202, Faults: []*fault.Kind{fault.WebhookNotFound, fault.WebhookDeliveryNotFound},
}

type redeliverIn struct {
	webhookIDIn
	delivery string
}

func (in *redeliverIn) Params(p *api.Params) {
	in.webhookIDIn.Params(p)
	p.String("deliveryId", &in.delivery, check.UID, "Delivery id.")
}

func (s *Service) redeliver(c *api.Call, in *redeliverIn) (*wire.Delivery, error) {
	return shownDelivery(s.Rules.Redeliver(c.Context(), c.Request(), in.id, in.delivery))
}

// shownDelivery shapes a delivery.
func shownDelivery(d *admin.Delivery, err error) (*wire.Delivery, error) {
	if err != nil {
		return nil, err
	}
	shown := &wire.Delivery{ID: d.ID, CreatedAt: d.CreatedAt, WebhookID: d.Webhook, Event: admin.GeneralEvent(d), Attempts: d.Attempts,
		Response: d.Code, Duration: float64(d.Took) / 1000, Error: d.LastError, TriedAt: d.TriedAt, Repeatable: d.Kept}
	switch {
	case d.Waits():
		shown.Status, shown.NextTryAt = "waiting", d.DueAt
	case d.Arrived():
		shown.Status = "delivered"
	default:
		shown.Status = "failed"
	}
	return shown, nil
}
