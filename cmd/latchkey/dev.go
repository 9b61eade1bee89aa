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
	return a.Serve(ctx, func(l *app.Listeners) { c.table(cfg, l, key, a.DevToken()) }, nil)
}

// table prints what a developer needs to begin.
func (c *call) table(cfg *config.Config, l *app.Listeners, key, token string) {
	fmt.Fprintf(c.stdout, "\n  Latchkey %s, for development\n\n", version)
	fmt.Fprintf(c.stdout, "  endpoint   %s/v1\n", l.PublicURL())
	if address := app.LanAddress(); cfg.Lan && address != "" {
		fmt.Fprintf(c.stdout, "  on the LAN http://%s:%d/v1\n", address, l.API()[0].Port())
	}
	fmt.Fprintf(c.stdout, "  project    %s\n  API key    %s\n", app.DemoProject, key)
	fmt.Fprintf(c.stdout, "  mailbox    %s%s\n", l.PublicURL(), mailbox.PagePath)
	if token != "" {
		fmt.Fprintf(c.stdout, "  token      %s   (the mailbox and the test provider ask for it)\n", token)
	}
	fmt.Fprintln(c.stdout)
	fmt.Fprintf(c.stdout, "  Cookies are kept for pages on http://localhost, at any port. From there an API at 127.0.0.1\n"+
		"  is another site: use the endpoint above as it is written.\n\n  Stop with Ctrl-C.\n\n")
}
