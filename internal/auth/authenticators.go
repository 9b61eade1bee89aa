package auth

import (
	"context"
	"errors"

	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// totpPurpose is what the secrets of authenticators are sealed for.
const totpPurpose = "totp"

// Enrolment is what an authenticator app has to be told. It is shown once.
type Enrolment struct {
	Secret string
	URI    string // otpauth://…, for a QR code
}

// CreateAuthenticator makes a user's TOTP authenticator. Until a code of it is shown it counts for nothing, and
// asking again replaces it: the secret on the screen before is dead.
// Fault: user_authenticator_already_verified.
func (r *Rules) CreateAuthenticator(ctx context.Context, req *Request, user *model.User) (*Enrolment, error) {
	text := secret.NewTOTPSecret(r.Random)
	made := &model.Authenticator{Project: user.Project, ID: r.newID(), UserID: user.ID, Type: model.FactorTOTP}
	made.Sealed = r.Keys.SealText(totpPurpose, placeOf(made), text)
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		tx.LockUser(user.Project, user.ID, fault.UnauthorizedScope)
		present, err := tx.Authenticator(user.Project, user.ID, model.FactorTOTP)
		switch {
		case errors.Is(err, fault.UserAuthenticatorNotFound):
		case err != nil:
			return err
		case present.Verified:
			return fault.UserAuthenticatorVerified
		default:
			tx.DeleteAuthenticator(user.Project, user.ID, model.FactorTOTP)
		}
		made.CreatedAt, made.UpdatedAt = tx.Now, tx.Now
		tx.InsertAuthenticator(made)
		r.audit(tx, req, req.Actor, "user/"+user.ID)
		r.happened(tx, req, user, user.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	issuer := req.Project.Name
	if issuer == "" {
		issuer = "Latchkey"
	}
	label := user.ID
	if user.Phone != "" {
		label = user.Phone
	}
	if user.Email != "" {
		label = user.Email
	}
	return &Enrolment{Secret: text, URI: secret.TOTPURI(issuer, label, text)}, nil
}

// placeOf binds a sealed secret to its row.
func placeOf(a *model.Authenticator) string { return a.Project + "/" + a.UserID + "/" + a.ID }

// VerifyAuthenticator makes an authenticator count, given its first code; the session has then proved it, too.
// Wrong codes come out of the user's budget.
// Faults: user_authenticator_not_found, user_authenticator_already_verified, user_invalid_token,
// user_session_not_found, general_rate_limit_exceeded.
func (r *Rules) VerifyAuthenticator(ctx context.Context, req *Request, user *model.User, session, code string) (*model.User, error) {
	return r.guessing(ctx, req, user, func() (*model.User, error) {
		return r.changeFactors(ctx, req, user, func(tx *store.Tx, present *model.User) error {
			authenticator, err := tx.Authenticator(user.Project, user.ID, model.FactorTOTP)
			if err != nil {
				return err
			}
			if authenticator.Verified {
				return fault.UserAuthenticatorVerified
			}
			if err := r.spendTOTP(tx, authenticator, code); err != nil {
				return err
			}
			tx.VerifyAuthenticator(user.Project, user.ID, model.FactorTOTP)
			if _, err := grow(tx, present, session, false, model.FactorTOTP); err != nil {
				return err
			}
			r.tellFactor(ctx, tx, req, present, model.FactorTOTP)
			return nil
		})
	})
}

// spendTOTP accepts a code of an authenticator, once. Fault: user_invalid_token.
func (r *Rules) spendTOTP(tx *store.Tx, a *model.Authenticator, code string) error {
	text, err := r.Keys.OpenText(totpPurpose, placeOf(a), a.Sealed)
	if err != nil {
		return err
	}
	step, ok := secret.TOTPStep(text, code, tx.Now.Std(), a.LastStep)
	if !ok {
		return fault.UserInvalidToken
	}
	tx.SpendStep(a.Project, a.UserID, a.Type, step)
	return nil
}

// DeleteAuthenticator takes a user's TOTP authenticator away, with what could only be answered by it. A code, if
// one is given (of the authenticator, or a recovery code), has to be right; the caller has made sure that without
// one the session has passed a challenge lately.
// Faults: user_authenticator_not_found, user_invalid_token, general_rate_limit_exceeded.
func (r *Rules) DeleteAuthenticator(ctx context.Context, req *Request, user *model.User, code string) error {
	remove := func() (*model.User, error) {
		return r.changeFactors(ctx, req, user, func(tx *store.Tx, present *model.User) error {
			authenticator, err := tx.Authenticator(user.Project, user.ID, model.FactorTOTP)
			if err != nil {
				return err
			}
			if code != "" {
				if err := r.spendEither(tx, authenticator, code); err != nil {
					return err
				}
			}
			tx.DeleteAuthenticator(user.Project, user.ID, model.FactorTOTP)
			tx.DeleteChallengesOfType(user.Project, user.ID, model.FactorTOTP)
			r.tellFactor(ctx, tx, req, present, model.FactorTOTP)
			return nil
		})
	}
	var err error
	if code == "" {
		_, err = remove()
	} else {
		_, err = r.guessing(ctx, req, user, remove)
	}
	return err
}

// spendEither accepts a code of the authenticator or a recovery code. Fault: user_invalid_token.
func (r *Rules) spendEither(tx *store.Tx, a *model.Authenticator, code string) error {
	err := r.spendTOTP(tx, a, code)
	if errors.Is(err, fault.UserInvalidToken) {
		err = r.spendRecoveryCode(tx, a.Project, a.UserID, code)
	}
	return err
}

// guessing runs something that a wrong code can end, on the user's budget for wrong codes. The try is taken
// before, so that parallel tries cannot share the last one, and given back if the code was not what failed.
func (r *Rules) guessing(ctx context.Context, req *Request, user *model.User, run func() (*model.User, error)) (*model.User, error) {
	key := factorGuessKey(user)
	if err := r.spend(ctx, req, key); err != nil {
		return nil, err
	}
	after, err := run()
	if !errors.Is(err, fault.UserInvalidToken) {
		r.giveBack(ctx, req, key)
	}
	return after, err
}
