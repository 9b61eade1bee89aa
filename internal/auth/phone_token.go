package auth

import (
	"context"

	"latchkey/internal/model"
)

// SendPhoneCode sends a code by text message that signs in whoever reads the number; otherwise as SendEmailCode.
// A mock number gets its fixed code and no message.
// Faults: general_phone_disabled, general_rate_limit_exceeded, user_count_exceeded, user_already_exists.
func (r *Rules) SendPhoneCode(ctx context.Context, req *Request, userID, phone string) (*Issued, error) {
	a := approach{purpose: model.PurposePhone, userID: userID, address: phone, secret: r.mockCode(req, phone)}
	if a.secret == "" {
		if err := r.textable(ctx, req, phone); err != nil {
			return nil, err
		}
		a.message = func(issued *Issued, _ *model.User) *model.Message { return r.text(req, issued) }
	}
	return r.send(ctx, req, a)
}

// mockCode is the fixed code of a number that the project has set aside for reviewers of its apps; empty for all
// others. Such numbers sign in real accounts, so each use is logged.
func (r *Rules) mockCode(req *Request, phone string) string {
	for _, mock := range req.Project.Settings.MockPhones {
		if mock.Number == phone {
			r.Log.Info("a mock number was asked for its code", "project", req.Project.ID, "number", mock.Number)
			return mock.OTP
		}
	}
	return ""
}
