package wire

import (
	"encoding/base64"

	"latchkey/internal/model"
)

// Passkey is a passkey of a user. Its key is not shown: nobody has a use for it.
type Passkey struct {
	ID         string     `json:"$id"`
	CreatedAt  model.Time `json:"$createdAt"`
	UpdatedAt  model.Time `json:"$updatedAt"`
	UserID     string     `json:"userId"`
	Name       string     `json:"name"`
	RPID       string     `json:"rpId"`
	Credential string     `json:"credentialId"`
	BackedUp   bool       `json:"backedUp"`
	Transports []string   `json:"transports"`
	AAGUID     string     `json:"aaguid"`
	UsedAt     model.Time `json:"usedAt"`
}

// Model implements api.Model.
func (*Passkey) Model() string { return "passkey" }

// PasskeyOf shows a passkey.
func PasskeyOf(p *model.Passkey) *Passkey {
	return &Passkey{ID: p.ID, CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt, UserID: p.UserID, Name: p.Name, RPID: p.RPID,
		Credential: base64URL(p.CredentialID), BackedUp: p.BackedUp, Transports: listed(p.Transports), AAGUID: p.AAGUID, UsedAt: p.UsedAt}
}

// PasskeyList is a list of passkeys.
type PasskeyList struct {
	Total    int        `json:"total"`
	Passkeys []*Passkey `json:"passkeys"`
}

// Model implements api.Model.
func (*PasskeyList) Model() string { return "passkeyList" }

// PasskeysOf shows passkeys.
func PasskeysOf(passkeys []model.Passkey) *PasskeyList {
	list := &PasskeyList{Total: len(passkeys), Passkeys: make([]*Passkey, len(passkeys))}
	for i := range passkeys {
		list.Passkeys[i] = PasskeyOf(&passkeys[i])
	}
	return list
}

// PasskeyRegistration is a challenge for a new passkey, with what navigator.credentials.create is to be called with.
type PasskeyRegistration struct {
	ID        string          `json:"$id"`
	CreatedAt model.Time      `json:"$createdAt"`
	Expire    model.Time      `json:"expire"`
	Options   *PasskeyOptions `json:"options"`
}

// Model implements api.Model.
func (*PasskeyRegistration) Model() string { return "passkeyRegistration" }

// PasskeyOptions is PublicKeyCredentialCreationOptionsJSON of WebAuthn.
type PasskeyOptions struct {
	RP          PasskeyDomain      `json:"rp"`
	User        PasskeyUser        `json:"user"`
	Challenge   string             `json:"challenge"`
	Params      []PasskeyParam     `json:"pubKeyCredParams"`
	Timeout     int64              `json:"timeout"`
	Exclude     []PasskeyReference `json:"excludeCredentials"`
	Selection   PasskeySelection   `json:"authenticatorSelection"`
	Attestation string             `json:"attestation"`
}

// PasskeyDomain is whom a passkey is made for.
type PasskeyDomain struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// PasskeyUser is whose passkey it is to be.
type PasskeyUser struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	DisplayName string `json:"displayName"`
}

// PasskeyParam is a kind of signature, by its COSE number.
type PasskeyParam struct {
	Type string `json:"type"`
	Alg  int    `json:"alg"`
}

// PasskeyReference names a credential.
type PasskeyReference struct {
	Type       string   `json:"type"`
	ID         string   `json:"id"`
	Transports []string `json:"transports"`
}

// PasskeySelection says what an authenticator must be able to do.
type PasskeySelection struct {
	ResidentKey        string `json:"residentKey"`
	RequireResidentKey bool   `json:"requireResidentKey"`
	UserVerification   string `json:"userVerification"`
}

// PasskeyChallenge is a challenge for a passkey that is there, with what navigator.credentials.get is to be called with.
type PasskeyChallenge struct {
	ID        string                 `json:"$id"`
	CreatedAt model.Time             `json:"$createdAt"`
	Expire    model.Time             `json:"expire"`
	Options   *PasskeyRequestOptions `json:"options"`
}

// Model implements api.Model.
func (*PasskeyChallenge) Model() string { return "passkeyChallenge" }

// PasskeyRequestOptions is PublicKeyCredentialRequestOptionsJSON of WebAuthn.
type PasskeyRequestOptions struct {
	Challenge        string             `json:"challenge"`
	Timeout          int64              `json:"timeout"`
	RPID             string             `json:"rpId"`
	Allow            []PasskeyReference `json:"allowCredentials"`
	UserVerification string             `json:"userVerification"`
}

// PasskeyRegistrationOf shows a challenge for a new passkey. It can be found by its domain alone and has to verify the
// person: that is what makes it more than a second factor.
func PasskeyRegistrationOf(c *model.OpenCeremony) *PasskeyRegistration {
	params := make([]PasskeyParam, len(c.Algorithms))
	for i, algorithm := range c.Algorithms {
		params[i] = PasskeyParam{publicKey, algorithm}
	}
	name := c.Domain
	if name == "" {
		name = c.RPID
	}
	return &PasskeyRegistration{ID: c.ID, CreatedAt: c.CreatedAt, Expire: c.Expire, Options: &PasskeyOptions{
		RP: PasskeyDomain{c.RPID, name}, User: PasskeyUser{base64URL(c.User), c.Name, c.Name}, Challenge: base64URL(c.Challenge), Params: params,
		Timeout: int64(c.Expire - c.CreatedAt), Exclude: references(c.Known), Attestation: "none",
		Selection: PasskeySelection{ResidentKey: required, RequireResidentKey: true, UserVerification: required}}}
}

// PasskeyChallengeOf shows a challenge for a passkey that is there.
func PasskeyChallengeOf(c *model.OpenCeremony) *PasskeyChallenge {
	return &PasskeyChallenge{ID: c.ID, CreatedAt: c.CreatedAt, Expire: c.Expire, Options: &PasskeyRequestOptions{
		Challenge: base64URL(c.Challenge), Timeout: int64(c.Expire - c.CreatedAt), RPID: c.RPID, Allow: references(c.Known), UserVerification: required}}
}

// Words of WebAuthn.
const (
	publicKey = "public-key"
	required  = "required"
)

// references names passkeys to a browser.
func references(passkeys []model.Passkey) []PasskeyReference {
	list := make([]PasskeyReference, len(passkeys))
	for i := range passkeys {
		list[i] = PasskeyReference{publicKey, base64URL(passkeys[i].CredentialID), listed(passkeys[i].Transports)}
	}
	return list
}

func base64URL(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
