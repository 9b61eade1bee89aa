package admin

import (
	"encoding/json"
	"fmt"
	"slices"

	"latchkey/internal/check"
	"latchkey/internal/model"
)

// PolicyField is one value of a policy: a whole number from Min to Max, a text, a list of texts, or else a truth value.
type PolicyField struct {
	Name     string
	Min, Max int
	Text     bool
	List     bool
	Item     func(string) error // checks the text, or an item of the list
	Required bool               // must be given by the API; a file may always leave it out
}

// Policy is a rule for accounts that a project can set, by its name in the official server SDK and in the file.
type Policy struct {
	ID     string
	Fields []PolicyField
}

// The three common shapes of a policy.
func enabledPolicy(id string) Policy {
	return Policy{id, []PolicyField{{Name: "enabled", Required: true}}}
}

func totalPolicy(id string, min, max int) Policy {
	return Policy{id, []PolicyField{{Name: "total", Min: min, Max: max}}}
}

func switchesPolicy(id string, names ...string) Policy {
	p := Policy{ID: id}
	for _, name := range names {
		p.Fields = append(p.Fields, PolicyField{Name: name})
	}
	return p
}

// Policies lists every policy. File and API read it; bounds are those of the contract, and the last ones are ours.
var Policies = []Policy{
	enabledPolicy("password-dictionary"),
	totalPolicy("password-history", 0, 20),
	{"password-strength", []PolicyField{{Name: "min", Min: 8, Max: 256}, {Name: "uppercase"}, {Name: "lowercase"}, {Name: "number"}, {Name: "symbols"}}},
	enabledPolicy("password-personal-data"),
	enabledPolicy("session-alert"),
	{"session-duration", []PolicyField{{Name: "duration", Min: 60, Max: 31536000, Required: true}}},
	enabledPolicy("session-invalidation"),
	totalPolicy("session-limit", 0, 100),
	totalPolicy("user-limit", 0, 10000),
	switchesPolicy("membership-privacy", "userId", "userEmail", "userPhone", "userName", "userMFA", "userAccessedAt"),
	enabledPolicy("deny-aliased-email"),
	enabledPolicy("deny-disposable-email"),
	enabledPolicy("deny-free-email"),
	enabledPolicy("deny-corporate-email"),
	switchesPolicy("mfa-factors", "totp", "email", "phone", "custom"),
	enabledPolicy("hide-accounts"),
	enabledPolicy("account-notices"),
	enabledPolicy("first-proof-wipe"),
	{"audit-retention", []PolicyField{{Name: "days", Max: 3650}}},
	{"jwt-signing", []PolicyField{{Name: "algorithm", Text: true, Item: signingAlgorithm}, {Name: "rotateDays", Max: 365}}},
	{"self-deletion", []PolicyField{{Name: "enabled"}, {Name: "graceDays", Min: 0, Max: 365}}},
	{"trust-email", []PolicyField{{Name: "providers", List: true, Item: weakProvider}, {Name: "refuseUnverified"}, {Name: "optional"}}},
	{"sms-guard", []PolicyField{{Name: "enabled"}, {Name: "perNumber", Max: 1000}, {Name: "perPrefix", Max: 1_000_000}, {Name: "perCountry", Max: 10_000_000},
		{Name: "perAddress", Max: 1_000_000}, {Name: "conversion", Max: 100}, {Name: "daily", Max: 100_000_000}, {Name: "countries", List: true, Item: callingCode}}},
	{"passkeys", []PolicyField{{Name: "enabled"}, {Name: "rpIds", List: true, Item: check.Domain}, {Name: "androidApps", List: true, Item: androidApp},
		{Name: "appleApps", List: true, Item: check.AppleApp}}},
}

// androidApp checks an app that shares a project's passkeys.
func androidApp(value string) error {
	_, err := check.ParseAndroidApp(value)
	return err
}

// policyByID finds a policy; nil if there is none of the name.
func policyByID(id string) *Policy {
	i := slices.IndexFunc(Policies, func(p Policy) bool { return p.ID == id })
	if i < 0 {
		return nil
	}
	return &Policies[i]
}

// PolicyValues returns what a project has set a policy to, by the names of its fields.
func PolicyValues(s *model.Settings, id string) map[string]any {
	all := map[string]map[string]any{}
	text, err := json.Marshal(s.Policies)
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil {
		panic("admin: policies are no JSON: " + err.Error())
	}
	values := all[id]
	for _, f := range policyByID(id).Fields {
		if f.List && values[f.Name] == nil {
			values[f.Name] = []any{}
		}
	}
	return values
}

// setPolicy writes some fields of a policy; those that are not given stay.
func setPolicy(s *model.Settings, id string, given map[string]any) error {
	values := PolicyValues(s, id)
	for name, value := range given {
		values[name] = value
	}
	text, err := json.Marshal(map[string]any{id: values})
	if err != nil {
		return err
	}
	return json.Unmarshal(text, &s.Policies)
}

// readPolicies reads policies of a file. A policy may be given in part.
func readPolicies(n node) func(*model.Settings) {
	given := map[string]map[string]any{}
	known := map[string]func(node){}
	for _, p := range Policies {
		known[p.ID] = func(n node) { given[p.ID] = p.read(n) }
	}
	n.fields(known)
	return func(s *model.Settings) {
		for id, values := range given {
			if err := setPolicy(s, id, values); err != nil {
				panic("admin: policy " + id + " does not take what was checked: " + err.Error())
			}
		}
	}
}

// read reads the fields of a policy that a file gives.
func (p *Policy) read(n node) map[string]any {
	values := map[string]any{}
	known := map[string]func(node){}
	for _, f := range p.Fields {
		known[f.Name] = func(n node) { values[f.Name] = f.read(n) }
	}
	given := n.fields(known)
	if len(p.Fields) == 1 && !p.Fields[0].List {
		n.require(given, p.Fields[0].Name)
	}
	return values
}

func (f *PolicyField) read(n node) any {
	switch {
	case f.List:
		list := []string{}
		n.texts(&list, f.Item)
		return list
	case f.Text:
		var text string
		n.text(&text, f.Item)
		return text
	case f.Max > 0:
		var number int
		n.number(&number, f.Min, f.Max)
		return number
	}
	var on bool
	n.flag(&on)
	return on
}

// Check says what is wrong with a number for the field.
func (f *PolicyField) Check(value int) error {
	if value < f.Min || value > f.Max {
		return fmt.Errorf("Value must be a whole number between %d and %d.", f.Min, f.Max)
	}
	return nil
}

// CheckList says what is wrong with a list for the field.
func (f *PolicyField) CheckList(list []string) error {
	for _, one := range list {
		if err := f.Item(one); err != nil {
			return fmt.Errorf("Value holds what it must not: %w.", err)
		}
	}
	return nil
}

// CheckText says what is wrong with a text for the field.
func (f *PolicyField) CheckText(text string) error {
	if err := f.Item(text); err != nil {
		return fmt.Errorf("Value %w.", err)
	}
	return nil
}
