package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"latchkey/internal/app"
	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// shownUser is a person as scripts see them.
type shownUser struct {
	ID     string `json:"id"`
	Email  string `json:"email"`
	Phone  string `json:"phone"`
	Name   string `json:"name"`
	Status bool   `json:"status"`
	// Password is there when it was just made.
	Password string `json:"password,omitempty"`
}

func userShown(u *model.User) shownUser {
	return shownUser{ID: u.ID, Email: u.Email, Phone: u.Phone, Name: u.Name, Status: u.Status}
}

// runUser finds people, makes them, blocks them, lets them in again and deletes them, by hand.
func runUser(ctx context.Context, c *call) error {
	return c.byHand(ctx, map[string]func(context.Context, *app.App, bool) error{
		"list": c.listUsers, "create": c.createUser, "block": c.blockUser, "unblock": c.unblockUser, "password": c.newUserPassword,
		"reset-mfa": c.resetUserMFA, "sign-out": c.signOut, "delete": c.deleteUser,
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
		list[i] = userShown(&u)
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
	u, err := a.People().SetStatus(ctx, a.ByHand(ctx, c.args[0], "user.update", "users.[userId].update.status"), c.args[1], open)
	if err != nil {
		return err
	}
	return c.print(asJSON, userShown(u), func() {
		fmt.Fprintf(c.stdout, "user %s is %s\n", u.ID, map[bool]string{true: "open", false: "blocked"}[u.Status])
	})
}

func (c *call) deleteUser(ctx context.Context, a *app.App, asJSON bool) error {
	if err := c.noMore(2); err != nil {
		return err
	}
	if err := a.People().DeleteUser(ctx, a.ByHand(ctx, c.args[0], "user.delete", ""), c.args[1]); err != nil {
		return err
	}
	return c.print(asJSON, map[string]string{"deleted": c.args[1]}, func() { fmt.Fprintf(c.stdout, "user %s deleted\n", c.args[1]) })
}

// createUser makes somebody with an address and a password that is shown once.
func (c *call) createUser(ctx context.Context, a *app.App, asJSON bool) error {
	if len(c.args) < 2 {
		return wrongUse("say the project and the address")
	}
	project, err := a.DB.Project(ctx, c.args[0])
	if err != nil {
		return err
	}
	if err := check.Email(check.NormalizeEmail(c.args[1])); err != nil {
		return fault.ArgumentInvalid.Say("Invalid `email` param: " + err.Error())
	}
	req, password := a.ByHand(ctx, project.ID, "user.create", ""), a.Random.Hex(12)
	u, err := a.People().CreateUser(ctx, req, auth.NewUser{UserID: "unique()", Email: c.args[1], Name: strings.Join(c.args[2:], " "), Password: password})
	if err != nil {
		return err
	}
	return c.printPassword(asJSON, u, password, "made")
}

// printPassword shows somebody with the password that they were given.
func (c *call) printPassword(asJSON bool, u *model.User, password, what string) error {
	made := userShown(u)
	made.Password = password
	return c.print(asJSON, made, func() {
		fmt.Fprintf(c.stdout, "%s %s; the password is shown this once, change it after signing in:\n%s\n", cmp.Or(u.Email, u.ID), what, password)
	})
}

// giveNewPassword gives somebody a password that is made here. Their sessions end.
func (c *call) giveNewPassword(ctx context.Context, a *app.App, project, id string, asJSON bool) error {
	password := a.Random.Hex(12)
	u, err := a.People().SetPassword(ctx, a.ByHand(ctx, project, "user.update", "users.[userId].update.password"), id, password)
	if err != nil {
		return err
	}
	return c.printPassword(asJSON, u, password, "has a new password")
}

func (c *call) newUserPassword(ctx context.Context, a *app.App, asJSON bool) error {
	if err := c.noMore(2); err != nil {
		return err
	}
	return c.giveNewPassword(ctx, a, c.args[0], c.args[1], asJSON)
}

func (c *call) resetUserMFA(ctx context.Context, a *app.App, asJSON bool) error {
	if err := c.noMore(2); err != nil {
		return err
	}
	return c.resetFactors(ctx, a, c.args[0], c.args[1], asJSON)
}

// resetFactors lets somebody in again who has lost their second factor.
func (c *call) resetFactors(ctx context.Context, a *app.App, project, id string, asJSON bool) error {
	u, err := a.People().ResetFactors(ctx, a.ByHand(ctx, project, "user.update", "users.[userId].update.mfa"), id)
	if err != nil {
		return err
	}
	return c.print(asJSON, userShown(u), func() { fmt.Fprintf(c.stdout, "user %s has no second factor any more\n", u.ID) })
}

func (c *call) signOut(ctx context.Context, a *app.App, asJSON bool) error {
	if err := c.noMore(2); err != nil {
		return err
	}
	if err := a.People().EndSessionsOf(ctx, a.ByHand(ctx, c.args[0], "session.delete", ""), c.args[1]); err != nil {
		return err
	}
	return c.print(asJSON, map[string]string{"signedOut": c.args[1]}, func() { fmt.Fprintf(c.stdout, "user %s is signed out everywhere\n", c.args[1]) })
}
