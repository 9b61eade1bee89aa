package wire

import "latchkey/internal/model"

// Export is everything held about a person.
type Export struct {
	Account     *Account           `json:"account"`
	Sessions    []*Session         `json:"sessions"`
	Identities  []ExportedIdentity `json:"identities"`
	Factors     ExportedFactors    `json:"factors"`
	Logs        []*Log             `json:"logs"`
	Memberships []Membership       `json:"memberships"`
	Webhooks    []ExportedTelling  `json:"webhooks"`
}

// Model implements api.Model.
func (*Export) Model() string { return "accountExport" }

// ExportedIdentity is an account at a provider that signs the person in.
type ExportedIdentity struct {
	ID            string     `json:"$id"`
	CreatedAt     model.Time `json:"$createdAt"`
	UpdatedAt     model.Time `json:"$updatedAt"`
	Provider      string     `json:"provider"`
	ProviderUID   string     `json:"providerUid"`
	ProviderEmail string     `json:"providerEmail"`
}

// Model implements api.Model.
func (*ExportedIdentity) Model() string { return "exportedIdentity" }

// ExportedTelling is what a webhook is or was told about the person, as long as it is kept.
type ExportedTelling struct {
	ID        string       `json:"$id"`
	CreatedAt model.Time   `json:"$createdAt"`
	Event     string       `json:"event"`     // with stars for ids: users.*.create
	Delivered bool         `json:"delivered"` // a receiver has taken it
	Payload   model.Object `json:"payload"`
}

// Model implements api.Model.
func (*ExportedTelling) Model() string { return "exportedTelling" }

// ExportedFactors are the second factors, without what proves them.
type ExportedFactors struct {
	TOTP          bool       `json:"totp"`
	RecoveryCodes int        `json:"recoveryCodes"` // left
	Passkeys      []*Passkey `json:"passkeys"`
}

// Model implements api.Model.
func (*ExportedFactors) Model() string { return "exportedFactors" }

// ExportOf puts an export together.
func ExportOf(account *Account, sessions []*Session, identities []model.Identity, logs []*Log, factors ExportedFactors) *Export {
	e := &Export{Account: account, Sessions: sessions, Identities: make([]ExportedIdentity, len(identities)), Factors: factors, Logs: logs, Memberships: []Membership{}, Webhooks: []ExportedTelling{}}
	for i, identity := range identities {
		e.Identities[i] = ExportedIdentity{identity.ID, identity.CreatedAt, identity.UpdatedAt, identity.Provider, identity.ProviderUID, identity.ProviderEmail}
	}
	return e
}
