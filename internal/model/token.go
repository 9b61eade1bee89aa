package model

// Token is a one-time secret that a person was given: a code, or the secret inside a link. The secret itself is
// not kept, only a hash of it.
type Token struct {
	Project    string
	ID         string
	UserID     string
	Purpose    string // PurposeMagicURL …: what it can be redeemed for, and nothing else
	SecretHash []byte
	Address    string // the email address or number it was sent to, as stored; empty for a token bound to none
	Expire     Time   // it is good through this millisecond
	Attempts   int    // wrong tries so far; counted for codes alone
	IP         string
	UserAgent  string
	CreatedAt  Time
}

// The purposes of tokens.
const (
	PurposeMagicURL          = "magic-url"
	PurposeEmailOTP          = "email-otp"
	PurposePhone             = "phone"
	PurposeVerification      = "verification"
	PurposeVerificationOTP   = "verification-otp"
	PurposePhoneVerification = "phone-verification"
	PurposeRecovery          = "recovery"
	PurposeRecoveryOTP       = "recovery-otp"
	PurposeGeneric           = "token"      // made by an operator for a user
	PurposeGenericCode       = "token-code" // the same, so short that it could be guessed
	PurposeOAuth2            = "oauth2"
)

// IsCode says whether secrets of a purpose are short codes, which wrong tries have to end. The others are too
// long to be guessed.
func IsCode(purpose string) bool {
	switch purpose {
	case PurposeEmailOTP, PurposePhone, PurposeVerificationOTP, PurposePhoneVerification, PurposeRecoveryOTP, PurposeGenericCode:
		return true
	}
	return false
}
