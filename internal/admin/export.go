package admin

import (
	"context"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/goccy/go-yaml"

	"latchkey/internal/model"
	"latchkey/internal/store"
)

// Export writes the projects as a file that Apply takes and that changes nothing when it is applied. Secrets are left to
// the environment: each is a hole such as ${SHOP_SMTP_PASSWORD}, or (bare) is left out, which keeps what is stored. The
// texts of API keys are known to nobody, so they are always left out.
func (r *Rules) Export(ctx context.Context, bare bool) ([]byte, error) {
	projects, err := r.DB.Projects(ctx)
	if err != nil {
		return nil, err
	}
	list := []yaml.MapSlice{}
	for _, p := range projects {
		if p.ID == model.ConsoleProject {
			continue
		}
		one, err := r.exportProject(ctx, p.ID, bare)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return yaml.MarshalWithOptions(yaml.MapSlice{{Key: "projects", Value: list}}, yaml.IndentSequence(true))
}

func (r *Rules) exportProject(ctx context.Context, id string, bare bool) (yaml.MapSlice, error) {
	p, err := r.DB.Project(ctx, id)
	if err != nil {
		return nil, err
	}
	keys, err := r.DB.Keys(ctx, id)
	if err != nil {
		return nil, err
	}
	out := yaml.MapSlice{{Key: "id", Value: p.ID}, {Key: "name", Value: p.Name}}
	add := func(name string, value any) { out = append(out, yaml.MapItem{Key: name, Value: value}) }
	add("platforms", exportPlatforms(p.Platforms))
	add("keys", exportKeys(keys))
	methods := yaml.MapSlice{}
	for _, name := range AuthMethods {
		methods = append(methods, yaml.MapItem{Key: name, Value: AuthMethodEnabled(&p.Settings, name)})
	}
	add("auth-methods", methods)
	policies := yaml.MapSlice{}
	for _, policy := range Policies {
		values := yaml.MapSlice{}
		for _, f := range policy.Fields {
			values = append(values, yaml.MapItem{Key: f.Name, Value: plainNumber(PolicyValues(&p.Settings, policy.ID)[f.Name])})
		}
		policies = append(policies, yaml.MapItem{Key: policy.ID, Value: values})
	}
	add("policies", policies)
	if len(p.Settings.Services) > 0 {
		add("services", p.Settings.Services)
	}
	if len(p.Settings.APIs) > 0 {
		add("protocols", p.Settings.APIs)
	}
	if len(p.Settings.Labels) > 0 {
		add("labels", p.Settings.Labels)
	}
	if accent := p.Settings.Branding.Accent; accent != "" {
		add("branding", yaml.MapSlice{{Key: "accent", Value: accent}})
	}
	if len(p.Settings.MockPhones) > 0 {
		phones := []yaml.MapSlice{}
		for _, phone := range p.Settings.MockPhones {
			phones = append(phones, yaml.MapSlice{{Key: "number", Value: phone.Number}, {Key: "otp", Value: phone.OTP}})
		}
		add("mock-phones", phones)
	}
	return r.exportDocuments(ctx, id, bare, out)
}

func exportPlatforms(platforms []model.Platform) []yaml.MapSlice {
	list := []yaml.MapSlice{}
	for _, p := range platforms {
		list = append(list, yaml.MapSlice{{Key: "type", Value: p.Type}, {Key: "id", Value: p.ID}, {Key: "name", Value: p.Name}, {Key: platformValues[p.Type], Value: p.Value}})
	}
	return list
}

func exportKeys(keys []model.Key) []yaml.MapSlice {
	list := []yaml.MapSlice{}
	for _, k := range keys {
		one := yaml.MapSlice{{Key: "id", Value: k.ID}, {Key: "name", Value: k.Name}}
		if len(k.Scopes) > 0 {
			one = append(one, yaml.MapItem{Key: "scopes", Value: k.Scopes})
		}
		if k.Dev {
			one = append(one, yaml.MapItem{Key: "dev", Value: true})
		}
		if k.Expire != 0 {
			one = append(one, yaml.MapItem{Key: "expire", Value: k.Expire.Std().Format("2006-01-02T15:04:05.000Z07:00")})
		}
		list = append(list, one)
	}
	return list
}

// exportDocuments adds the pieces of settings that may hold secrets.
func (r *Rules) exportDocuments(ctx context.Context, project string, bare bool, out yaml.MapSlice) (yaml.MapSlice, error) {
	sections := map[string]string{store.KindOAuth2: "oauth2", store.KindSMTP: "smtp", store.KindSMS: "sms", store.KindMessaging: "providers", store.KindTemplate: "templates", store.KindWebhook: "webhooks"}
	for _, kind := range []string{store.KindOAuth2, store.KindSMTP, store.KindSMS, store.KindMessaging, store.KindTemplate, store.KindWebhook} {
		documents, err := r.Stored(ctx, project, kind)
		if err != nil {
			return nil, err
		}
		if len(documents) == 0 {
			continue
		}
		named, list := yaml.MapSlice{}, []yaml.MapSlice{}
		for _, d := range documents {
			one := exportDocument(project, kind, d, bare)
			if kind == store.KindMessaging { // its id stands beside the body, and its type follows from what it is
				one = slices.DeleteFunc(one, func(item yaml.MapItem) bool { return item.Key == "type" })
				one = slices.Insert(one, 0, yaml.MapItem{Key: "id", Value: d.ID})
			}
			named, list = append(named, yaml.MapItem{Key: d.ID, Value: one}), append(list, one)
		}
		var section any = list
		switch kind {
		case store.KindOAuth2:
			section = named
		case store.KindSMTP, store.KindSMS:
			section = list[0]
		case store.KindTemplate:
			section = yaml.MapSlice{{Key: "email", Value: list}}
		}
		out = append(out, yaml.MapItem{Key: sections[kind], Value: section})
	}
	return out, nil
}

// exportDocument is a document's own members and a hole for each of its secrets.
func exportDocument(project, kind string, d *Document, bare bool) yaml.MapSlice {
	one := yaml.MapSlice{}
	for _, name := range sortedNames(d.Body) {
		if d.Body[name] == nil {
			continue
		}
		one = append(one, yaml.MapItem{Key: name, Value: plainNumber(d.Body[name])})
	}
	names := sortedNames(d.Secrets)
	sort.Strings(names)
	for _, name := range names {
		if !bare {
			one = append(one, yaml.MapItem{Key: name, Value: "${" + HoleName(project, kind, d.ID, name) + "}"})
		}
	}
	return one
}

var notInNames = regexp.MustCompile(`[^A-Z0-9]+`)

// HoleName is the environment variable that a secret is taken from: SHOP_OAUTH2_GITHUB_CLIENTSECRET.
func HoleName(project, kind, id, name string) string {
	parts := []string{project, kind, id, name}
	if id == kind {
		parts = []string{project, kind, name}
	}
	text := notInNames.ReplaceAllString(strings.ToUpper(strings.Join(parts, "_")), "_")
	if text[0] >= '0' && text[0] <= '9' {
		text = "_" + text
	}
	return text
}

// plainNumber writes a whole number as one; JSON has only one kind.
func plainNumber(value any) any {
	if n, is := value.(float64); is && n == float64(int64(n)) {
		return int64(n)
	}
	return value
}
