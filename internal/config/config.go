// Package config owns the settings of the program: which there are, where their values come from, and
// whether they make sense together. It may import the standard library and a YAML reader, nothing of ours.
//
// One table (options.go) is the source of everything: the flags, the LATCHKEY_* variables, the keys of the
// YAML file, the text of --help and the reference page all derive from its rows. The program reads the table
// itself instead of handing it to a flag library, because such libraries stop at the first mistake, and an
// operator who starts a server on a new machine should see every mistake in one go, each with the place it
// was made. Commands that have flags of their own parse what [Split] leaves over.
//
// A value comes from the flag, else from the environment, else from the file, else it is the default. An
// empty variable counts as not set, because that is what container descriptions produce for a hole.
package config

import (
	"log/slog"
	"net/netip"
	"net/url"
	"time"
)

// Mode says for which kind of command the settings are read; the rules differ.
type Mode int

const (
	// ModeDev is `latchkey dev`: loopback only, caught mail, a demo project.
	ModeDev Mode = iota + 1
	// ModeServe is `latchkey serve`: the production server.
	ModeServe
	// ModeTool is every command that works on the data and answers no request.
	ModeTool
)

// String is the word a message uses for the mode.
func (m Mode) String() string {
	switch m {
	case ModeDev:
		return "dev"
	case ModeServe:
		return "serve"
	default:
		return "tool"
	}
}

// Signup says who may become an operator of the console.
type Signup string

const (
	// SignupClosed lets nobody sign up: operators are made by hand, with `latchkey admin`.
	SignupClosed Signup = "closed"
	// SignupFirst lets the first person sign up and nobody after.
	SignupFirst Signup = "first"
	// SignupOpen lets everybody sign up.
	SignupOpen Signup = "open"
)

// MFA says whether operators need a second factor.
type MFA string

const (
	// MFAOptional leaves it to each operator.
	MFAOptional MFA = "optional"
	// MFARequired lets operators without one do nothing but set it up.
	MFARequired MFA = "required"
)

// LogFormat is the form of a log line.
type LogFormat string

const (
	// LogJSON writes one JSON object a line, for machines.
	LogJSON LogFormat = "json"
	// LogText writes key=value pairs, for people.
	LogText LogFormat = "text"
)

// Config is every setting, checked. It is a value that is handed down, never a global; nobody changes it
// after Load.
type Config struct {
	// Mode is the kind of command it was read for.
	Mode Mode

	// Listen is where the API answers; never empty. An unspecified IPv6 address means every address of the
	// machine, IPv4 included. Port 0 lets the system choose.
	Listen []netip.AddrPort
	// PublicURL is the address that people and mails use: scheme and host, with the port if it is not the
	// scheme's own, no path. Never nil in dev and serve. It was derived when PublicURLDerived is true.
	PublicURL *url.URL
	// PublicURLDerived says that nobody gave PublicURL; with port 0 in Listen it then ends in ":0", and
	// whoever listens must put in the port that the system chose.
	PublicURLDerived bool
	// TrustedProxies are the networks whose forwarding headers are believed.
	TrustedProxies []netip.Prefix
	// AllowPrivate are the private networks that outgoing requests may reach; in dev also loopback.
	AllowPrivate []netip.Prefix
	// Lan says that dev also serves the local network.
	Lan bool
	// ShutdownTimeout is how long running requests may take to finish once the server was told to stop.
	ShutdownTimeout time.Duration
	// ConsoleSignup says who may become an operator of the console.
	ConsoleSignup Signup
	// ConsoleMFA says whether operators of the console need a second factor.
	ConsoleMFA MFA

	// Data is the directory for what the program keeps itself.
	Data string
	// Database is the address of a PostgreSQL database, empty for the SQLite file in Data. Secret.
	Database string
	// MasterKey is the 32-byte key all stored secrets are sealed under, nil for the generated one. Secret.
	MasterKey []byte
	// Apply is the declaration applied at start, empty for none.
	Apply string

	// TLSCert and TLSKey are the files of the operator's own certificate chain and its key, PEM; both or none.
	TLSCert, TLSKey string
	// ACMEDomains are the host names to get certificates for, lower case; empty for no ACME.
	ACMEDomains []string
	// ACMEEmail is the contact given to the certificate authority; may be empty.
	ACMEEmail string
	// ACMEDirectory is the authority's directory.
	ACMEDirectory *url.URL
	// ACMECAFile holds the roots, PEM, that the directory's own certificate is checked against; empty for
	// the system's.
	ACMECAFile string
	// HTTPListen is where plain HTTP is redirected to HTTPS and HTTP-01 challenges are answered; empty for
	// nowhere.
	HTTPListen []netip.AddrPort

	// SMTP is where mail goes for projects without their own server, nil for nowhere. Secret.
	SMTP *url.URL
	// SMS is where text messages go for projects without their own provider, nil for nowhere. Secret.
	SMS *url.URL

	// RateLimits says whether callers beyond a limit are refused.
	RateLimits bool
	// HashParallel is how many password hashes may run at once; at least 1.
	HashParallel int
	// HashQueue is how many more may wait.
	HashQueue int
	// HashMemory is Argon2's memory for one hash, in KiB.
	HashMemory int
	// HashTime is Argon2's number of passes.
	HashTime int
	// HashThreads is Argon2's parallelism within one hash.
	HashThreads int

	// MetricsListen is where metrics and profiles answer; empty for nowhere.
	MetricsListen []netip.AddrPort
	// LogLevel is the least important level that is written.
	LogLevel slog.Level
	// LogFormat is the form of a log line.
	LogFormat LogFormat

	settings []Setting
}

// PostgreSQL says whether the data lies in PostgreSQL instead of the SQLite file.
func (c *Config) PostgreSQL() bool { return c.Database != "" }

// TLS says whether the server itself speaks TLS.
func (c *Config) TLS() bool { return c.TLSCert != "" || len(c.ACMEDomains) > 0 }
