package model

// Authenticator is an app or device that computes codes from a secret shared with the server. A user has at most
// one of a type.
type Authenticator struct {
	Project   string
	ID        string
	UserID    string
	Type      string // FactorTOTP
	Verified  bool   // the first code has been shown to be right; before that it counts for nothing
	Sealed    string // the secret, sealed
	LastStep  int64  // the last time step a code was accepted for (RFC 6238): later ones only
	CreatedAt Time
	UpdatedAt Time
}

// Challenge is a proof that was asked for and not given yet.
type Challenge struct {
	Project   string
	ID        string
	UserID    string
	SessionID string // the session that may answer it; empty: asked for without one, any session of the user
	Type      string // FactorTOTP …
	CodeHash  []byte // keyed hash of a code that was sent; empty for the other types
	Sealed    string // a code that the project's own server delivers (FactorCustom)
	Expire    Time   // it is good through this millisecond
	CreatedAt Time
}

// RecoveryCode is one of the codes kept on paper, good once.
type RecoveryCode struct {
	Position int
	Sealed   string
}

// The second factors, as challenges and sessions name them.
const (
	FactorTOTP         = "totp"
	FactorEmail        = "email"
	FactorPhone        = "phone"
	FactorRecoveryCode = "recoveryCode"
	FactorCustom       = "custom"
)

// Allows says whether a project lets a second factor be used. Recovery codes are the way out and cannot be
// switched off.
func (f MFAFactors) Allows(factor string) bool {
	switch factor {
	case FactorTOTP:
		return f.TOTP
	case FactorEmail:
		return f.Email
	case FactorPhone:
		return f.Phone
	case FactorCustom:
		return f.Custom
	}
	return factor == FactorRecoveryCode
}
