package project

import (
	"latchkey/internal/admin"
	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// Organization lists the rows about projects as a whole: for operators, who are users of the console, and for keys of
// the console project. The older paths lead to the same rules.
func (s *Service) Organization() []api.Endpoint {
	return []api.Endpoint{
		api.Define(listProjects, s.listProjects),
		api.Define(createProject, s.createProject),
		api.Define(getNamed, s.getNamed),
		api.Define(renameNamed, s.renameNamed),
		api.Define(deleteNamed, s.deleteNamed),
		api.Define(createOldProject, s.createOldProject),
		api.Define(updateTeam, s.updateTeam),
	}
}

// projectQueries are what a list of projects can be asked; it is short enough to be read whole.
type projectsIn struct {
	pageIn
	search string
}

func (in *projectsIn) Params(p *api.Params) {
	in.total = true
	p.Queries(&in.queries, check.ProjectQueries)
	p.String("search", &in.search, check.Text(0, 256), "Text that the name or the id has to hold.", api.Default(""), api.Example("dem"))
	p.Bool("total", &in.total, "Whether to count the whole list. Without it the total is 0.", api.Default(true), api.Example(true))
}

var listProjects = api.Spec{
	Route: "GET /v1/organization/projects", Alias: []string{"/v1/projects"}, SDK: []string{"organization.listProjects", "projects.list"},
	About: "List the projects that the operator looks after, oldest first.",
	Scope: api.ScopeProjectsRead, Status: 200, Faults: []*fault.Kind{fault.UserUnauthorized, fault.CursorNotFound},
}

// operator is the caller as one who may ask about projects: a user of the console, or nobody for a key of it.
func operator(c *api.Call) (string, error) {
	if c.Project.ID != model.ConsoleProject {
		return "", fault.UserUnauthorized.Say("Projects are listed and made by users and keys of the project `console`.")
	}
	if c.Caller.User == nil {
		return "", nil
	}
	return c.Caller.User.ID, nil
}

func (s *Service) listProjects(c *api.Call, in *projectsIn) (*wire.ProjectList, error) {
	user, err := operator(c)
	if err != nil {
		return nil, err
	}
	part, total, err := s.Rules.ProjectsOf(c.Context(), user, auth.ListQuery{Queries: in.queries, Search: in.search})
	if err != nil {
		return nil, err
	}
	list := &wire.ProjectList{Total: in.counted(total), Projects: []*wire.Project{}}
	for i := range part {
		shown, err := Shown(c, s.Rules, &part[i])
		if err != nil {
			return nil, err
		}
		list.Projects = append(list.Projects, shown)
	}
	return list, nil
}

var createProject = api.Spec{
	Route: "POST /v1/organization/projects", SDK: []string{"organization.createProject"},
	About: "Make a project. The operator who makes it owns it.",
	Scope: api.ScopeProjectsWrite, Audit: "project.create", Status: 201,
	Faults: []*fault.Kind{fault.ProjectAlreadyExists, fault.ProjectReserved, fault.UserUnauthorized, fault.TeamNotFound},
}

type newProjectIn struct{ id, name, team, region string }

func (in *newProjectIn) Params(p *api.Params) {
	p.String("projectId", &in.id, nil, "Project id: 1 to 36 of a-z, 0-9 and hyphen, not starting with a hyphen; or `unique()`.", api.Example("unique()"))
	p.String("name", &in.name, check.Text(1, 128), "Name, 1 to 128 characters.", api.Example("Shop"))
	p.String("region", &in.region, check.Text(0, 36), "Region; this server is one.", api.Default(""))
}

func (s *Service) createProject(c *api.Call, in *newProjectIn) (*wire.Project, error) {
	user, err := operator(c)
	if err != nil {
		return nil, err
	}
	p, err := s.Rules.MakeProject(c.Context(), c.Request(), admin.NewProject{ID: in.id, Name: in.name, Operator: user, Team: in.team})
	return s.reply(c, p, err)
}

var createOldProject = api.Spec{
	Route: "POST /v1/projects", SDK: []string{"projects.create"},
	About: "Make a project of a team (older spelling).",
	Scope: api.ScopeProjectsWrite, Audit: "project.create", Status: 201,
	Faults: []*fault.Kind{fault.ProjectAlreadyExists, fault.ProjectReserved, fault.UserUnauthorized, fault.TeamNotFound},
}

type oldProjectIn struct{ newProjectIn }

func (in *oldProjectIn) Params(p *api.Params) {
	p.String("projectId", &in.id, nil, "Project id, or `unique()`.", api.Example("unique()"))
	p.String("name", &in.name, check.Text(1, 128), "Name, 1 to 128 characters.", api.Example("Shop"))
	p.String("teamId", &in.team, emptyOr(check.UID), "Team that looks after it.", api.Default(""))
	p.String("region", &in.region, check.Text(0, 36), "Region; this server is one.", api.Default(""))
}

func (s *Service) createOldProject(c *api.Call, in *oldProjectIn) (*wire.Project, error) {
	return s.createProject(c, &in.newProjectIn)
}

// projectIn is the project in the path, which the entry pipeline has found already.
type projectIn struct{ id string }

func (in *projectIn) Params(p *api.Params) {
	p.String("projectId", &in.id, check.ProjectID, "Project id.", api.Example("demo"))
}

var getNamed = api.Spec{
	Route: "GET /v1/organization/projects/{projectId}", Alias: []string{"/v1/projects/{projectId}"}, SDK: []string{"organization.getProject", "projects.get"},
	About: "Get a project.",
	Scope: api.ScopeProjectRead, OfPath: true, Status: 200,
}

func (s *Service) getNamed(c *api.Call, _ *projectIn) (*wire.Project, error) {
	return s.get(c, nil)
}

var renameNamed = api.Spec{
	Route: "PATCH /v1/organization/projects/{projectId}", Alias: []string{"/v1/projects/{projectId}"}, SDK: []string{"organization.updateProject", "projects.update"},
	About: "Change a project's name.",
	Scope: api.ScopeProjectWrite, OfPath: true, Audit: "project.update", Status: 200,
}

type renameIn struct {
	projectIn
	name string
}

func (in *renameIn) Params(p *api.Params) {
	in.projectIn.Params(p)
	p.String("name", &in.name, check.Text(1, 128), "Name, 1 to 128 characters.", api.Example("Shop"))
}

func (s *Service) renameNamed(c *api.Call, in *renameIn) (*wire.Project, error) {
	p, err := s.Rules.RenameProject(c.Context(), c.Request(), in.name)
	return s.reply(c, p, err)
}

var deleteNamed = api.Spec{
	Route: "DELETE /v1/organization/projects/{projectId}", Alias: []string{"/v1/projects/{projectId}"}, SDK: []string{"organization.deleteProject", "projects.delete"},
	About: "Delete a project with everybody in it.",
	Scope: api.ScopeProjectWrite, OfPath: true, Audit: "project.delete", Status: 204, Faults: []*fault.Kind{fault.ProjectReserved},
}

func (s *Service) deleteNamed(c *api.Call, _ *projectIn) (api.Empty, error) {
	return s.deleteProject(c, nil)
}

var updateTeam = api.Spec{
	Route: "PATCH /v1/projects/{projectId}/team", SDK: []string{"projects.updateTeam"},
	About: "Give a project to another team, which the operator owns too.",
	Scope: api.ScopeProjectWrite, OfPath: true, Audit: "project.update", Status: 200, Faults: []*fault.Kind{fault.TeamNotFound},
}

type teamIn struct {
	projectIn
	team string
}

func (in *teamIn) Params(p *api.Params) {
	in.projectIn.Params(p)
	p.String("teamId", &in.team, check.UID, "Team id.", api.Example("crew"))
}

func (s *Service) updateTeam(c *api.Call, in *teamIn) (*wire.Project, error) {
	user := ""
	if c.Caller.User != nil {
		user = c.Caller.User.ID
	}
	p, err := s.Rules.GiveToTeam(c.Context(), c.Request(), in.team, user)
	return s.reply(c, p, err)
}
