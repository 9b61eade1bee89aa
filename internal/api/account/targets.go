package account

import (
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
)

var createPushTarget = api.Spec{
	Route: "POST /v1/account/targets/push", SDK: []string{"account.createPushTarget"},
	About: "Register this device for push messages. A session has one push target per provider: asked again, that one is updated.",
	Scope: api.ScopeTargetsWrite, Audit: "target.create", Event: "users.[userId].targets.[targetId].create", Status: 201,
	Faults: []*fault.Kind{fault.UserTargetAlreadyExists, fault.ProviderNotFound, fault.ProviderIncorrectType},
}

type createPushTargetIn struct{ auth.NewPushTarget }

func (in *createPushTargetIn) Params(p *api.Params) {
	p.String("targetId", &in.ID, check.CustomID, "Target id: 1 to 36 of a-z, A-Z, 0-9, period, hyphen and underscore, not starting with a special character; or `unique()`.", api.Example("unique()"))
	p.String("identifier", &in.Identifier, check.Text(1, 255), "The device's token at its push service, at most 255 characters.", api.Example("fcm-token-1"))
	p.String("providerId", &in.Provider, check.UID, "Messaging provider id. Left out: the project's first push provider when something is sent.", api.Optional)
}

// createPushTarget is open to keys by its scope, but a target belongs to a person.
func (s *Service) createPushTarget(c *api.Call, in *createPushTargetIn) (*wire.Target, error) {
	if c.User() == nil {
		return nil, fault.UnauthorizedScope
	}
	if session := c.Caller.Factors; session != nil {
		in.Session = session.ID
	}
	target, err := s.Rules.CreatePushTarget(c.Context(), c.Request(), c.User(), in.NewPushTarget)
	if err != nil {
		return nil, err
	}
	return wire.TargetOf(target), nil
}

var updatePushTarget = api.Spec{
	Route: "PUT /v1/account/targets/{targetId}/push", SDK: []string{"account.updatePushTarget"},
	About: "Point a push target at another device token.",
	Scope: api.ScopeTargetsWrite, Audit: "target.update", Event: "users.[userId].targets.[targetId].update", Status: 200,
	Faults: []*fault.Kind{fault.UserTargetNotFound, fault.UserTargetAlreadyExists},
}

type targetIn struct{ id string }

func (in *targetIn) Params(p *api.Params) {
	p.String("targetId", &in.id, check.UID, "Target id.", api.Example("phone"))
}

type updatePushTargetIn struct {
	targetIn
	identifier string
}

func (in *updatePushTargetIn) Params(p *api.Params) {
	in.targetIn.Params(p)
	p.String("identifier", &in.identifier, check.Text(1, 255), "The device's token at its push service, at most 255 characters.", api.Example("fcm-token-2"))
}

func (s *Service) updatePushTarget(c *api.Call, in *updatePushTargetIn) (*wire.Target, error) {
	if c.User() == nil {
		return nil, fault.UnauthorizedScope
	}
	target, err := s.Rules.UpdatePushTarget(c.Context(), c.Request(), c.User(), in.id, in.identifier)
	if err != nil {
		return nil, err
	}
	return wire.TargetOf(target), nil
}

var deletePushTarget = api.Spec{
	Route: "DELETE /v1/account/targets/{targetId}/push", SDK: []string{"account.deletePushTarget"},
	About: "Stop push messages to a device.",
	Scope: api.ScopeTargetsWrite, Audit: "target.delete", Event: "users.[userId].targets.[targetId].delete", Status: 204,
	Faults: []*fault.Kind{fault.UserTargetNotFound},
}

func (s *Service) deletePushTarget(c *api.Call, in *targetIn) (api.Empty, error) {
	if c.User() == nil {
		return api.Empty{}, fault.UnauthorizedScope
	}
	return api.Empty{}, s.Rules.DeletePushTarget(c.Context(), c.Request(), c.User(), in.id)
}
