// Package wire owns the reply models: each a struct whose fields are the wire's, in the contract's order.
// Values of the inner rings become replies here and nowhere else. It imports client, locale, model and secret.
package wire

import "latchkey/internal/model"

// Account is a user as they see themselves.
type Account struct {
	ID                 string       `json:"$id"`
	CreatedAt          model.Time   `json:"$createdAt"`
	UpdatedAt          model.Time   `json:"$updatedAt"`
	Name               string       `json:"name"`
	Registration       model.Time   `json:"registration"`
	Status             bool         `json:"status"`
	Labels             []string     `json:"labels"`
	PasswordUpdate     model.Time   `json:"passwordUpdate"`
	Email              string       `json:"email"`
	Phone              string       `json:"phone"`
	EmailVerification  bool         `json:"emailVerification"`
	EmailCanonical     *string      `json:"emailCanonical"`
	EmailIsFree        *bool        `json:"emailIsFree"`
	EmailIsDisposable  *bool        `json:"emailIsDisposable"`
	EmailIsCorporate   *bool        `json:"emailIsCorporate"`
	EmailIsCanonical   *bool        `json:"emailIsCanonical"`
	PhoneVerification  bool         `json:"phoneVerification"`
	MFA                bool         `json:"mfa"`
	Prefs              model.Object `json:"prefs"`
	Targets            []Target     `json:"targets"`
	AccessedAt         model.Time   `json:"accessedAt"`
	Impersonator       bool         `json:"impersonator" since:"1.9.0"`
	ImpersonatorUserID *string      `json:"impersonatorUserId" since:"1.9.0"`
}

// Model implements api.Model.
func (*Account) Model() string { return "account" }

// AccountOf shows a user to themselves, or to the one who acts as them (impersonator may be nil).
func AccountOf(u, impersonator *model.User) *Account {
	a := &Account{
		ID: u.ID, CreatedAt: u.CreatedAt, UpdatedAt: u.UpdatedAt, Name: u.Name, Registration: u.CreatedAt,
		Status: u.Status, Labels: listed(u.Labels), PasswordUpdate: u.PasswordUpdate, Email: u.Email, Phone: u.Phone,
		EmailVerification: u.EmailVerification, PhoneVerification: u.PhoneVerification, MFA: u.MFA, Prefs: u.Prefs,
		Targets: TargetsOf(u.Targets), AccessedAt: u.AccessedAt, Impersonator: u.Impersonator,
	}
	if facts := u.EmailFacts; facts != nil {
		a.EmailCanonical, a.EmailIsFree, a.EmailIsDisposable = &facts.Canonical, &facts.IsFree, &facts.IsDisposable
		a.EmailIsCorporate, a.EmailIsCanonical = &facts.IsCorporate, &facts.IsCanonical
	}
	if impersonator != nil {
		a.ImpersonatorUserID = &impersonator.ID
	}
	return a
}

// Target is an address messages are sent to.
type Target struct {
	ID           string     `json:"$id"`
	CreatedAt    model.Time `json:"$createdAt"`
	UpdatedAt    model.Time `json:"$updatedAt"`
	Name         string     `json:"name"`
	UserID       string     `json:"userId"`
	ProviderID   *string    `json:"providerId"`
	ProviderType string     `json:"providerType"`
	Identifier   string     `json:"identifier"`
	Expired      bool       `json:"expired"`
}

// Model implements api.Model.
func (*Target) Model() string { return "target" }

// TargetsOf shows targets; the list is never null.
func TargetsOf(targets []model.Target) []Target {
	list := make([]Target, len(targets))
	for i := range targets {
		list[i] = *TargetOf(&targets[i])
	}
	return list
}

// TargetOf shows a target.
func TargetOf(t *model.Target) *Target {
	shown := &Target{ID: t.ID, CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt, Name: t.Name, UserID: t.UserID,
		ProviderType: t.ProviderType, Identifier: t.Identifier, Expired: t.Expired}
	if t.ProviderID != "" {
		shown.ProviderID = &t.ProviderID
	}
	return shown
}

// Prefs is a user's preferences: an object of the app's own making.
type Prefs model.Object

// Model implements api.Model.
func (Prefs) Model() string { return "preferences" }

// MarshalJSON implements json.Marshaler.
func (p Prefs) MarshalJSON() ([]byte, error) { return model.Object(p).MarshalJSON() }

// listed makes an absent list an empty one: null is no list to a client.
func listed(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
