package auth

import (
	"context"
	"errors"

	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/passkey"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// BeginPasskeySignIn opens a sign-in with a passkey. With the id of a user only a passkey of theirs answers it. No
// passkeys are ever named: all of ours are found by the authenticator itself, and a list, or an id that is refused,
// would tell strangers who has an account.
// Faults: user_auth_method_unsupported, general_argument_invalid.
func (r *Rules) BeginPasskeySignIn(ctx context.Context, req *Request, userID string, at Place) (*model.OpenCeremony, error) {
	c, err := r.begin(req, model.CeremonySignIn, at)
	if err != nil {
		return nil, err
	}
	if userID != "" {
		user, err := r.DB.UserByID(ctx, req.Project.ID, userID)
		switch {
		case errors.Is(err, fault.UserNotFound):
			c.Kind = model.CeremonyNobody
		case err != nil:
			return nil, err
		default:
			c.UserID = user.ID
		}
	}
	err = r.DB.Write(ctx, func(tx *store.Tx) error {
		open(tx, c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// SignInWithPasskey makes a session for whoever has a passkey. The authenticator has verified the person, so that it
// has proved two factors at once: what they have, and what they know or are. The session needs no further one, and
// what asks for a fresh challenge may be done in it.
// Faults: user_auth_method_unsupported, user_passkey_invalid (an unknown passkey, a wrong answer, a used or late
// challenge: the same answer), user_blocked (only after the right answer).
func (r *Rules) SignInWithPasskey(ctx context.Context, req *Request, a PasskeyAnswer) (*SignedIn, error) {
	c, want, err := r.ceremony(ctx, req, model.CeremonySignIn, "", a)
	if err != nil {
		return nil, err
	}
	proof, err := r.proved(ctx, c, want, a)
	if err != nil {
		return nil, err
	}
	var signed *SignedIn
	err = r.usePasskey(ctx, req, c, proof, func(tx *store.Tx, user *model.User) error {
		if !user.Status {
			return fault.UserBlocked
		}
		signed = r.newSession(req, user, "passkey", model.FactorPasskey, model.FactorUserVerification)
		signed.Session.ProviderUID, signed.Session.MFAUpdatedAt = proof.passkey.ID, tx.Now
		if err := r.alertSession(ctx, tx, req, signed); err != nil {
			return err
		}
		r.insertSession(tx, req, signed)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return signed, nil
}

// BeginPasskeyChallenge asks a user to prove a passkey as a second factor, within the session that asks. Whoever has
// come so far may be told which passkeys there are. Faults: user_auth_method_unsupported, general_argument_invalid,
// user_passkey_not_found.
func (r *Rules) BeginPasskeyChallenge(ctx context.Context, req *Request, user *model.User, session string, at Place) (*model.OpenCeremony, error) {
	party, err := relyingParty(req)
	if err != nil {
		return nil, err
	}
	all, err := r.DB.Passkeys(ctx, user.Project, user.ID)
	if err != nil {
		return nil, err
	}
	// The newest that can be used on this page says for which domain: a user may have some for several.
	for i := len(all) - 1; i >= 0 && at.RPID == ""; i-- {
		if party.Fits(all[i].RPID, at.Origin) {
			at.RPID = all[i].RPID
		}
	}
	if at.RPID == "" {
		return nil, fault.UserPasskeyNotFound
	}
	c, err := r.begin(req, model.CeremonyFactor, at)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].RPID == c.RPID {
			c.Known = append(c.Known, all[i])
		}
	}
	if len(c.Known) == 0 {
		return nil, fault.UserPasskeyNotFound
	}
	c.UserID, c.SessionID = user.ID, session
	err = r.DB.Write(ctx, func(tx *store.Tx) error {
		tx.LockUser(user.Project, user.ID, fault.UnauthorizedScope)
		open(tx, c)
		r.audit(tx, req, req.Actor, "user/"+user.ID)
		r.happened(tx, req, &model.Challenge{ID: c.ID, CreatedAt: c.CreatedAt, UserID: user.ID, Expire: c.Expire}, user.ID, c.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// ConfirmPasskeyChallenge takes the answer to such a challenge, adds the factor to the session and makes it fresh.
// Faults: user_auth_method_unsupported, user_passkey_invalid, user_session_not_found.
func (r *Rules) ConfirmPasskeyChallenge(ctx context.Context, req *Request, user *model.User, a PasskeyAnswer) (*model.Session, error) {
	c, want, err := r.ceremony(ctx, req, model.CeremonyFactor, user.ID, a)
	if err != nil {
		return nil, err
	}
	proof, err := r.proved(ctx, c, want, a)
	if err != nil {
		return nil, err
	}
	var grown *model.Session
	err = r.usePasskey(ctx, req, c, proof, func(tx *store.Tx, present *model.User) error {
		r.audit(tx, req, req.Actor, "user/"+user.ID)
		var err error
		if grown, err = grow(tx, present, a.Session, true, model.FactorPasskey); err == nil {
			r.signedIn(tx, req, grown)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return grown, nil
}

// proof is a passkey and what its authenticator said, all of it verified.
type proof struct {
	passkey *model.Passkey
	use     passkey.Use
}

// proved verifies the answer to a ceremony. An unknown passkey costs what a wrong signature costs. An answer to
// another challenge uses nothing up: it may be anybody's. Fault: user_passkey_invalid.
func (r *Rules) proved(ctx context.Context, c *model.Ceremony, want passkey.Expect, a PasskeyAnswer) (*proof, error) {
	assertion, err := passkey.Read([]byte(a.Credential))
	if err != nil {
		return nil, fault.UserPasskeyInvalid.Because(err)
	}
	if !assertion.Answers(c.Challenge) {
		return nil, fault.UserPasskeyInvalid
	}
	known, err := r.DB.PasskeyByCredential(ctx, c.Project, assertion.CredentialID())
	switch {
	case errors.Is(err, fault.UserPasskeyNotFound):
		known = &model.Passkey{PublicKey: passkey.Nobody}
	case err != nil:
		return nil, err
	}
	use, err := assertion.Verify(known.PublicKey, want)
	if err != nil {
		return nil, r.spoil(ctx, c, err)
	}
	handle := assertion.UserHandle()
	switch {
	case known.UserID == "", known.RPID != c.RPID, c.UserID != "" && c.UserID != known.UserID:
		return nil, r.spoil(ctx, c, errStranger)
	case use.BackupEligible != known.BackupEligible: // which never changes
		return nil, r.spoil(ctx, c, errStranger)
	case len(handle) == 0 && c.Kind == model.CeremonyFactor: // the user is known anyway
	case !secret.Equal(handle, r.userHandle(known.Project, known.UserID)):
		return nil, r.spoil(ctx, c, errStranger)
	}
	return &proof{known, use}, nil
}

var (
	errStranger = errors.New("the passkey is not one that may answer")
	errCloned   = errors.New("the signature counter did not rise")
)

// usePasskey uses up a ceremony and a proof, once, and does what follows from it in the same transaction. Of any
// number of calls with the same answer one gets through. Fault: user_passkey_invalid.
func (r *Rules) usePasskey(ctx context.Context, req *Request, c *model.Ceremony, p *proof, then func(*store.Tx, *model.User) error) error {
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		tx.LockUser(c.Project, p.passkey.UserID, fault.UserPasskeyInvalid)
		tx.TakeCeremony(c.Project, c.ID)
		if err := spendPasskey(tx, p); err != nil {
			return err
		}
		user, err := tx.UserByID(c.Project, p.passkey.UserID)
		if err != nil {
			return err
		}
		return then(tx, user)
	})
	if errors.Is(err, errCloned) {
		return r.refuseCopy(ctx, req, c, p.passkey)
	}
	return err
}

// spendPasskey notes within a transaction what an authenticator said at a use. The user must be locked, so that of two
// uses at once the second sees the count of the first. A count that does not rise is that of a copy.
func spendPasskey(tx *store.Tx, p *proof) error {
	present, err := tx.Passkey(p.passkey.Project, p.passkey.UserID, p.passkey.ID)
	if errors.Is(err, fault.UserPasskeyNotFound) {
		return fault.UserPasskeyInvalid.Because(err)
	}
	if err != nil {
		return err
	}
	count := int64(p.use.SignCount)
	if count <= present.SignCount && (count > 0 || present.SignCount > 0) {
		return errCloned
	}
	present.SignCount, present.BackedUp, present.UsedAt = count, p.use.BackedUp, tx.Now
	tx.SpendPasskey(present)
	return nil
}

// refuseCopy refuses an answer that was right but for its count, and leaves a trace of it: either this authenticator
// or the one that counted further is a copy. Fault: user_passkey_invalid.
func (r *Rules) refuseCopy(ctx context.Context, req *Request, c *model.Ceremony, p *model.Passkey) error {
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		tx.DropCeremony(c.Project, c.ID)
		trace := *req
		trace.Audit = "passkey.refuse"
		r.audit(tx, &trace, Actor{Type: "user", ID: p.UserID, Mode: "default"}, "passkey/"+p.ID)
		return nil
	})
	if err != nil {
		return err
	}
	r.Log.Warn("a passkey was refused because its counter did not rise: it may have been copied", "project", p.Project, "user", p.UserID, "passkey", p.ID)
	return fault.UserPasskeyInvalid.Because(errCloned)
}
