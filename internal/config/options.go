package config

import (
	"log/slog"
	"strings"
)

// Option is one setting: a row of the table everything about settings derives from.
type Option struct {
	// Name is the flag without its dashes and the key in the file.
	Name string
	// Group is the heading it stands under in --help and in the reference.
	Group string
	// Value is the placeholder for the value in --help; empty for a switch.
	Value string
	// Default is the text of the default value, empty for none.
	Default string
	// DefaultNote says in words what happens without a value, where Default alone does not.
	DefaultNote string
	// Help is one line, lower case, without a full stop.
	Help string
	// Secret values are never shown and may also be read from a file: --NAME-file, LATCHKEY_…_FILE.
	Secret bool
	// List values are separated by commas, may be a list in the file, and add up when the flag is repeated.
	List bool

	// set checks a value and puts it into the configuration. Its error completes the sentence that starts
	// with the value, and never repeats the value, which may be a secret.
	set func(c *Config, value string) error
}

// Env is the option's environment variable.
func (o *Option) Env() string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(o.Name, "-", "_"))
}

// Switch says that the flag alone, without a value, means true.
func (o *Option) Switch() bool { return o.Value == "" }

const (
	envPrefix  = "LATCHKEY_"
	fileSuffix = "-file"
	configName = "config"

	letsEncrypt = "https://acme-v02.api.letsencrypt.org/directory"
)

// options is the table. Rows stand in the order of --help.
var options = []Option{
	{Name: "listen", Group: "Server", Value: "ADDR", Default: "127.0.0.1:8080", List: true,
		DefaultNote: "`dev` adds `[::1]`, and `--lan` makes it every address",
		Help:        "where the API answers: an address and a port, `:PORT` for every address of the machine",
		set:         func(c *Config, v string) (err error) { c.Listen, err = addresses(v); return }},
	{Name: "public-url", Group: "Server", Value: "URL",
		DefaultNote: "from `--acme-domain`, else from a loopback `--listen`; `serve` on any other address requires it",
		Help:        "the address that people and mails use, such as `https://auth.example.com`",
		set:         func(c *Config, v string) (err error) { c.PublicURL, err = publicURL(v); return }},
	{Name: "trusted-proxies", Group: "Server", Value: "CIDRS", List: true,
		Help: "networks whose `X-Forwarded-For`, `-Proto` and `-Host` headers are believed",
		set:  func(c *Config, v string) (err error) { c.TrustedProxies, err = prefixes(v); return }},
	{Name: "allow-private", Group: "Server", Value: "CIDRS", List: true, DefaultNote: "`dev` always allows loopback",
		Help: "private networks that outgoing requests (sign-in providers, webhooks, SMS, projects' mail servers) may reach",
		set:  func(c *Config, v string) (err error) { c.AllowPrivate, err = prefixes(v); return }},
	{Name: "lan", Group: "Server", Default: "false",
		Help: "`dev` only: serve phones and emulators on the local network; mailbox and test provider then ask for a token",
		set:  func(c *Config, v string) (err error) { c.Lan, err = truth(v); return }},
	{Name: "shutdown-timeout", Group: "Server", Value: "DURATION", Default: "20s",
		Help: "how long running requests may take to finish once the server was told to stop",
		set:  func(c *Config, v string) (err error) { c.ShutdownTimeout, err = duration(v); return }},
	{Name: "console-signup", Group: "Server", Value: "WHO", Default: string(SignupClosed),
		Help: "who may become an operator of the console by signing up: `closed` (nobody), `first` (the first person) or `open`",
		set: func(c *Config, v string) (err error) {
			c.ConsoleSignup, err = oneOf(v, SignupClosed, SignupFirst, SignupOpen)
			return
		}},
	{Name: "console-mfa", Group: "Server", Value: "WHETHER", Default: string(MFAOptional),
		Help: "`required`: an operator without a second factor can do nothing but set one up; `optional` leaves it to them",
		set: func(c *Config, v string) (err error) {
			c.ConsoleMFA, err = oneOf(v, MFAOptional, MFARequired)
			return
		}},

	{Name: "data", Group: "Storage", Value: "DIR", Default: "./latchkey-data",
		Help: "directory for the SQLite file, the generated master key and ACME certificates",
		set:  func(c *Config, v string) (err error) { c.Data, err = path(v); return }},
	{Name: "database", Group: "Storage", Value: "URL", Secret: true, DefaultNote: "the SQLite file in `--data`",
		Help: "a PostgreSQL database instead: `postgres://user:password@host/name`",
		set:  func(c *Config, v string) (err error) { c.Database, err = postgres(v); return }},
	{Name: "master-key", Group: "Storage", Value: "HEX", Secret: true,
		DefaultNote: "generated in `--data`; `serve` with PostgreSQL requires it",
		Help:        "the key all stored secrets are sealed under: 64 hex digits, the same on every node",
		set:         func(c *Config, v string) (err error) { c.MasterKey, err = masterKey(v); return }},
	{Name: "apply", Group: "Storage", Value: "FILE",
		Help: "a YAML file of projects, applied at every start",
		set:  func(c *Config, v string) (err error) { c.Apply, err = path(v); return }},

	{Name: "tls-cert", Group: "TLS", Value: "FILE",
		Help: "your certificate chain, PEM; read again when the file changes",
		set:  func(c *Config, v string) (err error) { c.TLSCert, err = path(v); return }},
	{Name: "tls-key", Group: "TLS", Value: "FILE",
		Help: "the key of your certificate, PEM",
		set:  func(c *Config, v string) (err error) { c.TLSKey, err = path(v); return }},
	{Name: "acme-domain", Group: "TLS", Value: "HOSTS", List: true,
		Help: "get and renew certificates for these host names by ACME",
		set:  func(c *Config, v string) (err error) { c.ACMEDomains, err = domains(v); return }},
	{Name: "acme-email", Group: "TLS", Value: "EMAIL",
		Help: "the contact given to the certificate authority",
		set:  func(c *Config, v string) (err error) { c.ACMEEmail, err = email(v); return }},
	{Name: "acme-directory", Group: "TLS", Value: "URL", Default: letsEncrypt,
		Help: "the certificate authority's ACME directory",
		set:  func(c *Config, v string) (err error) { c.ACMEDirectory, err = httpsURL(v); return }},
	{Name: "acme-ca-file", Group: "TLS", Value: "FILE", DefaultNote: "the system's",
		Help: "root certificates, PEM, to check the ACME directory with: for an authority of your own",
		set:  func(c *Config, v string) (err error) { c.ACMECAFile, err = path(v); return }},
	{Name: "http-listen", Group: "TLS", Value: "ADDR", List: true,
		DefaultNote: "with TLS on port 443, port 80 of the same addresses",
		Help:        "where plain HTTP is redirected to HTTPS and ACME challenges are answered; `off` for nowhere",
		set:         func(c *Config, v string) (err error) { c.HTTPListen, err = addressesOrOff(v); return }},

	{Name: "smtp", Group: "Mail and SMS", Value: "URL", Secret: true,
		DefaultNote: "a project without its own server then sends no mail; `dev` catches mail",
		Help:        "the mail server: `smtp://user:password@host:587?from=auth@example.com`",
		set:         func(c *Config, v string) (err error) { c.SMTP, err = smtpURL(v); return }},
	{Name: "sms", Group: "Mail and SMS", Value: "URL", Secret: true,
		DefaultNote: "a project without its own provider then sends no SMS; `dev` catches SMS",
		Help:        "the SMS provider, such as `twilio://accountSid:authToken@?from=…` or `webhook+https://:secret@host/path`",
		set:         func(c *Config, v string) (err error) { c.SMS, err = smsURL(v); return }},

	{Name: "rate-limits", Group: "Limits", Value: "on|off", Default: "on",
		Help: "`off` still sends the headers and refuses nobody",
		set:  func(c *Config, v string) (err error) { c.RateLimits, err = onOff(v); return }},
	{Name: "hash-parallel", Group: "Limits", Value: "N", DefaultNote: "cores − 1, at least 1",
		Help: "how many password hashes may run at once",
		set:  func(c *Config, v string) (err error) { c.HashParallel, err = number(v, 1, 1024); return }},
	{Name: "hash-queue", Group: "Limits", Value: "N", Default: "64",
		Help: "how many more may wait; beyond that the answer is 503 `general_server_busy`",
		set:  func(c *Config, v string) (err error) { c.HashQueue, err = number(v, 0, 1<<20); return }},
	{Name: "hash-memory", Group: "Limits", Value: "KIB", Default: "19456",
		Help: "Argon2id: memory for one password hash, in KiB",
		set:  func(c *Config, v string) (err error) { c.HashMemory, err = number(v, 8, 4<<20); return }},
	{Name: "hash-time", Group: "Limits", Value: "N", Default: "2",
		Help: "Argon2id: passes over that memory",
		set:  func(c *Config, v string) (err error) { c.HashTime, err = number(v, 1, 100); return }},
	{Name: "hash-threads", Group: "Limits", Value: "N", Default: "1",
		Help: "Argon2id: threads within one hash",
		set:  func(c *Config, v string) (err error) { c.HashThreads, err = number(v, 1, 255); return }},

	{Name: "metrics-listen", Group: "Observing", Value: "ADDR", List: true,
		Help: "where Prometheus metrics and pprof profiles answer, without authentication; keep it private",
		set:  func(c *Config, v string) (err error) { c.MetricsListen, err = addresses(v); return }},
	{Name: "log-level", Group: "Observing", Value: "LEVEL", Default: "info",
		Help: "the least important level that is written: `debug`, `info`, `warn` or `error`",
		set: func(c *Config, v string) error {
			level, err := oneOf(v, "debug", "info", "warn", "error")
			if err != nil {
				return err
			}
			return c.LogLevel.UnmarshalText([]byte(level))
		}},
	{Name: "log-format", Group: "Observing", Value: "json|text", DefaultNote: "`json` for `serve`, `text` otherwise",
		Help: "one JSON object a line, or text for people",
		set:  func(c *Config, v string) (err error) { c.LogFormat, err = oneOf(v, LogJSON, LogText); return }},

	{Name: configName, Group: "Files", Value: "FILE",
		Help: "a YAML file of these settings: the keys are the flags without their dashes",
		set:  func(*Config, string) error { return nil }},
}

var _ slog.LogValuer = (*Config)(nil)

// Options is the table, for whoever writes documentation or completes a command line. The slice is the
// caller's own.
func Options() []Option { return append([]Option(nil), options...) }

// find returns the option of that name, nil if there is none.
func find(name string) *Option {
	for i := range options {
		if options[i].Name == name {
			return &options[i]
		}
	}
	return nil
}

// settable resolves a name that somebody wrote: the option itself, or a secret option read from a file.
func settable(name string) (o *Option, fromFile bool) {
	if o := find(name); o != nil {
		return o, false
	}
	if base, ok := strings.CutSuffix(name, fileSuffix); ok {
		if o := find(base); o != nil && o.Secret {
			return o, true
		}
	}
	return nil, false
}
