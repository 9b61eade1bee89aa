package auth

import (
	"context"

	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// entry is the session that a token makes, and what it proves about the user.
type entry struct {
	provider, factor string
	email, phone     bool
}

// entries has a line for every purpose whose tokens sign in. A code that was sent to verify or to recover is none
// of them.
var entries = map[string]entry{
	model.PurposeMagicURL: {"magic-url", "email", true, false},
	model.PurposeEmailOTP: {"token", "email", true, false},
	model.PurposePhone:    {"phone", "phone", false, true},
	model.PurposeGeneric:  {"token", "token", false, false},

	model.PurposeGenericCode: {"token", "token", false, false},
}

// signInPurposes are those of entries.
var signInPurposes = []string{model.PurposeMagicURL, model.PurposeEmailOTP, model.PurposePhone, model.PurposeGeneric, model.PurposeGenericCode, model.PurposeOAuth2}

// SignInWithToken makes a session for whoever has the secret of a one-time token: from a magic link, a code, or
// made by an operator. The token is taken in the transaction that makes the session, so that of any number of
// calls at once one gets it.
// Faults: user_invalid_token (an unknown user, a wrong secret, a used or late one: the same answer), user_blocked
// (only after the right secret, which stays good).
func (r *Rules) SignInWithToken(ctx context.Context, req *Request, userID, text string) (*SignedIn, error) {
	// A server that asked for a phone code was given it in the encoded form.
	if id, inner, ok := secret.DecodeSession(text); ok && id == userID {
		text = inner
	}
	var signed *SignedIn
	var token *model.Token
	err := r.redeem(ctx, req, given{userID, text, signInPurposes, fault.UserInvalidToken}, func(tx *store.Tx, user *model.User, found *model.Token) error {
		if !user.Status {
			return fault.UserBlocked
		}
		e := entries[found.Purpose]
		token, signed = found, r.newSession(req, user, e.provider, e.factor)
		if found.Purpose == model.PurposeOAuth2 {
			var err error
			if signed, err = r.redeemedIdentity(tx, req, user, text); err != nil {
				return err
			}
		}
		if err := r.prove(ctx, tx, req, user, e); err != nil {
			return err
		}
		if err := r.alertSession(ctx, tx, req, signed); err != nil {
			return err
		}
		r.insertSession(tx, req, signed)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if token.Purpose == model.PurposePhone {
		r.confirmed(ctx, req, token.Address)
	}
	return signed, r.openTokens(signed.Session)
}

// prove notes what a redeemed token has proved. The first proof of an address may be the moment its owner meets
// an account that somebody else has prepared: by policy, what they left there is removed.
func (r *Rules) prove(ctx context.Context, tx *store.Tx, req *Request, user *model.User, e entry) error {
	if e.email && !user.EmailVerification && req.Project.Settings.Policies.FirstProofWipe.Enabled {
		if err := r.wipe(ctx, tx, req, user); err != nil {
			return err
		}
	}
	if e.email && !user.EmailVerification || e.phone && !user.PhoneVerification {
		user.EmailVerification = user.EmailVerification || e.email
		user.PhoneVerification = user.PhoneVerification || e.phone
		user.UpdatedAt = tx.Now
		tx.UpdateUserVerified(user)
	}
	return nil
}

// wipe removes from an account what could be somebody else's, and tells its owner if there was anything.
func (r *Rules) wipe(ctx context.Context, tx *store.Tx, req *Request, user *model.User) error {
	prepared, err := tx.Prepared(user.Project, user.ID)
	if err != nil || !prepared {
		return err
	}
	tx.WipeUser(user.Project, user.ID)
	user.Password, user.PasswordUpdate, user.MFA, user.HasTOTP = model.Password{}, 0, false, false
	if !user.PhoneVerification {
		user.Phone = ""
	}
	r.notify(ctx, tx, req, user, notice{kind: model.NoticeProven})
	r.Log.Info("the first proof of an address removed what was prepared for its account", "project", user.Project, "user", user.ID)
	return nil
}
