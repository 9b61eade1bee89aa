package auth

import (
	"context"
	"encoding/hex"

	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// FirstOperatorSecret returns the secret of the link by which the console gets its first person; empty once it has
// one. It is not stored: it follows from the master key and a number that is replaced when it was used, so that
// every node and every start prints the same link, and none prints one that was taken.
func (r *Rules) FirstOperatorSecret(ctx context.Context) (string, error) {
	people, err := r.DB.CountUsers(ctx, model.ConsoleProject)
	if err != nil || people > 0 {
		return "", err
	}
	number, err := r.DB.MetaOnce(ctx, store.MetaFirstOperator, r.Random.Hex(16))
	if err != nil {
		return "", err
	}
	return r.firstOperatorSecret(number), nil
}

func (r *Rules) firstOperatorSecret(number string) string {
	return hex.EncodeToString(r.Keys.MAC("first operator", []byte(number)))
}

// holdsFirstOperatorSecret says whether a text is the secret that a number makes. Without a number there is none.
func (r *Rules) holdsFirstOperatorSecret(text, number string) bool {
	return number != "" && secret.Equal([]byte(text), []byte(r.firstOperatorSecret(number)))
}

// SignUpFirstOperator makes the console's first person, who owns every project there is. It is open to whoever has
// the printed secret, even where nobody may sign up, and to nobody once the console has a person.
// Faults: user_invalid_token, password_personal_data, general_server_busy.
func (r *Rules) SignUpFirstOperator(ctx context.Context, req *Request, text string, in NewAccount) (*model.User, error) {
	if req.Project.ID != model.ConsoleProject {
		return nil, fault.UserInvalidToken
	}
	number, err := r.DB.Meta(ctx, store.MetaFirstOperator)
	if err != nil {
		return nil, err
	}
	if !r.holdsFirstOperatorSecret(text, number) {
		return nil, fault.UserInvalidToken
	}
	email := check.NormalizeEmail(in.Email)
	if req.Project.Settings.Policies.PasswordPersonal.Enabled && check.PersonalData(in.Password, check.Person{Email: email, Name: in.Name}) {
		return nil, fault.PasswordPersonalData
	}
	projects, err := r.DB.Projects(ctx)
	if err != nil {
		return nil, err
	}
	hash, err := r.Hasher.Hash(ctx, in.Password)
	if err != nil {
		return nil, err
	}
	user := r.newUser(model.ConsoleProject, r.newID())
	facts := check.Facts(email)
	user.Name, user.Email, user.EmailFacts = in.Name, email, &facts
	user.Password, user.PasswordUpdate = hash, user.CreatedAt
	user.Targets = []model.Target{r.newTarget(user, model.TargetEmail, email)}
	err = r.DB.Write(ctx, func(tx *store.Tx) error {
		if err := r.takeFirstPlace(tx); err != nil {
			return err
		}
		tx.InsertUser(user)
		tx.InsertTarget(&user.Targets[0])
		for i := range projects {
			if projects[i].ID != model.ConsoleProject {
				tx.UpsertOperator(&store.Operator{Project: projects[i].ID, UserID: user.ID, Role: "owner", CreatedAt: tx.Now})
			}
		}
		r.audit(tx, req, ActorOf(user), "user/"+user.ID)
		return nil
	})
	if err != nil {
		return nil, taken(err, fault.UserInvalidToken)
	}
	return user, nil
}

// takeFirstPlace takes the only place there is for a first person: of any number who come at once, one finds the
// console empty. The number behind the link is replaced, so that an empty console of later days prints another one.
func (r *Rules) takeFirstPlace(tx *store.Tx) error {
	if err := tx.LockProjectUsers(model.ConsoleProject); err != nil {
		return err
	}
	people, err := tx.CountUsers(model.ConsoleProject)
	switch {
	case err != nil:
		return err
	case people > 0:
		return fault.UserInvalidToken
	}
	tx.SetMeta(store.MetaFirstOperator, r.Random.Hex(16))
	return nil
}
