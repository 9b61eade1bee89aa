package config

import (
	"log/slog"
	"net/url"
)

// Setting is one effective value, fit to be shown.
type Setting struct {
	// Name is the option's name.
	Name string
	// Value is what is in force; of a secret, at most the scheme and the host. Empty for nothing.
	Value string
	// Origin is the flag, the variable or the line of the file it came from; "default" when nobody gave it.
	Origin string
}

// settings lists what is in force, in the order of the table.
func (l *loader) settings() []Setting {
	out := make([]Setting, 0, len(options))
	for i := range options {
		o := &options[i]
		g, ok := l.raw[o.Name]
		if !ok {
			g = given{value: o.Default}
		}
		if g.origin == "" {
			g.origin = "default"
		}
		if o.Secret && g.value != "" {
			g.value = redact(g.value)
		}
		out = append(out, Setting{Name: o.Name, Value: g.value, Origin: g.origin})
	}
	return out
}

// redact keeps of a secret what helps to see a mix-up: where an address points. User, password, path and
// query of an address may all be secrets; anything that is not an address is one.
func redact(secret string) string {
	u, err := url.Parse(secret)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return "(set)"
	}
	return u.Scheme + "://" + u.Host + "/…"
}

// Redacted is every setting in force and where it came from, without secrets.
func (c *Config) Redacted() []Setting { return append([]Setting(nil), c.settings...) }

// LogValue shows the settings that somebody gave, without secrets, so that logging a Config is safe.
func (c *Config) LogValue() slog.Value {
	var attrs []slog.Attr
	for _, s := range c.settings {
		if s.Origin != "default" {
			attrs = append(attrs, slog.String(s.Name, s.Value))
		}
	}
	return slog.GroupValue(attrs...)
}

// String is LogValue as text: printing a Config by mistake must not print its secrets.
func (c *Config) String() string { return c.LogValue().String() }

// GoString is String, for %#v.
func (c *Config) GoString() string { return c.String() }
