package model

// User is a person in a project.
type User struct {
	Project   string
	ID        string
	CreatedAt Time
	UpdatedAt Time

	Name   string
	Email  string // trimmed and lower-cased; empty for none
	Phone  string // + and digits; empty for none
	Status bool   // false: blocked
	// SelfBlocked tells a block by the person (the panic button) from one by an operator: unblocking the
	// first deletes the sessions, unblocking the second revives them.
	SelfBlocked bool
	Labels      []string
	Prefs       Object

	EmailVerification bool
	PhoneVerification bool
	EmailFacts        *EmailFacts // nil without an email

	Password       Password
	PasswordUpdate Time // zero: the user has no password
	AccessedAt     Time // moved at most once a day
	ResetRequired  bool
	MFA            bool
	Impersonator   bool

	// TokenCounter is raised by everything that must end proofs which live outside the sessions table (JWTs
	// without a session): a new password, a block. It starts with the time of creation, which nobody who had the id before
	// can have reached.
	TokenCounter int64
	// DeleteAt is when a deletion asked for by the person takes effect; zero: none was asked for.
	DeleteAt Time

	// Passkeys is how many passkeys the user has.
	Passkeys int

	// Targets and HasTOTP come along with the statements that say so.
	Targets []Target
	HasTOTP bool
}

// HasPassword says whether the user can prove a password. An empty hash counts as none, whatever
// PasswordUpdate says.
func (u *User) HasPassword() bool { return u.PasswordUpdate != 0 && u.Password.Hash != "" }

// Password is a stored hash: the kind (argon2, bcrypt, scrypt, scryptMod, md5, sha, phpass), its
// parameters as a JSON object, and the digest itself.
type Password struct {
	Kind    string
	Options Object
	Hash    string
}

// EmailFacts is what is known about an address without asking anybody.
type EmailFacts struct {
	Canonical    string // the address without aliases
	IsFree       bool
	IsDisposable bool
	IsCorporate  bool
	IsCanonical  bool
}

// Target is an address that messages can be sent to.
type Target struct {
	Project      string
	ID           string
	CreatedAt    Time
	UpdatedAt    Time
	UserID       string
	SessionID    string // push only: the session it goes with
	SentID       string // push only: the id last sent for it by the app
	ProviderType string // TargetEmail, TargetSMS, TargetPush
	ProviderID   string // empty: the project's first provider of the type
	Identifier   string
	Name         string
	Expired      bool
}

// The kinds of target.
const (
	TargetEmail = "email"
	TargetSMS   = "sms"
	TargetPush  = "push"
)

// Identity is an account at an OAuth2 provider that signs a user in.
type Identity struct {
	Project                   string
	ID                        string
	CreatedAt                 Time
	UpdatedAt                 Time
	UserID                    string
	Provider                  string
	ProviderUID               string
	ProviderEmail             string
	ProviderAccessToken       string
	ProviderAccessTokenExpiry Time
	ProviderRefreshToken      string
}
