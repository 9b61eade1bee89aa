package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"latchkey/internal/admin"
	"latchkey/internal/app"
	"latchkey/internal/check"
	"latchkey/internal/model"
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
		"list": c.listOperators, "create": c.createOperator, "grant": c.grantRole, "revoke": c.revokeRole, "password": c.newOperatorPassword, "reset-mfa": c.resetOperatorMFA,
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
			for _, project := range slices.Sorted(maps.Keys(o.Roles)) {
				fmt.Fprintf(c.stdout, "  %s:%s", project, o.Roles[project])
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
	if in.Password, err = a.People().Hasher.Hash(ctx, password); err != nil {
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

// newOperatorPassword gives an operator who is locked out another password. Their sessions end.
func (c *call) newOperatorPassword(ctx context.Context, a *app.App, asJSON bool) error {
	return c.onOperator(ctx, a, func(id string) error { return c.giveNewPassword(ctx, a, model.ConsoleProject, id, asJSON) })
}

func (c *call) resetOperatorMFA(ctx context.Context, a *app.App, asJSON bool) error {
	return c.onOperator(ctx, a, func(id string) error { return c.resetFactors(ctx, a, model.ConsoleProject, id, asJSON) })
}

// onOperator finds the operator whose address is the one argument.
func (c *call) onOperator(ctx context.Context, a *app.App, do func(id string) error) error {
	if err := c.noMore(1); err != nil {
		return err
	}
	user, err := a.DB.UserByEmail(ctx, model.ConsoleProject, check.NormalizeEmail(c.args[0]))
	if err != nil {
		return err
	}
	return do(user.ID)
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
