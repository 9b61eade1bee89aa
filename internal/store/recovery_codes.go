package store

import (
	"context"

	"latchkey/internal/fault"
	"latchkey/internal/model"
)

var (
	recoveryCodesOf     = statement("RecoveryCodes", `select position, sealed from recovery_codes where project_id = $1 and user_id = $2 order by position`)
	hasRecoveryCodes    = statement("HasRecoveryCodes", `select exists (select 1 from recovery_codes where project_id = $1 and user_id = $2)`)
	insertRecoveryCode  = statement("InsertRecoveryCode", `insert into recovery_codes (project_id, user_id, position, sealed) values ($1, $2, $3, $4)`)
	spendRecoveryCode   = statement("SpendRecoveryCode", `delete from recovery_codes where project_id = $1 and user_id = $2 and position = $3 and sealed = $4`)
	deleteRecoveryCodes = statement("DeleteRecoveryCodes", `delete from recovery_codes where project_id = $1 and user_id = $2`)
)

func scanRecoveryCode(r row, c *model.RecoveryCode) {
	c.Position, c.Sealed = int(r.number()), r.text()
}

// RecoveryCodes lists the codes a user has left.
func (db *DB) RecoveryCodes(ctx context.Context, project, user string) ([]model.RecoveryCode, error) {
	return many(ctx, db, recoveryCodesOf.with(project, user), scanRecoveryCode)
}

// RecoveryCodes lists the codes a user has left as the transaction sees them.
func (tx *Tx) RecoveryCodes(project, user string) ([]model.RecoveryCode, error) {
	return many(tx.ctx, tx, recoveryCodesOf.with(project, user), scanRecoveryCode)
}

// HasRecoveryCodes says whether a user has a code left.
func (db *DB) HasRecoveryCodes(ctx context.Context, project, user string) (has bool, err error) {
	err = db.ask(ctx, hasRecoveryCodes.with(project, user), func(r row) error {
		has = r.flag()
		return nil
	})
	return has, err
}

// ReplaceRecoveryCodes gives a user new codes in place of all others.
func (tx *Tx) ReplaceRecoveryCodes(project, user string, codes []model.RecoveryCode) {
	tx.do(deleteRecoveryCodes, project, user)
	for _, code := range codes {
		tx.do(insertRecoveryCode, project, user, code.Position, code.Sealed)
	}
}

// SpendRecoveryCode takes one code away. Of any number that use the same one, all but the first end with
// user_invalid_token.
func (tx *Tx) SpendRecoveryCode(project, user string, code model.RecoveryCode) {
	tx.must(fault.UserInvalidToken, spendRecoveryCode, project, user, code.Position, code.Sealed)
}
