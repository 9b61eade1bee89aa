package auth

import (
	"context"
	"errors"

	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
)

// SendRecovery mails a link by which a person sets a new password. Who has no password, or an address never
// verified, gets one, too: the mail is the proof.
// Faults: general_smtp_disabled; user_not_found and user_blocked, unless the project hides who has an account:
// then everybody is answered alike, for the same work.
func (r *Rules) SendRecovery(ctx context.Context, req *Request, email, url string) (*Issued, error) {
	return r.sendRecovery(ctx, req, email, func(user *model.User) (*Issued, *model.Message) {
		issued := r.issue(req, user, model.PurposeRecovery, user.Email)
		return issued, r.mail(req, model.MessageRecovery, issued, map[string]string{"user": user.Name, "redirect": tokenLink(url, issued)})
	})
}

// SendRecoveryCode is SendRecovery with a code to be typed in. It signs nobody in.
func (r *Rules) SendRecoveryCode(ctx context.Context, req *Request, email string, phrase bool) (*Issued, error) {
	return r.sendRecovery(ctx, req, email, func(user *model.User) (*Issued, *model.Message) {
		issued := r.issue(req, user, model.PurposeRecoveryOTP, user.Email)
		issued.Phrase = r.phrase(phrase)
		return issued, r.mail(req, model.MessageRecoveryOTP, issued, map[string]string{"user": user.Name, "otp": issued.Secret})
	})
}

func (r *Rules) sendRecovery(ctx context.Context, req *Request, email string, make func(*model.User) (*Issued, *model.Message)) (*Issued, error) {
	if err := r.mailable(ctx, req); err != nil {
		return nil, err
	}
	email = check.NormalizeEmail(email)
	user, err := r.DB.UserByEmail(ctx, req.Project.ID, email)
	hides := r.hides(req)
	switch {
	case err == nil && !user.Status && !hides:
		return nil, fault.UserBlocked
	case errors.Is(err, fault.UserNotFound) && hides:
		user = r.decoy(req, email)
	case err != nil:
		return nil, err
	}
	issued, m := make(user)
	m.ToName = user.Name
	err = r.DB.Write(ctx, func(tx *store.Tx) error {
		if model.IsCode(issued.Token.Purpose) {
			tx.HoldUser(user.Project, user.ID) // or codes that are asked for at once would all live, and be guessed together
			tx.DeleteTokensOf(user.Project, user.ID, issued.Token.Purpose)
		}
		tx.InsertTokenOf(issued.Token)
		r.put(tx, m, user.Status)
		r.audit(tx, req, ActorOf(user), "user/"+user.ID)
		if user.Status {
			r.happened(tx, req, issued.Token, user.ID, issued.Token.ID)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return issued, nil
}

// Recover sets a new password for whoever has the secret of the link that was mailed. It signs nobody in, and
// second factors stay. Every open token of the user ends; by policy all sessions do.
// Faults: user_not_found (user_invalid_token where the project hides who has an account), user_invalid_token,
// user_blocked, password_recently_used, password_personal_data (after these three the secret is still good),
// general_server_busy.
func (r *Rules) Recover(ctx context.Context, req *Request, userID, text, password string) (*model.Token, error) {
	return r.recover(ctx, req, given{userID, text, []string{model.PurposeRecovery}, r.unknownUser(req)}, password)
}

// RecoverByCode is Recover with a code.
func (r *Rules) RecoverByCode(ctx context.Context, req *Request, userID, code, password string) (*model.Token, error) {
	return r.recover(ctx, req, given{userID, code, []string{model.PurposeRecoveryOTP}, r.unknownUser(req)}, password)
}

func (r *Rules) recover(ctx context.Context, req *Request, g given, password string) (*model.Token, error) {
	// Looked at first and taken last: between them is a hash, which is for nobody who has no secret and has no
	// place in a transaction; and a password that a policy refuses must not cost the link.
	if err := r.examine(ctx, req, g); err != nil {
		return nil, err
	}
	user, err := r.DB.UserByID(ctx, req.Project.ID, g.userID)
	if err != nil {
		return nil, err
	}
	if !user.Status {
		return nil, fault.UserBlocked
	}
	change, err := r.newPassword(ctx, req, user, password)
	if err != nil {
		return nil, err
	}
	var token *model.Token
	err = r.redeem(ctx, req, g, func(tx *store.Tx, user *model.User, found *model.Token) error {
		if !user.Status {
			return fault.UserBlocked
		}
		token = found
		r.happened(tx, req, found, user.ID, found.ID)
		return r.putRecovered(ctx, tx, req, user, change)
	})
	if err != nil {
		return nil, err
	}
	return token, nil
}

// putRecovered writes the password of a recovered account, and what follows from it: the address is proved, and
// nobody else's way in is left open. The row is locked, so the password in it is the one to replace.
func (r *Rules) putRecovered(ctx context.Context, tx *store.Tx, req *Request, user *model.User, change *passwordChange) error {
	if !user.EmailVerification && req.Project.Settings.Policies.FirstProofWipe.Enabled {
		if err := r.wipe(ctx, tx, req, user); err != nil {
			return err
		}
	}
	change.old = user.Password
	change.write(tx, user)
	if !user.EmailVerification {
		user.EmailVerification, user.UpdatedAt = true, tx.Now
		tx.UpdateUserVerified(user)
	}
	tx.DeleteTokensOf(user.Project, user.ID)
	if req.Project.Settings.Policies.SessionInvalidation.Enabled {
		tx.DeleteSessionsOf(user.Project, user.ID, "")
	}
	r.notify(ctx, tx, req, user, notice{kind: model.NoticeRecovered})
	r.audit(tx, req, ActorOf(user), "user/"+user.ID)
	return nil
}
