package wire

import "latchkey/internal/model"

// Identity is an account at an OAuth2 provider that signs a user in.
type Identity struct {
	ID                        string     `json:"$id"`
	CreatedAt                 model.Time `json:"$createdAt"`
	UpdatedAt                 model.Time `json:"$updatedAt"`
	UserID                    string     `json:"userId"`
	Provider                  string     `json:"provider"`
	ProviderUID               string     `json:"providerUid"`
	ProviderEmail             string     `json:"providerEmail"`
	ProviderAccessToken       string     `json:"providerAccessToken"`
	ProviderAccessTokenExpiry model.Time `json:"providerAccessTokenExpiry"`
	ProviderRefreshToken      string     `json:"providerRefreshToken"`
}

// Model implements api.Model.
func (*Identity) Model() string { return "identity" }

// IdentityList is a list of identities.
type IdentityList struct {
	Total      int         `json:"total"`
	Identities []*Identity `json:"identities"`
}

// Model implements api.Model.
func (*IdentityList) Model() string { return "identityList" }

// IdentitiesOf shows identities; with the tokens of their providers only to whoever may act as the people.
func IdentitiesOf(identities []model.Identity, total int, tokens bool) *IdentityList {
	list := &IdentityList{Total: total, Identities: make([]*Identity, len(identities))}
	for i := range identities {
		shown := IdentityOf(&identities[i])
		if tokens {
			shown.ProviderAccessToken, shown.ProviderRefreshToken = identities[i].ProviderAccessToken, identities[i].ProviderRefreshToken
		}
		list.Identities[i] = shown
	}
	return list
}

// IdentityOf shows one of them without tokens.
func IdentityOf(one *model.Identity) *Identity {
	return &Identity{ID: one.ID, CreatedAt: one.CreatedAt, UpdatedAt: one.UpdatedAt, UserID: one.UserID, Provider: one.Provider,
		ProviderUID: one.ProviderUID, ProviderEmail: one.ProviderEmail, ProviderAccessTokenExpiry: one.ProviderAccessTokenExpiry}
}
