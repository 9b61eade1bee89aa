package auth

import (
	"context"
	"slices"
	"time"

	"latchkey/internal/fault"
	"latchkey/internal/limit"
	"latchkey/internal/model"
	"latchkey/internal/store"
)

// Factors says which second factors a user could answer a challenge with right now, by the project's policy.
type Factors struct {
	TOTP, Phone, Email, RecoveryCode, Custom, Passkey bool
}

// Factors lists a user's second factors. Whether mail or text messages can be sent at the moment is not looked at.
func (r *Rules) Factors(ctx context.Context, project *model.Project, user *model.User) (*Factors, error) {
	codes, err := r.DB.HasRecoveryCodes(ctx, user.Project, user.ID)
	if err != nil {
		return nil, err
	}
	allowed := project.Settings.Policies.MFAFactors
	return &Factors{
		TOTP:         allowed.TOTP && user.HasTOTP,
		Phone:        allowed.Phone && user.Phone != "" && user.PhoneVerification,
		Email:        allowed.Email && user.Email != "" && user.EmailVerification,
		RecoveryCode: codes,
		Custom:       allowed.Custom,
		Passkey:      project.Settings.Policies.Passkeys.Enabled && user.Passkeys > 0,
	}, nil
}

// SwitchMFA asks for a second factor at every sign-in of a user, or no longer does. The session that switches it on
// counts as having proved every factor that is verified, or it would lock itself out; session may be empty.
func (r *Rules) SwitchMFA(ctx context.Context, req *Request, user *model.User, session string, on bool) (*model.User, error) {
	return r.changeFactors(ctx, req, user, func(tx *store.Tx, present *model.User) error {
		if on && session != "" {
			if _, err := grow(tx, present, session, false, verified(present)...); err != nil {
				return err
			}
		}
		present.MFA, present.UpdatedAt = on, tx.Now
		tx.UpdateUserMFA(present)
		if on != user.MFA {
			r.tellFactor(ctx, tx, req, present, map[bool]string{true: "on", false: "off"}[on])
		}
		return nil
	})
}

// verified lists the second factors that a user has verified, strongest first.
func verified(user *model.User) (list []string) {
	if user.HasTOTP {
		list = append(list, model.FactorTOTP)
	}
	if user.Passkeys > 0 {
		list = append(list, model.FactorPasskey)
	}
	if user.Email != "" && user.EmailVerification {
		list = append(list, model.FactorEmail)
	}
	if user.Phone != "" && user.PhoneVerification {
		list = append(list, model.FactorPhone)
	}
	return list
}

// changeFactors runs a change of what protects an account, with the user locked and read anew, so that of two
// changes at once the second sees the first, and returns the user as it is afterwards.
func (r *Rules) changeFactors(ctx context.Context, req *Request, user *model.User, change func(*store.Tx, *model.User) error) (*model.User, error) {
	var after *model.User
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		tx.LockUser(user.Project, user.ID, fault.UnauthorizedScope)
		present, err := tx.UserByID(user.Project, user.ID)
		if err != nil {
			return err
		}
		if err := change(tx, present); err != nil {
			return err
		}
		r.audit(tx, req, req.Actor, "user/"+user.ID)
		if after, err = tx.UserByID(user.Project, user.ID); err == nil {
			r.happened(tx, req, after, user.ID)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return after, nil
}

// grow adds factors to what a session has proved, as the store has it at this moment and not as some request has
// read it before: two that grow it at once would lose one. Lock the user first. passed says that a challenge was.
func grow(tx *store.Tx, user *model.User, id string, passed bool, factors ...string) (*model.Session, error) {
	session, err := tx.Session(user.Project, user.ID, id)
	if err != nil {
		return nil, err
	}
	for _, factor := range factors {
		if !slices.Contains(session.Factors, factor) {
			session.Factors = append(session.Factors, factor)
		}
	}
	if passed {
		session.MFAUpdatedAt = tx.Now
	}
	session.UpdatedAt = tx.Now
	tx.UpdateSessionFactors(session)
	return session, nil
}

// tellFactor tells a person that the second step of their sign-in was changed.
func (r *Rules) tellFactor(ctx context.Context, tx *store.Tx, req *Request, user *model.User, factor string) {
	r.notify(ctx, tx, req, user, notice{kind: model.NoticeFactor, values: map[string]string{"factor": factor}})
}

// factorGuessKey is the budget for wrong codes of a user, whatever the code is for. It is the counter on which the
// row of updateMFAChallenge counts its calls, so the name is the one the row's template gives.
func factorGuessKey(user *model.User) limit.Key {
	return limit.Key{Name: user.Project + "\nmfa-guesses:\n" + user.ID + "\n", Max: 10, Window: time.Hour, GivenBack: true}
}
