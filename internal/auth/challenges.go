package auth

import (
	"context"
	"errors"
	"strconv"
	"time"

	"latchkey/internal/client"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

const (
	challengeLife    = time.Hour
	challengePurpose = "mfa-challenge"
)

// CreateChallenge asks a user to prove a second factor and, for email and phone, sends the code. The challenge
// belongs to the session that asks (empty: a caller without one) and raises no other.
// Faults: user_auth_method_unsupported, general_smtp_disabled, general_phone_disabled, user_email_not_found,
// user_email_not_verified, user_phone_not_found, user_phone_not_verified, general_rate_limit_exceeded.
func (r *Rules) CreateChallenge(ctx context.Context, req *Request, user *model.User, session, factor string) (*model.Challenge, error) {
	if !req.Project.Settings.Policies.MFAFactors.Allows(factor) {
		return nil, fault.UserAuthMethodUnsupported
	}
	c := &model.Challenge{Project: user.Project, ID: r.newID(), UserID: user.ID, SessionID: session, Type: factor}
	code, message, err := r.challengeCode(ctx, req, user, c)
	if err != nil {
		return nil, err
	}
	err = r.DB.Write(ctx, func(tx *store.Tx) error {
		tx.LockUser(user.Project, user.ID, fault.UnauthorizedScope)
		c.CreatedAt, c.Expire = tx.Now, tx.Now.Add(challengeLife)
		tx.InsertChallenge(c)
		if message != nil {
			message.CreatedAt, message.Expire = c.CreatedAt, c.Expire
			message.Values["otp"] = code
			r.Box.Put(tx, message)
		}
		r.audit(tx, req, req.Actor, "user/"+user.ID)
		r.happened(tx, req, c, user.ID, c.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// challengeCode makes the code of a challenge, if its type has one that is sent, and the message that carries it.
func (r *Rules) challengeCode(ctx context.Context, req *Request, user *model.User, c *model.Challenge) (code string, m *model.Message, err error) {
	switch c.Type {
	case model.FactorEmail:
		if m, err = r.challengeMail(ctx, req, user); err != nil {
			return "", nil, err
		}
		code = r.Random.Digits(6)
	case model.FactorPhone:
		if code, m, err = r.challengeText(ctx, req, user); err != nil {
			return "", nil, err
		}
	case model.FactorCustom:
		c.Sealed = r.Keys.SealText(challengePurpose, challengePlace(c), r.Random.Digits(6))
		return "", nil, nil
	default:
		return "", nil, nil
	}
	c.CodeHash = r.challengeHash(c, code)
	return code, m, nil
}

// challengeMail is the mail with a code, still without it.
func (r *Rules) challengeMail(ctx context.Context, req *Request, user *model.User) (*model.Message, error) {
	if err := r.mailable(ctx, req); err != nil {
		return nil, err
	}
	switch {
	case user.Email == "":
		return nil, fault.UserEmailNotFound
	case !user.EmailVerification:
		return nil, fault.UserEmailNotVerified
	}
	agent := client.ParseAgent(req.Client.UserAgent)
	values := map[string]string{"user": user.Name, "minutes": challengeMinutes, "agentDevice": agent.DeviceBrand, "agentClient": agent.ClientName, "agentOs": agent.OSName}
	return &model.Message{Project: user.Project, ID: r.newID(), Kind: model.MessageMFAChallenge, Channel: model.ChannelEmail,
		To: user.Email, ToName: user.Name, Locale: req.Locale, Values: values}, nil
}

// challengeText is the text message with a code, still without it, and the code. A mock number has a fixed one and
// gets no message.
func (r *Rules) challengeText(ctx context.Context, req *Request, user *model.User) (string, *model.Message, error) {
	code := ""
	if user.Phone != "" {
		code = r.mockCode(req, user.Phone)
	}
	switch {
	case code == "" && !r.Reach(ctx, req.Project, model.ChannelSMS):
		return "", nil, fault.PhoneDisabled
	case user.Phone == "":
		return "", nil, fault.UserPhoneNotFound
	case !user.PhoneVerification:
		return "", nil, fault.UserPhoneNotVerified
	case code != "":
		return code, nil, nil
	}
	if err := r.textable(ctx, req, user.Phone); err != nil {
		return "", nil, err
	}
	return r.Random.Digits(6), &model.Message{Project: user.Project, ID: r.newID(), Kind: model.MessagePhoneCode, Channel: model.ChannelSMS,
		To: user.Phone, Locale: req.Locale, Values: map[string]string{"minutes": challengeMinutes}}, nil
}

// challengeMinutes is the life of a challenge as messages tell it.
var challengeMinutes = strconv.Itoa(int(challengeLife.Minutes()))

// challengePlace binds a code to the challenge it was made for.
func challengePlace(c *model.Challenge) string { return c.Project + "/" + c.UserID + "/" + c.ID }

// challengeHash is what is kept of a code that was sent.
func (r *Rules) challengeHash(c *model.Challenge, code string) []byte {
	return r.Keys.MAC(challengePurpose, []byte(challengePlace(c)), []byte(code))
}

// Answer is what somebody gives to a challenge.
type Answer struct {
	Challenge string // its id
	Code      string
}

// ConfirmChallenge takes the answer to a challenge. A right one ends the challenge, adds its factor to the session
// and makes that fresh for changes which ask for it; a wrong one leaves everything as it was.
// Faults: user_invalid_token, user_auth_method_unsupported, user_session_not_found.
func (r *Rules) ConfirmChallenge(ctx context.Context, req *Request, user *model.User, session string, a Answer) (*model.Session, error) {
	var grown *model.Session
	number := ""
	err := r.DB.Write(ctx, func(tx *store.Tx) error {
		// The lock puts those who answer at once in a row: each sees what the one before has used up.
		tx.LockUser(user.Project, user.ID, fault.UnauthorizedScope)
		c, err := tx.Challenge(user.Project, user.ID, a.Challenge)
		if err != nil {
			return err
		}
		if c.SessionID != "" && c.SessionID != session {
			return fault.UserInvalidToken
		}
		if !req.Project.Settings.Policies.MFAFactors.Allows(c.Type) {
			return fault.UserAuthMethodUnsupported
		}
		if err := r.answer(tx, c, a.Code); err != nil {
			return err
		}
		if c.Type == model.FactorPhone {
			number = user.Phone
		}
		tx.DeleteChallenge(c.Project, c.UserID, c.ID)
		r.audit(tx, req, req.Actor, "user/"+user.ID)
		if grown, err = grow(tx, user, session, true, c.Type); err == nil {
			r.signedIn(tx, req, grown)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	r.confirmed(ctx, req, number)
	return grown, nil
}

// answer compares a code with what a challenge asks for, and uses up what is good once. Fault: user_invalid_token.
func (r *Rules) answer(tx *store.Tx, c *model.Challenge, code string) error {
	switch c.Type {
	case model.FactorTOTP:
		authenticator, err := tx.Authenticator(c.Project, c.UserID, model.FactorTOTP)
		if errors.Is(err, fault.UserAuthenticatorNotFound) || err == nil && !authenticator.Verified {
			return fault.UserInvalidToken
		}
		if err != nil {
			return err
		}
		return r.spendTOTP(tx, authenticator, code)
	case model.FactorRecoveryCode:
		return r.spendRecoveryCode(tx, c.Project, c.UserID, code)
	case model.FactorCustom:
		right, err := r.ChallengeCode(c)
		if err != nil {
			return err
		}
		if !secret.Equal([]byte(right), []byte(code)) {
			return fault.UserInvalidToken
		}
		return nil
	}
	if len(c.CodeHash) == 0 || !secret.Equal(r.challengeHash(c, code), c.CodeHash) {
		return fault.UserInvalidToken
	}
	return nil
}

// ChallengeCode opens the code of a challenge that the project's own server delivers.
func (r *Rules) ChallengeCode(c *model.Challenge) (string, error) {
	return r.Keys.OpenText(challengePurpose, challengePlace(c), c.Sealed)
}
