package wire

import "latchkey/internal/model"

// Consent is an app that a user has let in.
type Consent struct {
	ID        string     `json:"$id"`
	CreatedAt model.Time `json:"$createdAt"`
	UpdatedAt model.Time `json:"$updatedAt"`
	UserID    string     `json:"userId"`
	AppID     string     `json:"appId"`
	Scopes    []string   `json:"scopes"`
	Expire    model.Time `json:"expire"`
}

// Model implements api.Model.
func (*Consent) Model() string { return "consent" }

// ConsentList is a list of consents.
type ConsentList struct {
	Total    int       `json:"total"`
	Consents []Consent `json:"consents"`
}

// Model implements api.Model.
func (*ConsentList) Model() string { return "consentList" }
