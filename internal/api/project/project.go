// Package project holds the rows of the Project service and their handlers: what a server with a key, or an operator in
// the console, sets up about one project. A handler reads its input, calls one rule and shapes the reply.
package project

import (
	"errors"
	"slices"
	"strings"
	"time"

	"latchkey/internal/admin"
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// Service serves the rows of the Project service.
type Service struct {
	Rules *admin.Rules
}

// Endpoints lists the Project service.
func (s *Service) Endpoints() []api.Endpoint {
	table := []api.Endpoint{
		api.Define(get, s.get),
		api.Define(deleteProject, s.deleteProject),
		api.Define(updateAuthMethod, s.updateAuthMethod),
		api.Define(updateService, s.updateService),
		api.Define(updateProtocol, s.updateProtocol),
		api.Define(updateLabels, s.updateLabels),
	}
	table = append(table, s.keys()...)
	table = append(table, s.platforms()...)
	table = append(table, s.mockPhones()...)
	table = append(table, s.webhooks()...)
	table = append(table, s.activities()...)
	table = append(table, s.policies()...)
	table = append(table, s.providers()...)
	return append(table, s.mails()...)
}

// by is the key that a caller acts through; nil for an operator.
func by(c *api.Call) *model.Key {
	if c.Caller.Role == api.RoleKey {
		return c.Caller.Key
	}
	return nil
}

// Shown is a project with its providers and its mail server, as older consoles want them in one piece.
func Shown(c *api.Call, rules *admin.Rules, p *model.Project) (*wire.Project, error) {
	shown := wire.ProjectOf(p)
	for _, name := range admin.AuthMethods {
		shown.AuthMethods = append(shown.AuthMethods, wire.Switch{ID: name, Enabled: admin.AuthMethodEnabled(&p.Settings, name)})
	}
	for _, name := range admin.Services() {
		shown.Services = append(shown.Services, wire.Switch{ID: name, Enabled: p.Settings.ServiceEnabled(name)})
	}
	for _, name := range admin.Protocols() {
		shown.Protocols = append(shown.Protocols, wire.Switch{ID: name, Enabled: p.Settings.APIEnabled(name)})
	}
	mail, err := rules.StoredDocument(c.Context(), p.ID, admin.KindSMTP, admin.KindSMTP)
	if err != nil {
		return nil, err
	}
	port, _ := mail.Body["port"].(float64)
	shown.SMTPEnabled, shown.SMTPPort = mail.Body["enabled"] == true, int(port)
	shown.SMTPHost, shown.SMTPUsername, shown.SMTPSecure = mail.Text("host"), mail.Text("username"), mail.Text("secure")
	shown.SMTPSenderName, shown.SMTPSenderEmail = mail.Text("senderName"), mail.Text("senderEmail")
	shown.SMTPReplyToName, shown.SMTPReplyToEmail, shown.SMTPReplyTo = mail.Text("replyToName"), mail.Text("replyToEmail"), mail.Text("replyToEmail")
	providers, err := rules.Stored(c.Context(), p.ID, admin.KindOAuth2)
	if err != nil {
		return nil, err
	}
	for _, name := range admin.Providers() {
		old := wire.OldProvider{Key: name, Name: strings.ToUpper(name[:1]) + name[1:]}
		if i := slices.IndexFunc(providers, func(d *admin.Document) bool { return d.ID == name }); i >= 0 {
			old.Enabled, old.AppID = providers[i].Body["enabled"] == true, providers[i].Text(admin.ProviderFields(name)[0].Name)
		}
		shown.OAuthProviders = append(shown.OAuthProviders, old)
	}
	return shown, nil
}

// reply shows a changed project.
func (s *Service) reply(c *api.Call, p *model.Project, err error) (*wire.Project, error) {
	if err != nil {
		return nil, err
	}
	return Shown(c, s.Rules, p)
}

var get = api.Spec{
	Route: "GET /v1/project", SDK: []string{"project.get"},
	About: "Get the project with everything that is set about it. Secrets are never in it.",
	Scope: api.ScopeProjectRead, Status: 200,
}

func (s *Service) get(c *api.Call, _ *api.None) (*wire.Project, error) {
	p, err := s.Rules.Project(c.Context(), c.Project.ID)
	return s.reply(c, p, err)
}

var deleteProject = api.Spec{
	Route: "DELETE /v1/project", SDK: []string{"project.delete"},
	About: "Delete the project with everybody in it.",
	Scope: api.ScopeProjectWrite, Audit: "project.delete", Status: 204, Faults: []*fault.Kind{fault.ProjectReserved},
}

func (s *Service) deleteProject(c *api.Call, _ *api.None) (api.Empty, error) {
	return api.Empty{}, s.Rules.RemoveProject(c.Context(), c.Request())
}

// change is the row of a change of settings, which answers with the project.
func change(route, sdk, about string) api.Spec {
	return api.Spec{Route: route, SDK: []string{sdk}, About: about, Scope: api.ScopeProjectWrite, Audit: "project.update", Status: 200}
}

// oneOf checks that a text is one of a list.
func oneOf(list []string) check.String {
	return func(value string) error {
		if !slices.Contains(list, value) {
			return errors.New("Value must be one of (" + strings.Join(list, ", ") + ").")
		}
		return nil
	}
}

// switchIn is something that is switched on or off.
type switchIn struct {
	name string
	on   bool
}

func (in *switchIn) bind(p *api.Params, name string, list []string, about string) {
	p.String(name, &in.name, oneOf(list), about, api.Example(list[0]))
	p.Bool("enabled", &in.on, "Whether it is switched on.", api.Example(true))
}

var updateAuthMethod = change("PATCH /v1/project/auth-methods/{methodId}", "project.updateAuthMethod", "Switch a way of signing in on or off.")

type authMethodIn struct{ switchIn }

func (in *authMethodIn) Params(p *api.Params) {
	in.bind(p, "methodId", admin.AuthMethods, "Way of signing in.")
}

func (s *Service) updateAuthMethod(c *api.Call, in *authMethodIn) (*wire.Project, error) {
	p, err := s.Rules.SetAuthMethod(c.Context(), c.Request(), in.name, in.on)
	return s.reply(c, p, err)
}

var updateService = change("PATCH /v1/project/services/{serviceId}", "project.updateService", "Switch a service on or off. Servers and operators are not bound by it.")

type serviceIn struct{ switchIn }

func (in *serviceIn) Params(p *api.Params) { in.bind(p, "serviceId", admin.Services(), "Service.") }

func (s *Service) updateService(c *api.Call, in *serviceIn) (*wire.Project, error) {
	p, err := s.Rules.SetService(c.Context(), c.Request(), in.on, in.name)
	return s.reply(c, p, err)
}

var updateProtocol = change("PATCH /v1/project/protocols/{protocolId}", "project.updateProtocol", "Switch a protocol on or off. Servers and operators are not bound by it.")

type protocolIn struct{ switchIn }

func (in *protocolIn) Params(p *api.Params) { in.bind(p, "protocolId", admin.Protocols(), "Protocol.") }

func (s *Service) updateProtocol(c *api.Call, in *protocolIn) (*wire.Project, error) {
	p, err := s.Rules.SetProtocol(c.Context(), c.Request(), in.on, in.name)
	return s.reply(c, p, err)
}

var updateLabels = change("PUT /v1/project/labels", "project.updateLabels", "Replace the project's labels.")

type labelsIn struct{ labels []string }

func (in *labelsIn) Params(p *api.Params) {
	p.Strings("labels", &in.labels, check.Labels, "Labels: at most 1000, each 1 to 36 letters and digits.", api.Example([]string{"staging"}))
}

func (s *Service) updateLabels(c *api.Call, in *labelsIn) (*wire.Project, error) {
	p, err := s.Rules.SetProjectLabels(c.Context(), c.Request(), in.labels)
	return s.reply(c, p, err)
}

// pageIn is what the short lists of a project are asked: they are read whole, so that a page is a part of them.
type pageIn struct {
	queries check.Queries
	total   bool
}

func (in *pageIn) Params(p *api.Params) { in.asked(p, check.LogQueries) }

// asked binds what a list is asked.
func (in *pageIn) asked(p *api.Params, rules check.QueryRules) {
	in.total = true
	p.Queries(&in.queries, rules)
	p.Bool("total", &in.total, "Whether to count the whole list. Without it the total is 0.", api.Default(true), api.Example(true))
}

// counted is a total, if one is asked for.
func (in *pageIn) counted(total int) int {
	if in.total {
		return total
	}
	return 0
}

// page cuts a page out of a list.
func page[T any](in *pageIn, list []T) (part []T, total int) {
	total = in.counted(len(list))
	limit := in.queries.Limit
	if limit == 0 {
		limit = check.DefaultLimit
	}
	from := min(in.queries.Offset, len(list))
	return list[from:min(from+limit, len(list))], total
}

// moment reads a date that may be empty.
func moment(text string, into *model.Time) error {
	*into = 0
	if text == "" {
		return nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return errors.New("Value must be a date in ISO 8601, such as 2030-01-31T12:00:00.000+00:00.")
	}
	*into = model.At(at)
	return nil
}
