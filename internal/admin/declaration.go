package admin

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"latchkey/internal/check"
	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// Declaration is a declared file, read and checked. Keys and values are those of the official server SDK's
// project service.
type Declaration struct{ Projects []DeclaredProject }

// DeclaredProject is a project as a file wants it. A section that the file does not have (nil) is left as it is;
// one that it has becomes exactly what it says.
type DeclaredProject struct {
	ID        string
	Name      string // empty: keep the one there is, or the id
	Platforms []model.Platform
	Keys      []DeclaredKey
	Settings  []func(*model.Settings) // the changes the file asks for, to be applied to what is there
	Documents map[string][]DeclaredDocument
}

// DeclaredKey is an API key as a file wants it.
type DeclaredKey struct {
	ID, Name string
	Scopes   []string
	Secret   string // empty: keep the one there is, or make one
	Expire   model.Time
	Dev      bool
}

// DeclaredDocument is a piece of settings with secrets: what may be shown, and what must not.
type DeclaredDocument struct {
	ID      string
	Body    map[string]any
	Secrets map[string]string // absent ones are kept
}

// ReadDeclaration reads a declared file. Holes such as ${NAME} are filled by lookup. The error is Faults, or
// what the YAML reader says of a file that is no YAML.
func ReadDeclaration(text []byte, lookup func(string) (string, bool)) (*Declaration, error) {
	root, err := readYAML(text)
	if err != nil {
		return nil, err
	}
	faults := Faults{}
	top := node{"", filled(root, lookup, &faults), &faults}
	d := &Declaration{}
	if top.value == nil {
		top.value = map[string]any{}
	}
	top.fields(map[string]func(node){"projects": func(n node) {
		n.items(func(item node) { d.Projects = append(d.Projects, readProject(item)) })
	}})
	seen := map[string]bool{}
	for i, p := range d.Projects {
		if seen[p.ID] && p.ID != "" {
			faults = append(faults, fmt.Sprintf("projects[%d].id: %q is declared twice", i, p.ID))
		}
		seen[p.ID] = true
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return d, nil
}

// mostValues is how many values a file may unfold into. Aliases of aliases make any number of a few lines.
const mostValues = 1_000_000

// readYAML reads the one document of a file. A second one is refused: were it passed over, its projects would count as not
// declared, and a run that prunes would delete them.
func readYAML(text []byte) (any, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var documents [2]any
	for i := range documents {
		if err := decoder.Decode(&documents[i]); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("the file is no valid YAML: %s", strings.TrimSpace(yaml.FormatError(err, false, true)))
		}
	}
	if documents[1] != nil {
		return nil, errors.New("the file holds several documents: put all projects into one list")
	}
	left := mostValues
	root := plain(documents[0], &left)
	if left < 0 {
		return nil, fmt.Errorf("the file unfolds into more than %d values: it has aliases of aliases", mostValues)
	}
	return root, nil
}

// plain copies what the YAML reader has made into one form: what two aliases share there is changed for each by itself.
// left is how many values may still come; below zero the copy is worth nothing.
func plain(value any, left *int) any {
	if *left--; *left < 0 {
		return nil
	}
	switch value := value.(type) {
	case map[string]any:
		members := make(map[string]any, len(value))
		for name, member := range value {
			members[name] = plain(member, left)
		}
		return members
	case map[any]any:
		members := make(map[string]any, len(value))
		for name, member := range value {
			members[fmt.Sprint(name)] = plain(member, left)
		}
		return members
	case []any:
		items := make([]any, len(value))
		for i, item := range value {
			items[i] = plain(item, left)
		}
		return items
	}
	return value
}

// hole is a reference to the environment.
var hole = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// filled replaces holes in every text.
func filled(value any, lookup func(string) (string, bool), faults *Faults) any {
	switch value := value.(type) {
	case string:
		return hole.ReplaceAllStringFunc(value, func(match string) string {
			name := match[2 : len(match)-1]
			text, found := lookup(name)
			if !found {
				*faults = append(*faults, match+": there is no environment variable of this name")
				return match // an empty text would be a second fault for one mistake
			}
			return text
		})
	case map[string]any:
		for name, member := range value {
			value[name] = filled(member, lookup, faults)
		}
	case []any:
		for i, item := range value {
			value[i] = filled(item, lookup, faults)
		}
	}
	return value
}

// Environment looks holes up in the process's environment.
func Environment(name string) (string, bool) { return os.LookupEnv(name) }

// readProject reads one project.
func readProject(n node) DeclaredProject {
	p := DeclaredProject{Documents: map[string][]DeclaredDocument{}}
	change := func(f func(*model.Settings)) { p.Settings = append(p.Settings, f) }
	given := n.fields(map[string]func(node){
		"id":           func(n node) { n.text(&p.ID, check.ProjectID) },
		"name":         func(n node) { n.text(&p.Name, check.Text(1, 128)) },
		"platforms":    func(n node) { p.Platforms = readPlatforms(n) },
		"keys":         func(n node) { p.Keys = readKeys(n) },
		"auth-methods": func(n node) { change(readAuthMethods(n)) },
		"policies":     func(n node) { change(readPolicies(n)) },
		"services": func(n node) {
			change(readSwitches(n, services, func(s *model.Settings) *map[string]bool { return &s.Services }))
		},
		"protocols": func(n node) {
			change(readSwitches(n, protocols, func(s *model.Settings) *map[string]bool { return &s.APIs }))
		},
		"labels":      func(n node) { change(readLabels(n)) },
		"branding":    func(n node) { change(readBranding(n)) },
		"mock-phones": func(n node) { change(readMockPhones(n)) },
		"oauth2":      func(n node) { p.Documents[store.KindOAuth2] = readOAuth2(n) },
		"smtp":        func(n node) { p.Documents[store.KindSMTP] = readSMTP(n) },
		"sms":         func(n node) { p.Documents[store.KindSMS] = readSMS(n) },
		"providers":   func(n node) { p.Documents[store.KindMessaging] = readProviders(n) },
		"templates":   func(n node) { p.Documents[store.KindTemplate] = readTemplates(n) },
		"webhooks":    func(n node) { p.Documents[store.KindWebhook] = readWebhooks(n) },
	})
	n.require(given, "id")
	if p.ID == model.ConsoleProject {
		n.child("id", nil).fail("console is the operators' own project and cannot be declared")
	}
	return p
}

// platformValues names the member that each type of platform is recognised by.
var platformValues = map[string]string{
	model.PlatformWeb: "hostname", model.PlatformAndroid: "applicationId", model.PlatformApple: "bundleIdentifier",
	model.PlatformLinux: "packageName", model.PlatformWindows: "packageIdentifierName", model.PlatformScheme: "scheme",
}

// readPlatforms reads the places a project's apps run at.
func readPlatforms(n node) []model.Platform {
	list := []model.Platform{}
	n.items(func(n node) {
		var p model.Platform
		values := map[string]string{}
		known := map[string]func(node){
			"type": func(n node) { n.text(&p.Type) },
			"id":   func(n node) { n.text(&p.ID, check.UID) },
			"name": func(n node) { n.text(&p.Name, check.Text(1, 128)) },
		}
		for _, member := range platformValues {
			known[member] = func(n node) {
				var text string
				n.text(&text, check.Text(1, 256))
				values[member] = text
			}
		}
		given := n.fields(known)
		n.require(given, "type", "id")
		member := platformValues[p.Type]
		if member == "" {
			n.child("type", nil).fail("must be one of web, android, apple, linux, windows, scheme")
			return
		}
		n.require(given, member)
		if err := check.Platform(p.Type)(values[member]); given[member] && err != nil {
			n.child(member, nil).fail("%s", strings.TrimSuffix(err.Error(), "."))
		}
		for other := range values {
			if other != member {
				n.child(other, nil).fail("does not belong to a platform of type %s, which has %s", p.Type, member)
			}
		}
		if slices.ContainsFunc(list, func(q model.Platform) bool { return q.ID == p.ID }) {
			n.child("id", nil).fail("%q is declared twice", p.ID)
		}
		p.Value = values[member]
		if p.Name == "" {
			p.Name = p.ID
		}
		list = append(list, p)
	})
	return list
}

// readKeys reads API keys.
func readKeys(n node) []DeclaredKey {
	list := []DeclaredKey{}
	n.items(func(n node) {
		var k DeclaredKey
		given := n.fields(map[string]func(node){
			"id":     func(n node) { n.text(&k.ID, check.UID) },
			"name":   func(n node) { n.text(&k.Name, check.Text(1, 128)) },
			"scopes": func(n node) { n.texts(&k.Scopes, KnownScope) },
			"secret": func(n node) { n.text(&k.Secret, keyText) },
			"dev":    func(n node) { n.flag(&k.Dev) },
			"expire": func(n node) {
				var at time.Time
				if n.moment(&at); !at.IsZero() {
					k.Expire = model.At(at)
				}
			},
		})
		n.require(given, "id")
		if !k.Dev {
			n.require(given, "scopes")
		}
		if slices.ContainsFunc(list, func(q DeclaredKey) bool { return q.ID == k.ID }) {
			n.child("id", nil).fail("%q is declared twice", k.ID)
		}
		if k.Name == "" {
			k.Name = k.ID
		}
		list = append(list, k)
	})
	return list
}

// keyText checks the text of a standard key: what is too short could be guessed.
func keyText(text string) error {
	kind, rest := secret.ParseKey(text)
	if kind != secret.KeyStandard || !strings.Contains(text, "_") || len(rest) < 32 || len(text) > 512 {
		return errors.New("must be standard_ and at least 32 characters; leave it out to have one made")
	}
	return nil
}
