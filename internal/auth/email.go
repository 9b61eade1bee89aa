package auth

import (
	"context"

	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
)

// ChangeEmail gives an account another address, to be verified anew. A user without a password gets the
// given one as their first: so an anonymous user becomes one who can sign in.
// Faults: user_invalid_credentials, general_bad_request, user_email_*, password_*,
// user_target_already_exists (any address in use, the user's own too).
func (r *Rules) ChangeEmail(ctx context.Context, req *Request, user *model.User, email, password string) (*model.User, error) {
	if err := r.provePassword(ctx, req, user, password); err != nil {
		return nil, err
	}
	email = check.NormalizeEmail(email)
	if err := r.emailOfAnother(ctx, req.Project.ID, email, user.ID); err != nil {
		return nil, err
	}
	facts, err := emailFacts(&req.Project.Settings.Policies, email)
	if err != nil {
		return nil, err
	}
	changed := *user
	changed.Email, changed.EmailVerification, changed.EmailFacts = email, false, facts
	first, err := r.firstPassword(ctx, req, &changed, password)
	if err != nil {
		return nil, err
	}
	if email == user.Email {
		return nil, fault.UserTargetAlreadyExists
	}
	return r.readdress(ctx, req, &changed, first, address{kind: model.TargetEmail, to: email, notice: model.NoticeEmail, value: "email",
		of: func(u *model.User) string { return u.Email }, write: func(tx *store.Tx) { tx.UpdateUserEmail(&changed) }})
}

// ChangePhone gives an account another number, to be verified anew; otherwise as ChangeEmail.
// Faults: user_invalid_credentials, password_*, user_target_already_exists, user_phone_already_exists.
func (r *Rules) ChangePhone(ctx context.Context, req *Request, user *model.User, phone, password string) (*model.User, error) {
	if err := r.provePassword(ctx, req, user, password); err != nil {
		return nil, err
	}
	if phone == user.Phone {
		return nil, fault.UserTargetAlreadyExists
	}
	changed := *user
	changed.Phone, changed.PhoneVerification = phone, false
	first, err := r.firstPassword(ctx, req, &changed, password)
	if err != nil {
		return nil, err
	}
	return r.readdress(ctx, req, &changed, first, address{kind: model.TargetSMS, to: phone, notice: model.NoticePhone, value: "phone",
		of: func(u *model.User) string { return u.Phone }, write: func(tx *store.Tx) { tx.UpdateUserPhone(&changed) }})
}

// firstPassword prepares the given password as the first one of a user who has none, by all the policies
// that hold wherever a password is set; nil for a user who has one.
func (r *Rules) firstPassword(ctx context.Context, req *Request, user *model.User, password string) (*passwordChange, error) {
	if user.HasPassword() {
		return nil, nil //nolint:nilnil // no change is the answer
	}
	if err := check.Password(req.Project.Settings.Policies)(password); err != nil {
		return nil, fault.ArgumentInvalid.Say("Invalid `password` param: " + err.Error())
	}
	return r.newPassword(ctx, req, user, password)
}

// address is a change of an email or a phone.
type address struct {
	kind, to string
	notice   string                   // the message that tells of it
	value    string                   // and what it calls the new address
	of       func(*model.User) string // what is replaced
	write    func(*store.Tx)
}

// readdress writes a change of address with everything that hangs on it: the target that messages go to, and
// the end of every code and link that was sent to the old address and would otherwise vouch for the new one.
// The row must still hold the password that was proved: whoever has changed it meanwhile has locked this caller
// out. It is read again once it is locked, because two changes at once must not leave a target each.
func (r *Rules) readdress(ctx context.Context, req *Request, changed *model.User, first *passwordChange, a address) (*model.User, error) {
	target := r.newTarget(changed, a.kind, a.to)
	proved := *changed
	var fresh *model.User
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		tx.LockUserWithPassword(&proved, fault.UserInvalidCredentials)
		present, err := tx.UserByID(changed.Project, changed.ID)
		if err != nil {
			return err
		}
		if a.of(present) == a.to {
			return fault.UserTargetAlreadyExists
		}
		changed.UpdatedAt = tx.Now
		a.write(tx)
		if first != nil {
			first.write(tx, changed)
		}
		tx.Retarget(&target, a.of(present))
		tx.DeleteTokensOf(changed.Project, changed.ID)
		r.audit(tx, req, req.Actor, "user/"+changed.ID)
		// The row that was there keeps its target's id and name; read it back to show it.
		fresh, err = tx.UserByID(changed.Project, changed.ID)
		if err == nil {
			r.happened(tx, req, fresh, fresh.ID)
		}
		if err == nil && present.Email != "" { // nobody is told that they have just given their first address
			r.notify(ctx, tx, req, fresh, notice{kind: a.notice, also: []string{present.Email}, values: map[string]string{a.value: a.to}})
		}
		return err
	})
	if err != nil {
		return nil, taken(err, fault.UserTargetAlreadyExists)
	}
	return fresh, nil
}
