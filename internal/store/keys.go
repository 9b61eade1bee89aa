package store

import (
	"context"

	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// keyColumns are read by scanKey; k is the table.
const keyColumns = `k.project_id, k.id, k.created_at, k.updated_at, k.name, k.secret_hash, k.hint, k.scopes, k.expire, k.accessed_at, k.sdks, k.dev`

var (
	keyByHash = statement("KeyByHash", `select `+keyColumns+` from keys k where k.project_id = $1 and k.secret_hash = $2`)
	keysOf    = statement("Keys", `select `+keyColumns+` from keys k where k.project_id = $1 order by k.created_at, k.id`)
	insertKey = statement("InsertKey", `insert into keys (project_id, id, created_at, updated_at, name, secret_hash, hint, scopes, expire, accessed_at, sdks, dev)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`)
	upsertKey = statement("UpsertKey", `insert into keys (project_id, id, created_at, updated_at, name, secret_hash, hint, scopes, expire, accessed_at, sdks, dev)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		on conflict (project_id, id) do update set updated_at = excluded.updated_at, name = excluded.name, secret_hash = excluded.secret_hash,
			hint = excluded.hint, scopes = excluded.scopes, expire = excluded.expire, dev = excluded.dev`)
	touchKey  = statement("TouchKey", `update keys set accessed_at = $3 where project_id = $1 and id = $2 and accessed_at < $3`)
	deleteKey = statement("DeleteKey", `delete from keys where project_id = $1 and id = $2`)
)

func scanKey(r row, k *model.Key) {
	k.Project, k.ID, k.CreatedAt, k.UpdatedAt = r.text(), r.text(), moment(r), moment(r)
	k.Name, k.SecretHash, k.Hint, k.Scopes = r.text(), r.bytes(), r.text(), words(r)
	k.Expire, k.AccessedAt, k.SDKs, k.Dev = moment(r), moment(r), lines(r), r.flag()
}

// KeyByHash finds the key of a project that a secret belongs to, expired ones too. Fault: key_not_found.
func (db *DB) KeyByHash(ctx context.Context, project string, secretHash []byte) (*model.Key, error) {
	return one(ctx, db, keyByHash.with(project, secretHash), scanKey, fault.KeyNotFound)
}

// Keys lists a project's keys, oldest first.
func (db *DB) Keys(ctx context.Context, project string) ([]model.Key, error) {
	return many(ctx, db, keysOf.with(project), scanKey)
}

// Keys lists a project's keys as the transaction sees them.
func (tx *Tx) Keys(project string) ([]model.Key, error) {
	return many(tx.ctx, tx, keysOf.with(project), scanKey)
}

// InsertKey adds a key. Conflicts: UniqueKeyID, UniqueKeySecret.
func (tx *Tx) InsertKey(k *model.Key) { tx.do(insertKey, keyValues(k)...) }

// UpsertKey adds a key or replaces all of it but when it was made and used. Conflict: UniqueKeySecret.
func (tx *Tx) UpsertKey(k *model.Key) { tx.do(upsertKey, keyValues(k)...) }

func keyValues(k *model.Key) []any {
	return []any{k.Project, k.ID, k.CreatedAt, k.UpdatedAt, k.Name, k.SecretHash, k.Hint, joined(k.Scopes), k.Expire, k.AccessedAt, joinLines(k.SDKs), k.Dev}
}

// DeleteKey deletes a key. Fault: key_not_found.
func (tx *Tx) DeleteKey(project, id string) { tx.must(fault.KeyNotFound, deleteKey, project, id) }
