package store

import (
	"context"

	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// Document is a piece of a project's settings that has a life of its own: an OAuth2 provider, the mail server,
// a template, a webhook. Body is JSON that may be shown; Sealed is what must not be, encrypted by the caller.
type Document struct {
	Project   string
	Kind      string
	ID        string
	Body      model.Object
	Sealed    string
	CreatedAt model.Time
	UpdatedAt model.Time
}

// The kinds of document.
const (
	KindOAuth2    = "oauth2" // the id is the provider's
	KindSMTP      = "smtp"   // one, with the id "smtp"
	KindSMS       = "sms"    // one, with the id "sms"
	KindTemplate  = "template"
	KindWebhook   = "webhook"
	KindMessaging = "messaging"
	KindJWTKey    = "jwt-key"
)

var (
	documentsOf = statement("Documents", `select d.project_id, d.kind, d.id, d.body, d.sealed, d.created_at, d.updated_at
		from documents d where d.project_id = $1 and d.kind = $2 order by d.created_at, d.id`)
	documentToChange = statement("DocumentToChange", `select d.project_id, d.kind, d.id, d.body, d.sealed, d.created_at, d.updated_at
		from documents d where d.project_id = $1 and d.kind = $2 and d.id = $3 /*postgres: for update*/`)
	upsertDocument = statement("UpsertDocument", `insert into documents (project_id, kind, id, body, sealed, created_at, updated_at)
		values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (project_id, kind, id) do update set body = excluded.body, sealed = excluded.sealed, updated_at = excluded.updated_at`)
	insertDocument = statement("InsertDocument", `insert into documents (project_id, kind, id, body, sealed, created_at, updated_at)
		values ($1, $2, $3, $4, $5, $6, $7)`)
	deleteDocument = statement("DeleteDocument", `delete from documents where project_id = $1 and kind = $2 and id = $3`)
)

func scanDocument(r row, d *Document) {
	d.Project, d.Kind, d.ID = r.text(), r.text(), r.text()
	d.Body, d.Sealed = model.Object(r.text()), r.text()
	d.CreatedAt, d.UpdatedAt = moment(r), moment(r)
}

// Documents lists a project's documents of a kind, oldest first.
func (db *DB) Documents(ctx context.Context, project, kind string) ([]Document, error) {
	return many(ctx, db, documentsOf.with(project, kind), scanDocument)
}

// Document finds a document, and keeps others from changing it until the transaction ends. Fault: provider_not_found.
func (tx *Tx) Document(project, kind, id string) (*Document, error) {
	return one(tx.ctx, tx, documentToChange.with(project, kind, id), scanDocument, fault.ProviderNotFound)
}

// Documents lists a project's documents of a kind as the transaction sees them.
func (tx *Tx) Documents(project, kind string) ([]Document, error) {
	return many(tx.ctx, tx, documentsOf.with(project, kind), scanDocument)
}

// InsertDocument adds a document. Conflict: UniqueDocumentID.
func (tx *Tx) InsertDocument(d *Document) {
	tx.do(insertDocument, d.Project, d.Kind, d.ID, d.Body, d.Sealed, d.CreatedAt, d.UpdatedAt)
	tx.BumpSettingsVersion()
}

// UpsertDocument adds a document or replaces its body and its sealed part.
func (tx *Tx) UpsertDocument(d *Document) {
	tx.do(upsertDocument, d.Project, d.Kind, d.ID, d.Body, d.Sealed, d.CreatedAt, d.UpdatedAt)
	tx.BumpSettingsVersion()
}

// DeleteDocument deletes a document; one that is not there is no error.
func (tx *Tx) DeleteDocument(project, kind, id string) {
	tx.do(deleteDocument, project, kind, id)
	tx.BumpSettingsVersion()
}
