package project

import (
	"errors"
	"slices"

	"latchkey/internal/admin"
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// Teams lists the rows of the Teams service, as far as operators need it: teams of the project `console`, whose members
// look after projects together. People of other projects have no teams.
func (s *Service) Teams() []api.Endpoint {
	return []api.Endpoint{
		ofMember(listTeams, s.listTeams),
		ofMember(createTeam, s.createTeam),
		ofMember(getTeam, s.getTeam),
		ofMember(updateTeamName, s.updateTeamName),
		ofMember(deleteTeam, s.deleteTeam),
		ofMember(getTeamPrefs, s.getTeamPrefs),
		ofMember(updateTeamPrefs, s.updateTeamPrefs),
		ofMember(listMembers, s.listMembers),
		ofMember(createMember, s.createMember),
		ofMember(getMember, s.getMember),
		ofMember(updateMember, s.updateMember),
		ofMember(deleteMember, s.deleteMember),
		api.Define(acceptInvitation, s.acceptInvitation),
	}
}

// member is the operator who asks about teams.
func member(c *api.Call) (string, error) {
	user, err := operator(c)
	if err == nil && user == "" {
		err = fault.UserUnauthorized.Say("Teams are for operators who are signed in to the project `console`.")
	}
	return user, err
}

// ofMember is an endpoint for operators who are signed in. Its handler is told who asks.
func ofMember[In any, P api.Input[In], Out any](spec api.Spec, handle func(*api.Call, string, P) (Out, error)) api.Endpoint {
	return api.Define(spec, func(c *api.Call, in P) (Out, error) {
		user, err := member(c)
		if err != nil {
			var none Out
			return none, err
		}
		return handle(c, user, in)
	})
}

// teamSpec is the row of a route about teams.
func teamSpec(status int, route, sdk, about string, faults ...*fault.Kind) api.Spec {
	spec := api.Spec{Route: route, SDK: []string{"teams." + sdk}, About: about, Scope: api.ScopeTeamsWrite, Audit: "team.update", Status: status,
		Faults: append([]*fault.Kind{fault.UserUnauthorized, fault.TeamNotFound}, faults...)}
	if route[:3] == "GET" {
		spec.Scope, spec.Audit = api.ScopeTeamsRead, ""
	}
	return spec
}

var (
	listTeams  = teamSpec(200, "GET /v1/teams", "list", "List the teams that the operator has joined.", fault.CursorNotFound)
	createTeam = teamSpec(201, "POST /v1/teams", "create", "Make a team that the operator owns.", fault.TeamAlreadyExists)
	getTeam    = teamSpec(200, "GET /v1/teams/{teamId}", "get", "Get a team.")

	updateTeamName  = teamSpec(200, "PUT /v1/teams/{teamId}", "updateName", "Change a team's name.")
	deleteTeam      = teamSpec(204, "DELETE /v1/teams/{teamId}", "delete", "Delete a team. Its projects stay.")
	getTeamPrefs    = teamSpec(200, "GET /v1/teams/{teamId}/prefs", "getPrefs", "Get a team's preferences.")
	updateTeamPrefs = teamSpec(200, "PUT /v1/teams/{teamId}/prefs", "updatePrefs", "Replace a team's preferences.")

	listMembers  = teamSpec(200, "GET /v1/teams/{teamId}/memberships", "listMemberships", "List who is in a team.", fault.CursorNotFound)
	createMember = inviting(teamSpec(201, "POST /v1/teams/{teamId}/memberships", "createMembership", "Offer somebody a place in a team: by a mail with a link, or at once where no mail can leave.", invitationFaults...))
	getMember    = teamSpec(200, "GET /v1/teams/{teamId}/memberships/{membershipId}", "getMembership", "Get a place in a team.", fault.MembershipNotFound)
	updateMember = teamSpec(200, "PATCH /v1/teams/{teamId}/memberships/{membershipId}", "updateMembership", "Change a member's roles.", fault.MembershipNotFound, fault.MembershipDowngradeProhibited)
	deleteMember = teamSpec(204, "DELETE /v1/teams/{teamId}/memberships/{membershipId}", "deleteMembership", "Take a place in a team away, or an invitation back.", fault.MembershipNotFound, fault.MembershipDeletionProhibited)
)

type teamsIn struct {
	pageIn
	search string
}

func (in *teamsIn) Params(p *api.Params) {
	in.total = true
	p.Queries(&in.queries, check.TeamQueries)
	p.String("search", &in.search, check.Text(0, 256), "Text to search for.", api.Default(""))
	p.Bool("total", &in.total, "Whether to count the whole list. Without it the total is 0.", api.Default(true), api.Example(true))
}

func (s *Service) listTeams(c *api.Call, user string, in *teamsIn) (*wire.TeamList, error) {
	part, total, err := s.Rules.Teams(c.Context(), user, auth.ListQuery{Queries: in.queries, Search: in.search})
	if err != nil {
		return nil, err
	}
	list := &wire.TeamList{Total: in.counted(total), Teams: []*wire.Team{}}
	for i := range part {
		list.Teams = append(list.Teams, wire.TeamOf(&part[i]))
	}
	return list, nil
}

var errRoles = errors.New("Value must be a list of the roles owner, developer and analyst.")

func checkRoles(roles []string) error {
	for _, role := range roles {
		if !slices.Contains([]string{admin.RoleOwner, "admin", admin.RoleDeveloper, admin.RoleAnalyst}, role) {
			return errRoles
		}
	}
	if len(roles) == 0 {
		return errRoles
	}
	return nil
}

type newTeamIn struct {
	id, name string
	roles    []string
}

func (in *newTeamIn) Params(p *api.Params) {
	p.String("teamId", &in.id, check.CustomID, "Team id, or `unique()`.", api.Example("unique()"))
	p.String("name", &in.name, check.Text(1, 128), "Name, 1 to 128 characters.", api.Example("Crew"))
	p.Strings("roles", &in.roles, nil, "Not used: who makes a team owns it.", api.Optional, api.Example([]string{"owner"}))
}

func teamReply(team *model.Team, err error) (*wire.Team, error) {
	if err != nil {
		return nil, err
	}
	return wire.TeamOf(team), nil
}

func (s *Service) createTeam(c *api.Call, user string, in *newTeamIn) (*wire.Team, error) {
	return teamReply(s.Rules.MakeTeam(c.Context(), c.Request(), in.id, in.name, user))
}

type teamIDIn struct{ id string }

func (in *teamIDIn) Params(p *api.Params) {
	p.String("teamId", &in.id, check.UID, "Team id.", api.Example("crew"))
}

func (s *Service) getTeam(c *api.Call, user string, in *teamIDIn) (*wire.Team, error) {
	return teamReply(s.Rules.Team(c.Context(), user, in.id))
}

type teamNameIn struct {
	teamIDIn
	name string
}

func (in *teamNameIn) Params(p *api.Params) {
	in.teamIDIn.Params(p)
	p.String("name", &in.name, check.Text(1, 128), "Name, 1 to 128 characters.", api.Example("Crew"))
}

func (s *Service) updateTeamName(c *api.Call, user string, in *teamNameIn) (*wire.Team, error) {
	return teamReply(s.Rules.ChangeTeam(c.Context(), c.Request(), admin.TeamChange{Operator: user, ID: in.id, Name: &in.name}))
}

func (s *Service) deleteTeam(c *api.Call, user string, in *teamIDIn) (api.Empty, error) {
	return api.Empty{}, s.Rules.RemoveTeam(c.Context(), c.Request(), user, in.id)
}

func (s *Service) getTeamPrefs(c *api.Call, user string, in *teamIDIn) (wire.Prefs, error) {
	team, err := s.Rules.Team(c.Context(), user, in.id)
	if err != nil {
		return "", err
	}
	return wire.Prefs(team.Prefs), nil
}

type teamPrefsIn struct {
	teamIDIn
	prefs model.Object
}

func (in *teamPrefsIn) Params(p *api.Params) {
	in.teamIDIn.Params(p)
	p.Prefs("prefs", &in.prefs, "Preferences as a JSON object.", api.Example(map[string]any{"theme": "dark"}))
}

func (s *Service) updateTeamPrefs(c *api.Call, user string, in *teamPrefsIn) (wire.Prefs, error) {
	team, err := s.Rules.ChangeTeam(c.Context(), c.Request(), admin.TeamChange{Operator: user, ID: in.id, Prefs: &in.prefs})
	if err != nil {
		return "", err
	}
	return wire.Prefs(team.Prefs), nil
}

type membersIn struct {
	teamIDIn
	teamsIn
}

func (in *membersIn) Params(p *api.Params) {
	in.teamIDIn.Params(p)
	in.total = true
	p.Queries(&in.queries, check.MembershipQueries)
	p.String("search", &in.search, check.Text(0, 256), "Text to search for.", api.Default(""))
	p.Bool("total", &in.total, "Whether to count the whole list. Without it the total is 0.", api.Default(true), api.Example(true))
}

func (s *Service) listMembers(c *api.Call, user string, in *membersIn) (*wire.MembershipList, error) {
	part, total, err := s.Rules.Members(c.Context(), user, in.id, auth.ListQuery{Queries: in.queries, Search: in.search})
	if err != nil {
		return nil, err
	}
	list := wire.NoMemberships()
	list.Total = in.counted(total)
	for i := range part {
		list.Memberships = append(list.Memberships, *wire.MembershipOf(&part[i]))
	}
	return list, nil
}

func memberReply(m *model.Membership, err error) (*wire.Membership, error) {
	if err != nil {
		return nil, err
	}
	return wire.MembershipOf(m), nil
}

type memberIn struct {
	teamIDIn
	membership string
}

func (in *memberIn) Params(p *api.Params) {
	in.teamIDIn.Params(p)
	p.String("membershipId", &in.membership, check.UID, "Membership id.", api.Example("place"))
}

func (s *Service) getMember(c *api.Call, user string, in *memberIn) (*wire.Membership, error) {
	return memberReply(s.Rules.Member(c.Context(), admin.Place{Operator: user, Team: in.id, ID: in.membership}))
}

type memberRolesIn struct {
	memberIn
	roles []string
}

func (in *memberRolesIn) Params(p *api.Params) {
	in.memberIn.Params(p)
	p.Strings("roles", &in.roles, checkRoles, "Roles: owner, developer, analyst.", api.Example([]string{"analyst"}))
}

func (s *Service) updateMember(c *api.Call, user string, in *memberRolesIn) (*wire.Membership, error) {
	return memberReply(s.Rules.ChangeMember(c.Context(), c.Request(), admin.Place{Operator: user, Team: in.id, ID: in.membership}, in.roles))
}

func (s *Service) deleteMember(c *api.Call, user string, in *memberIn) (api.Empty, error) {
	return api.Empty{}, s.Rules.RemoveMember(c.Context(), c.Request(), admin.Place{Operator: user, Team: in.id, ID: in.membership})
}
