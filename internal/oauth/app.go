package oauth

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// App is a provider as one project has set it up: a registered client.
type App struct {
	*Provider
	client   *Client
	values   map[string]string
	bases    map[string]string // URLs made of the settings, for templates
	prompt   []string
	clientID string
	secret   string
}

// ErrIncomplete answers settings without which nobody can be sent to the provider.
var ErrIncomplete = errors.New("the provider is not fully set up")

// Wrong is a setting that is not acceptable, or missing.
type Wrong struct{ Field, Text string }

// missing is what a Wrong says of a setting that is not there.
const missing = "is missing"

// Error implements error.
func (w *Wrong) Error() string { return "the setting " + w.Field + " " + w.Text }

// Is says that a missing setting is ErrIncomplete.
func (w *Wrong) Is(target error) bool { return target == ErrIncomplete && w.Text == missing }

// Configure joins a row with a project's settings, shown ones and secret ones, by their names. Settings that a
// newer row no longer has are passed over. An error is a *Wrong; of something missing it is ErrIncomplete.
func (c *Client) Configure(p *Provider, shown map[string]any, secrets map[string]string) (*App, error) {
	a, err := p.read(shown, secrets)
	if err != nil {
		return nil, err
	}
	a.client = c
	for _, f := range p.Fields {
		if a.values[f.Name] == "" && !f.Optional {
			return nil, &Wrong{f.Name, missing}
		}
	}
	if len(p.Fields) > 1 {
		a.clientID, a.secret = a.values[p.Fields[0].Name], a.values[p.Fields[secretAt(p)].Name]
	}
	return a, a.derive()
}

// CheckShown checks what a project wants to set of the settings that are no secrets. An error is a *Wrong.
func (p *Provider) CheckShown(shown map[string]any) error {
	a, err := p.read(shown, nil)
	if err != nil {
		return err
	}
	for _, f := range p.Fields {
		if a.values[f.Name] == "" && !f.Optional && !f.Secret() {
			return &Wrong{f.Name, missing}
		}
	}
	return a.derive()
}

// read takes over the settings that are there.
func (p *Provider) read(shown map[string]any, secrets map[string]string) (*App, error) {
	a := &App{Provider: p, values: map[string]string{}, bases: map[string]string{}}
	for _, f := range p.Fields {
		value := shown[f.Name]
		if f.Secret() {
			value = nil
			if text, given := secrets[f.Name]; given {
				value = text
			}
		}
		if value != nil {
			if err := f.Check(value); err != nil {
				return nil, &Wrong{f.Name, err.Error()}
			}
		}
		a.take(f, value)
	}
	return a, nil
}

// derive runs the row's hook over the settings.
func (a *App) derive() error {
	if a.hooks.settings == nil {
		return nil
	}
	return a.hooks.settings(a)
}

// secretAt is the place of the client's secret: the first field that is one.
func secretAt(p *Provider) int {
	return max(slices.IndexFunc(p.Fields, Field.Secret), 0)
}

// take puts a checked value into the form that templates use.
func (a *App) take(f Field, value any) {
	text := ""
	switch f.Kind {
	case KindList:
		a.prompt, _ = texts(value)
	case KindNumber:
		if n, ok := whole(value); ok && value != nil {
			text = strconv.Itoa(n)
		}
	default:
		text, _ = value.(string)
	}
	if text == "" {
		text = f.Default
	}
	if f.Kind == KindServer && text != "" {
		text, _ = server(text)
	}
	a.values[f.Name] = text
}

// Vouches says whether the provider's word about an address may be built on: to link accounts, and to call the
// address verified. optedIn says whether the project believes a provider whose word is weak.
func (a *App) Vouches(p *Profile, optedIn bool) bool {
	if !p.Verified || p.Email == "" {
		return false
	}
	switch a.Trust {
	case TrustStrong:
		return true
	case TrustOperator:
		return a.values["trustEmail"] != "never"
	case TrustWeak:
		return optedIn
	}
	return false
}

// ClientIDs lists whom an id token may be meant for: the registered client, and the native apps beside it.
func (a *App) ClientIDs() []string {
	return append([]string{a.clientID}, strings.Fields(strings.ReplaceAll(a.values["nativeClientIds"], ",", " "))...)
}

// expand fills a template. A hole in the query is escaped as such, one in the path as a segment, unless it is
// itself a URL, which was checked when it was set.
func (a *App) expand(template string, more map[string]string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(template, "{")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		name, after, _ := strings.Cut(rest, "}")
		value := a.hole(name, more)
		f, _ := a.Field(name)
		switch {
		case f.Kind == KindServer || f.Kind == KindURL || a.bases[name] != "" || more["raw"] != "":
			out.WriteString(value)
		case strings.Contains(out.String(), "?"):
			out.WriteString(url.QueryEscape(value))
		default:
			out.WriteString(url.PathEscape(value))
		}
		template = after
	}
}

func (a *App) hole(name string, more map[string]string) string {
	if value, is := more[name]; is {
		return value
	}
	switch name {
	case "client":
		return a.clientID
	case "secret":
		return a.secret
	}
	return or(a.bases[name], a.values[name])
}

// RedirectURI returns the callback in the spelling that the provider takes.
func (a *App) RedirectURI(callback string) string {
	if !a.LoopbackIP {
		return callback
	}
	u, err := url.Parse(callback)
	if err != nil || u.Hostname() != "localhost" {
		return callback
	}
	u.Host = strings.Replace(u.Host, "localhost", "127.0.0.1", 1)
	return u.String()
}
