package auth

import (
	"context"
	"errors"

	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
)

// approach is a way to sign in by a secret that is sent to an address. Whoever uses one for the first time gets
// an account by it.
type approach struct {
	purpose string
	userID  string // for a new account; whoever has the address already keeps the id they have
	address string // in the form it is stored in
	secret  string // fixed; empty: one is drawn
	phrase  string // the security phrase; empty for none
	// conflict answers an address that belongs to another user's identity at a provider; nil: not asked.
	conflict *fault.Kind
	// message words what is sent; nil: nothing is.
	message func(*Issued, *model.User) *model.Message
}

// errMoved means that the account found has been deleted before anything could be written.
var errMoved = fault.UserNotFound

// send finds or makes the account of an address and sends its secret there: account, token and message in one
// transaction. An account just made and one that was there take the same steps, so that the time tells nothing.
// Faults: user_count_exceeded, user_email_*, user_already_exists (the id is somebody else's), the approach's
// conflict.
func (r *Rules) send(ctx context.Context, req *Request, a approach) (*Issued, error) {
	for again := false; ; again = true {
		user, found, err := r.approached(ctx, req, &a)
		if err != nil {
			return nil, err
		}
		issued, err := r.sendTo(ctx, req, &a, user, found)
		_, collided := store.Conflict(err)
		if err == nil || !collided && !errors.Is(err, errMoved) {
			return issued, err
		}
		// Somebody else has signed up with this address, or has gone, since it was looked up. Looked up anew, the
		// account is there or is not; what collides then is the id that was asked for.
		if again {
			return nil, fault.UserAlreadyExists.Because(err)
		}
	}
}

// approached is the account of an address, or the one to be made for it.
func (r *Rules) approached(ctx context.Context, req *Request, a *approach) (user *model.User, found bool, err error) {
	byPhone := a.purpose == model.PurposePhone
	if byPhone {
		user, err = r.DB.UserByPhone(ctx, req.Project.ID, a.address)
	} else {
		user, err = r.DB.UserByEmail(ctx, req.Project.ID, a.address)
	}
	found = err == nil
	if err != nil && !errors.Is(err, fault.UserNotFound) {
		return nil, false, err
	}
	if !found {
		if err := r.mayJoin(ctx, req.Project); err != nil {
			return nil, false, err
		}
		user = r.newUser(req.Project.ID, r.idOr(a.userID))
	}
	if byPhone {
		user.Phone = a.address
		return user, found, nil
	}
	// Both are asked whoever it is; the answers count for new accounts alone.
	taken, err := r.DB.IdentityEmailTaken(ctx, req.Project.ID, a.address, "")
	if err != nil {
		return nil, false, err
	}
	facts, refused := emailFacts(&req.Project.Settings.Policies, a.address)
	if found {
		return user, true, nil
	}
	if taken {
		return nil, false, a.conflict
	}
	user.Email, user.EmailFacts = a.address, facts
	return user, false, refused
}

// sendTo writes the token of an account, with the account if it is new, and the message. A blocked person is
// sent nothing, and whoever asks is not told.
func (r *Rules) sendTo(ctx context.Context, req *Request, a *approach, user *model.User, found bool) (*Issued, error) {
	var issued *Issued
	if a.secret != "" {
		issued = r.issueSecret(req, user, a.purpose, a.address, a.secret)
	} else {
		issued = r.issue(req, user, a.purpose, a.address)
	}
	issued.Phrase = a.phrase
	kind := model.TargetEmail
	if a.purpose == model.PurposePhone {
		kind = model.TargetSMS
	}
	target := r.newTarget(user, kind, a.address)
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		if found {
			tx.LockUser(user.Project, user.ID, errMoved)
			tx.KeepTerms(user) // what a newcomer costs
		} else {
			if err := r.countUsers(tx, req.Project); err != nil {
				return err
			}
			tx.InsertUser(user)
		}
		tx.InsertTargetIfFree(&target)
		if !found {
			made := *user
			made.Targets = []model.Target{target}
			r.joinedIn(tx, req, &made)
		}
		issued.insert(tx)
		if a.message != nil {
			r.put(tx, a.message(issued, user), user.Status)
		}
		r.audit(tx, req, ActorOf(user), "user/"+user.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return issued, nil
}
