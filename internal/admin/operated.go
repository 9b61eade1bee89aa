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

// ProjectsOf lists the projects of an operator, or (operator empty) all but the console's own, narrowed by a query.
func (r *Rules) ProjectsOf(ctx context.Context, operator string, q auth.ListQuery) ([]model.Project, error) {
	var projects []model.Project
	var err error
	if operator == "" {
		projects, err = r.DB.Projects(ctx)
	} else {
		projects, err = r.DB.ProjectsOf(ctx, operator)
	}
	if err != nil {
		return nil, err
	}
	list := []model.Project{}
	for i := range projects {
		p := &projects[i]
		if p.ID == model.ConsoleProject || !holds(p, q) {
			continue
		}
		whole, err := r.DB.Project(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		list = append(list, *whole)
	}
	for _, o := range slices.Backward(q.Queries.Orders) {
		slices.SortStableFunc(list, func(a, b model.Project) int {
			order := compareProjects(&a, &b, o.Attribute)
			if o.Desc {
				return -order
			}
			return order
		})
	}
	return list, nil
}

func compareProjects(a, b *model.Project, attribute string) int {
	switch attribute {
	case "name":
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	case "$id":
		return strings.Compare(a.ID, b.ID)
	case "teamId":
		return strings.Compare(a.Team, b.Team)
	case "$updatedAt":
		return int(a.UpdatedAt - b.UpdatedAt)
	}
	return int(a.CreatedAt - b.CreatedAt)
}

// holds says whether a project is what a list was asked for: equality on its id, its name or its team, and a search.
func holds(p *model.Project, q auth.ListQuery) bool {
	search := strings.ToLower(strings.Trim(q.Search, `"`))
	if search != "" && !strings.Contains(strings.ToLower(p.ID+" "+p.Name), search) {
		return false
	}
	for _, f := range q.Queries.Filters {
		value := map[string]string{"$id": p.ID, "name": p.Name, "teamId": p.Team}[f.Attribute]
		switch found := slices.Contains(f.Values, any(value)); f.Method {
		case "equal":
			if !found {
				return false
			}
		case "notEqual":
			if found {
				return false
			}
		}
	}
	return true
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
