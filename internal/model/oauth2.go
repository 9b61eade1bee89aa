package model

// OAuth2Login is a sign-in at a provider that is under way: everything that must still be true, and known, when
// the person comes back. The state that travels is its opaque id; only a hash of that is kept.
type OAuth2Login struct {
	Project   string
	Provider  string
	StateHash []byte
	Browser   []byte // hash of the cookie that the starting browser was given; empty: bound to none
	Success   string // where to lead the person afterwards; empty: our own page
	Failure   string
	Token     bool   // the app gets a one-time token, not a cookie
	UserID    string // who was signed in at the start, and by which session; empty for guests
	SessionID string
	Sealed    string // verifier, nonce and redirect URI
	NameHint  string // what the callback said about the person's name, where a provider says it there
	Expire    Time
}
