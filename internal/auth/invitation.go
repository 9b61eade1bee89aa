package auth

import (
	"context"
	"slices"
	"time"

	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// invitationLife is how long the link of an invitation works.
const invitationLife = 7 * 24 * time.Hour

// invitationPage is the page of our own on which an invitation is accepted.
const invitationPage = "/console/auth/invitation"

// Mails says whether a mail to people of the request's project can leave.
func (r *Rules) Mails(ctx context.Context, req *Request) bool { return r.mailable(ctx, req) == nil }

// InvitedUser is somebody of whom an invitation knows the address, and maybe a name. They have nothing to sign in with
// until they accept. Faults: user_email_*, user_email_already_exists.
func (r *Rules) InvitedUser(ctx context.Context, req *Request, email, name string) (*model.User, error) {
	user := r.newUser(req.Project.ID, r.newID())
	user.Name = name
	if err := r.giveEmail(ctx, req, user, email); err != nil {
		return nil, err
	}
	user.Targets = []model.Target{r.newTarget(user, model.TargetEmail, user.Email)}
	return user, nil
}

// Invitation is a place in a team that is offered to somebody by mail.
type Invitation struct {
	Place *model.Membership
	User  *model.User
	Team  string // its name
	Owner string // who invites, by name
	URL   string // where the link leads; empty: to our own page
}

// Invite puts an invitation's secret into the place it is for, and the mail with the link on its way. A secret that was
// there before is worth nothing any more. The caller writes the place.
func (r *Rules) Invite(tx *store.Tx, req *Request, in Invitation) {
	text, place, user := r.Random.Hex(32), in.Place, in.User
	place.Invited, place.SecretHash = tx.Now, invitationHash(text, user)
	base := in.URL
	if base == "" {
		base = r.PublicURL + invitationPage
	}
	expire := tx.Now.Add(invitationLife)
	redirect := link(base, pair{"membershipId", place.ID}, pair{"userId", user.ID}, pair{"secret", text}, pair{"teamId", place.TeamID}, pair{"teamName", in.Team},
		pair{"expire", expire.String()}, pair{"project", user.Project})
	r.Box.Put(tx, &model.Message{Project: user.Project, ID: r.newID(), Kind: model.MessageInvitation, Channel: model.ChannelEmail, CreatedAt: tx.Now, Expire: expire,
		To: user.Email, ToName: user.Name, Locale: req.Locale, Values: map[string]string{"user": user.Name, "owner": in.Owner, "team": in.Team, "redirect": redirect}})
}

// invitationHash is what is kept of an invitation's secret. The address it was sent to is part of it: one that is no
// longer the user's proves nothing.
func invitationHash(text string, user *model.User) []byte {
	return secret.HashToken(text + "\n" + user.Email)
}

// Acceptance is what somebody presents who has followed the link of an invitation.
type Acceptance struct {
	Team, Place, UserID, Secret string
	SignedIn                    string // id of the user whose session comes along; empty for none
	Password                    string // the first one, for whoever has none yet
	Session                     bool   // sign in whoever is not signed in
}

// Invited finds the invitation that somebody holds the link of, and whom it is for. Nothing is changed.
// Faults: team_not_found, membership_not_found, team_invalid_secret, team_invite_mismatch, membership_already_confirmed.
func (r *Rules) Invited(ctx context.Context, in Acceptance) (*model.Membership, *model.User, error) {
	if _, err := r.DB.Team(ctx, in.Team); err != nil {
		return nil, nil, err
	}
	place, err := r.DB.Membership(ctx, in.Team, in.Place)
	if err != nil {
		return nil, nil, err
	}
	user, err := r.DB.UserByID(ctx, model.ConsoleProject, place.UserID)
	if err != nil {
		return nil, nil, err
	}
	return place, user, r.holdsInvitation(place, user, in)
}

// holdsInvitation refuses whoever does not hold the link of an invitation that is still open.
func (r *Rules) holdsInvitation(place *model.Membership, user *model.User, in Acceptance) error {
	over := !place.Confirmed && place.Invited.Add(invitationLife) < r.now()
	switch {
	case over || len(place.SecretHash) == 0 || !secret.Equal(place.SecretHash, invitationHash(in.Secret, user)):
		return fault.TeamInvalidSecret
	case in.UserID != place.UserID, in.SignedIn != "" && in.SignedIn != place.UserID:
		return fault.TeamInviteMismatch
	case place.Confirmed:
		return fault.MembershipAlreadyConfirmed
	}
	return nil
}

// AcceptInvitation gives whoever holds the link of an invitation the place it offers, once. The link came by mail: it
// proves the address, as one factor; a second one is still asked of whoever has set one up. A password is taken only from
// somebody who has none. The session is nil unless it was asked for and nobody is signed in.
// Faults: those of Invited, user_blocked, password_personal_data, general_server_busy.
func (r *Rules) AcceptInvitation(ctx context.Context, req *Request, in Acceptance) (*model.Membership, *SignedIn, error) {
	_, user, err := r.Invited(ctx, in)
	if err != nil {
		return nil, nil, err
	}
	if !user.Status {
		return nil, nil, fault.UserBlocked
	}
	var first *passwordChange
	if in.Password != "" && !user.HasPassword() {
		if first, err = r.newPassword(ctx, req, user, in.Password); err != nil {
			return nil, nil, err
		}
	}
	var signed *SignedIn
	err = r.DB.Write(ctx, func(tx *store.Tx) error {
		tx.LockTeam(in.Team)
		tx.LockUser(user.Project, user.ID, fault.MembershipNotFound)
		present, err := tx.UserByID(user.Project, user.ID)
		if err != nil {
			return err
		}
		place, err := r.takePlace(tx, present, in)
		if err != nil {
			return err
		}
		if err := r.prove(ctx, tx, req, present, entry{email: true}); err != nil {
			return err
		}
		if first != nil && !present.HasPassword() {
			first.old = present.Password
			first.write(tx, present)
		}
		r.audit(tx, req, ActorOf(present), "teams/"+in.Team+"/memberships/"+place.ID)
		if in.Session && in.SignedIn == "" {
			signed = r.newSession(req, present, "email", "email")
			r.insertSession(tx, req, signed)
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	place, err := r.DB.Membership(ctx, in.Team, in.Place)
	return place, signed, err
}

// takePlace confirms a place as the transaction sees it: of any number who come with the same link at once, one takes it.
func (r *Rules) takePlace(tx *store.Tx, user *model.User, in Acceptance) (*model.Membership, error) {
	places, err := tx.Memberships(in.Team)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(places, func(m model.Membership) bool { return m.ID == in.Place })
	if i < 0 {
		return nil, fault.MembershipNotFound
	}
	place := &places[i]
	switch err := r.holdsInvitation(place, user, in); {
	case err != nil:
		return nil, err
	case !user.Status:
		return nil, fault.UserBlocked
	}
	place.Confirmed, place.Joined, place.UpdatedAt = true, tx.Now, tx.Now
	tx.UpdateMembership(place)
	return place, nil
}
