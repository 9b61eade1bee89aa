package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sort"

	"latchkey/internal/admin"
)

// runApply brings projects to the state a file declares.
func runApply(ctx context.Context, c *call) error {
	options := admin.ApplyOptions{DryRun: c.take("--dry-run"), Prune: c.take("--prune")}
	asJSON := c.take("--json")
	if err := c.noMore(1); err != nil {
		return err
	}
	text, err := os.ReadFile(c.args[0])
	if err != nil {
		return err
	}
	declaration, err := admin.ReadDeclaration(text, admin.Environment)
	if err != nil {
		return fmt.Errorf("%s is not right:\n%w", c.args[0], err)
	}
	open := c.open
	if options.DryRun {
		open = c.look
	}
	a, err := open(ctx)
	if err != nil {
		return err
	}
	defer a.Close()
	plan, err := a.Admin.Apply(ctx, declaration, options)
	if plan == nil {
		return err
	}
	if options.DryRun {
		plan.Secrets = nil // nothing was made
	}
	return errors.Join(err, c.print(asJSON, plan, func() {
		fmt.Fprint(c.stdout, plan)
		names := make([]string, 0, len(plan.Secrets))
		for name := range plan.Secrets {
			names = append(names, name)
		}
		sort.Strings(names)
		for _, name := range names {
			fmt.Fprintf(c.stdout, "\nkey %s, shown this once:\n%s\n", name, plan.Secrets[name])
		}
	}))
}

// print prints a value as JSON for scripts, or in words.
func (c *call) print(asJSON bool, value any, words func()) error {
	if !asJSON {
		words()
		return nil
	}
	encoder := json.NewEncoder(c.stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
