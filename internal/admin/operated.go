package admin

import (
	"context"
	"slices"
	"strings"

	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/store"
)

// ProjectsOf lists the projects of an operator, or (operator empty) all but the console's own, as a list is asked, and
// how many fit. Fault: general_cursor_not_found.
func (r *Rules) ProjectsOf(ctx context.Context, operator string, q auth.ListQuery) ([]model.Project, int, error) {
	var projects []model.Project
	var err error
	if operator == "" {
		projects, err = r.DB.Projects(ctx)
	} else {
		projects, err = r.DB.ProjectsOf(ctx, operator)
	}
	if err != nil {
		return nil, 0, err
	}
	search := strings.ToLower(strings.Trim(q.Search, `"`))
	projects = slices.DeleteFunc(projects, func(p model.Project) bool {
		return p.ID == model.ConsoleProject || !strings.Contains(strings.ToLower(p.ID+" "+p.Name), search)
	})
	part, total, err := sift(projects, projectAttribute, q.Queries)
	for i := range part {
		whole, err := r.DB.Project(ctx, part[i].ID)
		if err != nil {
			return nil, 0, err
		}
		part[i] = *whole
	}
	return part, total, err
}

// projectAttribute is a queried attribute as text that sorts as the attribute does.
func projectAttribute(p *model.Project, name string) string {
	switch name {
	case "$id":
		return p.ID
	case "name":
		return p.Name
	case "teamId":
		return p.Team
	case "labels":
		return strings.Join(p.Settings.Labels, " ")
	case "region":
		return "default"
	case "$updatedAt":
		return p.UpdatedAt.String()
	}
	return p.CreatedAt.String()
}

// NewProject is what a project is made of: by an operator, or by a key of the console (operator empty).
type NewProject struct{ ID, Name, Operator, Team string }

// MakeProject makes a project that an operator owns, by their team if they name one. For a key of the console nobody
// owns it. Faults: general_argument_invalid, project_reserved_project, project_already_exists, team_not_found.
func (r *Rules) MakeProject(ctx context.Context, req *auth.Request, in NewProject) (*model.Project, error) {
	id, operator, team := r.idOr(in.ID), in.Operator, in.Team
	if id == model.ConsoleProject {
		return nil, fault.ProjectReserved
	}
	if err := check.ProjectID(id); err != nil {
		return nil, fault.ArgumentInvalid.Say("Invalid `projectId` param: " + err.Error())
	}
	if team != "" && operator != "" {
		if err := r.mustOwn(ctx, team, operator); err != nil {
			return nil, err
		}
	}
	project := r.newProject(id, in.Name)
	project.Team = team
	err := r.changed(ctx, req, "projects/"+id, func(tx *store.Tx, what *auth.Details) error {
		tx.InsertProject(project)
		*what = what.Value("name", nil, project.Name).Value("teamId", "", project.Team)
		if operator != "" {
			tx.UpsertOperator(&store.Operator{Project: id, UserID: operator, Role: RoleOwner, CreatedAt: tx.Now})
		}
		return nil
	})
	if _, taken := store.Conflict(err); taken {
		return nil, fault.ProjectAlreadyExists.Because(err)
	}
	return project, err
}

// RemoveProject deletes the project with everybody in it. Fault: project_reserved_project.
func (r *Rules) RemoveProject(ctx context.Context, req *auth.Request) error {
	if req.Project.ID == model.ConsoleProject {
		return fault.ProjectReserved
	}
	console := *req
	console.Project = &model.Project{ID: model.ConsoleProject} // the project's own trail goes with it
	return r.changed(ctx, &console, "projects/"+req.Project.ID, func(tx *store.Tx, what *auth.Details) error {
		tx.DeleteProject(req.Project.ID)
		return nil
	})
}

// GiveToTeam lets another team look after the project; an operator must own that team. Fault: team_not_found.
func (r *Rules) GiveToTeam(ctx context.Context, req *auth.Request, team, operator string) (*model.Project, error) {
	if operator != "" {
		if err := r.mustOwn(ctx, team, operator); err != nil {
			return nil, err
		}
	} else if _, err := r.DB.Team(ctx, team); err != nil {
		return nil, err
	}
	return r.changeProject(ctx, req, "team", func(p *model.Project) error {
		p.Team = team
		return nil
	})
}
