package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"latchkey/internal/app"
	"latchkey/internal/audit"
	"latchkey/internal/store"
)

// errBroken ends a verification that has found something wrong, after it has been printed.
var errBroken = errors.New("the audit trail is not whole")

// runAudit verifies audit trails.
func runAudit(ctx context.Context, c *call) error {
	return c.byHand(ctx, map[string]func(context.Context, *app.App, bool) error{"verify": c.verifyAudit})
}

// verifyAudit walks the chain of one project, or of all.
func (c *call) verifyAudit(ctx context.Context, a *app.App, asJSON bool) error {
	expect, err := c.expectedHead()
	if err != nil {
		return err
	}
	projects, err := a.DB.Projects(ctx)
	if err != nil {
		return err
	}
	if len(c.args) > 1 || expect.Seq > 0 && len(c.args) == 0 {
		return wrongUse("name one project")
	}
	verifier := &audit.Verifier{DB: a.DB, Keys: a.Keys, Clock: time.Now}
	reports, whole := []*audit.Report{}, true
	for i := range projects {
		if len(c.args) == 1 && c.args[0] != projects[i].ID {
			continue
		}
		report, err := verifier.Verify(ctx, &projects[i], expect)
		if err != nil {
			return err
		}
		whole = whole && report.Broken == ""
		reports = append(reports, report)
	}
	if len(c.args) == 1 && len(reports) == 0 {
		return fmt.Errorf("there is no project %s", c.args[0])
	}
	err = c.print(asJSON, reports, func() {
		for _, r := range reports {
			c.printReport(r)
		}
	})
	if err == nil && !whole {
		err = errBroken
	}
	return err
}

// expectedHead reads --expect SEQ:HASH.
func (c *call) expectedHead() (head store.AuditHead, err error) {
	for i, arg := range c.args {
		text, is := strings.CutPrefix(arg, "--expect=")
		if !is {
			continue
		}
		seq, hash, _ := strings.Cut(text, ":")
		head.Seq, err = strconv.ParseInt(seq, 10, 64)
		if err == nil {
			head.Hash, err = hex.DecodeString(hash)
		}
		if err != nil || head.Seq < 1 {
			return head, wrongUse("--expect takes a position and a hash, as verify prints them")
		}
		c.args = append(c.args[:i:i], c.args[i+1:]...)
		return head, nil
	}
	return head, nil
}

// printReport says what there is to say about one project.
func (c *call) printReport(r *audit.Report) {
	switch {
	case r.Broken != "":
		fmt.Fprintf(c.stdout, "%s: BROKEN at event %d: %s\n", r.Project, r.At, r.Broken)
		return
	case r.First == 0:
		fmt.Fprintf(c.stdout, "%s: whole, no event", r.Project)
	default:
		fmt.Fprintf(c.stdout, "%s: whole, events %d to %d, head %d:%s", r.Project, r.First, r.Last, r.Last, r.Hash)
	}
	if r.Unchained > 0 {
		fmt.Fprintf(c.stdout, "; %d more not sealed yet", r.Unchained)
	}
	fmt.Fprintln(c.stdout)
}
