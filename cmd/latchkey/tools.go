package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"runtime"

	"latchkey/internal/api"
	"latchkey/internal/app"
	"latchkey/internal/compat"
)

// runMigrate brings the database's schema up. Servers do it at start by themselves; this is for operators who
// want it done before.
func runMigrate(ctx context.Context, c *call) error {
	if err := c.noMore(0); err != nil {
		return err
	}
	a, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer a.Close()
	current, known, err := a.DB.SchemaVersion(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "%s: schema version %d of %d\n", a.DB.Engine(), current, known)
	return nil
}

// runOpenAPI prints the OpenAPI document.
func runOpenAPI(_ context.Context, c *call) error {
	if err := c.noMore(0); err != nil {
		return err
	}
	text, err := api.OpenAPI(app.Endpoints(nil, nil, nil), compat.Newest)
	if err != nil {
		return err
	}
	var lines bytes.Buffer
	if err := json.Indent(&lines, text, "", "  "); err != nil {
		return err
	}
	fmt.Fprintln(c.stdout, lines.String())
	return nil
}

// runVersion prints the versions.
func runVersion(_ context.Context, c *call) error {
	fmt.Fprintf(c.stdout, "latchkey %s (API %s, %s, %s/%s)\n", version, compat.Newest, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}
