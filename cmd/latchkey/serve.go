package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"latchkey/internal/app"
	"latchkey/internal/config"
)

// runServe runs the production server.
func runServe(ctx context.Context, c *call) error {
	cfg, err := c.settings(config.ModeServe)
	if err != nil {
		return err
	}
	log := c.logger(cfg)
	a, err := app.Open(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer a.Close()
	reload := make(chan os.Signal, 1)
	signal.Notify(reload, syscall.SIGHUP)
	defer signal.Stop(reload)
	first, err := a.FirstOperatorPath(ctx)
	if err != nil {
		return err
	}
	return a.Serve(ctx, func(l *app.Listeners) {
		if first != "" {
			// To whoever started it and not to the log, which more people read.
			fmt.Fprintf(c.stdout, "The console has nobody yet. Its first operator signs up here: %s%s\n", l.PublicURL(), first)
		}
		log.Info("serving", "url", l.PublicURL().String()+"/v1", "version", version, "engine", a.DB.Engine(), "settings", cfg)
	}, reload)
}
