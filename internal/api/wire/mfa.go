package wire

import "latchkey/internal/model"

// MFAFactors says which second factors a user has.
type MFAFactors struct {
	TOTP         bool `json:"totp"`
	Phone        bool `json:"phone"`
	Email        bool `json:"email"`
	RecoveryCode bool `json:"recoveryCode"`
	Custom       bool `json:"custom"`
	Passkey      bool `json:"passkey,omitempty" since:"2.3.0"` // ours: there only where it is true
}

// Model implements api.Model.
func (*MFAFactors) Model() string { return "mfaFactors" }

// MFAType is what an authenticator app has to be told.
type MFAType struct {
	Secret string `json:"secret"`
	URI    string `json:"uri"`
}

// Model implements api.Model.
func (*MFAType) Model() string { return "mfaType" }

// MFARecoveryCodes is a set of recovery codes.
type MFARecoveryCodes struct {
	RecoveryCodes []string `json:"recoveryCodes"`
}

// Model implements api.Model.
func (*MFARecoveryCodes) Model() string { return "mfaRecoveryCodes" }

// MFAChallenge is a proof that was asked for. What answers it is not shown.
type MFAChallenge struct {
	ID        string     `json:"$id"`
	CreatedAt model.Time `json:"$createdAt"`
	UserID    string     `json:"userId"`
	Expire    model.Time `json:"expire"`
}

// Model implements api.Model.
func (*MFAChallenge) Model() string { return "mfaChallenge" }

// MFAChallengeOf shows a challenge.
func MFAChallengeOf(c *model.Challenge) *MFAChallenge {
	return &MFAChallenge{ID: c.ID, CreatedAt: c.CreatedAt, UserID: c.UserID, Expire: c.Expire}
}

// MFAChallengeSecret is a challenge for the server that hands its code over.
type MFAChallengeSecret struct {
	ID        string     `json:"$id"`
	CreatedAt model.Time `json:"$createdAt"`
	UserID    string     `json:"userId"`
	Expire    model.Time `json:"expire"`
	Code      string     `json:"code"`
}

// Model implements api.Model.
func (*MFAChallengeSecret) Model() string { return "mfaChallengeSecret" }

// MFAChallengeSecretOf shows a challenge with its code.
func MFAChallengeSecretOf(c *model.Challenge, code string) *MFAChallengeSecret {
	return &MFAChallengeSecret{ID: c.ID, CreatedAt: c.CreatedAt, UserID: c.UserID, Expire: c.Expire, Code: code}
}
