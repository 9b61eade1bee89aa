package wire

import "latchkey/internal/model"

// Provider is a messaging provider. Of secrets, credentials hold the names and empty texts.
type Provider struct {
	ID          string         `json:"$id"`
	CreatedAt   model.Time     `json:"$createdAt"`
	UpdatedAt   model.Time     `json:"$updatedAt"`
	Name        string         `json:"name"`
	Provider    string         `json:"provider"`
	Enabled     bool           `json:"enabled"`
	Type        string         `json:"type"`
	Credentials map[string]any `json:"credentials"`
	Options     map[string]any `json:"options"`
}

// Model implements api.Model.
func (*Provider) Model() string { return "provider" }

// ProviderList is a page of messaging providers.
type ProviderList struct {
	Total     int         `json:"total"`
	Providers []*Provider `json:"providers"`
}

// Model implements api.Model.
func (*ProviderList) Model() string { return "providerList" }
