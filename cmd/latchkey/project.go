package main

import (
	"context"
	"fmt"
	"strings"

	"latchkey/internal/app"
	"latchkey/internal/model"
)

// shownProject is a project as scripts see it.
type shownProject struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	CreatedAt model.Time `json:"createdAt"`
}

// runProject lists, makes and deletes projects.
func runProject(ctx context.Context, c *call) error {
	return c.byHand(ctx, map[string]func(context.Context, *app.App, bool) error{
		"list": c.listProjects, "create": c.createProject, "delete": c.deleteProject,
	})
}

// byHand runs one of a command's verbs.
func (c *call) byHand(ctx context.Context, verbs map[string]func(context.Context, *app.App, bool) error) error {
	asJSON := c.take("--json")
	if len(c.args) == 0 || verbs[c.args[0]] == nil {
		return wrongUse("say what to do")
	}
	verb := verbs[c.args[0]]
	c.args = c.args[1:]
	a, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer a.Close()
	return verb(ctx, a, asJSON)
}

func (c *call) listProjects(ctx context.Context, a *app.App, asJSON bool) error {
	if err := c.noMore(0); err != nil {
		return err
	}
	projects, err := a.Admin.ListProjects(ctx)
	if err != nil {
		return err
	}
	list := make([]shownProject, len(projects))
	for i, p := range projects {
		list[i] = shownProject{p.ID, p.Name, p.CreatedAt}
	}
	return c.print(asJSON, list, func() {
		for _, p := range list {
			fmt.Fprintf(c.stdout, "%-36s %s\n", p.ID, p.Name)
		}
	})
}

func (c *call) createProject(ctx context.Context, a *app.App, asJSON bool) error {
	if len(c.args) == 0 {
		return wrongUse("the project needs an id")
	}
	p, err := a.Admin.CreateProject(ctx, c.args[0], strings.Join(c.args[1:], " "))
	if err != nil {
		return err
	}
	return c.print(asJSON, shownProject{p.ID, p.Name, p.CreatedAt}, func() { fmt.Fprintf(c.stdout, "project %s made\n", p.ID) })
}

func (c *call) deleteProject(ctx context.Context, a *app.App, asJSON bool) error {
	if err := c.noMore(1); err != nil {
		return err
	}
	if err := a.Admin.DeleteProject(ctx, c.args[0]); err != nil {
		return err
	}
	return c.print(asJSON, map[string]string{"deleted": c.args[0]}, func() {
		fmt.Fprintf(c.stdout, "project %s deleted, with everybody in it\n", c.args[0])
	})
}
