package auth

import (
	"context"
	"errors"
	"time"

	"latchkey/internal/check"
	"latchkey/internal/client"
	"latchkey/internal/fault"
	"latchkey/internal/limit"
	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// SignedIn is a session just made, with the encoded secret that proves it. The secret exists nowhere else.
type SignedIn struct {
	Session *model.Session
	User    *model.User
	Secret  string // the encoded form: what cookies and X-Appwrite-Session carry
}

// SignInWithPassword makes a session for whoever knows an account's password.
// Faults: user_invalid_credentials (unknown address, no password, wrong password: the same answer for the
// same work), user_blocked (only after the right password), general_rate_limit_exceeded, general_server_busy.
func (r *Rules) SignInWithPassword(ctx context.Context, req *Request, email, password string) (*SignedIn, error) {
	spray := sprayKey(req)
	if err := r.spend(ctx, req, spray); err != nil {
		return nil, err
	}
	user, err := r.verifiedUser(ctx, req.Project.ID, check.NormalizeEmail(email), password)
	if err != nil {
		if !errors.Is(err, fault.UserInvalidCredentials) {
			r.giveBack(ctx, req, spray) // nothing was looked at, so nothing was guessed
		}
		return nil, err
	}
	r.giveBack(ctx, req, spray)
	return r.signInVerified(ctx, req, user, password)
}

// signInVerified makes the session of a user whose password has just been verified.
func (r *Rules) signInVerified(ctx context.Context, req *Request, user *model.User, password string) (*SignedIn, error) {
	if !user.Status {
		return nil, fault.UserBlocked
	}
	var rehashed *model.Password
	if r.Hasher.NeedsRehash(user.Password) {
		hash, err := r.Hasher.Hash(ctx, password)
		if err != nil {
			return nil, err
		}
		rehashed = &hash
	}
	signed := r.newSession(req, user, "email", "password")
	signed.Session.ProviderUID = user.Email
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		// The row must still hold the password that was verified: a change meanwhile has ended every session,
		// and this one would outlive it.
		tx.LockUserWithPassword(user, fault.UserInvalidCredentials)
		if err := r.alertSession(ctx, tx, req, signed); err != nil {
			return err
		}
		r.insertSession(tx, req, signed)
		if rehashed != nil {
			tx.RehashPassword(user, *rehashed)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return signed, nil
}

// verifiedUser finds the user an address and a password belong to. Whether there is one or not, a hash of the
// configured cost is computed before a refusal, so that the time taken tells nothing.
func (r *Rules) verifiedUser(ctx context.Context, project, email, password string) (*model.User, error) {
	user, err := r.DB.UserByEmail(ctx, project, email)
	if err != nil && !errors.Is(err, fault.UserNotFound) {
		return nil, err
	}
	if err != nil || !user.HasPassword() {
		if err := r.Hasher.VerifyNobody(ctx, password); err != nil {
			return nil, err
		}
		return nil, fault.UserInvalidCredentials
	}
	right, err := r.Hasher.Verify(ctx, password, user.Password)
	if err != nil {
		return nil, err
	}
	if !right {
		// An old kind of hash may cost next to nothing: refused sooner than an unknown address, a wrong password
		// would tell who has been imported. The right one costs the same, because the hash is then replaced.
		if r.Hasher.NeedsRehash(user.Password) {
			if err := r.Hasher.VerifyNobody(ctx, password); err != nil {
				return nil, err
			}
		}
		return nil, fault.UserInvalidCredentials
	}
	return user, nil
}

// SignInAnonymously makes a user without any address, and their session.
// Faults: user_anonymous_console_prohibited, user_count_exceeded.
func (r *Rules) SignInAnonymously(ctx context.Context, req *Request) (*SignedIn, error) {
	if req.Project.ID == model.ConsoleProject {
		return nil, fault.UserAnonymousConsoleProhibited
	}
	if err := r.mayJoin(ctx, req.Project); err != nil {
		return nil, err
	}
	user := r.newUser(req.Project.ID, r.newID())
	signed := r.newSession(req, user, "anonymous", "anonymous")
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		if err := r.countUsers(tx, req.Project); err != nil {
			return err
		}
		// One transaction: a user without a session would be one nobody can ever reach. A user this new
		// has no other session, so there is nothing to lock and nothing to evict.
		tx.InsertUser(user)
		tx.InsertSession(signed.Session)
		r.audit(tx, req, ActorOf(user), "user/"+user.ID)
		r.joinedIn(tx, req, user)
		r.signedIn(tx, req, signed.Session)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return signed, nil
}

// newSession prepares a session of a user on the device the request comes from.
func (r *Rules) newSession(req *Request, user *model.User, provider string, factors ...string) *SignedIn {
	now := r.now()
	text := secret.NewSessionSecret(r.Random)
	return &SignedIn{
		User:   user,
		Secret: secret.EncodeSession(user.ID, text),
		Session: &model.Session{
			Project: user.Project, ID: r.newID(), CreatedAt: now, UpdatedAt: now, UserID: user.ID,
			SecretHash: secret.HashToken(text), Expire: now.Add(req.Project.Settings.Policies.SessionDuration.Of()),
			Provider: provider, Factors: factors, IP: req.Client.IP.String(), CountryCode: req.Client.Country(),
			UserAgent: req.Client.UserAgent, Agent: client.ParseAgent(req.Client.UserAgent),
		},
	}
}

// insertSession writes a session and evicts the oldest beyond the project's limit, in the same transaction:
// the answer never leaves while there are too many. The owner's row must be locked already. A sign-in during
// the days of grace takes back a deletion that the person asked for, even if they did so after the user was read.
func (r *Rules) insertSession(tx *store.Tx, req *Request, signed *SignedIn) {
	session := signed.Session
	tx.InsertSession(session)
	policies := &req.Project.Settings.Policies
	if limit := policies.SessionLimit.Total; limit > 0 {
		tx.TrimSessions(session.Project, session.UserID, limit)
	}
	if signed.User.DeleteAt != 0 || policies.SelfDeletion.GraceDays > 0 {
		tx.SetDeleteAt(session.Project, session.UserID, 0)
	}
	r.audit(tx, req, ActorOf(signed.User), "user/"+session.UserID)
	r.signedIn(tx, req, session)
}

// Budgets beyond the reference's counters, per hour. The first holds one person's sessions that guess the
// password asked for a change; the second an address that tries one password on many accounts, wide enough
// for an office behind one address.
const (
	guessesPerUser    = 10
	guessesPerAddress = 300
)

func guessKey(user *model.User) limit.Key {
	return limit.Key{Name: "guess\n" + user.Project + "\n" + user.ID, Max: guessesPerUser, Window: time.Hour, GivenBack: true}
}

func sprayKey(req *Request) limit.Key {
	return limit.Key{Name: "spray\n" + req.Project.ID + "\n" + client.Subscriber(req.Client.IP), Max: guessesPerAddress, Window: time.Hour, GivenBack: true}
}

// spend takes one try from a budget before the password is looked at, so that parallel tries cannot share
// the last one.
func (r *Rules) spend(ctx context.Context, req *Request, key limit.Key) error {
	if req.Unlimited {
		return nil
	}
	now := r.Clock()
	result, err := r.Guesses.Take(ctx, []limit.Key{key}, now)
	if err != nil {
		return fault.ServerBusy.RetryAfter(time.Second).Because(err)
	}
	if result.Full {
		return fault.RateLimitExceeded.RetryAfter(result.Reset.Sub(now))
	}
	return nil
}

// giveBack returns a try that was no wrong guess. If it cannot be returned, one try is lost.
func (r *Rules) giveBack(ctx context.Context, req *Request, key limit.Key) {
	if req.Unlimited {
		return
	}
	if err := r.Guesses.Add(ctx, key, -1, r.Clock()); err != nil {
		r.Log.Warn("a password budget could not be given back", "error", err)
	}
}
