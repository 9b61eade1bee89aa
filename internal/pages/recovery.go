package pages

import (
	"errors"
	"strconv"
	"strings"

	"latchkey/internal/api"
	"latchkey/internal/check"
	"latchkey/internal/fault"
)

var showRecovery = api.Spec{About: "Ask for the new password of an account."}

var recoverAccount = api.Spec{
	About: "Set a new password by the link of a mail.",
	Scope: api.ScopeSessionsWrite,
	Limit: api.Limit{Max: 10, By: []string{"url:{url},userId:{param-userId}"}, Of: "PUT /v1/account/recovery"},
	Audit: "recovery.update", Event: "users.[userId].recovery.[tokenId].update",
}

// The same page greets who sets a password for the first time: an operator whose link was printed or sent.
var (
	showSetPassword = api.Spec{About: "Ask for the first password of an account."}
	setPassword     = recoverAccount
)

func (s *Service) showRecovery(c *api.Call, in *linkIn) (*api.Page, error) {
	return askPassword(c, in, "recover")
}

func (s *Service) showSetPassword(c *api.Call, in *linkIn) (*api.Page, error) {
	return askPassword(c, in, "set")
}

func askPassword(c *api.Call, in *linkIn, kind string) (*api.Page, error) {
	v := visitOf(c)
	switch {
	case v.project() == "":
		return v.nowhere()
	case in.over(c.Now):
		return v.bad(fault.UserInvalidToken.Status)
	}
	return v.passwordPage(200, in, kind, "")
}

type passwordIn struct {
	linkIn
	password, again string
}

func (in *passwordIn) Params(p *api.Params) {
	in.linkIn.Params(p)
	// What is wrong with a password is said beside its field: the handler checks it.
	p.String("password", &in.password, nil, "New password.", api.Default(""), api.Format("password"))
	p.String("again", &in.again, nil, "The same once more.", api.Default(""), api.Format("password"))
}

func (s *Service) recover(c *api.Call, in *passwordIn) (*api.Page, error) {
	return s.changePassword(c, in, "recover")
}

func (s *Service) setPassword(c *api.Call, in *passwordIn) (*api.Page, error) {
	return s.changePassword(c, in, "set")
}

func (s *Service) changePassword(c *api.Call, in *passwordIn, kind string) (*api.Page, error) {
	v := visitOf(c)
	if v.project() == "" {
		return v.nowhere()
	}
	if wrong := v.wrongPassword(in.password, in.again); wrong != "" {
		return v.passwordPage(400, &in.linkIn, kind, wrong)
	}
	_, err := s.Rules.Recover(c.Context(), c.Request(), in.userID, in.secret, in.password)
	for _, refused := range refusals {
		if errors.Is(err, refused.kind) {
			return v.passwordPage(refused.kind.Status, &in.linkIn, kind, refused.key)
		}
	}
	if err != nil {
		return nil, err
	}
	return v.on(), nil
}

// refusals are what a rule has against a password, or against this moment, and how the page says it.
var refusals = []struct {
	kind *fault.Kind
	key  string
}{{fault.PasswordRecentlyUsed, "wrong.recent"}, {fault.PasswordPersonalData, "wrong.personal"}, {fault.ServerBusy, "busy.body"}}

// wrongPassword says what is wrong with a password by itself; empty if nothing is.
func (v *visit) wrongPassword(password, again string) string {
	switch {
	case password == "" || again == "":
		return "wrong.missing"
	case password != again:
		return "wrong.differ"
	case check.Password(v.Project.Settings.Policies)(password) != nil:
		return "wrong.weak"
	}
	return ""
}

func (s *Service) recoveryDone(c *api.Call, _ *api.None) (*api.Page, error) {
	return visitOf(c).worked("recover.done", "recover.doneBody")
}

func (s *Service) setPasswordDone(c *api.Call, _ *api.None) (*api.Page, error) {
	return visitOf(c).worked("set.done", "recover.doneBody")
}

// passwordPage asks for a password, with what was wrong with the one before.
func (v *visit) passwordPage(status int, in *linkIn, kind, wrong string) (*api.Page, error) {
	body := []string{v.say(kind + ".body")}
	if kind == "recover" && v.Project.Settings.Policies.SessionInvalidation.Enabled {
		body = append(body, v.say("recover.sessions"))
	}
	f := v.form(in, kind+".button")
	f.Password = v.passwordFields(wrong)
	return v.show(status, content{Title: v.say(kind + ".title"), Body: body, Form: f})
}

// passwordFields are the form's fields for a password, with what was wrong with the one before.
func (v *visit) passwordFields(wrong string) *passwordFields {
	f := &passwordFields{Label: v.say("recover.password"), Again: v.say("recover.again"), RulesTitle: v.say("rules.title"), Rules: v.passwordRules()}
	if wrong != "" {
		f.Wrong = v.say(wrong)
	}
	return f
}

// passwordRules lists what the project's policies ask of a password.
func (v *visit) passwordRules() []string {
	policies := &v.Project.Settings.Policies
	strength := policies.PasswordStrength
	list := []string{strings.ReplaceAll(v.say("rule.min"), "{n}", strconv.Itoa(max(strength.Min, 8)))}
	for _, rule := range []struct {
		on  bool
		key string
	}{
		{strength.Uppercase, "uppercase"}, {strength.Lowercase, "lowercase"}, {strength.Number, "number"}, {strength.Symbols, "symbols"},
		{policies.PasswordDictionary.Enabled, "dictionary"}, {policies.PasswordPersonal.Enabled, "personal"}, {policies.PasswordHistory.Total > 0, "history"},
	} {
		if rule.on {
			list = append(list, v.say("rule."+rule.key))
		}
	}
	return list
}
