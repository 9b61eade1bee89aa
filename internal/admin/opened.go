package admin

import (
	"context"
	"encoding/json"
	"errors"

	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// Document is a piece of a project's settings, opened: an OAuth2 provider, the mail server, a template. Its
// names are those of the declared file. It is shared and never changed.
type Document struct {
	ID      string
	Body    map[string]any    // what may be shown: texts, numbers, truth values and lists of them
	Secrets map[string]string // what must not
}

// Enabled says whether the document is switched on; one that does not say is.
func (d *Document) Enabled() bool {
	on, set := d.Body["enabled"].(bool)
	return on || !set
}

// Text returns a member of the body that is text, or a secret; empty if there is none.
func (d *Document) Text(name string) string {
	if text, is := d.Body[name].(string); is {
		return text
	}
	return d.Secrets[name]
}

// errNoSecrets means that the master key has changed without the old one being kept.
var errNoSecrets = errors.New("stored secrets cannot be opened with this master key")

// sealedFor is what the secrets of documents are sealed for.
const sealedFor = "document"

// sealPlace binds sealed secrets to their document.
func sealPlace(project, kind, id string) string { return project + "/" + kind + "/" + id }

// openSecrets is the way back from a stored document to its secrets.
func openSecrets(keys *secret.KeyRing, d *store.Document) (map[string]string, error) {
	secrets := map[string]string{}
	if d.Sealed == "" {
		return secrets, nil
	}
	text, err := keys.OpenText(sealedFor, sealPlace(d.Project, d.Kind, d.ID), d.Sealed)
	if err != nil {
		return nil, errors.Join(errNoSecrets, err)
	}
	if err := json.Unmarshal([]byte(text), &secrets); err != nil {
		return nil, errors.Join(errNoSecrets, err)
	}
	return secrets, nil
}

// documentsOf names a project's documents of one kind.
type documentsOf struct{ project, kind string }

// Documents returns a project's documents of a kind (store.KindOAuth2 …), opened, oldest first. They are cached
// like the project itself: a change acts on every node within PollEvery.
func (p *Projects) Documents(ctx context.Context, project, kind string) ([]*Document, error) {
	key := documentsOf{project, kind}
	p.mu.RLock()
	list, found := p.documents[key]
	version := p.version
	p.mu.RUnlock()
	if found {
		return list, nil
	}
	stored, err := p.db.Documents(ctx, project, kind)
	if err != nil {
		return nil, err
	}
	list = make([]*Document, len(stored))
	for i := range stored {
		if list[i], err = open(p.keys, &stored[i]); err != nil {
			return nil, err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.version == version {
		p.documents[key] = list
	}
	return list, nil
}

// Document returns one of them by its id; nil if the project has none.
func (p *Projects) Document(ctx context.Context, project, kind, id string) (*Document, error) {
	list, err := p.Documents(ctx, project, kind)
	if err != nil {
		return nil, err
	}
	for _, d := range list {
		if d.ID == id {
			return d, nil
		}
	}
	return nil, nil //nolint:nilnil // most projects have none, and that is no fault of the caller
}

func open(keys *secret.KeyRing, d *store.Document) (*Document, error) {
	opened := &Document{ID: d.ID, Body: map[string]any{}}
	if err := json.Unmarshal([]byte(d.Body), &opened.Body); err != nil {
		return nil, err
	}
	var err error
	opened.Secrets, err = openSecrets(keys, d)
	return opened, err
}
