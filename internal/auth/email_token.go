package auth

import (
	"context"

	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// EmailToken is what a person gives to be sent a code or a link by mail.
type EmailToken struct {
	UserID string // for a new account; or the literal unique()
	Email  string
	URL    string // where a link leads; empty: our own page
	Phrase bool   // draw a security phrase
}

// SendEmailCode mails a code that signs in whoever reads the address. An address met for the first time becomes
// an account. Faults: general_smtp_disabled, user_count_exceeded, general_bad_request (the address belongs to
// another user's identity), user_email_*, user_already_exists.
func (r *Rules) SendEmailCode(ctx context.Context, req *Request, in EmailToken) (*Issued, error) {
	if err := r.mailable(ctx, req); err != nil {
		return nil, err
	}
	return r.send(ctx, req, approach{
		purpose: model.PurposeEmailOTP, userID: in.UserID, address: check.NormalizeEmail(in.Email), phrase: r.phrase(in.Phrase), conflict: fault.BadRequest,
		message: func(issued *Issued, user *model.User) *model.Message {
			return r.mail(req, model.MessageOTP, issued, map[string]string{"user": user.Name, "otp": issued.Secret})
		},
	})
}
