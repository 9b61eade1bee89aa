package auth

import (
	"context"

	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
)

// SetEmail gives a user another address, not verified, or takes it away. What was sent to the old one ends.
// Faults: user_not_found, user_email_already_exists, user_email_*, user_target_already_exists.
func (r *Rules) SetEmail(ctx context.Context, req *Request, id, email string) (*model.User, error) {
	wanted := &model.User{Project: req.Project.ID, ID: id}
	if err := r.giveEmail(ctx, req, wanted, email); err != nil {
		return nil, err
	}
	user, err := r.changeUser(ctx, req, id, func(tx *store.Tx, u *model.User) error {
		old := u.Email
		u.Email, u.EmailVerification, u.EmailFacts = wanted.Email, false, wanted.EmailFacts
		tx.UpdateUserEmail(u)
		r.moveTarget(tx, u, model.TargetEmail, old, u.Email)
		return nil
	})
	return user, takenAddress(err, store.UniqueUserEmail, fault.UserEmailAlreadyExists)
}

// SetPhone gives a user another number, not verified, or takes it away. What was sent to the old one ends.
// Faults: user_not_found, user_phone_already_exists, user_target_already_exists.
func (r *Rules) SetPhone(ctx context.Context, req *Request, id, phone string) (*model.User, error) {
	user, err := r.changeUser(ctx, req, id, func(tx *store.Tx, u *model.User) error {
		old := u.Phone
		u.Phone, u.PhoneVerification = phone, false
		tx.UpdateUserPhone(u)
		r.moveTarget(tx, u, model.TargetSMS, old, phone)
		return nil
	})
	return user, takenAddress(err, store.UniqueUserPhone, fault.UserPhoneAlreadyExists)
}

// moveTarget lets the target of an address follow it: to the new one, or away with the old one. Codes and links that
// went to the old address must not vouch for the new one.
func (r *Rules) moveTarget(tx *store.Tx, u *model.User, kind, from, to string) {
	if from != to {
		tx.DeleteTokensOf(u.Project, u.ID)
	}
	if to == "" {
		tx.DeleteTargetTo(u.Project, u.ID, kind, from)
		return
	}
	target := r.newTarget(u, kind, to)
	tx.Retarget(&target, from)
}

// takenAddress tells a user who has the address from a target that has it.
func takenAddress(err error, constraint string, kind *fault.Kind) error {
	switch taken, is := store.Conflict(err); {
	case !is:
		return err
	case taken == constraint:
		return kind.Because(err)
	}
	return fault.UserTargetAlreadyExists.Because(err)
}

// SetPassword gives a user a password without asking for the old one; an empty one takes it away, and with it the way
// to sign in by password. All policies of a new password hold. Open tokens end, and by policy all sessions.
// Faults: user_not_found, password_recently_used, password_personal_data, general_server_busy.
func (r *Rules) SetPassword(ctx context.Context, req *Request, id, password string) (*model.User, error) {
	user, err := r.User(ctx, req.Project, id)
	if err != nil {
		return nil, err
	}
	change := &passwordChange{old: user.Password}
	if password != "" {
		if change, err = r.newPassword(ctx, req, user, password); err != nil {
			return nil, err
		}
	}
	return r.changeUser(ctx, req, id, func(tx *store.Tx, u *model.User) error {
		change := *change
		change.old = u.Password // an operator's word stands, whatever was there
		change.write(tx, u)
		if password == "" {
			tx.ForgetPassword(u)
		}
		tx.DeleteTokensOf(u.Project, u.ID)
		if req.Project.Settings.Policies.SessionInvalidation.Enabled {
			tx.DeleteSessionsOf(u.Project, u.ID, "")
		}
		return nil
	})
}
