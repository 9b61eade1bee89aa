package project

import (
	"latchkey/internal/admin"
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// invitationFaults are what offering a place may answer.
var invitationFaults = []*fault.Kind{fault.UserNotFound, fault.MembershipAlreadyConfirmed, fault.SMTPDisabled, fault.UserAlreadyExists,
	fault.UserEmailAlreadyExists, fault.UserEmailDisposable, fault.UserEmailFree, fault.UserEmailNotCanonical, fault.UserEmailNotCorporate}

// invitationLimit holds an operator from mailing to everybody.
var invitationLimit = api.Limit{Max: 10, By: []string{"url:{url},ip:{ip}"}}

func inviting(spec api.Spec) api.Spec {
	spec.Limit = invitationLimit
	return spec
}

// newMember is what a place is offered with.
type newMember struct {
	roles                         []string
	email, user, phone, url, name string
}

func (in *newMember) Params(p *api.Params) {
	p.Strings("roles", &in.roles, checkRoles, "Roles: owner, developer, analyst.", api.Example([]string{"developer"}))
	p.String("email", &in.email, emptyOr(check.Email), "Address of somebody who is to become an operator, or is one.", api.Default(""), api.Example("skyler@example.com"))
	p.String("userId", &in.user, emptyOr(check.UID), "Id of an operator.", api.Default(""))
	p.String("phone", &in.phone, emptyOr(check.Phone), "Not used.", api.Default(""))
	p.String("url", &in.url, emptyOr(p.Redirect()), "Page that the link of the invitation leads to; empty: one of ours.", api.Default(""))
	p.String("name", &in.name, check.Text(0, 128), "Name of somebody who is no operator yet.", api.Default(""), api.Example("Skyler"))
}

type newMemberIn struct {
	teamIDIn
	newMember
}

func (in *newMemberIn) Params(p *api.Params) {
	in.teamIDIn.Params(p)
	in.newMember.Params(p)
}

func (s *Service) createMember(c *api.Call, user string, in *newMemberIn) (*wire.Membership, error) {
	if in.user == "" && in.email == "" {
		return nil, fault.ArgumentInvalid.Say("Invalid `email` param: An address or the id of an operator is needed.")
	}
	return memberReply(s.Rules.AddMember(c.Context(), c.Request(), admin.NewMember{Operator: user, Team: in.id, User: in.user, Email: in.email, Name: in.name, Roles: in.roles, URL: in.url}))
}

// Whoever follows the link need not be signed in, so the scope is everybody's: what counts is the secret.
var acceptInvitation = api.Spec{
	Route: "PATCH /v1/teams/{teamId}/memberships/{membershipId}/status", SDK: []string{"teams.updateMembershipStatus"},
	About: "Accept an invitation by the secret of its link. Whoever is not signed in yet is, by one factor.",
	Scope: api.ScopePublic, HalfSigned: true, Limit: api.Limit{Max: 60, By: []string{"url:{url},ip:{ip}"}},
	Audit: "membership.update", Event: "teams.[teamId].memberships.[membershipId].update.status", Status: 200,
	Faults: []*fault.Kind{fault.TeamNotFound, fault.MembershipNotFound, fault.TeamInvalidSecret, fault.TeamInviteMismatch, fault.MembershipAlreadyConfirmed, fault.UserBlocked},
}

type acceptIn struct {
	memberIn
	user, secret string
}

func (in *acceptIn) Params(p *api.Params) {
	in.memberIn.Params(p)
	p.String("userId", &in.user, check.UID, "Id of the user who is invited, as the link has it.", api.Example("5e5ea5c16897e"))
	p.String("secret", &in.secret, check.Text(1, 256), "The secret of the link.", api.Example("a1b2c3"))
}

func (s *Service) acceptInvitation(c *api.Call, in *acceptIn) (*wire.Membership, error) {
	if c.Project.ID != model.ConsoleProject {
		return nil, fault.TeamNotFound
	}
	accepted := auth.Acceptance{Team: in.id, Place: in.membership, UserID: in.user, Secret: in.secret, Session: true}
	if c.Caller.User != nil {
		accepted.SignedIn = c.Caller.User.ID
	}
	place, signed, err := s.Rules.People.AcceptInvitation(c.Context(), c.Request(), accepted)
	if err != nil {
		return nil, err
	}
	if signed != nil {
		c.SetSession(signed.Secret, signed.Session.Expire)
	}
	return wire.MembershipOf(place), nil
}
