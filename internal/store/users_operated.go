package store

import (
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// What operators change about users, beyond what users change themselves.
var (
	forgetPassword = statement("ForgetPassword", `update users set password_kind = '', password_options = '', password_hash = '', password_update = 0,
		password_history = '' where project_id = $1 and id = $2`)
	changeTarget = statement("ChangeTarget", `update targets set identifier = $4, provider_id = $5, name = $6, expired = $7, updated_at = $8
		where project_id = $1 and user_id = $2 and id = $3`)
	deleteTargetTo = statement("DeleteTargetTo", `delete from targets
		where project_id = $1 and user_id = $2 and provider_type = $3 and identifier = $4`)
	anybodysIdentity   = statement("AnybodysIdentity", `select `+identityColumns+` from identities i where i.project_id = $1 and i.id = $2`)
	deleteIdentityByID = statement("DeleteIdentityByID", `delete from identities where project_id = $1 and id = $2`)
)

// ForgetPassword takes a user's password and the remembered ones away.
func (tx *Tx) ForgetPassword(u *model.User) { tx.do(forgetPassword, u.Project, u.ID) }

// ChangeTarget writes where a target leads and what it is called. Conflict: UniqueTargetIdentifier. Fault:
// user_target_not_found.
func (tx *Tx) ChangeTarget(t *model.Target) {
	tx.must(fault.UserTargetNotFound, changeTarget, t.Project, t.UserID, t.ID, t.Identifier, t.ProviderID, t.Name, t.Expired, t.UpdatedAt)
}

// DeleteTargetTo deletes a user's target of an address, if there is one.
func (tx *Tx) DeleteTargetTo(project, user, kind, identifier string) {
	tx.do(deleteTargetTo, project, user, kind, identifier)
}

// IdentityByID finds an identity, whoever's it is. Fault: user_identity_not_found.
func (tx *Tx) IdentityByID(project, id string) (*model.Identity, error) {
	return one(tx.ctx, tx, anybodysIdentity.with(project, id), scanIdentity, fault.UserIdentityNotFound)
}

// DeleteIdentityByID deletes an identity, whoever's it is. Fault: user_identity_not_found.
func (tx *Tx) DeleteIdentityByID(project, id string) {
	tx.must(fault.UserIdentityNotFound, deleteIdentityByID, project, id)
}
