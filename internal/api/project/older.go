package project

import (
	"encoding/json"
	"slices"
	"strings"

	"latchkey/internal/admin"
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// Older lists the spellings that older consoles use for what is set about a project. They name the project in the path,
// are called by its operators, and lead to the same rules.
func (s *Service) Older() []api.Endpoint {
	table := []api.Endpoint{
		aged(older("PATCH /service", "projects.updateServiceStatus", "Switch a service.", api.ScopeProjectWrite), s.oldService),
		aged(older("PATCH /service/all", "projects.updateServiceStatusAll", "Switch all services.", api.ScopeProjectWrite), s.oldServices),
		aged(older("PATCH /api", "projects.updateAPIStatus", "Switch a protocol.", api.ScopeProjectWrite), s.oldProtocol),
		aged(older("PATCH /api/all", "projects.updateAPIStatusAll", "Switch all protocols.", api.ScopeProjectWrite), s.oldProtocols),
		aged(older("PATCH /auth/mock-numbers", "projects.updateMockNumbers", "Replace all mock numbers.", api.ScopeMocksWrite), s.oldMockNumbers),
		aged(older("PATCH /auth/memberships-privacy", "projects.updateMembershipsPrivacy", "Set what members see of each other.", api.ScopePoliciesWrite), s.oldPrivacy),
		aged(older("PATCH /auth/{method}", "projects.updateAuthStatus", "Switch a way of signing in.", api.ScopeProjectWrite), s.oldAuthStatus),
		aged(older("PUT /labels", "projects.updateLabels", "Replace the labels.", api.ScopeProjectWrite), s.updateLabels),
		aged(older("PATCH /oauth2", "projects.updateOAuth2", "Set up an OAuth2 provider.", api.ScopeOAuth2Write, fault.ProjectProviderUnsupported), s.oldProvider),
		aged(older("PATCH /smtp", "projects.updateSMTP", "Set the mail server.", api.ScopeProjectWrite, fault.ProjectSMTPConfigInvalid), s.oldSMTP),
		aged(silent(answering(204, older("POST /smtp/tests", "projects.createSMTPTest", "Send a test mail.", api.ScopeProjectWrite, fault.SMTPDisabled, fault.ProjectSMTPConfigInvalid))), s.oldSMTPTest),
		aged(silent(answering(204, older("PATCH /console-access", "projects.updateConsoleAccess", "Say that an operator looks at the project.", api.ScopeProjectRead))), s.oldConsoleAccess),
	}
	for _, p := range oldPolicies {
		spec := older("PATCH /auth/"+p.path, "projects."+p.sdk, "Set the policy "+p.policy+".", api.ScopePoliciesWrite)
		table = append(table, api.DefineWith(spec, func() *oldPolicyIn { return &oldPolicyIn{row: p} }, s.oldPolicy))
	}
	table = append(table, s.olderKeys()...)
	table = append(table, s.olderPlatforms()...)
	table = append(table, s.olderWebhooks()...)
	return append(table, s.olderTemplates()...)
}

// older is the row of an older spelling: its method and its path below the project.
func older(route, sdk, about string, scope api.Scope, faults ...*fault.Kind) api.Spec {
	method, path, _ := strings.Cut(route, " ")
	spec := api.Spec{Route: method + " /v1/projects/{projectId}" + path, SDK: []string{sdk}, About: about + " An older spelling.", Scope: scope, OfPath: true,
		Audit: "project.update", Status: 200, Faults: faults}
	switch method {
	case "GET":
		spec.Audit = ""
	case "POST":
		spec.Status = 201
	case "DELETE":
		spec.Status = 204
	}
	return spec
}

// aged is an endpoint of an older spelling: the project stands before the parameters that its newer one may share.
func aged[In any, P api.Input[In], Out any](spec api.Spec, handle func(*api.Call, P) (Out, error)) api.Endpoint {
	return api.Define(spec, func(c *api.Call, in *agedIn[In, P]) (Out, error) { return handle(c, P(&in.rest)) })
}

type agedIn[In any, P api.Input[In]] struct {
	projectIn
	rest In
}

// Params lists the project before the rest.
func (in *agedIn[In, P]) Params(p *api.Params) {
	in.projectIn.Params(p)
	P(&in.rest).Params(p)
}

// answering is a row with another status of success.
func answering(status int, spec api.Spec) api.Spec {
	spec.Status = status
	return spec
}

// silent is a row that changes nothing, so that nobody asks who did.
func silent(spec api.Spec) api.Spec {
	spec.Audit = ""
	return spec
}

// oldPolicies are the policies that older consoles set one by one.
var oldPolicies = []struct{ path, sdk, policy, param, value string }{
	{"duration", "updateAuthDuration", "session-duration", "duration", "duration"},
	{"limit", "updateAuthLimit", "user-limit", "limit", "total"},
	{"max-sessions", "updateAuthSessionsLimit", "session-limit", "limit", "total"},
	{"password-dictionary", "updateAuthPasswordDictionary", "password-dictionary", "enabled", "enabled"},
	{"password-history", "updateAuthPasswordHistory", "password-history", "limit", "total"},
	{"personal-data", "updatePersonalDataCheck", "password-personal-data", "enabled", "enabled"},
	{"session-alerts", "updateSessionAlerts", "session-alert", "alerts", "enabled"},
	{"session-invalidation", "updateSessionInvalidation", "session-invalidation", "enabled", "enabled"},
}

type oldPolicyIn struct {
	projectIn
	row   struct{ path, sdk, policy, param, value string }
	value any
}

func (in *oldPolicyIn) Params(p *api.Params) {
	in.projectIn.Params(p)
	i := slices.IndexFunc(admin.Policies, func(policy admin.Policy) bool { return policy.ID == in.row.policy })
	f := &admin.Policies[i].Fields[0]
	if f.Max > 0 {
		var n int
		p.Int(in.row.param, &n, f.Check, "Whole number.", api.Example(f.Max))
		in.value = n
		return
	}
	var on bool
	p.Bool(in.row.param, &on, "On or off.", api.Example(true))
	in.value = on
}

func (s *Service) oldPolicy(c *api.Call, in *oldPolicyIn) (*wire.Project, error) {
	p, err := s.Rules.SetPolicy(c.Context(), c.Request(), in.row.policy, map[string]any{in.row.value: in.value})
	return s.reply(c, p, err)
}

type oldSwitchIn struct {
	name string
	on   bool
}

func (in *oldSwitchIn) bind(p *api.Params, name string, list []string) {
	if name != "" {
		p.String(name, &in.name, oneOf(list), "What is switched.", api.Example(list[0]))
	}
	p.Bool("status", &in.on, "On or off.", api.Example(true))
}

type oldServiceIn struct{ oldSwitchIn }

func (in *oldServiceIn) Params(p *api.Params) { in.bind(p, "service", admin.Services()) }

func (s *Service) oldService(c *api.Call, in *oldServiceIn) (*wire.Project, error) {
	p, err := s.Rules.SetService(c.Context(), c.Request(), in.on, in.name)
	return s.reply(c, p, err)
}

type oldAllIn struct{ oldSwitchIn }

func (in *oldAllIn) Params(p *api.Params) { in.bind(p, "", nil) }

func (s *Service) oldServices(c *api.Call, in *oldAllIn) (*wire.Project, error) {
	p, err := s.Rules.SetService(c.Context(), c.Request(), in.on, admin.Services()...)
	return s.reply(c, p, err)
}

// oldProtocolNames are the older names of protocols.
var oldProtocolNames = []string{"rest", "graphql", "realtime", "websocket"}

type oldProtocolIn struct{ oldSwitchIn }

func (in *oldProtocolIn) Params(p *api.Params) { in.bind(p, "api", oldProtocolNames) }

func (s *Service) oldProtocol(c *api.Call, in *oldProtocolIn) (*wire.Project, error) {
	if in.name == "realtime" {
		in.name = "websocket"
	}
	p, err := s.Rules.SetProtocol(c.Context(), c.Request(), in.on, in.name)
	return s.reply(c, p, err)
}

func (s *Service) oldProtocols(c *api.Call, in *oldAllIn) (*wire.Project, error) {
	p, err := s.Rules.SetProtocol(c.Context(), c.Request(), in.on, admin.Protocols()...)
	return s.reply(c, p, err)
}

type oldAuthIn struct{ oldSwitchIn }

func (in *oldAuthIn) Params(p *api.Params) {
	in.bind(p, "method", append([]string{"email-password"}, admin.AuthMethods...))
}

func (s *Service) oldAuthStatus(c *api.Call, in *oldAuthIn) (*wire.Project, error) {
	p, err := s.Rules.SetAuthMethod(c.Context(), c.Request(), in.name, in.on)
	return s.reply(c, p, err)
}

// oldConsoleAccess does nothing more: every call of an operator marks the project as used.
func (s *Service) oldConsoleAccess(*api.Call, *api.None) (api.Empty, error) { return api.Empty{}, nil }

type oldPrivacyIn struct {
	name, email, mfa bool
}

func (in *oldPrivacyIn) Params(p *api.Params) {
	p.Bool("userName", &in.name, "Whether members see names.", api.Example(true))
	p.Bool("userEmail", &in.email, "Whether members see addresses.", api.Example(true))
	p.Bool("mfa", &in.mfa, "Whether members see who has a second factor.", api.Example(true))
}

func (s *Service) oldPrivacy(c *api.Call, in *oldPrivacyIn) (*wire.Project, error) {
	p, err := s.Rules.SetPolicy(c.Context(), c.Request(), "membership-privacy", map[string]any{"userName": in.name, "userEmail": in.email, "userMFA": in.mfa})
	return s.reply(c, p, err)
}

type oldMocksIn struct {
	phones []model.MockPhone
}

func (in *oldMocksIn) Params(p *api.Params) {
	p.Objects("numbers", func(text json.RawMessage) error {
		var list []struct{ Phone, OTP string }
		if err := json.Unmarshal(text, &list); err != nil {
			return errMocks
		}
		for _, one := range list {
			in.phones = append(in.phones, model.MockPhone{Number: one.Phone, OTP: one.OTP})
		}
		return nil
	}, "Numbers: objects with phone and otp.", api.Example([]map[string]any{{"phone": "+16175551212", "otp": "123456"}}))
}

func (s *Service) oldMockNumbers(c *api.Call, in *oldMocksIn) (*wire.Project, error) {
	p, err := s.Rules.ReplaceMockPhones(c.Context(), c.Request(), in.phones)
	return s.reply(c, p, err)
}

type oldProviderIn struct {
	provider, id, secret string
	on, given            bool
}

func (in *oldProviderIn) Params(p *api.Params) {
	p.String("provider", &in.provider, oneOf(admin.Providers()), "OAuth2 provider.", api.Example("github"))
	p.String("appId", &in.id, check.Text(0, 256), "The id that the provider has given the app.", api.Optional, api.Example("abc"))
	p.String("secret", &in.secret, check.Text(0, 4096), "The secret that the provider has given the app.", api.Optional, api.Example("def"))
	p.Bool("enabled", &in.on, "Whether people may sign in with it.", api.Optional, api.Example(false), api.Given(&in.given))
}

func (s *Service) oldProvider(c *api.Call, in *oldProviderIn) (*wire.Project, error) {
	values := map[string]any{}
	for i, f := range admin.ProviderFields(in.provider) {
		switch {
		case i == 0 && in.id != "":
			values[f.Name] = in.id
		case f.Secret() && in.secret != "":
			values[f.Name] = in.secret
		}
	}
	if in.given {
		values["enabled"] = in.on
	}
	if _, err := s.Rules.SetProvider(c.Context(), c.Request(), in.provider, values); err != nil {
		return nil, err
	}
	return s.get(c, nil)
}

type oldSMTPIn struct {
	SMTPIn
}

func (in *oldSMTPIn) Params(p *api.Params) {
	in.On(p)
	in.rest(p)
}

func (in *oldSMTPIn) rest(p *api.Params) {
	in.Text(p, "senderName", check.Text(0, 256), "Name that mails come from.", api.Example("Example"))
	in.Text(p, "senderEmail", emptyOr(check.Email), "Address that mails come from.", api.Example("noreply@example.com"))
	p.String("replyTo", new(string), func(text string) error { in.Set("replyToEmail", text); return emptyOr(check.Email)(text) }, "Address that answers go to.", api.Optional, api.Example("help@example.com"))
	in.Server(p)
	in.Secure(p)
}

func (s *Service) oldSMTP(c *api.Call, in *oldSMTPIn) (*wire.Project, error) {
	return s.updateSMTP(c, &in.SMTPIn)
}

type oldSMTPTestIn struct {
	oldSMTPIn
	emails []string
}

func (in *oldSMTPTestIn) Params(p *api.Params) {
	p.Strings("emails", &in.emails, Emails, "Addresses to send to, at most 10.", api.Example([]string{"walter@example.com"}))
	in.rest(p)
}

func (s *Service) oldSMTPTest(c *api.Call, in *oldSMTPTestIn) (api.Empty, error) {
	on := true
	in.Enabled = &on
	return api.Empty{}, s.Rules.SendTestMail(c.Context(), c.Request(), &in.SMTPChange, in.emails)
}
