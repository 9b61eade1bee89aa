package model

// Passkey is a WebAuthn credential of a user. What is here is no secret: the private key has never left the
// authenticator.
type Passkey struct {
	Project   string
	ID        string
	UserID    string
	CreatedAt Time
	UpdatedAt Time
	Name      string
	// RPID is the domain that the credential was made for. It can be used on pages of that domain alone.
	RPID         string
	CredentialID []byte // made by the authenticator
	PublicKey    []byte // in the form of COSE
	SignCount    int64  // 0: an authenticator that does not count
	// BackupEligible says that the credential may be copied to other devices, and never changes; BackedUp that it
	// has been.
	BackupEligible bool
	BackedUp       bool
	Transports     []string // by which browsers find the authenticator again
	AAGUID         string   // the authenticator's model, as far as it tells
	UsedAt         Time     // zero: never
}

// FactorPasskey is proved by a passkey, and FactorUserVerification by what its authenticator has asked the person
// for: a finger, a face, a PIN.
const (
	FactorPasskey          = "passkey"
	FactorUserVerification = "userVerification"
)

// Ceremony is a challenge that an authenticator is to sign.
type Ceremony struct {
	Project   string
	ID        string
	Kind      string
	UserID    string // who has to answer; empty: whoever owns the passkey that does
	SessionID string // within which it has to be answered; empty for a caller without one
	RPID      string
	Challenge []byte
	Expire    Time
	CreatedAt Time
}

// OpenCeremony is a ceremony with what a browser has to be told about it.
type OpenCeremony struct {
	Ceremony
	Known      []Passkey // those that must not be made again, or those that may answer; none: any may
	Domain     string    // the project's name
	User       []byte    // of a registration: the handle by which authenticators know the user
	Name       string    // of a registration: of the user, as the browser shows it
	Algorithms []int     // of a registration: the kinds of signature, by their COSE numbers
}

// The kinds of ceremony. An answer to one is nothing to another.
const (
	CeremonyRegister = "register"
	CeremonySignIn   = "sign-in"
	CeremonyFactor   = "factor"
	CeremonyNobody   = "nobody" // looks like a sign-in and cannot be answered
)

// PasskeyPolicy says whether and where people of a project use passkeys.
type PasskeyPolicy struct {
	Enabled bool `json:"enabled"`
	// RPIDs are the domains that passkeys are made for, the preferred first; none: the host of the page that asks.
	RPIDs []string `json:"rpIds,omitempty"`
	// AndroidApps are apps that share the passkeys of the pages: package name, a blank, and the SHA-256
	// fingerprint of the certificate it is signed with.
	AndroidApps []string `json:"androidApps,omitempty"`
	AppleApps   []string `json:"appleApps,omitempty"` // the same for Apple's systems: team id, a period, bundle id
}
