package pages

import (
	"latchkey/internal/api"
	"latchkey/internal/fault"
)

var showVerification = api.Spec{About: "Ask whether an address belongs to the account."}

func (s *Service) showVerification(c *api.Call, in *linkIn) (*api.Page, error) {
	v := visitOf(c)
	switch {
	case v.project() == "":
		return v.nowhere()
	case in.over(c.Now):
		return v.bad(fault.UserInvalidToken.Status)
	}
	return v.show(200, content{Title: v.say("verify.title"), Body: []string{v.say("verify.body")}, Form: v.form(in, "verify.button")})
}

var confirmEmail = api.Spec{
	About: "Verify an address by the link of a mail.",
	Limit: api.Limit{Max: 10, By: []string{"url:{url},userId:{param-userId}"}, Of: "PUT /v1/account/verifications/email"},
	Audit: "verification.update", Event: "users.[userId].verification.[tokenId].update",
}

func (s *Service) confirmEmail(c *api.Call, in *linkIn) (*api.Page, error) {
	v := visitOf(c)
	if v.project() == "" {
		return v.nowhere()
	}
	if _, err := s.Rules.ConfirmEmail(c.Context(), c.Request(), in.userID, in.secret); err != nil {
		return nil, err
	}
	return v.on(), nil
}

func (s *Service) verificationDone(c *api.Call, _ *api.None) (*api.Page, error) {
	return visitOf(c).worked("verify.done", "close")
}
