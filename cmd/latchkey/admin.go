package main

import (
	"context"
	"fmt"
	"strings"

	"latchkey/internal/admin"
	"latchkey/internal/app"
	"latchkey/internal/secret"
)

// shownOperator is an operator as scripts see one. Password is there when they were just made.
type shownOperator struct {
	ID       string            `json:"id"`
	Email    string            `json:"email"`
	Name     string            `json:"name"`
	Roles    map[string]string `json:"roles"` // by project
	Password string            `json:"password,omitempty"`
}

// runAdmin lists and makes operators, and says what they may do where.
func runAdmin(ctx context.Context, c *call) error {
	return c.byHand(ctx, map[string]func(context.Context, *app.App, bool) error{
		"list": c.listOperators, "create": c.createOperator, "grant": c.grantRole, "revoke": c.revokeRole,
	})
}

func (c *call) listOperators(ctx context.Context, a *app.App, asJSON bool) error {
	if err := c.noMore(0); err != nil {
		return err
	}
	operators, err := a.Admin.Operators(ctx)
	if err != nil {
		return err
	}
	list := make([]shownOperator, len(operators))
	for i, o := range operators {
		list[i] = shownOperator{ID: o.User.ID, Email: o.User.Email, Name: o.User.Name, Roles: o.Roles}
	}
	return c.print(asJSON, list, func() {
		for _, o := range list {
			fmt.Fprintf(c.stdout, "%-36s %s", o.ID, o.Email)
			for project, role := range o.Roles {
				fmt.Fprintf(c.stdout, "  %s:%s", project, role)
			}
			fmt.Fprintln(c.stdout)
		}
	})
}

func (c *call) createOperator(ctx context.Context, a *app.App, asJSON bool) error {
	in := admin.NewOperator{Role: admin.RoleOwner}
	var err error
	if in.Projects, err = c.takeValue("--project"); err != nil {
		return err
	}
	roles, err := c.takeValue("--role")
	if err != nil {
		return err
	}
	for _, role := range roles {
		in.Role = role
	}
	if len(c.args) == 0 {
		return wrongUse("the operator needs an email address")
	}
	in.Email, in.Name = c.args[0], strings.Join(c.args[1:], " ")
	password := a.Random.Hex(12)
	cost := secret.Cost{MemoryKiB: uint32(a.Config.HashMemory), Time: uint32(a.Config.HashTime), Threads: uint8(a.Config.HashThreads)}
	if in.Password, err = secret.NewHasher(cost, a.Random, secret.NewGate(1, 1)).Hash(ctx, password); err != nil {
		return err
	}
	o, err := a.Admin.MakeOperator(ctx, in)
	if err != nil {
		return err
	}
	return c.print(asJSON, shownOperator{ID: o.User.ID, Email: o.User.Email, Name: o.User.Name, Roles: o.Roles, Password: password}, func() {
		fmt.Fprintf(c.stdout, "operator %s made; the password is shown this once, change it after signing in:\n%s\n", o.User.Email, password)
	})
}

func (c *call) grantRole(ctx context.Context, a *app.App, asJSON bool) error {
	if err := c.noMore(3); err != nil {
		return err
	}
	if err := a.Admin.Grant(ctx, c.args[0], c.args[1], c.args[2]); err != nil {
		return err
	}
	return c.print(asJSON, map[string]string{"operator": c.args[0], "project": c.args[1], "role": c.args[2]}, func() {
		fmt.Fprintf(c.stdout, "%s is %s of %s\n", c.args[0], c.args[2], c.args[1])
	})
}

func (c *call) revokeRole(ctx context.Context, a *app.App, asJSON bool) error {
	if err := c.noMore(2); err != nil {
		return err
	}
	if err := a.Admin.Grant(ctx, c.args[0], c.args[1], ""); err != nil {
		return err
	}
	return c.print(asJSON, map[string]string{"operator": c.args[0], "project": c.args[1]}, func() {
		fmt.Fprintf(c.stdout, "%s has no role of their own in %s any more\n", c.args[0], c.args[1])
	})
}

// shownUser is a person as scripts see them.
type shownUser struct {
	ID     string `json:"id"`
	Email  string `json:"email"`
	Phone  string `json:"phone"`
	Name   string `json:"name"`
	Status bool   `json:"status"`
}

// runUser finds, blocks and deletes people by hand.
func runUser(ctx context.Context, c *call) error {
	return c.byHand(ctx, map[string]func(context.Context, *app.App, bool) error{
		"list": c.listUsers, "block": c.blockUser, "unblock": c.unblockUser, "delete": c.deleteUser,
	})
}

func (c *call) listUsers(ctx context.Context, a *app.App, asJSON bool) error {
	if len(c.args) == 0 {
		return wrongUse("say of which project")
	}
	users, total, err := a.Admin.FindUsers(ctx, c.args[0], strings.Join(c.args[1:], " "))
	if err != nil {
		return err
	}
	list := make([]shownUser, len(users))
	for i, u := range users {
		list[i] = shownUser{u.ID, u.Email, u.Phone, u.Name, u.Status}
	}
	return c.print(asJSON, list, func() {
		for _, u := range list {
			blocked := ""
			if !u.Status {
				blocked = "  (blocked)"
			}
			fmt.Fprintf(c.stdout, "%-36s %s %s %s%s\n", u.ID, u.Email, u.Phone, u.Name, blocked)
		}
		if total > len(list) {
			fmt.Fprintf(c.stdout, "… of %d\n", total)
		}
	})
}

func (c *call) blockUser(ctx context.Context, a *app.App, asJSON bool) error {
	return c.setStatus(ctx, a, asJSON, false)
}

func (c *call) unblockUser(ctx context.Context, a *app.App, asJSON bool) error {
	return c.setStatus(ctx, a, asJSON, true)
}

func (c *call) setStatus(ctx context.Context, a *app.App, asJSON, open bool) error {
	if err := c.noMore(2); err != nil {
		return err
	}
	u, err := a.People().SetStatus(ctx, a.ByHand(c.args[0], "user.update"), c.args[1], open)
	if err != nil {
		return err
	}
	return c.print(asJSON, shownUser{u.ID, u.Email, u.Phone, u.Name, u.Status}, func() { fmt.Fprintf(c.stdout, "user %s: open %v\n", u.ID, u.Status) })
}

func (c *call) deleteUser(ctx context.Context, a *app.App, asJSON bool) error {
	if err := c.noMore(2); err != nil {
		return err
	}
	if err := a.People().DeleteUser(ctx, a.ByHand(c.args[0], "user.delete"), c.args[1]); err != nil {
		return err
	}
	return c.print(asJSON, map[string]string{"deleted": c.args[1]}, func() { fmt.Fprintf(c.stdout, "user %s deleted\n", c.args[1]) })
}

// runExport writes the projects as a file that apply takes.
func runExport(ctx context.Context, c *call) error {
	bare := c.take("--without-secrets")
	if err := c.noMore(0); err != nil {
		return err
	}
	a, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer a.Close()
	text, err := a.Admin.Export(ctx, bare)
	if err == nil {
		_, err = c.stdout.Write(text)
	}
	return err
}
