package auth

import (
	"context"

	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
)

// NewAccount is what a person gives to sign up. The values have passed the parameter checks.
type NewAccount struct {
	UserID   string // or the literal unique()
	Email    string
	Password string
	Name     string
}

// SignUp makes a user with an email and a password. It signs nobody in and sends nothing.
// Faults: user_count_exceeded, general_bad_request (the address belongs to another user's identity),
// password_personal_data, user_email_*, user_already_exists.
func (r *Rules) SignUp(ctx context.Context, req *Request, in NewAccount) (*model.User, error) {
	email := check.NormalizeEmail(in.Email)
	if err := r.mayJoin(ctx, req.Project); err != nil {
		return nil, err
	}
	if err := r.emailOfAnother(ctx, req.Project.ID, email, ""); err != nil {
		return nil, err
	}
	policies := &req.Project.Settings.Policies
	if policies.PasswordPersonal.Enabled && check.PersonalData(in.Password, check.Person{ID: chosen(in.UserID), Email: email, Name: in.Name}) {
		return nil, fault.PasswordPersonalData
	}
	facts, err := emailFacts(policies, email)
	if err != nil {
		return nil, err
	}
	// Known to be taken already: say so before a hash is computed for nothing. The insert decides.
	if _, err := r.DB.UserByEmail(ctx, req.Project.ID, email); err == nil {
		return nil, fault.UserAlreadyExists
	}
	hash, err := r.Hasher.Hash(ctx, in.Password)
	if err != nil {
		return nil, err
	}
	user := r.newUser(req.Project.ID, r.idOr(in.UserID))
	user.Name, user.Email, user.EmailFacts = in.Name, email, facts
	user.Password, user.PasswordUpdate = hash, user.CreatedAt
	user.Targets = []model.Target{r.newTarget(user, model.TargetEmail, email)}
	err = r.putSignedUp(ctx, req, user)
	if conflict, is := store.Conflict(err); is && conflict == store.UniqueTargetIdentifier {
		// A server has given the address to somebody else as a target: that keeps its owner from being written to, not out.
		user.Targets = nil
		err = r.putSignedUp(ctx, req, user)
	}
	return user, taken(err, fault.UserAlreadyExists)
}

// putSignedUp writes a user who has just signed up, with the targets they come with.
func (r *Rules) putSignedUp(ctx context.Context, req *Request, user *model.User) error {
	return r.DB.Write(ctx, func(tx *store.Tx) error {
		if err := r.countUsers(tx, req.Project); err != nil {
			return err
		}
		tx.InsertUser(user)
		for i := range user.Targets {
			tx.InsertTarget(&user.Targets[i])
		}
		if req.Project.Settings.Policies.PasswordHistory.Total > 0 {
			tx.SetPasswordHistory(user.Project, user.ID, []model.Password{user.Password})
		}
		r.audit(tx, req, ActorOf(user), "user/"+user.ID)
		r.joinedIn(tx, req, user)
		return nil
	})
}

// newUser is an account without any way to sign in: what every kind of sign-up starts from. It takes nothing
// over from whoever makes it, nor from who had its id before: ids may be chosen, and a JWT of theirs may still hold.
func (r *Rules) newUser(project, id string) *model.User {
	now := r.now()
	return &model.User{Project: project, ID: id, CreatedAt: now, UpdatedAt: now, AccessedAt: now,
		Status: true, Labels: []string{}, Prefs: "{}", TokenCounter: int64(now)}
}

// newTarget is the messaging address that goes with an email or a phone.
func (r *Rules) newTarget(user *model.User, kind, identifier string) model.Target {
	now := r.now()
	return model.Target{Project: user.Project, ID: r.newID(), CreatedAt: now, UpdatedAt: now, UserID: user.ID, ProviderType: kind, Identifier: identifier}
}

// taken turns a collision in the store into the fault that the endpoint's contract names.
func taken(err error, kind *fault.Kind) error {
	if _, collided := store.Conflict(err); collided {
		return kind.Because(err)
	}
	return err
}

// mayJoin refuses sign-ups where the number of users is limited and reached. The count inside the writing
// transaction decides; this one saves the work of a request that is bound to fail.
func (r *Rules) mayJoin(ctx context.Context, project *model.Project) error {
	places, full := r.places(project)
	if places == unlimited {
		return nil
	}
	count, err := r.DB.CountUsers(ctx, project.ID)
	if err == nil && count >= places {
		return full
	}
	return err
}

// countUsers holds the user limit inside the transaction that adds a user. It first takes the project's row,
// so that two sign-ups cannot both see the last free place.
func (r *Rules) countUsers(tx *store.Tx, project *model.Project) error {
	places, full := r.places(project)
	if places == unlimited {
		return nil
	}
	if err := tx.LockProjectUsers(project.ID); err != nil {
		return err
	}
	count, err := tx.CountUsers(project.ID)
	if err == nil && count >= places {
		return full
	}
	return err
}

// unlimited is the number of places where any number of users may join.
const unlimited = -1

// places says how many users a project may have, and what refuses the next one. Who may join the console is
// the operator's to say.
func (r *Rules) places(project *model.Project) (places int, full *fault.Kind) {
	places, full = project.Settings.Policies.UserLimit.Total, fault.UserCountExceeded
	if places == 0 {
		places = unlimited
	}
	if project.ID != model.ConsoleProject {
		return places, full
	}
	switch r.ConsoleSignUp {
	case "open":
		return places, fault.UserConsoleCountExceeded
	case "first":
		return 1, fault.UserConsoleCountExceeded
	}
	return 0, fault.UserConsoleCountExceeded
}

// emailOfAnother refuses an address that another user's identity at a provider has. The fault is generic on
// purpose: it must not tell which provider.
func (r *Rules) emailOfAnother(ctx context.Context, project, email, except string) error {
	taken, err := r.DB.IdentityEmailTaken(ctx, project, email, except)
	if err == nil && taken {
		return fault.BadRequest
	}
	return err
}

// emailFacts looks at an address and applies the project's address policies, in the contract's order.
func emailFacts(policies *model.Policies, email string) (*model.EmailFacts, error) {
	facts := check.Facts(email)
	switch {
	case policies.DenyDisposable.Enabled && facts.IsDisposable:
		return nil, fault.UserEmailDisposable
	case policies.DenyAliased.Enabled && !facts.IsCanonical:
		return nil, fault.UserEmailNotCanonical
	case policies.DenyFree.Enabled && facts.IsFree:
		return nil, fault.UserEmailFree
	case policies.DenyCorporate.Enabled && !facts.IsCorporate:
		return nil, fault.UserEmailNotCorporate
	}
	return &facts, nil
}
