package store

import (
	"context"
	"slices"

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
	moveTargets  = statement("MoveTargets", `update targets set session_id = $4 where project_id = $1 and user_id = $2 and session_id = $3`)
	deleteTarget = statement("DeleteTarget", `delete from targets where project_id = $1 and user_id = $2 and id = $3`)

	// pushTarget prefers the row's own id to one that an app has sent for it.
	pushTarget = statement("PushTarget", `select `+targetColumns+` from targets t
		where t.project_id = $1 and t.user_id = $2 and t.provider_type = 'push' and (t.id = $3 or t.sent_id = $3)
		order by case when t.id = $3 then 0 else 1 end, t.id limit 1`)
	pushTargetOfSession = statement("PushTargetOfSession", `select `+targetColumns+` from targets t
		where t.project_id = $1 and t.user_id = $2 and t.provider_type = 'push' and t.session_id = $3 and t.provider_id = $4
		order by t.created_at, t.id limit 1`)
	targetTaken      = statement("TargetTaken", `select exists (select 1 from targets t where t.project_id = $1 and t.id = $2)`)
	updatePushTarget = statement("UpdatePushTarget", `update targets set identifier = $4, name = $5, sent_id = $6, expired = false, updated_at = $7
		where project_id = $1 and user_id = $2 and id = $3 and provider_type = 'push'`)
	deletePushTarget = statement("DeletePushTarget", `delete from targets
		where project_id = $1 and user_id = $2 and id = $3 and provider_type = 'push'`)
	deleteDeadPushTarget = statement("DeleteDeadPushTarget", `delete from targets
		where project_id = $1 and provider_type = 'push' and identifier = $2 and exists (select 1 from sessions s
			where s.project_id = targets.project_id and s.user_id = targets.user_id and s.id = targets.session_id and s.expire < $3)`)
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

// MoveTargets lets the push targets of one session go with another.
func (tx *Tx) MoveTargets(project, user, from, to string) {
	tx.do(moveTargets, project, user, from, to)
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

// scanTarget reads a target on its own.
func scanTarget(project, user string) func(row, *model.Target) {
	return func(r row, t *model.Target) {
		if list := scanTargetOf(r, project, nil); len(list) == 1 {
			*t = list[0]
			t.UserID = user
		}
	}
}

// PushTarget finds a user's push target by its id, or else by the id an app has sent for it last. Targets of
// other kinds are not found: they follow the address they stand for. Fault: user_target_not_found.
func (tx *Tx) PushTarget(project, user, id string) (*model.Target, error) {
	return one(tx.ctx, tx, pushTarget.with(project, user, id), scanTarget(project, user), fault.UserTargetNotFound)
}

// PushTargetOfSession finds the push target that a session has at a provider. Fault: user_target_not_found.
func (tx *Tx) PushTargetOfSession(project, user, session, provider string) (*model.Target, error) {
	return one(tx.ctx, tx, pushTargetOfSession.with(project, user, session, provider), scanTarget(project, user), fault.UserTargetNotFound)
}

// TargetTaken says whether anybody in the project has a target with an id.
func (tx *Tx) TargetTaken(project, id string) (taken bool, err error) {
	err = tx.ask(tx.ctx, targetTaken.with(project, id), func(r row) error {
		taken = r.flag()
		return nil
	})
	return taken, err
}

// UpdatePushTarget writes where a push target leads, its name and the id last sent for it; it counts as alive
// again. Conflict: UniqueTargetIdentifier. Fault: user_target_not_found.
func (tx *Tx) UpdatePushTarget(t *model.Target) {
	tx.must(fault.UserTargetNotFound, updatePushTarget, t.Project, t.UserID, t.ID, t.Identifier, t.Name, orNull(t.SentID), t.UpdatedAt)
}

// DeletePushTarget deletes a user's push target. Fault: user_target_not_found.
func (tx *Tx) DeletePushTarget(project, user, id string) {
	tx.must(fault.UserTargetNotFound, deletePushTarget, project, user, id)
}

// DeleteDeadPushTarget frees an identifier that belongs to a session which has expired: the same device has
// signed in anew. Targets of ended sessions went with them.
func (tx *Tx) DeleteDeadPushTarget(project, identifier string) {
	tx.do(deleteDeadPushTarget, project, identifier, tx.Now)
}

// targetList is the targets of a user.
var targetList = &listing{
	table: "targets", alias: "t",
	fields: map[string]field{
		"$id":          {column: "id"},
		"$createdAt":   {column: "created_at", kind: timeField},
		"$updatedAt":   {column: "updated_at", kind: timeField},
		"userId":       {column: "user_id"},
		"providerId":   {column: "provider_id"},
		"identifier":   {column: "identifier"},
		"providerType": {column: "provider_type"},
	},
	search: func(b *builder, alias, word, _ string) string {
		return b.contains(alias+".identifier", field{}, word)
	},
}

// ListTargets lists a user's targets by a query.
func (db *DB) ListTargets(ctx context.Context, project, user string, list *List) (targets []model.Target, total int, err error) {
	p := &page{ctx: ctx, from: db, budget: db.budget, list: list, l: targetList, project: project, scope: ownedBy(project, user)}
	wrap := func(inner, order string) string { return "select " + targetColumns + " from (" + inner + ") t" + order }
	targets = []model.Target{}
	total, err = p.run(reader{wrap, func(text string, b *builder) (int, error) {
		targets = targets[:0]
		err := p.ask(text, b, func(r row) error {
			targets = scanTargetOf(r, project, targets)
			return nil
		})
		return len(targets), err
	}})
	if list.Before {
		slices.Reverse(targets)
	}
	for i := range targets {
		targets[i].UserID = user
	}
	return targets, total, err
}
