package main

import (
	"context"
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
	return a.Serve(ctx, func(l *app.Listeners) {
		log.Info("serving", "url", l.PublicURL().String()+"/v1", "version", version, "engine", a.DB.Engine(), "settings", cfg)
	}, reload)
}
