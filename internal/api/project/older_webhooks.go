package project

import (
	"latchkey/internal/admin"
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/check"
	"latchkey/internal/fault"
)

// olderWebhooks are the older spellings for webhooks. Their parameters have other names, as have the members of the
// answer in the formats that go with them.
func (s *Service) olderWebhooks() []api.Endpoint {
	return []api.Endpoint{
		api.Define(older("GET /webhooks", "projects.listWebhooks", "List the webhooks.", api.ScopeWebhooksRead), s.oldListWebhooks),
		api.Define(older("POST /webhooks", "projects.createWebhook", "Make a webhook.", api.ScopeWebhooksWrite), s.oldCreateWebhook),
		api.Define(older("GET /webhooks/{webhookId}", "projects.getWebhook", "Get a webhook.", api.ScopeWebhooksRead, fault.WebhookNotFound), s.oldGetWebhook),
		api.Define(older("PUT /webhooks/{webhookId}", "projects.updateWebhook", "Change a webhook.", api.ScopeWebhooksWrite, fault.WebhookNotFound), s.oldUpdateWebhook),
		api.Define(older("DELETE /webhooks/{webhookId}", "projects.deleteWebhook", "Delete a webhook.", api.ScopeWebhooksWrite, fault.WebhookNotFound), s.oldDeleteWebhook),
		api.Define(older("PATCH /webhooks/{webhookId}/signature", "projects.updateWebhookSignature", "Give a webhook another secret.", api.ScopeWebhooksWrite, fault.WebhookNotFound), s.oldWebhookSecret),
	}
}

func (s *Service) oldListWebhooks(c *api.Call, in *oldPageIn) (*wire.WebhookList, error) {
	return s.listWebhooks(c, &webhooksIn{in.pageIn})
}

type oldWebhookIn struct {
	projectIn
	webhookIn
}

func (in *oldWebhookIn) Params(p *api.Params) {
	in.projectIn.Params(p)
	in.rest(p)
}

func (in *oldWebhookIn) rest(p *api.Params) {
	in.Enabled = true
	in.name(p)
	p.Bool("enabled", &in.Enabled, "Whether it is told anything.", api.Default(true))
	p.Strings("events", &in.Events, admin.CheckEvents, "Events, at most 100.", api.Example([]string{"users.*.create"}))
	in.url(p)
	p.Bool("security", &in.TLS, "Whether the certificate of the address must be good.", api.Example(true))
	p.String("httpUser", &in.AuthUsername, check.Text(0, 256), "User name for HTTP basic authentication.", api.Default(""))
	p.String("httpPass", &in.AuthPassword, check.Text(0, 256), "Password for it. Empty: the one there is stays, as long as there is a user name.", api.Default(""))
}

func (s *Service) oldCreateWebhook(c *api.Call, in *oldWebhookIn) (*wire.Webhook, error) {
	in.webhookIn.id = "unique()"
	return s.createWebhook(c, &in.webhookIn)
}

type oldWebhookIDIn struct {
	projectIn
	webhookIDIn
}

func (in *oldWebhookIDIn) Params(p *api.Params) {
	in.projectIn.Params(p)
	in.webhookIDIn.Params(p)
}

func (s *Service) oldGetWebhook(c *api.Call, in *oldWebhookIDIn) (*wire.Webhook, error) {
	return s.getWebhook(c, &in.webhookIDIn)
}

func (s *Service) oldDeleteWebhook(c *api.Call, in *oldWebhookIDIn) (api.Empty, error) {
	return s.deleteWebhook(c, &in.webhookIDIn)
}

func (s *Service) oldWebhookSecret(c *api.Call, in *oldWebhookIDIn) (*wire.Webhook, error) {
	return s.updateWebhookSecret(c, &webhookSecretIn{webhookIn{id: in.webhookIDIn.id}})
}

type oldWebhookChangeIn struct{ oldWebhookIn }

func (in *oldWebhookChangeIn) Params(p *api.Params) {
	in.projectIn.Params(p)
	p.String("webhookId", &in.webhookIn.id, check.UID, "Webhook id.", api.Example("app"))
	in.rest(p)
}

func (s *Service) oldUpdateWebhook(c *api.Call, in *oldWebhookChangeIn) (*wire.Webhook, error) {
	return s.updateWebhook(c, &webhookChangeIn{in.webhookIn})
}
