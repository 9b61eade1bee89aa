package model

import "time"

// ConsoleProject is the id of the project whose users are the operators.
const ConsoleProject = "console"

// Project is an app's own space: its users, its rules, the places it may be called from.
type Project struct {
	ID         string
	Name       string
	Team       string // of operators who look after it; empty for none
	CreatedAt  Time
	UpdatedAt  Time
	AccessedAt Time
	Settings   Settings
	Platforms  []Platform
	Webhooks   []Webhook // those that are on; filled for who serves the project
}

// Webhook is what has to be known of a receiver of events to know whether it is told one.
type Webhook struct {
	ID     string
	Events []string
}

// Settings is everything about a project that is set rather than happens. Names and values are those of the
// official server SDK's project service. It is stored as one JSON document.
type Settings struct {
	AuthMethods AuthMethods     `json:"authMethods"`
	Policies    Policies        `json:"policies"`
	Services    map[string]bool `json:"services,omitempty"` // absent: on
	APIs        map[string]bool `json:"apis,omitempty"`     // protocols: rest, graphql, realtime; absent: on
	Labels      []string        `json:"labels,omitempty"`
	MockPhones  []MockPhone     `json:"mockPhones,omitempty"`
	Branding    Branding        `json:"branding"` // ours
}

// Branding is how a project's mails and pages look.
type Branding struct {
	Accent string `json:"accent,omitempty"` // colour of buttons, "#rrggbb"; empty: ours
}

// ServiceEnabled says whether a service (account, users, locale …) is switched on.
func (s *Settings) ServiceEnabled(name string) bool {
	on, set := s.Services[name]
	return on || !set
}

// APIEnabled says whether a protocol (rest, graphql, realtime) is switched on.
func (s *Settings) APIEnabled(name string) bool {
	on, set := s.APIs[name]
	return on || !set
}

// AuthMethods says which ways of signing in are switched on, by the SDK's method ids.
type AuthMethods struct {
	EmailPassword bool `json:"email-password"`
	MagicURL      bool `json:"magic-url"`
	EmailOTP      bool `json:"email-otp"`
	Anonymous     bool `json:"anonymous"`
	Invites       bool `json:"invites"`
	JWT           bool `json:"jwt"`
	Phone         bool `json:"phone"`
}

// Policies are a project's rules for accounts.
type Policies struct {
	SessionDuration     DurationPolicy `json:"session-duration"` // seconds
	SessionLimit        TotalPolicy    `json:"session-limit"`    // 0: no limit
	SessionAlert        Switch         `json:"session-alert"`
	SessionInvalidation Switch         `json:"session-invalidation"`
	UserLimit           TotalPolicy    `json:"user-limit"`       // 0: no limit
	PasswordHistory     TotalPolicy    `json:"password-history"` // 0: off
	PasswordDictionary  Switch         `json:"password-dictionary"`
	PasswordPersonal    Switch         `json:"password-personal-data"`
	PasswordStrength    Strength       `json:"password-strength"`
	MFAFactors          MFAFactors     `json:"mfa-factors"`
	DenyDisposable      Switch         `json:"deny-disposable-email"`
	DenyAliased         Switch         `json:"deny-aliased-email"`
	DenyFree            Switch         `json:"deny-free-email"`
	DenyCorporate       Switch         `json:"deny-corporate-email"`
	MembershipPrivacy   MemberPrivacy  `json:"membership-privacy"`
	HideAccounts        Switch         `json:"hide-accounts"`    // ours
	AccountNotices      Switch         `json:"account-notices"`  // ours: people are told of changes to their account
	FirstProofWipe      Switch         `json:"first-proof-wipe"` // ours: the first proof of an address removes what others could have set up before
	SelfDeletion        SelfDeletion   `json:"self-deletion"`    // ours
	TrustEmail          TrustEmail     `json:"trust-email"`      // ours
	SMSGuard            SMSGuard       `json:"sms-guard"`        // ours
	AuditRetention      Days           `json:"audit-retention"`  // ours: how long the security log is kept
	JWTSigning          JWTSigning     `json:"jwt-signing"`      // ours: JWTs that others can verify
	Passkeys            PasskeyPolicy  `json:"passkeys"`         // ours
}

// Switch is a policy that is on or off.
type Switch struct {
	Enabled bool `json:"enabled"`
}

// TotalPolicy is a policy that is a number.
type TotalPolicy struct {
	Total int `json:"total"`
}

// DurationPolicy is a policy that is a length of time in seconds.
type DurationPolicy struct {
	Duration int `json:"duration"`
}

// Of returns the policy as a time.Duration.
func (p DurationPolicy) Of() time.Duration { return time.Duration(p.Duration) * time.Second }

// Strength says what a password must hold.
type Strength struct {
	Min       int  `json:"min"` // bytes, 8-256
	Uppercase bool `json:"uppercase"`
	Lowercase bool `json:"lowercase"`
	Number    bool `json:"number"`
	Symbols   bool `json:"symbols"`
}

// MFAFactors says which second factors may be used.
type MFAFactors struct {
	TOTP   bool `json:"totp"`
	Email  bool `json:"email"`
	Phone  bool `json:"phone"`
	Custom bool `json:"custom"` // codes that the project's own server delivers
}

// MemberPrivacy says which fields of a member other members see.
type MemberPrivacy struct {
	UserID    bool `json:"userId"`
	UserEmail bool `json:"userEmail"`
	UserPhone bool `json:"userPhone"`
	UserName  bool `json:"userName"`
	UserMFA   bool `json:"userMFA"`

	UserAccessedAt bool `json:"userAccessedAt"`
}

// SelfDeletion says whether people may delete their own account, and after how many days it is gone.
type SelfDeletion struct {
	Enabled   bool `json:"enabled"`
	GraceDays int  `json:"graceDays"` // 0: at once
}

// TrustEmail says what becomes of the addresses that OAuth2 providers name.
type TrustEmail struct {
	Providers []string `json:"providers,omitempty"` // believed beyond the built-in table
	// RefuseUnverified refuses a proven address where an account has it that never proved it. Otherwise what others
	// may have prepared in that account is removed.
	RefuseUnverified bool `json:"refuseUnverified"`
	Optional         bool `json:"optional"` // people without an address may sign up
}

// SMSGuard holds back text messages that nobody reads. Budgets are messages a day; 0 is none.
type SMSGuard struct {
	Enabled   bool `json:"enabled"`
	PerNumber int  `json:"perNumber"` // a cap
	// Budgets of messages ahead of the codes that come back: of a block of ten thousand numbers, of a country, of a
	// client address.
	PerPrefix  int `json:"perPrefix"`
	PerCountry int `json:"perCountry"`
	PerAddress int `json:"perAddress"`
	Conversion int `json:"conversion"` // percent of codes that must come back for a route to go on; 0: none
	Daily      int `json:"daily"`      // a cap on all of the project's messages
	// Countries are the only calling codes ("+49") that get messages; none: all do.
	Countries []string `json:"countries,omitempty"`
}

// Days is a policy that is a number of days; 0: the usual number.
type Days struct {
	Days int `json:"days"`
}

// JWTSigning says how JWTs are signed, if others are to verify them without a call.
type JWTSigning struct {
	Algorithm  string `json:"algorithm"`  // EdDSA or ES256; empty: with a shared key that nobody else has
	RotateDays int    `json:"rotateDays"` // how long a key signs; 0: 90
}

// Period is how long a key signs.
func (j JWTSigning) Period() time.Duration {
	days := j.RotateDays
	if days == 0 {
		days = 90
	}
	return time.Duration(days) * 24 * time.Hour
}

// MockPhone is a number that always gets the same code and no message, for app reviewers.
type MockPhone struct {
	Number string `json:"number"`
	OTP    string `json:"otp"`

	CreatedAt Time `json:"createdAt"`
	UpdatedAt Time `json:"updatedAt"`
}

// DefaultSettings is what a new project starts with.
func DefaultSettings() Settings {
	on := Switch{Enabled: true}
	return Settings{
		AuthMethods: AuthMethods{true, true, true, true, true, true, true},
		Policies: Policies{
			SessionDuration:     DurationPolicy{31536000},
			SessionLimit:        TotalPolicy{10},
			SessionInvalidation: on,
			PasswordStrength:    Strength{Min: 8},
			MFAFactors:          MFAFactors{TOTP: true, Email: true, Phone: true},
			MembershipPrivacy:   MemberPrivacy{true, true, true, true, true, true},
			AccountNotices:      on,
			SelfDeletion:        SelfDeletion{Enabled: true},
			SMSGuard:            SMSGuard{Enabled: true, PerNumber: 10, PerPrefix: 10, PerCountry: 100, PerAddress: 20, Conversion: 40, Daily: 10000},
		},
	}
}

// Platform is a place the project's app runs: requests carry its origin, redirects may lead to it.
type Platform struct {
	Project   string
	ID        string
	CreatedAt Time
	UpdatedAt Time
	Type      string // web, android, apple, linux, windows, scheme
	Name      string
	// Value is what the type is recognised by: the hostname of a web platform, the application id, bundle
	// identifier or package name of an app, the scheme of a custom scheme.
	Value string
}

// The platform types.
const (
	PlatformWeb     = "web"
	PlatformAndroid = "android"
	PlatformApple   = "apple"
	PlatformLinux   = "linux"
	PlatformWindows = "windows"
	PlatformScheme  = "scheme"
)

// Key is an API key of a project. The secret is shown when it is made and kept as a hash only.
type Key struct {
	Project    string
	ID         string
	CreatedAt  Time
	UpdatedAt  Time
	Name       string
	SecretHash []byte // sha256 of the whole key text
	Hint       string // the key's last characters, so that an operator can tell keys apart
	Scopes     []string
	Expire     Time // zero: never
	AccessedAt Time
	SDKs       []string
	Dev        bool // a dev key: relaxes origin, redirect and rate checks, grants nothing
}
