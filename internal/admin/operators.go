package admin

import (
	"context"
	"slices"
	"strings"

	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
)

// Operators are users of the project `console`. What they may do in another project is the role they have in it, be it
// their own or that of the team that looks after the project.

// ProjectsOf lists the projects of an operator, or (operator empty) all but the console's own, narrowed by a query.
func (r *Rules) ProjectsOf(ctx context.Context, operator string, q auth.ListQuery) ([]model.Project, error) {
	var projects []model.Project
	var err error
	if operator == "" {
		projects, err = r.DB.Projects(ctx)
	} else {
		projects, err = r.DB.ProjectsOf(ctx, operator)
	}
	if err != nil {
		return nil, err
	}
	list := []model.Project{}
	for i := range projects {
		p := &projects[i]
		if p.ID == model.ConsoleProject || !holds(p, q) {
			continue
		}
		whole, err := r.DB.Project(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		list = append(list, *whole)
	}
	for _, o := range slices.Backward(q.Queries.Orders) {
		slices.SortStableFunc(list, func(a, b model.Project) int {
			order := compareProjects(&a, &b, o.Attribute)
			if o.Desc {
				return -order
			}
			return order
		})
	}
	return list, nil
}

func compareProjects(a, b *model.Project, attribute string) int {
	switch attribute {
	case "name":
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	case "$id":
		return strings.Compare(a.ID, b.ID)
	case "teamId":
		return strings.Compare(a.Team, b.Team)
	case "$updatedAt":
		return int(a.UpdatedAt - b.UpdatedAt)
	}
	return int(a.CreatedAt - b.CreatedAt)
}

// holds says whether a project is what a list was asked for: equality on its id, its name or its team, and a search.
func holds(p *model.Project, q auth.ListQuery) bool {
	search := strings.ToLower(strings.Trim(q.Search, `"`))
	if search != "" && !strings.Contains(strings.ToLower(p.ID+" "+p.Name), search) {
		return false
	}
	for _, f := range q.Queries.Filters {
		value := map[string]string{"$id": p.ID, "name": p.Name, "teamId": p.Team}[f.Attribute]
		switch found := slices.Contains(f.Values, any(value)); f.Method {
		case "equal":
			if !found {
				return false
			}
		case "notEqual":
			if found {
				return false
			}
		}
	}
	return true
}

// NewProject is what a project is made of: by an operator, or by a key of the console (operator empty).
type NewProject struct{ ID, Name, Operator, Team string }

// MakeProject makes a project that an operator owns, by their team if they name one. For a key of the console nobody
// owns it. Faults: general_argument_invalid, project_reserved_project, project_already_exists, team_not_found.
func (r *Rules) MakeProject(ctx context.Context, req *auth.Request, in NewProject) (*model.Project, error) {
	id, operator, team := r.idOr(in.ID), in.Operator, in.Team
	if id == model.ConsoleProject {
		return nil, fault.ProjectReserved
	}
	if err := check.ProjectID(id); err != nil {
		return nil, fault.ArgumentInvalid.Say("Invalid `projectId` param: " + err.Error())
	}
	if team != "" && operator != "" {
		if err := r.mustOwn(ctx, team, operator); err != nil {
			return nil, err
		}
	}
	project := r.newProject(id, in.Name)
	project.Team = team
	err := r.changed(ctx, req, "projects/"+id, func(tx *store.Tx) error {
		tx.InsertProject(project)
		if operator != "" {
			tx.UpsertOperator(&store.Operator{Project: id, UserID: operator, Role: RoleOwner, CreatedAt: tx.Now})
		}
		return nil
	})
	if _, taken := store.Conflict(err); taken {
		return nil, fault.ProjectAlreadyExists.Because(err)
	}
	return project, err
}

// RemoveProject deletes the project with everybody in it. Fault: project_reserved_project.
func (r *Rules) RemoveProject(ctx context.Context, req *auth.Request) error {
	if req.Project.ID == model.ConsoleProject {
		return fault.ProjectReserved
	}
	console := *req
	console.Project = &model.Project{ID: model.ConsoleProject} // the project's own trail goes with it
	return r.changed(ctx, &console, "projects/"+req.Project.ID, func(tx *store.Tx) error {
		tx.DeleteProject(req.Project.ID)
		return nil
	})
}

// GiveToTeam lets another team look after the project; an operator must own that team. Fault: team_not_found.
func (r *Rules) GiveToTeam(ctx context.Context, req *auth.Request, team, operator string) (*model.Project, error) {
	if operator != "" {
		if err := r.mustOwn(ctx, team, operator); err != nil {
			return nil, err
		}
	} else if _, err := r.DB.Team(ctx, team); err != nil {
		return nil, err
	}
	return r.changeProject(ctx, req, "team", func(p *model.Project) error {
		p.Team = team
		return nil
	})
}

// The roles of operators. An analyst reads.
const (
	RoleOwner     = "owner"
	RoleDeveloper = "developer"
	RoleAnalyst   = "analyst"
)

// mustOwn refuses whoever does not own a team, as if there were none. Fault: team_not_found.
func (r *Rules) mustOwn(ctx context.Context, team, operator string) error {
	members, err := r.DB.Memberships(ctx, team)
	if err != nil {
		return err
	}
	for _, m := range members {
		if m.UserID == operator && m.Confirmed && slices.Contains(m.Roles, RoleOwner) {
			return nil
		}
	}
	return fault.TeamNotFound
}

// Teams lists the teams that an operator has joined.
func (r *Rules) Teams(ctx context.Context, operator string) ([]model.Team, error) {
	return r.DB.Teams(ctx, operator)
}

// Team finds a team that an operator has joined. Fault: team_not_found.
func (r *Rules) Team(ctx context.Context, operator, id string) (*model.Team, error) {
	if operator != "" {
		if _, err := r.member(ctx, id, operator); err != nil {
			return nil, err
		}
	}
	return r.DB.Team(ctx, id)
}

// member finds an operator's own confirmed place in a team. Fault: team_not_found.
func (r *Rules) member(ctx context.Context, team, operator string) (*model.Membership, error) {
	members, err := r.DB.Memberships(ctx, team)
	if err != nil {
		return nil, err
	}
	for i := range members {
		if members[i].UserID == operator && members[i].Confirmed {
			return &members[i], nil
		}
	}
	return nil, fault.TeamNotFound
}

// MakeTeam makes a team that an operator owns. Fault: team_already_exists.
func (r *Rules) MakeTeam(ctx context.Context, req *auth.Request, id, name, operator string) (*model.Team, error) {
	team := &model.Team{ID: r.idOr(id), Name: name, Prefs: "{}", CreatedAt: r.now(), UpdatedAt: r.now(), Total: 1}
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		tx.InsertTeam(team)
		if operator != "" {
			tx.InsertMembership(r.newMembership(team.ID, operator, []string{RoleOwner}, true))
		}
		r.audit(tx, req, "teams/"+team.ID)
		return nil
	})
	if _, taken := store.Conflict(err); taken {
		return nil, fault.TeamAlreadyExists.Because(err)
	}
	return team, err
}

func (r *Rules) newMembership(team, user string, roles []string, confirmed bool) *model.Membership {
	now := r.now()
	m := &model.Membership{ID: r.Random.ID(r.Clock()), TeamID: team, UserID: user, Roles: roles, Invited: now, Confirmed: confirmed, CreatedAt: now, UpdatedAt: now, SecretHash: []byte{}}
	if confirmed {
		m.Joined = now
	}
	return m
}

// TeamChange says what an operator changes about a team; nil parts stay.
type TeamChange struct {
	Operator, ID string
	Name         *string
	Prefs        *model.Object
}

// ChangeTeam renames a team or replaces its preferences. Fault: team_not_found.
func (r *Rules) ChangeTeam(ctx context.Context, req *auth.Request, in TeamChange) (*model.Team, error) {
	id := in.ID
	if err := r.mustOwn(ctx, id, in.Operator); err != nil {
		return nil, err
	}
	team, err := r.DB.Team(ctx, id)
	if err != nil {
		return nil, err
	}
	if in.Name != nil {
		team.Name = *in.Name
	}
	if in.Prefs != nil {
		team.Prefs = *in.Prefs
	}
	team.UpdatedAt = r.now()
	return team, r.DB.Write(ctx, func(tx *store.Tx) error {
		tx.LockTeam(id)
		tx.UpsertTeam(team)
		r.audit(tx, req, "teams/"+id)
		return nil
	})
}

// RemoveTeam deletes a team. Its projects stay with whoever has a role of their own in them. Fault: team_not_found.
func (r *Rules) RemoveTeam(ctx context.Context, req *auth.Request, operator, id string) error {
	if err := r.mustOwn(ctx, id, operator); err != nil {
		return err
	}
	return r.DB.Write(ctx, func(tx *store.Tx) error {
		tx.DeleteTeam(id)
		r.audit(tx, req, "teams/"+id)
		return nil
	})
}

// Members lists who is in a team that an operator has joined. Fault: team_not_found.
func (r *Rules) Members(ctx context.Context, operator, team string) ([]model.Membership, error) {
	if _, err := r.member(ctx, team, operator); err != nil {
		return nil, err
	}
	return r.DB.Memberships(ctx, team)
}

// NewMember is a place in a team that one operator gives another, named by id or by address.
type NewMember struct {
	Operator, Team string
	User, Email    string
	Roles          []string
}

// AddMember gives a user of the console a place in a team at once. Whoever has no account there yet is made one by
// `latchkey admin create` first. Faults: team_not_found, user_not_found, membership_already_confirmed.
func (r *Rules) AddMember(ctx context.Context, req *auth.Request, in NewMember) (*model.Membership, error) {
	team := in.Team
	if err := r.mustOwn(ctx, team, in.Operator); err != nil {
		return nil, err
	}
	var user *model.User
	var err error
	if in.User != "" {
		user, err = r.DB.UserByID(ctx, model.ConsoleProject, in.User)
	} else {
		user, err = r.DB.UserByEmail(ctx, model.ConsoleProject, check.NormalizeEmail(in.Email))
	}
	if err != nil {
		return nil, err
	}
	m := r.newMembership(team, user.ID, in.Roles, true)
	err = r.DB.Write(ctx, func(tx *store.Tx) error {
		tx.LockTeam(team)
		tx.InsertMembership(m)
		r.audit(tx, req, "teams/"+team+"/memberships/"+m.ID)
		return nil
	})
	if _, taken := store.Conflict(err); taken {
		return nil, fault.MembershipAlreadyConfirmed.Because(err)
	}
	if err != nil {
		return nil, err
	}
	return r.DB.Membership(ctx, team, m.ID)
}

// Place is a place in a team, and the operator who asks about it.
type Place struct{ Operator, Team, ID string }

// Member finds a place in a team that an operator has joined. Faults: team_not_found, membership_not_found.
func (r *Rules) Member(ctx context.Context, p Place) (*model.Membership, error) {
	if _, err := r.member(ctx, p.Team, p.Operator); err != nil {
		return nil, err
	}
	return r.DB.Membership(ctx, p.Team, p.ID)
}

// ChangeMember gives a member other roles. The last owner stays one. Faults: team_not_found, membership_not_found,
// membership_downgrade_prohibited.
func (r *Rules) ChangeMember(ctx context.Context, req *auth.Request, p Place, roles []string) (*model.Membership, error) {
	if err := r.mustOwn(ctx, p.Team, p.Operator); err != nil {
		return nil, err
	}
	err := r.changeMember(ctx, req, p, func(tx *store.Tx, m *model.Membership, last bool) error {
		if last && !slices.Contains(roles, RoleOwner) {
			return fault.MembershipDowngradeProhibited
		}
		m.Roles, m.UpdatedAt = roles, tx.Now
		tx.UpdateMembership(m)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r.DB.Membership(ctx, p.Team, p.ID)
}

// RemoveMember takes a place in a team away; everybody may leave. The last owner stays.
// Faults: team_not_found, membership_not_found, membership_deletion_prohibited.
func (r *Rules) RemoveMember(ctx context.Context, req *auth.Request, p Place) error {
	own, err := r.member(ctx, p.Team, p.Operator)
	if err == nil && own.ID != p.ID {
		err = r.mustOwn(ctx, p.Team, p.Operator)
	}
	if err != nil {
		return err
	}
	return r.changeMember(ctx, req, p, func(tx *store.Tx, m *model.Membership, last bool) error {
		if last {
			return fault.MembershipDeletionProhibited
		}
		tx.DeleteMembership(p.Team, p.ID)
		return nil
	})
}

// changeMember changes a place in a team while the team is locked, so that of two last owners one stays.
func (r *Rules) changeMember(ctx context.Context, req *auth.Request, p Place, change func(*store.Tx, *model.Membership, bool) error) error {
	return r.DB.Write(ctx, func(tx *store.Tx) error {
		tx.LockTeam(p.Team)
		members, err := tx.Memberships(p.Team)
		if err != nil {
			return err
		}
		owners, i := 0, -1
		for n, m := range members {
			if m.Confirmed && slices.Contains(m.Roles, RoleOwner) {
				owners++
			}
			if m.ID == p.ID {
				i = n
			}
		}
		if i < 0 {
			return fault.MembershipNotFound
		}
		last := owners == 1 && slices.Contains(members[i].Roles, RoleOwner)
		if err := change(tx, &members[i], last); err != nil {
			return err
		}
		r.audit(tx, req, "teams/"+p.Team+"/memberships/"+p.ID)
		return nil
	})
}

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
	user := &model.User{Project: model.ConsoleProject, ID: r.Random.ID(r.Clock()), CreatedAt: now, UpdatedAt: now, Registration: now, AccessedAt: now, Name: in.Name, Email: email,
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
		}
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
			return nil
		}
		tx.UpsertOperator(&store.Operator{Project: project, UserID: user.ID, Role: role, CreatedAt: tx.Now})
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
