package store

import (
	"context"

	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// targetColumns are read by scanTargetOf; t is the table.
const targetColumns = `t.id, t.created_at, t.updated_at, t.session_id, t.sent_id, t.provider_type, t.provider_id, t.identifier, t.name, t.expired`

var (
	targetsOf = statement("TargetsOf", `select `+targetColumns+` from targets t where t.project_id = $1 and t.user_id = $2`)

	insertTarget = statement("InsertTarget", `insert into targets (project_id, id, created_at, updated_at, user_id, session_id, sent_id,
			provider_type, provider_id, identifier, name, expired)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`)
	insertTargetIfFree = statement("InsertTargetIfFree", `insert into targets (project_id, id, created_at, updated_at, user_id, session_id, sent_id,
			provider_type, provider_id, identifier, name, expired)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict do nothing`)
	retarget = statement("Retarget", `update targets set identifier = $5, updated_at = $6
		where project_id = $1 and user_id = $2 and provider_type = $3 and identifier = $4`)
	insertTargetIfNone = statement("InsertTargetIfNone", `insert into targets (project_id, id, created_at, updated_at, user_id,
			provider_type, provider_id, identifier, name, expired)
		select cast($1 as text), cast($2 as text), cast($3 as bigint), cast($4 as bigint), cast($5 as text),
			cast($6 as text), cast($7 as text), cast($8 as text), cast($9 as text), false
		where not exists (select 1 from targets t
			where t.project_id = $1 and t.user_id = $5 and t.provider_type = $6 and t.identifier = $8)`)
	deleteTarget = statement("DeleteTarget", `delete from targets where project_id = $1 and user_id = $2 and id = $3`)
)

// scanTargetOf appends the target of a joined row, if there is one.
func scanTargetOf(r row, project string, list []model.Target) []model.Target {
	t := model.Target{Project: project, ID: r.text(), CreatedAt: moment(r), UpdatedAt: moment(r), SessionID: r.text(), SentID: r.text(),
		ProviderType: r.text(), ProviderID: r.text(), Identifier: r.text(), Name: r.text(), Expired: r.flag()}
	if t.ID == "" {
		return list
	}
	return append(list, t)
}

// Targets lists a user's targets in the order they were made.
func (db *DB) Targets(ctx context.Context, project, user string) ([]model.Target, error) {
	var list []model.Target
	err := db.ask(ctx, targetsOf.with(project, user), func(r row) error {
		list = scanTargetOf(r, project, list)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return sortTargets(list, user), nil
}

// InsertTarget adds a target. Conflicts: UniqueTargetID, UniqueTargetIdentifier.
func (tx *Tx) InsertTarget(t *model.Target) { tx.do(insertTarget, targetValues(t)...) }

// InsertTargetIfFree adds a target unless its id or its identifier is taken: then nothing happens.
func (tx *Tx) InsertTargetIfFree(t *model.Target) { tx.do(insertTargetIfFree, targetValues(t)...) }

func targetValues(t *model.Target) []any {
	return []any{t.Project, t.ID, t.CreatedAt, t.UpdatedAt, t.UserID, orNull(t.SessionID), orNull(t.SentID),
		t.ProviderType, t.ProviderID, t.Identifier, t.Name, t.Expired}
}

// Retarget gives the user's target with the address from the identifier of t; its id and name stay. A user
// without such a target gets t as it is. Conflict: UniqueTargetIdentifier.
func (tx *Tx) Retarget(t *model.Target, from string) {
	if from != "" {
		tx.do(retarget, t.Project, t.UserID, t.ProviderType, from, t.Identifier, t.UpdatedAt)
	}
	tx.do(insertTargetIfNone, t.Project, t.ID, t.CreatedAt, t.UpdatedAt, t.UserID, t.ProviderType, t.ProviderID, t.Identifier, t.Name)
}

// DeleteTarget deletes a user's target. Fault: user_target_not_found.
func (tx *Tx) DeleteTarget(project, user, id string) {
	tx.must(fault.UserTargetNotFound, deleteTarget, project, user, id)
}
