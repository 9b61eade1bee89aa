package users

import (
	"errors"

	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

var listTargets = api.Spec{
	Route: "GET /v1/users/{userId}/targets", SDK: []string{"users.listTargets"},
	About: "List the addresses that messages to a user are sent to.",
	Scope: api.ScopeTargetsRead, Status: 200, Faults: append([]*fault.Kind{fault.UserNotFound}, listFaults...),
}

type targetsIn struct {
	userIn
	listIn
}

func (in *targetsIn) Params(p *api.Params) {
	in.userIn.Params(p)
	p.Queries(&in.Queries, check.TargetQueries)
	in.total(p)
}

func (s *Service) listTargets(c *api.Call, in *targetsIn) (*wire.TargetList, error) {
	targets, total, err := s.Rules.ListTargets(c.Context(), c.Request(), in.id, in.ListQuery)
	if err != nil {
		return nil, err
	}
	return &wire.TargetList{Total: total, Targets: wire.TargetsOf(targets)}, nil
}

var createTarget = api.Spec{
	Route: "POST /v1/users/{userId}/targets", SDK: []string{"users.createTarget"},
	About: "Add an address that messages to a user are sent to.",
	Scope: api.ScopeTargetsWrite, Audit: "target.create", Event: "users.[userId].targets.[targetId].create", Status: 201,
	Faults: []*fault.Kind{fault.UserNotFound, fault.InvalidEmail, fault.InvalidPhone, fault.ProviderNotFound, fault.ProviderIncorrectType, fault.UserTargetAlreadyExists},
}

type newTargetIn struct {
	userIn
	auth.NewTarget
}

func (in *newTargetIn) Params(p *api.Params) {
	in.userIn.Params(p)
	p.String("targetId", &in.ID, check.CustomID, "Target id, or `unique()`.", api.Example("unique()"))
	p.String("providerType", &in.Kind, targetKind, "Kind of address: email, sms or push.", api.Example("email"))
	p.String("identifier", &in.Identifier, identifier(1), "The address, the number or the device token, at most 2048 bytes.", api.Example("walter@work.example"))
	p.String("providerId", &in.ProviderID, orEmpty(check.UID), "Messaging provider to send by; empty: the project's first.", api.Default(""))
	p.String("name", &in.Name, check.Text(0, 128), "Name of the target.", api.Default(""), api.Example("At work"))
}

// identifier checks the length of one, in bytes: it is looked up by, and PostgreSQL's indexes take no more than 2700.
func identifier(min int) check.String { return check.Bytes(min, 2048) }

var errTargetKind = errors.New("Value must be one of (email, sms, push).")

func targetKind(value string) error {
	if value != model.TargetEmail && value != model.TargetSMS && value != model.TargetPush {
		return errTargetKind
	}
	return nil
}

func (s *Service) createTarget(c *api.Call, in *newTargetIn) (*wire.Target, error) {
	target, err := s.Rules.CreateTarget(c.Context(), c.Request(), in.id, in.NewTarget)
	return targetReply(target, err)
}

func targetReply(target *model.Target, err error) (*wire.Target, error) {
	if err != nil {
		return nil, err
	}
	return &wire.TargetsOf([]model.Target{*target})[0], nil
}

type targetIn struct {
	userIn
	target string
}

func (in *targetIn) Params(p *api.Params) {
	in.userIn.Params(p)
	p.String("targetId", &in.target, check.UID, "Target id.", api.Example("work"))
}

var getTarget = api.Spec{
	Route: "GET /v1/users/{userId}/targets/{targetId}", SDK: []string{"users.getTarget"},
	About: "Get one of a user's targets.",
	Scope: api.ScopeTargetsRead, Status: 200, Faults: []*fault.Kind{fault.UserNotFound, fault.UserTargetNotFound},
}

func (s *Service) getTarget(c *api.Call, in *targetIn) (*wire.Target, error) {
	target, err := s.Rules.Target(c.Context(), c.Request(), in.id, in.target)
	return targetReply(target, err)
}

var updateTarget = api.Spec{
	Route: "PATCH /v1/users/{userId}/targets/{targetId}", SDK: []string{"users.updateTarget"},
	About: "Change where a target leads, the provider it is sent by, or its name.",
	Scope: api.ScopeTargetsWrite, Audit: "target.update", Event: "users.[userId].targets.[targetId].update", Status: 200,
	Faults: []*fault.Kind{fault.UserNotFound, fault.UserTargetNotFound, fault.InvalidEmail, fault.InvalidPhone, fault.ProviderNotFound, fault.ProviderIncorrectType, fault.UserTargetAlreadyExists},
}

type targetChangeIn struct {
	targetIn
	identifier, provider, name string
}

func (in *targetChangeIn) Params(p *api.Params) {
	in.targetIn.Params(p)
	p.String("identifier", &in.identifier, identifier(0), "The address, the number or the device token, at most 2048 bytes.", api.Default(""), api.Example("walter@new.example"))
	p.String("providerId", &in.provider, orEmpty(check.UID), "Messaging provider to send by.", api.Default(""))
	p.String("name", &in.name, check.Text(0, 128), "Name of the target.", api.Default(""), api.Example("At home"))
}

func (s *Service) updateTarget(c *api.Call, in *targetChangeIn) (*wire.Target, error) {
	var change auth.TargetChange
	for text, part := range map[*string]**string{&in.identifier: &change.Identifier, &in.provider: &change.ProviderID, &in.name: &change.Name} {
		if *text != "" {
			*part = text
		}
	}
	target, err := s.Rules.ChangeTarget(c.Context(), c.Request(), in.id, in.target, change)
	return targetReply(target, err)
}

var deleteTarget = api.Spec{
	Route: "DELETE /v1/users/{userId}/targets/{targetId}", SDK: []string{"users.deleteTarget"},
	About: "Delete one of a user's targets.",
	Scope: api.ScopeTargetsWrite, Audit: "target.delete", Event: "users.[userId].targets.[targetId].delete", Status: 204,
	Faults: []*fault.Kind{fault.UserNotFound, fault.UserTargetNotFound},
}

func (s *Service) deleteTarget(c *api.Call, in *targetIn) (api.Empty, error) {
	return api.Empty{}, s.Rules.DeleteTarget(c.Context(), c.Request(), in.id, in.target)
}
