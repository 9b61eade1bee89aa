package auth

import (
	"context"

	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
)

// SendEmailVerification mails a link by which a person proves their address. The link holds for that address: it
// proves nothing about one that the account gets later.
// Faults: general_smtp_disabled, user_email_not_found, user_email_already_verified, general_unauthorized_scope.
func (r *Rules) SendEmailVerification(ctx context.Context, req *Request, user *model.User, url string) (*Issued, error) {
	return r.sendVerification(ctx, req, user, func() (*Issued, *model.Message) {
		issued := r.issue(req, user, model.PurposeVerification, user.Email)
		m := r.mail(req, model.MessageVerification, issued, map[string]string{"user": user.Name, "redirect": tokenLink(url, issued)})
		m.ToName = user.Name
		return issued, m
	})
}

// SendEmailVerificationCode is SendEmailVerification with a code to be typed in. It signs nobody in.
func (r *Rules) SendEmailVerificationCode(ctx context.Context, req *Request, user *model.User, phrase bool) (*Issued, error) {
	return r.sendVerification(ctx, req, user, func() (*Issued, *model.Message) {
		issued := r.issue(req, user, model.PurposeVerificationOTP, user.Email)
		issued.Phrase = r.phrase(phrase)
		m := r.mail(req, model.MessageVerificationOTP, issued, map[string]string{"user": user.Name, "otp": issued.Secret})
		m.ToName = user.Name
		return issued, m
	})
}

func (r *Rules) sendVerification(ctx context.Context, req *Request, user *model.User, make func() (*Issued, *model.Message)) (*Issued, error) {
	if err := r.mailable(ctx, req); err != nil {
		return nil, err
	}
	switch {
	case user.Email == "":
		return nil, fault.UserEmailNotFound
	case user.EmailVerification:
		return nil, fault.UserEmailAlreadyVerified
	}
	issued, m := make()
	return r.sendToMember(ctx, req, user, issued, m)
}

// sendToMember writes a token of a signed-in person with its message.
func (r *Rules) sendToMember(ctx context.Context, req *Request, user *model.User, issued *Issued, m *model.Message) (*Issued, error) {
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		tx.LockUser(user.Project, user.ID, fault.UnauthorizedScope)
		issued.insert(tx)
		if m != nil {
			r.Box.Put(tx, m)
		}
		r.audit(tx, req, req.Actor, "user/"+user.ID)
		r.happened(tx, req, issued.Token, user.ID, issued.Token.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return issued, nil
}

// ConfirmEmail verifies the address of whoever has the secret of the link that was sent there. Anybody may bring
// it: links are opened in other browsers than they were asked for in.
// Faults: user_not_found (user_invalid_token where the project hides who has an account), user_invalid_token.
func (r *Rules) ConfirmEmail(ctx context.Context, req *Request, userID, text string) (*model.Token, error) {
	return r.confirm(ctx, req, given{userID, text, []string{model.PurposeVerification}, r.unknownUser(req)})
}

// ConfirmEmailByCode is ConfirmEmail with a code.
func (r *Rules) ConfirmEmailByCode(ctx context.Context, req *Request, userID, code string) (*model.Token, error) {
	return r.confirm(ctx, req, given{userID, code, []string{model.PurposeVerificationOTP}, r.unknownUser(req)})
}

// confirm redeems a token that only verifies an address or a number.
func (r *Rules) confirm(ctx context.Context, req *Request, g given) (*model.Token, error) {
	var token *model.Token
	err := r.redeem(ctx, req, g, func(tx *store.Tx, user *model.User, found *model.Token) error {
		token = found
		if found.Purpose == model.PurposePhoneVerification {
			user.PhoneVerification = true
		} else {
			user.EmailVerification = true
		}
		user.UpdatedAt = tx.Now
		tx.UpdateUserVerified(user)
		r.audit(tx, req, req.Actor, "user/"+user.ID)
		r.happened(tx, req, found, user.ID, found.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return token, nil
}
