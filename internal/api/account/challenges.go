package account

import (
	"errors"
	"strings"

	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

var createMFAChallenge = api.Spec{
	Route: "POST /v1/account/mfa/challenges", Alias: []string{"/v1/account/mfa/challenge"},
	SDK:   []string{"account.createMFAChallenge", "account.createMfaChallenge"},
	About: "Ask to prove a second factor. For email and phone a code is sent.",
	Scope: api.ScopeAccount, HalfSigned: true,
	Limit: api.Limit{Max: 10, By: []string{"url:{url},userId:{userId},factor:{factor-kind}"}},
	Audit: "challenge.create", Event: "users.[userId].challenges.[challengeId].create", Status: 201,
	Faults: []*fault.Kind{fault.UserAuthMethodUnsupported, fault.SMTPDisabled, fault.PhoneDisabled, fault.UserEmailNotFound, fault.UserEmailNotVerified,
		fault.UserPhoneNotFound, fault.UserPhoneNotVerified},
}

// factors are the names of the second factors. Clients of either end write recovery codes their own way, and both
// mean the one that is stored and shown.
var factors = []string{model.FactorEmail, model.FactorPhone, model.FactorTOTP, model.FactorRecoveryCode, model.FactorCustom}

// factor returns the stored name of a second factor.
func factor(text string) (string, bool) {
	for _, name := range factors {
		if strings.EqualFold(name, text) {
			return name, true
		}
	}
	return "", false
}

type challengeIn struct{ factor string }

func (in *challengeIn) Params(p *api.Params) {
	p.String("factor", &in.factor, func(text string) error {
		if _, known := factor(text); !known {
			return errors.New("Value must be one of (" + strings.Join(factors, ", ") + ").")
		}
		return nil
	}, "Second factor: `email`, `phone`, `totp`, `recoveryCode` or `custom`.", api.Example("totp"))
}

func (s *Service) createMFAChallenge(c *api.Call, in *challengeIn) (*wire.MFAChallenge, error) {
	name, _ := factor(in.factor)
	challenge, err := s.Rules.CreateChallenge(c.Context(), c.Request(), c.User(), c.FactorSession(), name)
	if err != nil {
		return nil, err
	}
	return wire.MFAChallengeOf(challenge), nil
}

var updateMFAChallenge = api.Spec{
	Route: "PUT /v1/account/mfa/challenges", Alias: []string{"/v1/account/mfa/challenge"},
	SDK:   []string{"account.updateMFAChallenge", "account.updateMfaChallenge"},
	About: "Answer a challenge. The session has then proved the factor.",
	Scope: api.ScopeAccount, HalfSigned: true,
	Limit: api.Limit{Max: 10, By: []string{"mfa-guesses:{userId}"}, Reset: 200},
	Audit: "challenges.update", Event: "users.[userId].sessions.[sessionId].create", Status: 200,
	Faults: []*fault.Kind{fault.UserInvalidToken, fault.UserAuthMethodUnsupported, fault.UserSessionNotFound},
}

type answerIn struct{ challengeID, otp string }

func (in *answerIn) Params(p *api.Params) {
	p.String("challengeId", &in.challengeID, check.Text(1, 256), "Challenge id.", api.Example("5e5ea5c16897e"))
	p.String("otp", &in.otp, check.Text(1, 256), "The code that was sent or is shown by the app, or a recovery code.", api.Example("123456"))
}

func (s *Service) updateMFAChallenge(c *api.Call, in *answerIn) (*wire.Session, error) {
	if c.FactorSession() == "" {
		return nil, fault.UserSessionNotFound
	}
	session, err := s.Rules.ConfirmChallenge(c.Context(), c.Request(), c.User(), c.FactorSession(), auth.Answer{Challenge: in.challengeID, Code: in.otp})
	if err != nil {
		return nil, err
	}
	return shown(c, session), nil
}
