package users

import (
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/check"
	"latchkey/internal/fault"
)

var listPasskeys = api.Spec{
	Route: "GET /v1/users/{userId}/passkeys", About: "List a user's passkeys, oldest first.",
	Scope: api.ScopeUsersRead, Status: 200, Faults: []*fault.Kind{fault.UserNotFound},
}

func (s *Service) listPasskeys(c *api.Call, in *userIn) (*wire.PasskeyList, error) {
	passkeys, err := s.Rules.PasskeysOf(c.Context(), c.Request(), in.id)
	if err != nil {
		return nil, err
	}
	return wire.PasskeysOf(passkeys), nil
}

var deletePasskey = api.Spec{
	Route: "DELETE /v1/users/{userId}/passkeys/{passkeyId}",
	About: "Take a passkey from a user: the way out for whoever has lost the device. Sessions it has signed in end, if the project ends sessions when a password changes.",
	Scope: api.ScopeUsersWrite, Audit: "passkey.delete", Event: "users.[userId].passkeys.[passkeyId].delete", Status: 204,
	Faults: []*fault.Kind{fault.UserNotFound, fault.UserPasskeyNotFound},
}

type passkeyIn struct {
	userIn
	passkey string
}

func (in *passkeyIn) Params(p *api.Params) {
	in.userIn.Params(p)
	p.String("passkeyId", &in.passkey, check.UID, "Passkey id.", api.Example("5e5ea5c16897e"))
}

func (s *Service) deletePasskey(c *api.Call, in *passkeyIn) (api.Empty, error) {
	return api.Empty{}, s.Rules.RemovePasskeyOf(c.Context(), c.Request(), in.id, in.passkey)
}
