// Package users holds the rows of the Users service and their handlers: what servers and operators do to the people
// of a project. A handler reads its input, calls one rule and shapes the reply.
package users

import (
	"slices"

	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// Service serves the rows of the Users service.
type Service struct {
	Rules *auth.Rules
}

// Endpoints lists the Users service.
func (s *Service) Endpoints() []api.Endpoint {
	return append(slices.Concat(s.creations(), s.proofs(), s.factors()), []api.Endpoint{
		api.Define(list, s.list),
		api.Define(getUsage, s.getUsage),
		api.Define(listIdentities, s.listIdentities),
		api.Define(deleteIdentity, s.deleteIdentity),
		api.Define(get, s.get),
		api.Define(deleteUser, s.deleteUser),
		api.Define(updateName, s.updateName),
		api.Define(updateEmail, s.updateEmail),
		api.Define(updatePhone, s.updatePhone),
		api.Define(updatePassword, s.updatePassword),
		api.Define(updateLabels, s.updateLabels),
		api.Define(updateStatus, s.updateStatus),
		api.Define(updateEmailVerification, s.updateEmailVerification),
		api.Define(updatePhoneVerification, s.updatePhoneVerification),
		api.Define(updateImpersonator, s.updateImpersonator),
		api.Define(getPrefs, s.getPrefs),
		api.Define(updatePrefs, s.updatePrefs),
		api.Define(listSessions, s.listSessions),
		api.Define(createSession, s.createSession),
		api.Define(deleteSessions, s.deleteSessions),
		api.Define(deleteSession, s.deleteSession),
		api.Define(listTargets, s.listTargets),
		api.Define(createTarget, s.createTarget),
		api.Define(getTarget, s.getTarget),
		api.Define(updateTarget, s.updateTarget),
		api.Define(deleteTarget, s.deleteTarget),
		api.Define(listPasskeys, s.listPasskeys),
		api.Define(deletePasskey, s.deletePasskey),
		api.Define(listMemberships, s.listMemberships),
	}...)
}

// userID binds the id in the path.
func userID(p *api.Params, into *string) {
	p.String("userId", into, check.UID, "User id.", api.Example("walter"))
}

// shown is a user as this caller may see them.
func shown(c *api.Call, user *model.User) *wire.User {
	return wire.UserOf(user, c.Caller.Has(api.ScopeUsersWrite))
}

// reply shows a changed user.
func reply(c *api.Call, user *model.User, err error) (*wire.User, error) {
	if err != nil {
		return nil, err
	}
	return shown(c, user), nil
}

// listIn is what every list is asked.
type listIn struct {
	auth.ListQuery
}

func (in *listIn) bind(p *api.Params, rules check.QueryRules) {
	p.Queries(&in.Queries, rules)
	p.String("search", &in.Search, check.Text(0, 256), "Words that what is listed has to hold.", api.Default(""), api.Example("walt"))
	in.total(p)
}

func (in *listIn) total(p *api.Params) {
	in.Total = true
	p.Bool("total", &in.Total, "Whether to count the whole list. Without it the total is 0.", api.Default(true), api.Example(true))
}

// listFaults are what a list may answer.
var listFaults = []*fault.Kind{fault.CursorNotFound, fault.QueryOrderNull, fault.DatabaseTimeout}

var list = api.Spec{
	Route: "GET /v1/users", SDK: []string{"users.list"},
	About: "List users: by conditions, by words of name, address, number, id and labels, page by page.",
	Scope: api.ScopeUsersRead, Status: 200, Faults: listFaults,
}

type usersIn struct{ listIn }

func (in *usersIn) Params(p *api.Params) { in.bind(p, check.UserQueries) }

func (s *Service) list(c *api.Call, in *usersIn) (*wire.UserList, error) {
	users, total, err := s.Rules.ListUsers(c.Context(), &c.Project.Project, in.ListQuery)
	if err != nil {
		return nil, err
	}
	list := &wire.UserList{Total: total, Users: make([]*wire.User, len(users))}
	for i := range users {
		list.Users[i] = shown(c, &users[i])
	}
	return list, nil
}

type userIn struct{ id string }

func (in *userIn) Params(p *api.Params) { userID(p, &in.id) }

var get = api.Spec{
	Route: "GET /v1/users/{userId}", SDK: []string{"users.get"},
	About: "Get a user.",
	Scope: api.ScopeUsersRead, Status: 200, Faults: []*fault.Kind{fault.UserNotFound},
}

func (s *Service) get(c *api.Call, in *userIn) (*wire.User, error) {
	user, err := s.Rules.User(c.Context(), &c.Project.Project, in.id)
	return reply(c, user, err)
}

var deleteUser = api.Spec{
	Route: "DELETE /v1/users/{userId}", SDK: []string{"users.delete"},
	About: "Delete a user with everything that belongs to them.",
	Scope: api.ScopeUsersWrite, Audit: "user.delete", Event: "users.[userId].delete", Status: 204, Faults: []*fault.Kind{fault.UserNotFound},
}

func (s *Service) deleteUser(c *api.Call, in *userIn) (api.Empty, error) {
	return api.Empty{}, s.Rules.DeleteUser(c.Context(), c.Request(), in.id)
}

var listMemberships = api.Spec{
	Route: "GET /v1/users/{userId}/memberships", SDK: []string{"users.listMemberships"},
	About: "List a user's teams. People of a project have none.",
	Scope: api.ScopeUsersRead, Status: 200, Faults: []*fault.Kind{fault.UserNotFound},
}

type membershipsIn struct {
	userIn
	listIn
}

func (in *membershipsIn) Params(p *api.Params) {
	in.userIn.Params(p)
	in.bind(p, check.MembershipQueries)
}

func (s *Service) listMemberships(c *api.Call, in *membershipsIn) (*wire.MembershipList, error) {
	if _, err := s.Rules.User(c.Context(), &c.Project.Project, in.id); err != nil {
		return nil, err
	}
	return wire.NoMemberships(), nil
}

var listIdentities = api.Spec{
	Route: "GET /v1/users/identities", SDK: []string{"users.listIdentities"},
	About: "List the accounts at OAuth2 providers of all users.",
	Scope: api.ScopeUsersRead, Status: 200, Faults: listFaults,
}

type identitiesIn struct{ listIn }

func (in *identitiesIn) Params(p *api.Params) { in.bind(p, check.IdentityQueries) }

func (s *Service) listIdentities(c *api.Call, in *identitiesIn) (*wire.IdentityList, error) {
	tokens := c.Caller.Has(api.ScopeUsersWrite) // whoever may only read users may not act as them elsewhere
	identities, total, err := s.Rules.ListProjectIdentities(c.Context(), &c.Project.Project, in.ListQuery, tokens)
	if err != nil {
		return nil, err
	}
	return wire.IdentitiesOf(identities, total, tokens), nil
}

var deleteIdentity = api.Spec{
	Route: "DELETE /v1/users/identities/{identityId}", SDK: []string{"users.deleteIdentity"},
	About: "Take an account at an OAuth2 provider away from its user. Sessions made with it go on.",
	Scope: api.ScopeUsersWrite, Audit: "identity.delete", Event: "users.[userId].identities.[identityId].delete", Status: 204,
	Faults: []*fault.Kind{fault.UserIdentityNotFound},
}

type identityIn struct{ id string }

func (in *identityIn) Params(p *api.Params) {
	p.String("identityId", &in.id, check.UID, "Identity id.", api.Example("google-walter"))
}

func (s *Service) deleteIdentity(c *api.Call, in *identityIn) (api.Empty, error) {
	return api.Empty{}, s.Rules.RemoveIdentity(c.Context(), c.Request(), in.id)
}
