package model

// Session is one sign-in on one device. The secret itself is never kept, only SecretHash.
type Session struct {
	Project    string
	ID         string
	CreatedAt  Time
	UpdatedAt  Time
	UserID     string
	SecretHash []byte // sha256 of the secret's text, 32 bytes
	Expire     Time

	Provider                  string // email, anonymous, magic-url, phone, token, server, or an OAuth2 provider
	ProviderUID               string
	ProviderAccessToken       string
	ProviderAccessTokenExpiry Time
	ProviderRefreshToken      string

	Factors      []string // password, anonymous, email, phone, token, server, oauth2, totp, recoveryCode
	MFAUpdatedAt Time

	IP          string
	CountryCode string // lower case, "--" unknown
	UserAgent   string // as sent, "UNKNOWN" without one; never shown
	Agent       Agent
}

// SessionUser is a live session together with its user: the answer to "who is this?".
type SessionUser struct {
	Session Session
	User    User
}

// Audit is one entry of the security log. Actor fields are as of the moment of the event.
type Audit struct {
	Project   string
	ID        string
	Time      Time
	Event     string // e.g. session.create
	Resource  string // e.g. user/5e5ea5c16897e
	ActorType string // user, guest, keyProject, admin
	ActorID   string
	ActorName string
	ActorMail string
	Mode      string // default or admin
	IP        string
	UserAgent string
	Country   string // lower case, "--" unknown
	Details   string // what an operator or a server has changed: JSON without secrets and without anything personal; else empty

	// A chained entry has its position (from 1) and the hash over it and all before it. Its personal fields
	// (name, mail, address, agent) are empty, and sealed together in Personal.
	Seq      int64
	Hash     []byte
	Personal string
}
