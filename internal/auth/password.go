package auth

import (
	"context"

	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/limit"
	"latchkey/internal/model"
	"latchkey/internal/store"
)

// NewPassword is what a person gives to change their password.
type NewPassword struct {
	New  string
	Old  string // empty for a user without a password
	Keep string // the session that goes on; empty for none
}

// ChangePassword sets a new password, given the old one if there is one. By policy all other sessions end;
// every open token of the user ends in any case.
// Faults: user_invalid_credentials, password_recently_used, password_personal_data,
// general_rate_limit_exceeded, general_server_busy.
func (r *Rules) ChangePassword(ctx context.Context, req *Request, user *model.User, in NewPassword) (*model.User, error) {
	if len(in.Old) > 256 {
		return nil, fault.UserInvalidCredentials // no stored password is that long; hashing it would be a gift
	}
	if err := r.provePassword(ctx, req, user, in.Old); err != nil {
		return nil, err
	}
	change, err := r.newPassword(ctx, req, user, in.New)
	if err != nil {
		return nil, err
	}
	changed := *user
	changed.TokenCounter++
	return r.update(ctx, req, &changed, func(tx *store.Tx) {
		change.write(tx, &changed)
		tx.DeleteTokensOf(user.Project, user.ID)
		if req.Project.Settings.Policies.SessionInvalidation.Enabled {
			tx.DeleteSessionsOf(user.Project, user.ID, in.Keep)
		}
		r.notify(ctx, tx, req, user, notice{kind: model.NoticePassword})
	})
}

// provePassword asks for the present password before something is changed that signs people in. Users
// without one have nothing to prove. Wrong answers come out of a budget per user, because the session that
// asks may be a stolen one.
func (r *Rules) provePassword(ctx context.Context, req *Request, user *model.User, password string) error {
	if !user.HasPassword() {
		return nil
	}
	key := guessKey(user)
	if err := r.spend(ctx, req, key); err != nil {
		return err
	}
	right, err := r.Hasher.Verify(ctx, password, user.Password)
	if err != nil {
		r.giveBack(ctx, req, key) // nothing was looked at, so nothing was guessed
		return err
	}
	if !right {
		return fault.UserInvalidCredentials
	}
	if !req.Unlimited {
		if err := r.Guesses.Reset(ctx, []limit.Key{key}, r.Clock()); err != nil {
			r.Log.Warn("a password budget could not be reset", "error", err)
		}
	}
	return nil
}

// passwordChange is a new password that has passed every policy, hashed and ready to be written.
type passwordChange struct {
	hash    model.Password
	old     model.Password
	history []model.Password // nil: no history is kept
}

// newPassword applies the policies that need the user (history, personal data) and hashes. It runs outside
// any transaction: a hash inside one would hold up every other writer.
func (r *Rules) newPassword(ctx context.Context, req *Request, user *model.User, password string) (*passwordChange, error) {
	policies := &req.Project.Settings.Policies
	change := &passwordChange{old: user.Password}
	if keep := policies.PasswordHistory.Total; keep > 0 {
		history, err := r.DB.PasswordHistory(ctx, user.Project, user.ID)
		if err != nil {
			return nil, err
		}
		if err := r.recentlyUsed(ctx, user, history, password); err != nil {
			return nil, err
		}
		change.history = history
	}
	if policies.PasswordPersonal.Enabled && check.PersonalData(password, check.Person{ID: user.ID, Email: user.Email, Name: user.Name, Phone: user.Phone}) {
		return nil, fault.PasswordPersonalData
	}
	hash, err := r.Hasher.Hash(ctx, password)
	if err != nil {
		return nil, err
	}
	change.hash = hash
	if keep := policies.PasswordHistory.Total; keep > 0 {
		change.history = append(change.history, hash)
		change.history = change.history[max(0, len(change.history)-keep):]
	}
	return change, nil
}

// recentlyUsed compares a password with the present one and the remembered ones, each by its own kind and
// parameters.
func (r *Rules) recentlyUsed(ctx context.Context, user *model.User, history []model.Password, password string) error {
	if user.HasPassword() {
		history = append([]model.Password{user.Password}, history...)
	}
	seen := map[string]bool{}
	for _, entry := range history {
		if seen[entry.Hash] {
			continue
		}
		seen[entry.Hash] = true
		same, err := r.Hasher.Verify(ctx, password, entry)
		if err != nil {
			return err
		}
		if same {
			return fault.PasswordRecentlyUsed
		}
	}
	return nil
}

// write puts the new password in place, provided that the row still holds the one it was proved against.
func (p *passwordChange) write(tx *store.Tx, changed *model.User) {
	changed.Password, changed.PasswordUpdate = p.hash, tx.Now
	tx.UpdateUserPassword(changed, p.old, fault.UserInvalidCredentials)
	if p.history != nil {
		tx.SetPasswordHistory(changed.Project, changed.ID, p.history)
	}
}
