package auth

import (
	"context"

	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// SendPhoneVerification sends a code by text message by which a person proves their number. It signs nobody in.
// Faults: general_phone_disabled, user_phone_not_found, user_phone_already_verified, general_rate_limit_exceeded,
// general_unauthorized_scope.
func (r *Rules) SendPhoneVerification(ctx context.Context, req *Request, user *model.User) (*Issued, error) {
	mock := ""
	if user.Phone != "" {
		mock = r.mockCode(req, user.Phone)
	}
	switch {
	case mock == "" && !r.Reach(ctx, req.Project, model.ChannelSMS): // a mock number needs nobody to carry its message
		return nil, fault.PhoneDisabled
	case user.Phone == "":
		return nil, fault.UserPhoneNotFound
	case user.PhoneVerification:
		return nil, fault.UserPhoneAlreadyVerified
	case mock != "":
		return r.sendToMember(ctx, req, user, r.issueSecret(req, user, model.PurposePhoneVerification, user.Phone, mock), nil)
	}
	if err := r.textable(ctx, req, user.Phone); err != nil {
		return nil, err
	}
	issued := r.issue(req, user, model.PurposePhoneVerification, user.Phone)
	return r.sendToMember(ctx, req, user, issued, r.text(req, issued))
}

// ConfirmPhone verifies the number of whoever has the code that was sent there. The code is looked for among those
// of the named user, whose number it then verifies.
// Faults: user_not_found (user_invalid_token where the project hides who has an account), user_invalid_token.
func (r *Rules) ConfirmPhone(ctx context.Context, req *Request, userID, code string) (*model.Token, error) {
	token, err := r.confirm(ctx, req, given{userID, code, []string{model.PurposePhoneVerification}, r.unknownUser(req)})
	if err != nil {
		return nil, err
	}
	r.confirmed(ctx, req, token.Address)
	return token, nil
}
