package admin

import (
	"context"
	"slices"

	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
)

// Operators are users of the project `console`. What they may do in another project is the role they have in it, be it
// their own or that of the team that looks after the project.

// The roles of operators. An analyst reads.
const (
	RoleOwner     = "owner"
	RoleDeveloper = "developer"
	RoleAnalyst   = "analyst"
)

// Operator is a user of the console with the roles of their own, by project.
type Operator struct {
	User  *model.User
	Roles map[string]string
}

// NewOperator is what an operator is made of. Without projects they get the role in every one there is.
type NewOperator struct {
	Email, Name string
	Password    model.Password
	Projects    []string
	Role        string
}

// CheckRole checks the role of an operator.
func CheckRole(role string) error {
	if role != RoleOwner && role != RoleDeveloper && role != RoleAnalyst {
		return fault.ArgumentInvalid.Say("An operator is owner, developer or analyst.")
	}
	return nil
}

// MakeOperator makes a user of the console, whoever may sign up there. Faults: general_argument_invalid,
// project_not_found, user_already_exists.
func (r *Rules) MakeOperator(ctx context.Context, in NewOperator) (*Operator, error) {
	email := check.NormalizeEmail(in.Email)
	if err := check.Email(email); err != nil {
		return nil, fault.ArgumentInvalid.Say("Invalid `email` param: " + err.Error())
	}
	if err := CheckRole(in.Role); err != nil {
		return nil, err
	}
	if len(in.Projects) == 0 {
		all, err := r.DB.Projects(ctx)
		if err != nil {
			return nil, err
		}
		for _, p := range all {
			if p.ID != model.ConsoleProject {
				in.Projects = append(in.Projects, p.ID)
			}
		}
	}
	now := r.now()
	facts := check.Facts(email)
	user := &model.User{Project: model.ConsoleProject, ID: r.Random.ID(r.Clock()), CreatedAt: now, UpdatedAt: now, AccessedAt: now, Name: in.Name, Email: email,
		EmailFacts: &facts, Status: true, Labels: []string{}, Prefs: "{}", Password: in.Password, PasswordUpdate: now}
	operator := &Operator{User: user, Roles: map[string]string{}}
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		tx.InsertUser(user)
		tx.InsertTarget(&model.Target{Project: model.ConsoleProject, ID: r.Random.ID(r.Clock()), CreatedAt: now, UpdatedAt: now, UserID: user.ID, ProviderType: model.TargetEmail, Identifier: email})
		for _, project := range in.Projects {
			if _, err := tx.Project(project); err != nil {
				return err
			}
			operator.Roles[project] = in.Role
			tx.UpsertOperator(&store.Operator{Project: project, UserID: user.ID, Role: in.Role, CreatedAt: now})
			r.byHand(tx, project, "operator.grant", "operators/"+user.ID, auth.Details{}.Value("role", nil, in.Role))
		}
		r.byHand(tx, model.ConsoleProject, "user.create", "users/"+user.ID, nil)
		return nil
	})
	if _, taken := store.Conflict(err); taken {
		return nil, fault.UserAlreadyExists.Because(err)
	}
	return operator, err
}

// Grant gives an operator, named by address, a role in a project; an empty role takes it away.
// Faults: user_not_found, project_not_found, general_argument_invalid.
func (r *Rules) Grant(ctx context.Context, email, project, role string) error {
	if role != "" {
		if err := CheckRole(role); err != nil {
			return err
		}
	}
	user, err := r.DB.UserByEmail(ctx, model.ConsoleProject, check.NormalizeEmail(email))
	if err != nil {
		return err
	}
	return r.DB.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Project(project); err != nil {
			return err
		}
		if role == "" {
			tx.DeleteOperator(project, user.ID)
			r.byHand(tx, project, "operator.revoke", "operators/"+user.ID, nil)
			return nil
		}
		tx.UpsertOperator(&store.Operator{Project: project, UserID: user.ID, Role: role, CreatedAt: tx.Now})
		r.byHand(tx, project, "operator.grant", "operators/"+user.ID, auth.Details{}.Value("role", nil, role))
		return nil
	})
}

// Operators lists the users of the console with their own roles.
func (r *Rules) Operators(ctx context.Context) ([]Operator, error) {
	users, _, err := r.DB.Users(ctx, model.ConsoleProject, &store.List{Limit: store.MostCounted, Uncount: true})
	if err != nil {
		return nil, err
	}
	projects, err := r.DB.Projects(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]Operator, len(users))
	for i := range users {
		list[i] = Operator{User: &users[i], Roles: map[string]string{}}
	}
	for _, p := range projects {
		operators, err := r.DB.Operators(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		for _, o := range operators {
			if n := slices.IndexFunc(list, func(one Operator) bool { return one.User.ID == o.UserID }); n >= 0 {
				list[n].Roles[p.ID] = o.Role
			}
		}
	}
	return list, nil
}

// FindUsers lists the first hundred people of a project that hold some words. Faults: project_not_found.
func (r *Rules) FindUsers(ctx context.Context, project, words string) ([]model.User, int, error) {
	if _, err := r.DB.Project(ctx, project); err != nil {
		return nil, 0, err
	}
	return r.DB.Users(ctx, project, &store.List{Search: words, Limit: 100})
}
