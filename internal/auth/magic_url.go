package auth

import (
	"context"

	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// SendMagicURL mails a link that signs in whoever reads the address; otherwise as SendEmailCode.
// Faults: as there, but user_email_already_exists for an address of another user's identity, unless the project
// hides who has an account.
func (r *Rules) SendMagicURL(ctx context.Context, req *Request, in EmailToken) (*Issued, error) {
	if err := r.mailable(ctx, req); err != nil {
		return nil, err
	}
	conflict := fault.UserEmailAlreadyExists
	if r.hides(req) {
		conflict = fault.BadRequest
	}
	return r.send(ctx, req, approach{
		purpose: model.PurposeMagicURL, userID: in.UserID, address: check.NormalizeEmail(in.Email), phrase: r.phrase(in.Phrase), conflict: conflict,
		message: func(issued *Issued, user *model.User) *model.Message {
			return r.mail(req, model.MessageMagicURL, issued, map[string]string{"user": user.Name, "redirect": r.magicLink(in.URL, req.Project, issued)})
		},
	})
}
