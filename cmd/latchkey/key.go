package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"latchkey/internal/admin"
	"latchkey/internal/app"
	"latchkey/internal/model"
)

// shownKey is a key as scripts see it. Secret is there when the key was just made.
type shownKey struct {
	ID     string     `json:"id"`
	Name   string     `json:"name"`
	Scopes []string   `json:"scopes"`
	Expire model.Time `json:"expire"`
	Hint   string     `json:"hint"`
	Secret string     `json:"secret,omitempty"`
}

func shown(k *model.Key, text string) shownKey {
	return shownKey{k.ID, k.Name, k.Scopes, k.Expire, k.Hint, text}
}

// runKey lists, makes and deletes API keys.
func runKey(ctx context.Context, c *call) error {
	return c.byHand(ctx, map[string]func(context.Context, *app.App, bool) error{
		"list": c.listKeys, "create": c.createKey, "delete": c.deleteKey,
	})
}

func (c *call) listKeys(ctx context.Context, a *app.App, asJSON bool) error {
	if err := c.noMore(1); err != nil {
		return err
	}
	keys, err := a.Admin.ListKeys(ctx, c.args[0])
	if err != nil {
		return err
	}
	list := make([]shownKey, len(keys))
	for i := range keys {
		list[i] = shown(&keys[i], "")
	}
	return c.print(asJSON, list, func() {
		for _, k := range list {
			fmt.Fprintf(c.stdout, "%-36s …%s  %s  %s\n", k.ID, k.Hint, k.Name, strings.Join(k.Scopes, " "))
		}
	})
}

func (c *call) createKey(ctx context.Context, a *app.App, asJSON bool) error {
	in := admin.NewKey{Dev: c.take("--dev")}
	var err error
	if in.Scopes, err = c.takeValue("--scope"); err != nil {
		return err
	}
	expire, err := c.takeValue("--expire")
	if err != nil {
		return err
	}
	for _, text := range expire {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return wrongUse("--expire takes a moment such as 2030-01-31T12:00:00Z")
		}
		in.Expire = model.At(at)
	}
	if err := c.noMore(2); err != nil {
		return err
	}
	if len(in.Scopes) == 0 && !in.Dev {
		return wrongUse("a key needs at least one --scope; '*' stands for all")
	}
	in.Name = c.args[1]
	key, text, err := a.Admin.CreateKey(ctx, c.args[0], in)
	if err != nil {
		return err
	}
	return c.print(asJSON, shown(key, text), func() {
		fmt.Fprintf(c.stdout, "key %s made; its text is shown this once:\n%s\n", key.ID, text)
	})
}

func (c *call) deleteKey(ctx context.Context, a *app.App, asJSON bool) error {
	if err := c.noMore(2); err != nil {
		return err
	}
	if err := a.Admin.DeleteKey(ctx, c.args[0], c.args[1]); err != nil {
		return err
	}
	return c.print(asJSON, map[string]string{"deleted": c.args[1]}, func() { fmt.Fprintf(c.stdout, "key %s deleted\n", c.args[1]) })
}
