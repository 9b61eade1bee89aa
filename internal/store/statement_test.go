package store_test

import (
	"strings"
	"testing"

	"latchkey/internal/store"
	"latchkey/internal/testkit/engines"
)

func TestEveryStatementCanBePreparedOnBothEngines(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		names := map[string]bool{}
		for _, s := range store.Statements() {
			if err := store.Prepare(t.Context(), db, s); err != nil {
				t.Error(err)
			}
			if names[s.Name()] {
				t.Errorf("two statements are called %s", s.Name())
			}
			names[s.Name()] = true
		}
		if len(names) < 50 {
			t.Errorf("only %d statements were seen", len(names))
		}
	})
}

// wholeTable lists the statements that read a table, or all of a project's rows in it, from end to end, and
// why that is fine.
var wholeTable = map[string]string{
	"Projects":              "there are few, and it lists all of them",
	"Platforms":             "there are few in a project, and it lists all of them",
	"Keys":                  "there are few in a project, and it lists all of them",
	"Operators":             "there are few in a project, and it lists all of them",
	"Keepers":               "as Operators",
	"Teams":                 "there are few, and it lists all of them",
	"ProjectsOfOperator":    "there are few, and it lists those of one",
	"DeleteRolesOf":         "as Operators, when somebody comes to the console or goes",
	"CountUsers":            "it stops counting at a limit",
	"DeleteUsersOfProject":  "all of them go",
	"DeleteAuditsOfProject": "all of them go",

	"UnchainedAudits":                 "the index holds only what is not chained yet",
	"AuditHead":                       "a project has one",
	"MoveAuditHead":                   "a project has one",
	"DeleteAuditHead":                 "a project has one",
	"UnchainedProjects":               "the index holds only what is not chained yet",
	"CountUnchained":                  "the index holds only what is not chained yet",
	"DeleteAuditCheckpointsOfProject": "all of them go",

	"DueDelivery":               "as DueMessage",
	"ReleaseDelivery":           "once at start, over what waits",
	"SweepManyDeliveries":       "what it reads whole is the list of webhooks",
	"CountDeliveries":           "it stops counting at a limit",
	"WebhookFailures":           "there are few webhooks in a project, and it lists those that fail",
	"DeleteFailuresOfProject":   "all of them go",
	"DeleteDeliveriesOfProject": "all of them go",
	"DueMessage":                "each step is a look-up; what it reads whole is the list of projects it is making",
	"MessagesSent":              "most of a project's messages have been sent, and it stops at a limit",
	"CountMessages":             "it stops counting at a limit",
	"ReleaseMessage":            "once at start, over what waits",
	"DeleteMessagesOfProject":   "all of them go",

	"UsersWithin":      "a step of a count; the key leads to where it goes on, and it stops at a limit",
	"FirstUsers":       "it stops counting at a limit",
	"FirstSessions":    "it stops counting at a limit",
	"UsageCounts":      "an hour each of two days and a day each of three months",
	"SweepUsageCounts": "as many as UsageCounts reads",

	"TextRoutesOf":     "two days of counts, for an operator who looks at them",
	"ForgetTextRoutes": "all of them go",
	"DeleteTextRoutes": "all of them go",
}

func TestEveryStatementIsServedByAnIndex(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		for _, s := range store.Statements() {
			steps, err := store.Plan(t.Context(), db, s)
			if err != nil {
				t.Errorf("%s: %v", s.Name(), err)
			}
			scans := false
			for _, step := range steps {
				whole := strings.HasPrefix(step, "SCAN ") && !strings.Contains(step, "CONSTANT ROW") && !strings.Contains(step, "VALUES CLAUSE") || strings.HasSuffix(step, "(project_id=?)")
				scans = scans || whole || strings.Contains(step, "Seq Scan")
			}
			if len(steps) == 0 && strings.HasPrefix(s.Text(), "select") {
				t.Errorf("%s has no plan", s.Name())
			}
			if scans && wholeTable[s.Name()] == "" {
				t.Errorf("%s reads a whole table:\n%s", s.Name(), strings.Join(steps, "\n"))
			}
		}
	})
}
