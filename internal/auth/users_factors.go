package auth

import (
	"context"

	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
)

// ofUser runs a rule about somebody that a server or an operator names. Fault: user_not_found.
func ofUser[Out any](ctx context.Context, r *Rules, req *Request, id string, rule func(*model.User) (Out, error)) (Out, error) {
	user, err := r.User(ctx, req.Project, id)
	if err != nil {
		var none Out
		return none, err
	}
	out, err := rule(user)
	return out, gone(err)
}

// FactorsOf lists the second factors that a user could answer a challenge with. Fault: user_not_found.
func (r *Rules) FactorsOf(ctx context.Context, req *Request, id string) (*Factors, error) {
	return ofUser(ctx, r, req, id, func(user *model.User) (*Factors, error) { return r.Factors(ctx, req.Project, user) })
}

// RemoveAuthenticator takes a user's authenticator app away: the way out for whoever has lost the telephone. Their
// sessions go on. Faults: user_not_found, user_authenticator_not_found.
func (r *Rules) RemoveAuthenticator(ctx context.Context, req *Request, id string) error {
	_, err := ofUser(ctx, r, req, id, func(user *model.User) (none struct{}, err error) {
		return none, r.DeleteAuthenticator(ctx, req, user, "")
	})
	return err
}

// ResetFactors asks for no second factor at sign-in any more, for whoever has lost all of theirs, and takes away the app and
// the codes. Passkeys stay: they are a way to sign in of their own. Sessions go on. Fault: user_not_found.
func (r *Rules) ResetFactors(ctx context.Context, req *Request, id string) (*model.User, error) {
	return r.changeUser(ctx, req, id, func(tx *store.Tx, u *model.User) error {
		u.MFA = false
		tx.UpdateUserMFA(u)
		if u.HasTOTP {
			tx.DeleteAuthenticator(u.Project, u.ID, model.FactorTOTP)
		}
		tx.DeleteChallengesOfType(u.Project, u.ID, model.FactorTOTP)
		tx.DeleteChallengesOfType(u.Project, u.ID, model.FactorRecoveryCode)
		tx.ReplaceRecoveryCodes(u.Project, u.ID, nil)
		r.tellFactor(ctx, tx, req, u, "off")
		return nil
	})
}

// RecoveryCodesOf shows the codes that a user has left. Faults: user_not_found, user_recovery_codes_not_found.
func (r *Rules) RecoveryCodesOf(ctx context.Context, req *Request, id string) ([]string, error) {
	return ofUser(ctx, r, req, id, func(user *model.User) ([]string, error) { return r.RecoveryCodes(ctx, user) })
}

// GiveRecoveryCodes makes a user's recovery codes. Faults: user_not_found, user_recovery_codes_already_exists.
func (r *Rules) GiveRecoveryCodes(ctx context.Context, req *Request, id string) ([]string, error) {
	return ofUser(ctx, r, req, id, func(user *model.User) ([]string, error) { return r.CreateRecoveryCodes(ctx, req, user) })
}

// ReplaceRecoveryCodes makes new codes in place of those that a user has left. Faults: user_not_found,
// user_recovery_codes_not_found.
func (r *Rules) ReplaceRecoveryCodes(ctx context.Context, req *Request, id string) ([]string, error) {
	return ofUser(ctx, r, req, id, func(user *model.User) ([]string, error) { return r.RegenerateRecoveryCodes(ctx, req, user) })
}

// OpenChallenge shows a challenge whose code the project's own server delivers, with the code. One of another type is
// answered by what the user has, not by what a server reads. Faults: user_not_found, user_invalid_token.
func (r *Rules) OpenChallenge(ctx context.Context, req *Request, id, challenge string) (*model.Challenge, string, error) {
	var code string
	found, err := ofUser(ctx, r, req, id, func(user *model.User) (*model.Challenge, error) {
		c, err := r.DB.Challenge(ctx, user.Project, user.ID, challenge, r.now())
		if err == nil && c.Type != model.FactorCustom {
			err = fault.UserInvalidToken
		}
		if err != nil {
			return nil, err
		}
		code, err = r.ChallengeCode(c)
		return c, err
	})
	return found, code, err
}
