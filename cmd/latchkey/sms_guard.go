package main

import (
	"context"
	"fmt"

	"latchkey/internal/app"
)

// shownRoute is a route of text messages as scripts see it.
type shownRoute struct {
	Route     string `json:"route"`
	Sent      int    `json:"sent"`
	Confirmed int    `json:"confirmed"`
	Refused   int    `json:"refused"`
	Stopped   bool   `json:"stopped"`
}

// shownRoutes is how many routes are shown, those with most refusals first.
const shownRoutes = 100

// runSMSGuard shows what the guard of text messages has counted, and has it forget.
func runSMSGuard(ctx context.Context, c *call) error {
	return c.byHand(ctx, map[string]func(context.Context, *app.App, bool) error{"show": c.showSMSGuard, "forget": c.forgetSMSGuard})
}

func (c *call) showSMSGuard(ctx context.Context, a *app.App, asJSON bool) error {
	if err := c.noMore(1); err != nil {
		return err
	}
	project, err := a.DB.Project(ctx, c.args[0])
	if err != nil {
		return err
	}
	routes, err := a.Guard().Routes(ctx, project, shownRoutes)
	if err != nil {
		return err
	}
	list := make([]shownRoute, len(routes))
	for i, r := range routes {
		list[i] = shownRoute{r.Route, r.Sent, r.Confirmed, r.Refused, r.Stopped}
	}
	return c.print(asJSON, list, func() {
		fmt.Fprintf(c.stdout, "%-26s %8s %9s %8s\n", "last 24 hours, by route", "sent", "came back", "refused")
		for _, r := range list {
			state := ""
			if r.Stopped {
				state = "  stopped"
			}
			fmt.Fprintf(c.stdout, "%-26s %8d %9d %8d%s\n", r.Route, r.Sent, r.Confirmed, r.Refused, state)
		}
	})
}

func (c *call) forgetSMSGuard(ctx context.Context, a *app.App, asJSON bool) error {
	if err := c.noMore(1); err != nil {
		return err
	}
	project, err := a.DB.Project(ctx, c.args[0])
	if err != nil {
		return err
	}
	if err := a.Guard().Forget(ctx, project.ID); err != nil {
		return err
	}
	return c.print(asJSON, map[string]string{"forgotten": project.ID}, func() {
		fmt.Fprintf(c.stdout, "all routes of %s begin anew\n", project.ID)
	})
}
