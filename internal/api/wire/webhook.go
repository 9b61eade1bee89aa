package wire

import "latchkey/internal/model"

// Webhook is a receiver of events. Its password is never in it, its secret only where it was just made.
type Webhook struct {
	ID           string     `json:"$id"`
	CreatedAt    model.Time `json:"$createdAt"`
	UpdatedAt    model.Time `json:"$updatedAt"`
	Name         string     `json:"name"`
	URL          string     `json:"url"`
	Events       []string   `json:"events"`
	TLS          bool       `json:"tls"`
	AuthUsername string     `json:"authUsername"`
	AuthPassword string     `json:"authPassword"`
	Secret       string     `json:"secret"`
	Enabled      bool       `json:"enabled"`
	Logs         string     `json:"logs"`
	Attempts     int        `json:"attempts"`
}

// Model implements api.Model.
func (*Webhook) Model() string { return "webhook" }

// WebhookList is a page of webhooks.
type WebhookList struct {
	Total    int        `json:"total"`
	Webhooks []*Webhook `json:"webhooks"`
}

// Model implements api.Model.
func (*WebhookList) Model() string { return "webhookList" }

// Delivery is an event on its way to a webhook, or what became of it. It is ours.
type Delivery struct {
	ID         string     `json:"$id"`
	CreatedAt  model.Time `json:"$createdAt"`
	WebhookID  string     `json:"webhookId"`
	Event      string     `json:"event"`    // with stars for ids: users.*.create
	Status     string     `json:"status"`   // waiting, delivered, failed
	Attempts   int        `json:"attempts"` // tries so far
	Response   int        `json:"responseStatusCode"`
	Duration   float64    `json:"duration"` // seconds of the last try
	Error      string     `json:"error"`
	TriedAt    model.Time `json:"triedAt"`
	NextTryAt  model.Time `json:"nextTryAt"`
	Repeatable bool       `json:"repeatable"` // what was told is still there
}

// Model implements api.Model.
func (*Delivery) Model() string { return "webhookDelivery" }

// DeliveryList is a page of deliveries, latest first. Total counts the whole, up to 5000.
type DeliveryList struct {
	Total      int         `json:"total"`
	Deliveries []*Delivery `json:"deliveries"`
}

// Model implements api.Model.
func (*DeliveryList) Model() string { return "webhookDeliveryList" }
