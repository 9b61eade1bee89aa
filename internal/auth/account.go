package auth

import (
	"context"

	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
)

// Rename changes a user's name.
func (r *Rules) Rename(ctx context.Context, req *Request, user *model.User, name string) (*model.User, error) {
	changed := *user
	changed.Name = name
	return r.update(ctx, req, &changed, func(tx *store.Tx) { tx.UpdateUserName(&changed) })
}

// ReplacePrefs replaces a user's preferences as a whole; nothing is merged.
func (r *Rules) ReplacePrefs(ctx context.Context, req *Request, user *model.User, prefs model.Object) (*model.User, error) {
	changed := *user
	changed.Prefs = prefs
	return r.update(ctx, req, &changed, func(tx *store.Tx) { tx.UpdateUserPrefs(&changed) })
}

// BlockOneself is the panic button: the account is blocked and only an operator opens it again. Sessions stay,
// so that their cookies are told user_blocked rather than treated as strangers; they go when the block ends.
func (r *Rules) BlockOneself(ctx context.Context, req *Request, user *model.User) (*model.User, error) {
	changed := *user
	changed.Status, changed.SelfBlocked = false, true
	changed.TokenCounter++
	return r.update(ctx, req, &changed, func(tx *store.Tx) { tx.UpdateUserStatus(&changed) })
}

// update writes one change of an account with its audit entry. Only the columns of the change are written,
// so that two changes at once do not undo each other. Every update statement fails the transaction with
// general_unauthorized_scope when the user is gone: the session that proved them went with them.
func (r *Rules) update(ctx context.Context, req *Request, changed *model.User, write func(*store.Tx)) (*model.User, error) {
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		changed.UpdatedAt = tx.Now
		write(tx)
		r.audit(tx, req, req.Actor, "user/"+changed.ID)
		r.happened(tx, req, changed, changed.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return changed, nil
}

// DeleteOneself ends an account with everything that belongs to it, in one transaction. With days of grace
// the account is only marked and signed out everywhere; signing in again within them takes the wish back.
// Fault: user_deletion_prohibited where the project forbids it.
func (r *Rules) DeleteOneself(ctx context.Context, req *Request, user *model.User) error {
	policy := req.Project.Settings.Policies.SelfDeletion
	if !policy.Enabled {
		return fault.UserDeletionProhibited
	}
	return r.DB.Write(ctx, func(tx *store.Tx) error {
		r.audit(tx, req, req.Actor, "user/"+user.ID)
		if policy.GraceDays == 0 {
			if err := r.leaving(tx, req, user.ID); err != nil {
				return err
			}
			tx.DeleteUser(user.Project, user.ID)
			return nil
		}
		tx.SetDeleteAt(user.Project, user.ID, tx.Now+model.Time(policy.GraceDays)*24*60*60*1000)
		tx.DeleteSessionsOf(user.Project, user.ID, "")
		tx.DeleteTokensOf(user.Project, user.ID)
		return nil
	})
}
