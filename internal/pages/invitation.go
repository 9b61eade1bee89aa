package pages

import (
	"errors"
	"strings"

	"latchkey/internal/api"
	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

const invitationPage = "/invitation"

var showInvitation = api.Spec{About: "Ask whether somebody wants to become an operator, and for the first password of whoever has none."}

var acceptInvitation = api.Spec{
	About: "Accept an invitation by the link of its mail.",
	Scope: api.ScopeSessionsWrite,
	Limit: api.Limit{Max: 30, By: []string{"url:{url},ip:{ip}"}},
	Audit: "membership.update", Event: "teams.[teamId].memberships.[membershipId].update.status",
}

type invitationIn struct {
	passwordIn
	team, place string
}

func (in *invitationIn) Params(p *api.Params) {
	in.passwordIn.Params(p)
	p.String("teamId", &in.team, check.UID, "Id of the team.")
	p.String("membershipId", &in.place, check.UID, "Id of the place that is offered.")
}

func (in *invitationIn) held() auth.Acceptance {
	return auth.Acceptance{Team: in.team, Place: in.place, UserID: in.userID, Secret: in.secret, Password: in.password}
}

func (s *Service) showInvitation(c *api.Call, in *invitationIn) (*api.Page, error) {
	v := visitOf(c)
	place, user, err := s.invited(v, in)
	if place == nil {
		return v.uninvited(err)
	}
	return v.invitationPage(200, in, place, user, "")
}

// invited finds the invitation; no place for a link that is not good.
func (s *Service) invited(v *visit, in *invitationIn) (*model.Membership, *model.User, error) {
	if v.project() != model.ConsoleProject || in.over(v.Now) {
		return nil, nil, fault.TeamInvalidSecret
	}
	place, user, err := s.Rules.Invited(v.Context(), in.held())
	if err != nil {
		return nil, nil, err
	}
	return place, user, nil
}

// uninvited is the page of a link that is not good, for whatever reason.
func (v *visit) uninvited(err error) (*api.Page, error) {
	for _, kind := range []*fault.Kind{fault.TeamNotFound, fault.MembershipNotFound, fault.TeamInvalidSecret, fault.TeamInviteMismatch, fault.MembershipAlreadyConfirmed, fault.UserNotFound} {
		if errors.Is(err, kind) {
			return v.bad(kind.Status)
		}
	}
	return nil, err
}

func (s *Service) acceptInvitation(c *api.Call, in *invitationIn) (*api.Page, error) {
	v := visitOf(c)
	place, user, err := s.invited(v, in)
	if place == nil {
		return v.uninvited(err)
	}
	if !user.HasPassword() {
		if wrong := v.wrongPassword(in.password, in.again); wrong != "" {
			return v.invitationPage(400, in, place, user, wrong)
		}
	}
	_, _, err = s.Rules.AcceptInvitation(c.Context(), c.Request(), in.held())
	for _, refused := range refusals {
		if errors.Is(err, refused.kind) {
			return v.invitationPage(refused.kind.Status, in, place, user, refused.key)
		}
	}
	if err != nil {
		return v.uninvited(err)
	}
	return v.on(), nil
}

func (v *visit) invitationPage(status int, in *invitationIn, place *model.Membership, user *model.User, wrong string) (*api.Page, error) {
	f := v.form(&in.linkIn, "invite.button")
	f.add("teamId", in.team)
	f.add("membershipId", in.place)
	body := []string{strings.ReplaceAll(v.say("invite.body"), "{team}", "\u2068"+place.TeamName+"\u2069")}
	if !user.HasPassword() {
		body = append(body, v.say("set.body"))
		f.Password = v.passwordFields(wrong)
	}
	return v.show(status, content{Title: v.say("invite.title"), Body: body, Form: f})
}

func (s *Service) invitationDone(c *api.Call, _ *api.None) (*api.Page, error) {
	return visitOf(c).worked("invite.done", "invite.doneBody")
}
