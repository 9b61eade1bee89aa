package admin

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
)

// Provider is a messaging provider of a project as it is shown: secrets are names without values.
type Provider struct {
	ID, Name, Kind, Type string
	Enabled              bool
	Credentials, Options map[string]any
	CreatedAt, UpdatedAt model.Time
}

// ProviderChange is what is said about a provider. What is nil or absent is not said.
type ProviderChange struct {
	Name    *string
	Enabled *bool
	Values  map[string]any // by field: texts, truth values, numbers, objects as JSON text; "" takes a value away
}

// CreateProvider makes a messaging provider. It is on if that is asked for and nothing is missing.
// Fault: provider_already_exists.
func (r *Rules) CreateProvider(ctx context.Context, req *auth.Request, kind *ProviderKind, id string, in ProviderChange) (*Provider, error) {
	if id == "unique()" {
		id = r.Random.ID(r.Clock())
	}
	now := r.now()
	d := &Document{ID: id, Body: map[string]any{"provider": kind.Name, "type": kind.Type}, Secrets: map[string]string{}}
	kind.apply(d, in)
	d.Body["enabled"] = in.Enabled != nil && *in.Enabled && kind.complete(d)
	row, err := r.providerRow(req.Project.ID, d, now)
	if err != nil {
		return nil, err
	}
	err = r.changed(ctx, req, "providers/"+id, func(tx *store.Tx, what *auth.Details) error {
		*what = documentDetails(emptyDocument(id), d)
		tx.InsertDocument(row)
		return nil
	})
	if _, taken := store.Conflict(err); taken {
		return nil, fault.ProviderAlreadyExists.Because(err)
	}
	if err != nil {
		return nil, err
	}
	return shownProvider(d, row), nil
}

// UpdateProvider changes a messaging provider of a kind. Faults: provider_not_found, provider_incorrect_type,
// provider_missing_credentials (switched on with something missing).
func (r *Rules) UpdateProvider(ctx context.Context, req *auth.Request, kind *ProviderKind, id string, in ProviderChange) (shown *Provider, err error) {
	project := req.Project.ID
	err = r.changed(ctx, req, "providers/"+id, func(tx *store.Tx, what *auth.Details) error {
		old, err := tx.Document(project, store.KindMessaging, id)
		if err != nil {
			return err
		}
		d, err := open(r.Keys, old)
		if err != nil {
			return err
		}
		if d.Text("provider") != kind.Name {
			return fault.ProviderIncorrectType
		}
		before := d.copy()
		kind.apply(d, in)
		if in.Enabled != nil {
			d.Body["enabled"] = *in.Enabled
		}
		if on, _ := d.Body["enabled"].(bool); on && !kind.complete(d) {
			return fault.ProviderMissingCredentials
		}
		row, err := r.providerRow(project, d, tx.Now)
		if err != nil {
			return err
		}
		row.CreatedAt = old.CreatedAt
		tx.UpsertDocument(row)
		*what = documentDetails(before, d)
		shown = shownProvider(d, row)
		return nil
	})
	return shown, err
}

// DeleteProvider deletes a messaging provider. Fault: provider_not_found.
func (r *Rules) DeleteProvider(ctx context.Context, req *auth.Request, id string) error {
	return r.changed(ctx, req, "providers/"+id, func(tx *store.Tx, _ *auth.Details) error {
		if _, err := tx.Document(req.Project.ID, store.KindMessaging, id); err != nil {
			return err
		}
		tx.DeleteDocument(req.Project.ID, store.KindMessaging, id)
		return nil
	})
}

// Provider finds a messaging provider. Fault: provider_not_found.
func (r *Rules) Provider(ctx context.Context, project, id string) (*Provider, error) {
	list, err := r.providers(ctx, project)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		if p.ID == id {
			return &p, nil
		}
	}
	return nil, fault.ProviderNotFound
}

// ListProviders lists messaging providers, and how many fit: a project has a handful, so they are sifted here.
// Fault: general_cursor_not_found.
func (r *Rules) ListProviders(ctx context.Context, project, search string, q check.Queries) ([]Provider, int, error) {
	all, err := r.providers(ctx, project)
	if err != nil {
		return nil, 0, err
	}
	all = slices.DeleteFunc(all, func(p Provider) bool { return !found(&p, search) })
	return sift(all, (*Provider).attribute, q)
}

// providers reads all of a project's messaging providers, oldest first.
func (r *Rules) providers(ctx context.Context, project string) ([]Provider, error) {
	rows, err := r.DB.Documents(ctx, project, store.KindMessaging)
	if err != nil {
		return nil, err
	}
	list := make([]Provider, 0, len(rows))
	for i := range rows {
		d, err := open(r.Keys, &rows[i])
		if err != nil {
			return nil, err
		}
		list = append(list, *shownProvider(d, &rows[i]))
	}
	return list, nil
}

// apply writes what is said into a document.
func (k *ProviderKind) apply(d *Document, in ProviderChange) {
	if in.Name != nil {
		d.Body["name"] = *in.Name
	}
	for _, f := range k.Fields {
		value, said := in.Values[f.Name]
		switch {
		case !said:
		case value == "":
			delete(d.Body, f.Name)
			delete(d.Secrets, f.Name)
		case f.Secret:
			d.Secrets[f.Name], _ = value.(string)
		default:
			d.Body[f.Name] = value
		}
	}
}

// complete says whether nothing is missing to switch a provider on.
func (k *ProviderKind) complete(d *Document) bool {
	return !slices.ContainsFunc(k.Fields, func(f ProviderField) bool { return f.Needed && d.Text(f.Name) == "" })
}

// providerRow is a provider as it is stored.
func (r *Rules) providerRow(project string, d *Document, now model.Time) (*store.Document, error) {
	body, err := json.Marshal(d.Body)
	if err != nil {
		return nil, err
	}
	secrets, err := json.Marshal(d.Secrets)
	if err != nil {
		return nil, err
	}
	return &store.Document{Project: project, Kind: store.KindMessaging, ID: d.ID, Body: model.Object(body), CreatedAt: now, UpdatedAt: now,
		Sealed: r.Keys.SealText(sealedFor, sealPlace(project, store.KindMessaging, d.ID), string(secrets))}, nil
}

// shownProvider is a provider as it is shown.
func shownProvider(d *Document, row *store.Document) *Provider {
	p := &Provider{ID: d.ID, Name: d.Text("name"), Kind: d.Text("provider"), Type: d.Text("type"), Credentials: map[string]any{}, Options: map[string]any{},
		CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt}
	p.Enabled, _ = d.Body["enabled"].(bool)
	kind := providerKinds[p.Kind]
	if kind == nil {
		return p
	}
	for _, f := range kind.Fields {
		value, set := d.Body[f.Name]
		if f.Secret {
			_, set = d.Secrets[f.Name]
			value = ""
		}
		switch {
		case !set:
		case f.Option:
			p.Options[f.Name] = value
		default:
			p.Credentials[f.Name] = value
		}
	}
	return p
}

// found says whether a provider holds every searched word.
func found(p *Provider, search string) bool {
	text := strings.ToLower(strings.Join([]string{p.ID, p.Name, p.Kind, p.Type}, " "))
	for _, word := range strings.Fields(strings.ToLower(search)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// attribute is a queried attribute as text that sorts as the attribute does.
func (p *Provider) attribute(name string) string {
	switch name {
	case "$id":
		return p.ID
	case "name":
		return p.Name
	case "provider":
		return p.Kind
	case "type":
		return p.Type
	case "enabled":
		return textOf(p.Enabled)
	case "$updatedAt":
		return p.UpdatedAt.String()
	}
	return p.CreatedAt.String()
}
