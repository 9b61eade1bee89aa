package auth

import (
	"context"
	"strconv"
	"strings"

	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

const (
	recoveryPurpose = "recovery-code"
	recoveryCodes   = 6
	recoveryBytes   = 5 // 40 bits a code: with ten tries an hour, out of reach
)

// recoveryPlace binds a sealed code to its row.
func recoveryPlace(project, user string, position int) string {
	return project + "/" + user + "/" + strconv.Itoa(position)
}

// newRecoveryCodes makes a set of codes, to be shown and to be stored.
func (r *Rules) newRecoveryCodes(user *model.User) (plain []string, rows []model.RecoveryCode) {
	for i := range recoveryCodes {
		code := r.Random.Hex(recoveryBytes)
		plain = append(plain, code)
		rows = append(rows, model.RecoveryCode{Position: i, Sealed: r.Keys.SealText(recoveryPurpose, recoveryPlace(user.Project, user.ID, i), code)})
	}
	return plain, rows
}

// CreateRecoveryCodes makes a user's recovery codes. Fault: user_recovery_codes_already_exists while one is left.
func (r *Rules) CreateRecoveryCodes(ctx context.Context, req *Request, user *model.User) ([]string, error) {
	return r.replaceRecoveryCodes(ctx, req, user, false)
}

// RegenerateRecoveryCodes makes new codes in place of those that are left. Fault: user_recovery_codes_not_found if
// none is.
func (r *Rules) RegenerateRecoveryCodes(ctx context.Context, req *Request, user *model.User) ([]string, error) {
	return r.replaceRecoveryCodes(ctx, req, user, true)
}

func (r *Rules) replaceRecoveryCodes(ctx context.Context, req *Request, user *model.User, present bool) ([]string, error) {
	plain, rows := r.newRecoveryCodes(user)
	_, err := r.changeFactors(ctx, req, user, func(tx *store.Tx, user *model.User) error {
		left, err := tx.RecoveryCodes(user.Project, user.ID)
		switch {
		case err != nil:
			return err
		case !present && len(left) > 0:
			return fault.UserRecoveryCodesExist
		case present && len(left) == 0:
			return fault.UserRecoveryCodesNotFound
		}
		tx.ReplaceRecoveryCodes(user.Project, user.ID, rows)
		r.tellFactor(ctx, tx, req, user, "recoverycode")
		return nil
	})
	if err != nil {
		return nil, err
	}
	return plain, nil
}

// RecoveryCodes shows the codes a user has left. Fault: user_recovery_codes_not_found.
func (r *Rules) RecoveryCodes(ctx context.Context, user *model.User) ([]string, error) {
	rows, err := r.DB.RecoveryCodes(ctx, user.Project, user.ID)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fault.UserRecoveryCodesNotFound
	}
	plain := make([]string, len(rows))
	for i, row := range rows {
		if plain[i], err = r.Keys.OpenText(recoveryPurpose, recoveryPlace(user.Project, user.ID, row.Position), row.Sealed); err != nil {
			return nil, err
		}
	}
	return plain, nil
}

// spendRecoveryCode accepts one of a user's codes, once. They are typed off paper: blanks around and capitals do
// not matter. Fault: user_invalid_token.
func (r *Rules) spendRecoveryCode(tx *store.Tx, project, user, code string) error {
	rows, err := tx.RecoveryCodes(project, user)
	if err != nil {
		return err
	}
	given, found := []byte(strings.ToLower(strings.TrimSpace(code))), -1
	for i, row := range rows {
		plain, err := r.Keys.OpenText(recoveryPurpose, recoveryPlace(project, user, row.Position), row.Sealed)
		if err != nil {
			return err
		}
		if secret.Equal([]byte(plain), given) {
			found = i
		}
	}
	if found < 0 {
		return fault.UserInvalidToken
	}
	tx.SpendRecoveryCode(project, user, rows[found])
	return nil
}
