package admin

import (
	"context"
	"errors"
	"slices"

	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
)

// NewMember is a place in a team that one operator offers somebody, named by id or by address.
type NewMember struct {
	Operator, Team string
	User, Email    string
	Name           string // of somebody who is not known yet
	Roles          []string
	URL            string // where the link of the invitation leads; empty: to our own page
}

// AddMember offers somebody a place in a team, by a mail with a link that is good once; the one before, if it was not
// followed, is good no longer. Whoever is no user of the console becomes one who cannot sign in, until they accept:
// nobody else gets in by this. Where no mail can leave, operators who are there get their place at once.
// Faults: team_not_found, user_not_found, membership_already_confirmed, general_smtp_disabled, user_email_*.
func (r *Rules) AddMember(ctx context.Context, req *auth.Request, in NewMember) (*model.Membership, error) {
	if err := r.mustOwn(ctx, in.Team, in.Operator); err != nil {
		return nil, err
	}
	team, err := r.DB.Team(ctx, in.Team)
	if err != nil {
		return nil, err
	}
	mails := r.People.Mails(ctx, req)
	owner := req.Actor.Name
	if owner == "" {
		owner = req.Actor.Email
	}
	user, known, err := r.invited(ctx, req, in)
	switch {
	case err != nil:
		return nil, err
	case !known && !mails:
		return nil, fault.SMTPDisabled
	}
	var place *model.Membership
	err = r.DB.Write(ctx, func(tx *store.Tx) error {
		tx.LockTeam(in.Team)
		if !known {
			tx.InsertUser(user)
			tx.InsertTargetIfFree(&user.Targets[0])
		}
		members, err := tx.Memberships(in.Team)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(members, func(m model.Membership) bool { return m.UserID == user.ID })
		switch {
		case i < 0:
			place = r.newMembership(in.Team, user.ID, in.Roles, !mails)
		case members[i].Confirmed:
			return fault.MembershipAlreadyConfirmed
		default:
			place = &members[i]
			place.Roles, place.UpdatedAt = in.Roles, tx.Now
		}
		if mails {
			r.People.Invite(tx, req, auth.Invitation{Place: place, User: user, Team: team.Name, Owner: owner, URL: in.URL})
		} else {
			place.Confirmed, place.Joined = true, tx.Now
		}
		if i < 0 {
			tx.InsertMembership(place)
		} else {
			tx.UpdateMembership(place)
		}
		r.audit(tx, req, "teams/"+in.Team+"/memberships/"+place.ID, auth.Details{}.Value("roles", nil, place.Roles))
		return nil
	})
	if _, taken := store.Conflict(err); taken {
		return nil, fault.UserAlreadyExists.Because(err) // invited to two teams at the same moment: once more, and they are known
	}
	if err != nil {
		return nil, err
	}
	return r.DB.Membership(ctx, in.Team, place.ID)
}

// invited is whom an invitation is for: a user of the console, or somebody made of an address, not stored yet.
func (r *Rules) invited(ctx context.Context, req *auth.Request, in NewMember) (user *model.User, known bool, err error) {
	if in.User != "" {
		user, err = r.DB.UserByID(ctx, model.ConsoleProject, in.User)
		return user, true, err
	}
	user, err = r.DB.UserByEmail(ctx, model.ConsoleProject, check.NormalizeEmail(in.Email))
	if !errors.Is(err, fault.UserNotFound) {
		return user, true, err
	}
	user, err = r.People.InvitedUser(ctx, req, in.Email, in.Name)
	return user, false, err
}

// onlyInvited says whether a place belongs to somebody whom nothing but this one invitation has made: they cannot sign in,
// and once it is taken back, what is left of them is an address that nobody needs.
func (r *Rules) onlyInvited(ctx context.Context, p Place) (bool, error) {
	place, err := r.DB.Membership(ctx, p.Team, p.ID)
	if err != nil || place.Confirmed {
		return false, err
	}
	user, err := r.DB.UserByID(ctx, model.ConsoleProject, place.UserID)
	if err != nil || user.HasPassword() || user.EmailVerification || user.Phone != "" {
		return false, err
	}
	sessions, err := r.DB.Sessions(ctx, user.Project, user.ID, r.now())
	if err != nil || len(sessions) > 0 {
		return false, err
	}
	places, err := r.DB.MembershipsByUser(ctx, user.ID)
	if err != nil || len(places) > 1 {
		return false, err
	}
	projects, err := r.DB.ProjectsOf(ctx, user.ID)
	return len(projects) == 0, err
}
