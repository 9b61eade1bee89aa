package admin

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"latchkey/internal/auth"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
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

// Teams lists the teams that an operator has joined, as a list is asked, and how many fit. Fault: general_cursor_not_found.
func (r *Rules) Teams(ctx context.Context, operator string, q auth.ListQuery) ([]model.Team, int, error) {
	all, err := r.DB.Teams(ctx, operator)
	if err != nil {
		return nil, 0, err
	}
	search := strings.ToLower(q.Search)
	all = slices.DeleteFunc(all, func(t model.Team) bool { return !strings.Contains(strings.ToLower(t.ID+" "+t.Name), search) })
	return sift(all, func(t *model.Team, name string) string {
		switch name {
		case "$id":
			return t.ID
		case "name":
			return t.Name
		case "total":
			return strconv.Itoa(t.Total)
		case "billingPlan":
			return ""
		case "$updatedAt":
			return t.UpdatedAt.String()
		}
		return t.CreatedAt.String()
	}, q.Queries)
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
		r.audit(tx, req, "teams/"+team.ID, auth.Details{}.Value("name", nil, team.Name))
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
	before := team.Name
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
		var what auth.Details
		if in.Name != nil {
			what = what.Value("name", before, team.Name)
		}
		if in.Prefs != nil {
			what = what.Named("prefs")
		}
		r.audit(tx, req, "teams/"+id, what)
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
		r.audit(tx, req, "teams/"+id, nil)
		return nil
	})
}

// Members lists who is in a team that an operator has joined, as a list is asked, and how many fit.
// Faults: team_not_found, general_cursor_not_found.
func (r *Rules) Members(ctx context.Context, operator, team string, q auth.ListQuery) ([]model.Membership, int, error) {
	if _, err := r.member(ctx, team, operator); err != nil {
		return nil, 0, err
	}
	all, err := r.DB.Memberships(ctx, team)
	if err != nil {
		return nil, 0, err
	}
	search := strings.ToLower(q.Search)
	all = slices.DeleteFunc(all, func(m model.Membership) bool {
		return !strings.Contains(strings.ToLower(m.ID+" "+m.UserID+" "+m.UserName+" "+m.UserEmail), search)
	})
	return sift(all, memberAttribute, q.Queries)
}

// memberAttribute is a queried attribute as text that sorts as the attribute does.
func memberAttribute(m *model.Membership, name string) string {
	switch name {
	case "$id":
		return m.ID
	case "userId":
		return m.UserID
	case "teamId":
		return m.TeamID
	case "invited":
		return m.Invited.String()
	case "joined":
		return m.Joined.String()
	case "confirm":
		return textOf(m.Confirmed)
	case "roles":
		return strings.Join(m.Roles, " ")
	case "$updatedAt":
		return m.UpdatedAt.String()
	}
	return m.CreatedAt.String()
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

// RemoveMember takes a place in a team away, or an invitation back; everybody may leave. The last owner stays.
// Faults: team_not_found, membership_not_found, membership_deletion_prohibited.
func (r *Rules) RemoveMember(ctx context.Context, req *auth.Request, p Place) error {
	own, err := r.member(ctx, p.Team, p.Operator)
	if err == nil && own.ID != p.ID {
		err = r.mustOwn(ctx, p.Team, p.Operator)
	}
	if err != nil {
		return err
	}
	alone, err := r.onlyInvited(ctx, p)
	if err != nil {
		return err
	}
	return r.changeMember(ctx, req, p, func(tx *store.Tx, m *model.Membership, last bool) error {
		if last {
			return fault.MembershipDeletionProhibited
		}
		tx.DeleteMembership(p.Team, p.ID)
		if alone && !m.Confirmed {
			tx.DeleteUser(model.ConsoleProject, m.UserID)
		}
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
		last := owners == 1 && members[i].Confirmed && slices.Contains(members[i].Roles, RoleOwner)
		before := members[i]
		if err := change(tx, &members[i], last); err != nil {
			return err
		}
		r.audit(tx, req, "teams/"+p.Team+"/memberships/"+p.ID, auth.Details{}.Value("roles", before.Roles, members[i].Roles).Value("confirm", before.Confirmed, members[i].Confirmed))
		return nil
	})
}
