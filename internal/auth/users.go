package auth

import (
	"context"

	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// The rules in users*.go are what a server or an operator does to people. They ask for no password and no proof;
// who may call them is decided by scopes, before they run. Every change is an entry of the security log.

// NewUser is what a user is made of by a server. Empty parts are left out.
type NewUser struct {
	UserID, Email, Phone, Password, Name string
	// Imported is a password that is known as a hash alone, made elsewhere; it is hashed anew at the next sign-in.
	Imported *model.Password
}

// CreateUser makes a user in the name of a server: no sign-in gate and no limit on users holds it, the policies
// for addresses and passwords do. An imported hash must be one that can be verified at a bounded cost.
// Faults: general_argument_invalid, user_email_already_exists, user_email_*, password_personal_data,
// user_already_exists, general_server_busy.
func (r *Rules) CreateUser(ctx context.Context, req *Request, in NewUser) (*model.User, error) {
	user := r.newUser(req.Project.ID, r.idOr(in.UserID))
	user.Name, user.Phone = in.Name, in.Phone
	if err := r.giveEmail(ctx, req, user, in.Email); err != nil {
		return nil, err
	}
	policies := &req.Project.Settings.Policies
	switch {
	case in.Imported != nil:
		if err := secret.CheckImported(*in.Imported); err != nil {
			return nil, fault.ArgumentInvalid.Say("Invalid `password` param: The hash cannot be used: " + err.Error() + ".")
		}
		user.Password, user.PasswordUpdate = *in.Imported, user.CreatedAt
	case in.Password != "":
		if policies.PasswordPersonal.Enabled && check.PersonalData(in.Password, check.Person{ID: chosen(in.UserID), Email: user.Email, Name: in.Name, Phone: in.Phone}) {
			return nil, fault.PasswordPersonalData
		}
		hash, err := r.Hasher.Hash(ctx, in.Password)
		if err != nil {
			return nil, err
		}
		user.Password, user.PasswordUpdate = hash, user.CreatedAt
	}
	if user.Email != "" {
		user.Targets = append(user.Targets, r.newTarget(user, model.TargetEmail, user.Email))
	}
	if user.Phone != "" {
		user.Targets = append(user.Targets, r.newTarget(user, model.TargetSMS, user.Phone))
	}
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		tx.InsertUser(user)
		for i := range user.Targets {
			tx.InsertTargetIfFree(&user.Targets[i])
		}
		if user.HasPassword() && policies.PasswordHistory.Total > 0 {
			tx.SetPasswordHistory(user.Project, user.ID, []model.Password{user.Password})
		}
		r.audit(tx, req, req.Actor, "user/"+user.ID)
		r.joinedIn(tx, req, user)
		return nil
	})
	if err != nil {
		return nil, taken(err, fault.UserAlreadyExists)
	}
	return r.DB.UserByID(ctx, user.Project, user.ID)
}

// giveEmail puts an address into a user who is about to be written, after every check it has to pass.
// Faults: user_email_already_exists, user_email_*.
func (r *Rules) giveEmail(ctx context.Context, req *Request, user *model.User, email string) error {
	email = check.NormalizeEmail(email)
	user.Email, user.EmailVerification, user.EmailFacts = email, false, nil
	if email == "" {
		return nil
	}
	used, err := r.DB.IdentityEmailTaken(ctx, user.Project, email, user.ID)
	if err != nil {
		return err
	}
	if used {
		return fault.UserEmailAlreadyExists
	}
	user.EmailFacts, err = emailFacts(&req.Project.Settings.Policies, email)
	return err
}

// User finds a user of the project. Fault: user_not_found.
func (r *Rules) User(ctx context.Context, project *model.Project, id string) (*model.User, error) {
	return r.DB.UserByID(ctx, project.ID, id)
}

// DeleteUser deletes a user with everything that belongs to them. The caller sees one step; the security log, which
// may be long, is not touched by it and goes when its retention ends. Fault: user_not_found.
func (r *Rules) DeleteUser(ctx context.Context, req *Request, id string) error {
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		if err := r.leaving(tx, req, id); err != nil {
			return err
		}
		tx.DeleteUser(req.Project.ID, id)
		r.audit(tx, req, req.Actor, "user/"+id)
		return nil
	})
	return gone(err)
}

// gone turns the answer that a person gets whose own row has vanished into the one for whoever looks for it.
func gone(err error) error {
	if err != nil && fault.From(err).Kind == fault.UnauthorizedScope {
		return fault.UserNotFound.Because(err)
	}
	return err
}

// changeUser writes one change of a user. What is changed is taken from the row as the transaction sees it, once it
// is locked, so that two changes at once both hold. Fault: user_not_found.
func (r *Rules) changeUser(ctx context.Context, req *Request, id string, change func(*store.Tx, *model.User) error) (*model.User, error) {
	var changed *model.User
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		tx.LockUser(req.Project.ID, id, fault.UserNotFound)
		user, err := tx.UserByID(req.Project.ID, id)
		if err != nil {
			return err
		}
		user.UpdatedAt = tx.Now
		if err := change(tx, user); err != nil {
			return err
		}
		r.audit(tx, req, req.Actor, "user/"+id)
		if changed, err = tx.UserByID(req.Project.ID, id); err == nil {
			r.happened(tx, req, changed, id)
		}
		return err
	})
	if err != nil {
		return nil, gone(err)
	}
	return changed, nil
}

// RenameUser changes a user's name. Fault: user_not_found.
func (r *Rules) RenameUser(ctx context.Context, req *Request, id, name string) (*model.User, error) {
	return r.changeUser(ctx, req, id, func(tx *store.Tx, u *model.User) error {
		u.Name = name
		tx.UpdateUserName(u)
		return nil
	})
}

// SetPrefs replaces a user's preferences. Fault: user_not_found.
func (r *Rules) SetPrefs(ctx context.Context, req *Request, id string, prefs model.Object) (*model.User, error) {
	return r.changeUser(ctx, req, id, func(tx *store.Tx, u *model.User) error {
		u.Prefs = prefs
		tx.UpdateUserPrefs(u)
		return nil
	})
}

// SetLabels replaces a user's labels; repeated ones count once. Fault: user_not_found.
func (r *Rules) SetLabels(ctx context.Context, req *Request, id string, labels []string) (*model.User, error) {
	seen := map[string]bool{}
	unique := []string{}
	for _, label := range labels {
		if !seen[label] {
			seen[label] = true
			unique = append(unique, label)
		}
	}
	return r.changeUser(ctx, req, id, func(tx *store.Tx, u *model.User) error {
		u.Labels = unique
		tx.UpdateUserLabels(u)
		return nil
	})
}

// SetStatus blocks a user or opens the account again. Sessions stay while an operator's block lasts, so that they are
// told user_blocked and live on afterwards; those of somebody who has pressed the panic button end with the block,
// because whoever made them do it may hold one. Fault: user_not_found.
func (r *Rules) SetStatus(ctx context.Context, req *Request, id string, open bool) (*model.User, error) {
	return r.changeUser(ctx, req, id, func(tx *store.Tx, u *model.User) error {
		if open && !u.Status && u.SelfBlocked {
			tx.DeleteSessionsOf(u.Project, u.ID, "")
			tx.DeleteTokensOf(u.Project, u.ID)
		}
		u.SelfBlocked = u.SelfBlocked && !open && !u.Status
		u.Status = open
		tx.UpdateUserStatus(u)
		return nil
	})
}

// SetEmailVerified says whether a user's address is theirs. Fault: user_not_found.
func (r *Rules) SetEmailVerified(ctx context.Context, req *Request, id string, verified bool) (*model.User, error) {
	return r.changeUser(ctx, req, id, func(tx *store.Tx, u *model.User) error {
		u.EmailVerification = verified
		tx.UpdateUserVerified(u)
		return nil
	})
}

// SetPhoneVerified says whether a user's number is theirs. Fault: user_not_found.
func (r *Rules) SetPhoneVerified(ctx context.Context, req *Request, id string, verified bool) (*model.User, error) {
	return r.changeUser(ctx, req, id, func(tx *store.Tx, u *model.User) error {
		u.PhoneVerification = verified
		tx.UpdateUserVerified(u)
		return nil
	})
}

// SetMFA switches a user's second factor. Sessions stay as they are. Fault: user_not_found.
func (r *Rules) SetMFA(ctx context.Context, req *Request, id string, on bool) (*model.User, error) {
	return r.changeUser(ctx, req, id, func(tx *store.Tx, u *model.User) error {
		u.MFA = on
		tx.UpdateUserMFA(u)
		return nil
	})
}

// SetImpersonator says whether a user may act as others. Fault: user_not_found.
func (r *Rules) SetImpersonator(ctx context.Context, req *Request, id string, on bool) (*model.User, error) {
	return r.changeUser(ctx, req, id, func(tx *store.Tx, u *model.User) error {
		u.Impersonator = on
		tx.UpdateUserImpersonator(u)
		return nil
	})
}
