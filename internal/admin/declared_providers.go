package admin

import (
	"slices"
	"strings"

	"latchkey/internal/check"
)

// readProviders reads messaging providers.
func readProviders(n node) []DeclaredDocument {
	list := []DeclaredDocument{}
	n.items(func(n node) {
		members, _ := n.value.(map[string]any)
		name, _ := members["provider"].(string)
		kind := providerKinds[name]
		if kind == nil {
			n.child("provider", nil).fail("must be one of %s", strings.Join(sortedNames(providerKinds), ", "))
			return
		}
		d := kind.read(n)
		if slices.ContainsFunc(list, func(other DeclaredDocument) bool { return other.ID == d.ID }) {
			n.child("id", nil).fail("%q is declared twice", d.ID)
		}
		list = append(list, d)
	})
	return list
}

// read reads a provider of a kind. One that is switched on has everything it needs that is not secret; a secret that is
// left out is kept.
func (k *ProviderKind) read(n node) DeclaredDocument {
	fields := "id provider name enabled"
	for _, f := range k.Fields {
		fields += " " + f.Name
		if f.Secret {
			fields += "!"
		}
	}
	d := readDocument(n, "", fields, "id", "provider")
	d.ID, _ = d.Body["id"].(string)
	delete(d.Body, "id")
	if err := check.UID(d.ID); err != nil {
		n.child("id", nil).fail("%s", strings.TrimSuffix(err.Error(), "."))
	}
	on, _ := d.Body["enabled"].(bool)
	d.Body["type"], d.Body["enabled"] = k.Type, on
	if name, is := d.Body["name"].(string); d.Body["name"] != nil && (!is || check.Text(1, 128)(name) != nil) {
		n.child("name", nil).fail("must be a text of 1 to 128 characters")
	}
	for _, f := range k.Fields {
		f.declared(n, &d, on)
	}
	return d
}

// declared checks a field of a declared provider.
func (f ProviderField) declared(n node, d *DeclaredDocument, on bool) {
	if f.Secret {
		if text, given := d.Secrets[f.Name]; given && f.refuses(text) != nil {
			n.child(f.Name, nil).fail("%s", strings.TrimSuffix(f.refuses(text).Error(), "."))
		}
		return
	}
	value, given := d.Body[f.Name]
	text, isText := value.(string)
	switch right := f.holds(value); {
	case !given && on && f.Needed:
		n.child(f.Name, nil).fail("is needed, because the provider is switched on")
	case given && !right:
		n.child(f.Name, nil).fail("must be %s", formWords[f.Form])
	case given && isText && f.refuses(text) != nil:
		n.child(f.Name, nil).fail("%s", strings.TrimSuffix(f.refuses(text).Error(), "."))
	}
}

// refuses is what the field's check has against a text.
func (f ProviderField) refuses(text string) error {
	if f.Form == "object" {
		return ServiceAccount(text)
	}
	return f.Check()(text)
}

// formWords say what a field must be.
var formWords = map[string]string{"string": "a text", "object": "a text", "boolean": "true or false", "integer": "a whole number"}

// holds says whether a value is of the field's form.
func (f ProviderField) holds(value any) bool {
	switch value.(type) {
	case string:
		return f.Form == "string" || f.Form == "object"
	case bool:
		return f.Form == "boolean"
	case int, int64, uint64:
		return f.Form == "integer"
	}
	return false
}
