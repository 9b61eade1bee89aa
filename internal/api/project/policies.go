package project

import (
	"strings"

	"latchkey/internal/admin"
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/fault"
)

// policies has a row for each policy; their values are in the table of the rules.
func (s *Service) policies() []api.Endpoint {
	table := []api.Endpoint{api.Define(listPolicies, s.listPolicies), api.Define(getPolicy, s.getPolicy)}
	for i := range admin.Policies {
		policy := &admin.Policies[i]
		spec := api.Spec{Route: "PATCH /v1/project/policies/" + policy.ID, SDK: []string{"project.update" + camel(policy.ID) + "Policy"},
			About: "Set the policy " + policy.ID + ".", Scope: api.ScopePoliciesWrite, Audit: "project.update", Status: 200}
		fresh := func() *policyIn { return &policyIn{policy: policy, values: map[string]any{}} }
		if policy.ID == "password-strength" { // the one that the SDKs expect back alone
			table = append(table, api.DefineWith(spec, fresh, s.updatePolicyAlone))
			continue
		}
		table = append(table, api.DefineWith(spec, fresh, s.updatePolicy))
	}
	return table
}

// camel writes a name with hyphens the way SDKs do.
func camel(name string) string {
	var b strings.Builder
	for _, part := range strings.Split(name, "-") {
		if part == "mfa" || part == "jwt" {
			part = strings.ToUpper(part)
		}
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

// policyIn is some values of a policy.
type policyIn struct {
	policy *admin.Policy
	values map[string]any
}

func (in *policyIn) Params(p *api.Params) {
	for i := range in.policy.Fields {
		in.bind(p, &in.policy.Fields[i])
	}
}

func (in *policyIn) bind(p *api.Params, f *admin.PolicyField) {
	options := []api.Option{}
	if !f.Required {
		options = append(options, api.Optional)
	}
	switch {
	case f.List:
		p.Strings(f.Name, new([]string), func(list []string) error { in.values[f.Name] = list; return f.CheckList(list) }, "List.", options...)
	case f.Text:
		p.String(f.Name, new(string), func(text string) error { in.values[f.Name] = text; return f.CheckText(text) }, "Text.", options...)
	case f.Max > 0:
		p.Int(f.Name, new(int), func(n int) error { in.values[f.Name] = n; return f.Check(n) }, "Whole number.", append(options, api.Example(f.Max))...)
		if f.Name == "total" && in.values[f.Name] == nil {
			in.values[f.Name] = 0 // left out: no limit
		}
	default:
		var on bool
		var given bool
		p.Bool(f.Name, &on, "On or off.", append(options, api.Example(true), api.Given(&given))...)
		if given {
			in.values[f.Name] = on
		}
	}
}

func (s *Service) updatePolicy(c *api.Call, in *policyIn) (*wire.Project, error) {
	p, err := s.Rules.SetPolicy(c.Context(), c.Request(), in.policy.ID, in.values)
	return s.reply(c, p, err)
}

func (s *Service) updatePolicyAlone(c *api.Call, in *policyIn) (wire.Policy, error) {
	p, err := s.Rules.SetPolicy(c.Context(), c.Request(), in.policy.ID, in.values)
	if err != nil {
		return nil, err
	}
	return shownPolicy(admin.PolicyValues(&p.Settings, in.policy.ID), in.policy.ID), nil
}

func shownPolicy(values map[string]any, id string) wire.Policy {
	policy := wire.Policy{"$id": id}
	for name, value := range values {
		policy[name] = value
	}
	return policy
}

var listPolicies = api.Spec{
	Route: "GET /v1/project/policies", SDK: []string{"project.listPolicies"},
	About: "List all policies with what they are set to.",
	Scope: api.ScopePoliciesRead, Status: 200,
}

func (s *Service) listPolicies(c *api.Call, in *pageIn) (*wire.PolicyList, error) {
	p, err := s.Rules.Project(c.Context(), c.Project.ID)
	if err != nil {
		return nil, err
	}
	part, total := page(in, admin.Policies)
	list := &wire.PolicyList{Total: total, Policies: []wire.Policy{}}
	for i := range part {
		list.Policies = append(list.Policies, shownPolicy(admin.PolicyValues(&p.Settings, part[i].ID), part[i].ID))
	}
	return list, nil
}

type policyIDIn struct{ id string }

func (in *policyIDIn) Params(p *api.Params) {
	var names []string
	for _, policy := range admin.Policies {
		names = append(names, policy.ID)
	}
	p.String("policyId", &in.id, oneOf(names), "Policy.", api.Example("session-limit"))
}

var getPolicy = api.Spec{
	Route: "GET /v1/project/policies/{policyId}", SDK: []string{"project.getPolicy"},
	About: "Get what a policy is set to.",
	Scope: api.ScopePoliciesRead, Status: 200,
}

func (s *Service) getPolicy(c *api.Call, in *policyIDIn) (wire.Policy, error) {
	p, err := s.Rules.Project(c.Context(), c.Project.ID)
	if err != nil {
		return nil, err
	}
	return shownPolicy(admin.PolicyValues(&p.Settings, in.id), in.id), nil
}

// providers has a row for each OAuth2 provider; what each is set up with is in the table of the rules.
func (s *Service) providers() []api.Endpoint {
	table := []api.Endpoint{api.Define(listProviders, s.listProviders), api.Define(getProvider, s.getProvider)}
	for _, name := range admin.Providers() {
		spec := api.Spec{Route: "PATCH /v1/project/oauth2/" + name, SDK: []string{"project.updateOAuth2" + providerName(name)},
			About: "Set up sign-in with " + name + ". What is not given stays; a secret is never sent back.", Scope: api.ScopeOAuth2Write, Audit: "project.update", Status: 200,
			Faults: []*fault.Kind{fault.ProjectProviderUnsupported}}
		fresh := func() *providerIn { return &providerIn{provider: name, values: map[string]any{}} }
		table = append(table, api.DefineWith(spec, fresh, s.updateProvider))
	}
	return table
}

// providerNames are the SDK's spellings that are not the id with a capital.
var providerNames = map[string]string{"github": "GitHub", "wordpress": "WordPress", "fusionauth": "FusionAuth", "tradeshiftBox": "TradeshiftSandbox", "huggingface": "HuggingFace"}

func providerName(id string) string {
	if name := providerNames[id]; name != "" {
		return name
	}
	return strings.ToUpper(id[:1]) + id[1:]
}

// providerIn is some settings of a provider.
type providerIn struct {
	provider string
	values   map[string]any
}

func (in *providerIn) Params(p *api.Params) {
	for _, f := range admin.ProviderFields(in.provider) {
		options := []api.Option{api.Optional}
		switch {
		case len(f.Options) > 0 && f.Name == "prompt":
			p.Strings(f.Name, new([]string), func(list []string) error { in.values[f.Name] = list; return admin.CheckProviderField(f, list) }, f.About, append(options, api.Example([]string{"consent"}))...)
		case f.Name == "maxAge":
			p.Int(f.Name, new(int), func(n int) error { in.values[f.Name] = n; return admin.CheckProviderField(f, n) }, f.About, append(options, api.Example(3600))...)
		default:
			p.String(f.Name, new(string), func(text string) error { in.values[f.Name] = text; return admin.CheckProviderField(f, text) }, f.About, options...)
		}
	}
	var on, given bool
	p.Bool("enabled", &on, "Whether people may sign in with it.", api.Optional, api.Example(false), api.Given(&given))
	if given {
		in.values["enabled"] = on
	}
}

func (s *Service) updateProvider(c *api.Call, in *providerIn) (wire.SignInProvider, error) {
	d, err := s.Rules.SetProvider(c.Context(), c.Request(), in.provider, in.values)
	if err != nil {
		return nil, err
	}
	return shownProvider(in.provider, d), nil
}

// shownProvider is a provider without its secrets.
func shownProvider(name string, d *admin.Document) wire.SignInProvider {
	shown := wire.SignInProvider{"$id": name, "enabled": d.Body["enabled"] == true}
	for _, f := range admin.ProviderFields(name) {
		switch value := d.Body[f.Name]; {
		case f.Secret():
			shown[f.Name] = ""
		case value != nil:
			shown[f.Name] = value
		case f.Name == "prompt":
			shown[f.Name] = []string{}
		case f.Name == "maxAge":
			shown[f.Name] = 0
		default:
			shown[f.Name] = ""
		}
	}
	return shown
}

var listProviders = api.Spec{
	Route: "GET /v1/project/oauth2", SDK: []string{"project.listOAuth2Providers"},
	About: "List all OAuth2 providers with what they are set to, without secrets.",
	Scope: api.ScopeOAuth2Read, Status: 200,
}

func (s *Service) listProviders(c *api.Call, in *pageIn) (*wire.SignInProviderList, error) {
	list := &wire.SignInProviderList{Providers: []wire.SignInProvider{}}
	var names []string
	names, list.Total = page(in, admin.Providers())
	for _, name := range names {
		d, err := s.Rules.StoredDocument(c.Context(), c.Project.ID, "oauth2", name)
		if err != nil {
			return nil, err
		}
		list.Providers = append(list.Providers, shownProvider(name, d))
	}
	return list, nil
}

type providerIDIn struct{ id string }

func (in *providerIDIn) Params(p *api.Params) {
	p.String("providerId", &in.id, oneOf(admin.Providers()), "OAuth2 provider.", api.Example("github"))
}

var getProvider = api.Spec{
	Route: "GET /v1/project/oauth2/{providerId}", SDK: []string{"project.getOAuth2Provider"},
	About: "Get what an OAuth2 provider is set to, without secrets.",
	Scope: api.ScopeOAuth2Read, Status: 200,
}

func (s *Service) getProvider(c *api.Call, in *providerIDIn) (wire.SignInProvider, error) {
	d, err := s.Rules.StoredDocument(c.Context(), c.Project.ID, "oauth2", in.id)
	if err != nil {
		return nil, err
	}
	return shownProvider(in.id, d), nil
}
