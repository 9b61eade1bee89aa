package auth

import (
	"context"
	"errors"
	"slices"

	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/oauth"
	"latchkey/internal/store"
)

// arrival is somebody whom a provider has named, before we know which user they are.
type arrival struct {
	identity model.Identity // tokens in the clear until the owner is known
	email    string         // normalised; empty if the provider gave none that is an address
	invalid  bool           // it gave one that is none
	vouched  bool           // the address is theirs, by a provider that may say so
	name     string
	there    *model.User        // who has the address
	caller   *model.SessionUser // signed in, now and at the start; nil: a guest
	replay   func(*store.Tx)    // notes that the proof is used; nil: it cannot be used twice
}

// arrival reads what a provider says.
func (r *Rules) arrival(req *Request, app *oauth.App, p *oauth.Profile, t *oauth.Tokens) *arrival {
	now := r.now()
	email := check.NormalizeEmail(p.Email)
	a := &arrival{name: p.Name, email: email, identity: model.Identity{Project: req.Project.ID, ID: r.newID(), CreatedAt: now, UpdatedAt: now,
		Provider: app.ID, ProviderUID: p.UID, ProviderEmail: email, ProviderAccessToken: t.Access, ProviderRefreshToken: t.Refresh,
		ProviderAccessTokenExpiry: now.Add(t.Life())}}
	if email != "" && check.Email(email) != nil {
		a.email, a.identity.ProviderEmail, a.invalid = "", "", true
	}
	optedIn := slices.Contains(req.Project.Settings.Policies.TrustEmail.Providers, app.ID)
	a.vouched = a.email != "" && app.Vouches(p, optedIn)
	return a
}

// enter finds or makes the user that an arrival is, ties the identity to them and does what then says, all in one
// transaction. When two first sign-ins of one person meet, the slower one looks again.
// Faults: user_already_exists, user_unauthorized, general_bad_request, general_invalid_email, user_count_exceeded,
// user_console_count_exceeded, user_email_*, user_blocked.
func (r *Rules) enter(ctx context.Context, req *Request, a *arrival, then func(*store.Tx, *model.User, *model.Identity) error) error {
	for try := 1; ; try++ {
		err := r.DB.Write(ctx, func(tx *store.Tx) error {
			if a.replay != nil {
				a.replay(tx)
			}
			identity := a.identity
			user, err := r.arrived(ctx, tx, req, a, &identity)
			if err != nil {
				return err
			}
			if !user.Status {
				return fault.UserBlocked
			}
			return then(tx, user, &identity)
		})
		conflict, is := store.Conflict(err)
		switch {
		case is && conflict == store.UniqueIDToken:
			return err
		case !is || try == 3:
			return taken(err, fault.UserAlreadyExists)
		}
	}
}

// arrived decides who it is. The identity comes first: an address is a name that changes hands, an identity is not.
func (r *Rules) arrived(ctx context.Context, tx *store.Tx, req *Request, a *arrival, identity *model.Identity) (*model.User, error) {
	known, err := tx.IdentityByUID(identity.Project, identity.Provider, identity.ProviderUID)
	if err != nil && !errors.Is(err, fault.UserIdentityNotFound) {
		return nil, err
	}
	switch {
	case a.caller != nil && known != nil && known.UserID != a.caller.User.ID:
		return nil, fault.UserAlreadyExists.Say("This account at the provider belongs to another user.")
	case a.caller != nil:
		return r.attach(tx, req, a, known, identity)
	case known != nil:
		return r.known(tx, req, a, known, identity)
	}
	return r.newcomer(ctx, tx, req, a, identity)
}

// attach ties an identity to whoever is signed in: at the start and now, by the same session.
func (r *Rules) attach(tx *store.Tx, req *Request, a *arrival, known, identity *model.Identity) (*model.User, error) {
	caller := a.caller.User
	tx.LockUser(caller.Project, caller.ID, fault.UserUnauthorized)
	user, err := tx.UserByID(caller.Project, caller.ID)
	if err != nil {
		return nil, err
	}
	if !user.Status {
		return nil, fault.UserBlocked
	}
	// The session that may be given the identity must still live: signing out meanwhile ends that, too.
	tx.TouchSession(a.caller.Session.Project, user.ID, a.caller.Session.ID)
	if a.vouched && a.email != user.Email {
		// Only of a proven address may be told that somebody has it: others could be made up to find that out.
		if err := r.free(tx, a.email, user); err != nil {
			return nil, err
		}
	}
	if err := r.complete(tx, req, a, user, true); err != nil {
		return nil, err
	}
	return user, r.tie(tx, a, user, known, identity)
}

// free refuses an address that another user has, be it by an identity.
func (r *Rules) free(tx *store.Tx, email string, user *model.User) error {
	other, err := tx.UserByEmail(user.Project, email)
	if err == nil && other.ID != user.ID {
		return fault.UserAlreadyExists.Say("Another user has this email address.")
	}
	if err != nil && !errors.Is(err, fault.UserNotFound) {
		return err
	}
	taken, err := tx.IdentityEmailTaken(user.Project, email, user.ID)
	if err == nil && taken {
		return fault.UserAlreadyExists.Say("Another user's account at a provider has this email address.")
	}
	return err
}

// known lets the owner of an identity in.
func (r *Rules) known(tx *store.Tx, req *Request, a *arrival, known, identity *model.Identity) (*model.User, error) {
	tx.LockUser(known.Project, known.UserID, fault.UserUnauthorized)
	user, err := tx.UserByID(known.Project, known.UserID)
	if err != nil {
		return nil, err
	}
	if !user.Status {
		return nil, fault.UserBlocked
	}
	if err := r.complete(tx, req, a, user, false); err != nil {
		return nil, err
	}
	return user, r.tie(tx, a, user, known, identity)
}

// newcomer lets somebody in whose identity nobody has: to the account with their address if the provider vouches
// for it, else to one of their own.
func (r *Rules) newcomer(ctx context.Context, tx *store.Tx, req *Request, a *arrival, identity *model.Identity) (*model.User, error) {
	switch {
	case a.invalid:
		return nil, fault.InvalidEmail.Say("The provider gave an email address that is none.")
	case a.email == "" && !req.Project.Settings.Policies.TrustEmail.Optional:
		return nil, fault.UserUnauthorized.Say("The provider gave no email address. Ask for the scope it takes, or switch the policy trust-email.optional on.")
	case a.email == "":
		return r.joined(tx, req, a, identity)
	}
	user, err := tx.UserByEmail(identity.Project, a.email)
	switch {
	case err == nil:
		a.there = user
		return r.reunite(ctx, tx, req, a, identity)
	case !errors.Is(err, fault.UserNotFound):
		return nil, err
	}
	// An address that was proved to another provider proves nothing about this one.
	taken, err := tx.IdentityEmailTaken(identity.Project, a.email, "")
	if err != nil {
		return nil, err
	}
	if taken {
		return r.unless(tx, req, a, identity, fault.BadRequest.Say("The email address belongs to another user's account at a provider."))
	}
	return r.joined(tx, req, a, identity)
}

// reunite lets the owner of an address into the account that has it. If nobody has proved the address to us before,
// the account may have been prepared by a stranger who waits for its owner: whatever could let the stranger in is
// removed first, or the sign-in refused, as the project has it.
func (r *Rules) reunite(ctx context.Context, tx *store.Tx, req *Request, a *arrival, identity *model.Identity) (*model.User, error) {
	if !a.vouched {
		return r.unless(tx, req, a, identity, fault.BadRequest.Say("An account with this email address exists, and the provider does not vouch for the address."))
	}
	tx.LockUser(a.there.Project, a.there.ID, fault.BadRequest)
	user, err := tx.UserByID(a.there.Project, a.there.ID)
	switch {
	case err != nil:
		return nil, err
	case user.Email != a.email:
		return nil, fault.BadRequest // it was changed while we looked
	case !user.Status:
		return nil, fault.UserBlocked
	}
	if !user.EmailVerification {
		if req.Project.Settings.Policies.TrustEmail.RefuseUnverified {
			return nil, fault.BadRequest.Say("An account with this email address exists whose owner has never proved it.")
		}
		if err := r.wipe(ctx, tx, req, user); err != nil {
			return nil, err
		}
		user.EmailVerification, user.UpdatedAt = true, tx.Now
		tx.UpdateUserVerified(user)
	}
	r.rename(tx, a, user)
	return user, r.tie(tx, a, user, nil, identity)
}

// unless refuses, unless it was this very person who has come in by another door meanwhile.
func (r *Rules) unless(tx *store.Tx, req *Request, a *arrival, identity *model.Identity, refusal error) (*model.User, error) {
	known, err := tx.IdentityByUID(identity.Project, identity.Provider, identity.ProviderUID)
	switch {
	case err == nil:
		return r.known(tx, req, a, known, identity)
	case errors.Is(err, fault.UserIdentityNotFound):
		return nil, refusal
	}
	return nil, err
}

// joined makes the user of a first sign-in.
func (r *Rules) joined(tx *store.Tx, req *Request, a *arrival, identity *model.Identity) (*model.User, error) {
	if err := r.countUsers(tx, req.Project); err != nil {
		return nil, err
	}
	user := r.newUser(identity.Project, r.newID())
	user.Name = a.name
	if a.email != "" {
		facts, err := emailFacts(&req.Project.Settings.Policies, a.email)
		if err != nil {
			return nil, err
		}
		user.Email, user.EmailFacts, user.EmailVerification = a.email, facts, a.vouched
		user.Targets = []model.Target{r.newTarget(user, model.TargetEmail, a.email)}
	}
	tx.InsertUser(user)
	for i := range user.Targets {
		tx.InsertTargetIfFree(&user.Targets[i]) // a server may have given it to somebody else: no reason to keep a person out
	}
	r.joinedIn(tx, req, user)
	return user, r.tie(tx, a, user, nil, identity)
}

// complete gives a user without a name or an address those of the provider. For somebody who signs in, an address
// that cannot be taken is passed over; whoever adds an identity is told.
func (r *Rules) complete(tx *store.Tx, req *Request, a *arrival, user *model.User, tell bool) error {
	r.rename(tx, a, user)
	if user.Email != "" || a.email == "" {
		return nil
	}
	facts, err := emailFacts(&req.Project.Settings.Policies, a.email)
	if err == nil {
		err = r.free(tx, a.email, user)
	}
	var known *fault.Error
	var kind *fault.Kind
	if err != nil && (errors.As(err, &known) || errors.As(err, &kind)) {
		if tell && a.vouched {
			return err
		}
		return nil
	}
	if err != nil {
		return err
	}
	user.Email, user.EmailFacts, user.EmailVerification, user.UpdatedAt = a.email, facts, a.vouched, tx.Now
	tx.UpdateUserEmail(user)
	target := r.newTarget(user, model.TargetEmail, a.email)
	tx.InsertTargetIfFree(&target)
	user.Targets = append(user.Targets, target)
	return nil
}

// rename gives a nameless user the provider's name.
func (r *Rules) rename(tx *store.Tx, a *arrival, user *model.User) {
	if user.Name == "" && a.name != "" {
		user.Name, user.UpdatedAt = a.name, tx.Now
		tx.UpdateUserName(user)
	}
}

// tie writes the identity: a new one, or the newest tokens of one that is known. A provider that gives no new
// refresh token means that the old one stays good.
func (r *Rules) tie(tx *store.Tx, a *arrival, user *model.User, known, identity *model.Identity) error {
	seal := func(text string) string { return r.sealTokens(user.Project, user.ID, text) }
	identity.ProviderAccessToken, identity.ProviderRefreshToken = seal(a.identity.ProviderAccessToken), seal(a.identity.ProviderRefreshToken)
	identity.UserID = user.ID
	if known == nil {
		tx.InsertIdentity(identity)
		return nil
	}
	fresh := *known
	fresh.ProviderAccessToken, fresh.ProviderAccessTokenExpiry = identity.ProviderAccessToken, identity.ProviderAccessTokenExpiry
	if identity.ProviderRefreshToken != "" {
		fresh.ProviderRefreshToken = identity.ProviderRefreshToken
	}
	*identity = fresh
	tx.UpdateIdentityTokens(identity)
	return nil
}

// leave ends the session that the caller came with, now that they have another or are about to: the cookie holds
// one. Push targets of the device go over to the new session; without one they go with the old.
func (a *arrival) leave(tx *store.Tx, session string) error {
	if a.caller == nil {
		return nil
	}
	old := a.caller.Session
	if session != "" {
		tx.MoveTargets(old.Project, old.UserID, old.ID, session)
	}
	tx.EndSession(old.Project, old.UserID, old.ID)
	return nil
}
