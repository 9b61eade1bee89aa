package store

import (
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

var (
	authenticatorOf = statement("Authenticator", `select a.project_id, a.id, a.user_id, a.type, a.verified, a.sealed, a.last_step, a.created_at, a.updated_at
		from authenticators a where a.project_id = $1 and a.user_id = $2 and a.type = $3`)
	insertAuthenticator = statement("InsertAuthenticator", `insert into authenticators (project_id, id, user_id, type, verified, sealed, last_step, created_at, updated_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`)
	verifyAuthenticator = statement("VerifyAuthenticator", `update authenticators set verified = true, updated_at = $4
		where project_id = $1 and user_id = $2 and type = $3 and verified = false`)
	spendStep = statement("SpendStep", `update authenticators set last_step = $4
		where project_id = $1 and user_id = $2 and type = $3 and last_step < $4`)
	deleteAuthenticator = statement("DeleteAuthenticator", `delete from authenticators where project_id = $1 and user_id = $2 and type = $3`)
)

// Authenticator finds a user's authenticator of a type. Fault: user_authenticator_not_found; the transaction is
// good after it.
func (tx *Tx) Authenticator(project, user, kind string) (*model.Authenticator, error) {
	return one(tx.ctx, tx, authenticatorOf.with(project, user, kind), func(r row, a *model.Authenticator) {
		a.Project, a.ID, a.UserID, a.Type = r.text(), r.text(), r.text(), r.text()
		a.Verified, a.Sealed, a.LastStep, a.CreatedAt, a.UpdatedAt = r.flag(), r.text(), r.number(), moment(r), moment(r)
	}, fault.UserAuthenticatorNotFound)
}

// InsertAuthenticator adds an authenticator; its secret is sealed by the caller. Conflict: UniqueAuthenticator.
func (tx *Tx) InsertAuthenticator(a *model.Authenticator) {
	tx.do(insertAuthenticator, a.Project, a.ID, a.UserID, a.Type, a.Verified, a.Sealed, a.LastStep, a.CreatedAt, a.UpdatedAt)
}

// VerifyAuthenticator makes an authenticator count. Fault: user_authenticator_already_verified.
func (tx *Tx) VerifyAuthenticator(project, user, kind string) {
	tx.must(fault.UserAuthenticatorVerified, verifyAuthenticator, project, user, kind, tx.Now)
}

// SpendStep notes the time step whose code is being accepted. Of any number that accept the same one, all but the
// first end with user_invalid_token.
func (tx *Tx) SpendStep(project, user, kind string, step int64) {
	tx.must(fault.UserInvalidToken, spendStep, project, user, kind, step)
}

// DeleteAuthenticator deletes a user's authenticator. Fault: user_authenticator_not_found.
func (tx *Tx) DeleteAuthenticator(project, user, kind string) {
	tx.must(fault.UserAuthenticatorNotFound, deleteAuthenticator, project, user, kind)
}
