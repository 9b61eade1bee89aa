package main

import (
	"context"
	"fmt"

	"latchkey/internal/app"
	"latchkey/internal/config"
	"latchkey/internal/mailbox"
)

// runDev runs everything on this machine, with a demo project.
func runDev(ctx context.Context, c *call) error {
	cfg, err := c.settings(config.ModeDev)
	if err != nil {
		return err
	}
	a, err := app.Open(ctx, cfg, c.logger(cfg))
	if err != nil {
		return err
	}
	defer a.Close()
	key, err := a.EnsureDemo(ctx)
	if err != nil {
		return err
	}
	first, err := a.FirstOperatorPath(ctx)
	if err != nil {
		return err
	}
	return a.Serve(ctx, func(l *app.Listeners) { c.table(l, devTable{cfg.Lan, key, a.DevToken(), first}) }, nil)
}

// devTable is what a development server prints beside its addresses. What is empty is left out.
type devTable struct {
	lan               bool
	key, token, first string
}

// table prints what a developer needs to begin.
func (c *call) table(l *app.Listeners, t devTable) {
	fmt.Fprintf(c.stdout, "\n  Latchkey %s, for development\n\n", version)
	fmt.Fprintf(c.stdout, "  endpoint   %s/v1\n", l.PublicURL())
	if address := app.LanAddress(); t.lan && address != "" {
		fmt.Fprintf(c.stdout, "  on the LAN http://%s:%d/v1\n", address, l.API()[0].Port())
	}
	fmt.Fprintf(c.stdout, "  project    %s\n  API key    %s\n", app.DemoProject, t.key)
	fmt.Fprintf(c.stdout, "  mailbox    %s%s\n", l.PublicURL(), mailbox.PagePath)
	if t.token != "" {
		fmt.Fprintf(c.stdout, "  token      %s   (the mailbox and the test provider ask for it)\n", t.token)
	}
	if t.first != "" {
		fmt.Fprintf(c.stdout, "  console    %s%s\n             (its first operator signs up there)\n", l.PublicURL(), t.first)
	}
	fmt.Fprintln(c.stdout)
	fmt.Fprintf(c.stdout, "  Cookies are kept for pages on http://localhost, at any port. From there an API at 127.0.0.1\n"+
		"  is another site: use the endpoint above as it is written.\n\n  Stop with Ctrl-C.\n\n")
}
