package admin

import (
	"fmt"
	"strings"

	"latchkey/internal/auth"
	"latchkey/internal/store"
)

// Action is what a plan does to one thing.
type Action string

// The actions.
const (
	Add    Action = "add"
	Change Action = "change"
	Remove Action = "remove"
)

// Step is one thing a plan does. It holds no secret.
type Step struct {
	Action  Action `json:"action"`
	Project string `json:"project"`
	Kind    string `json:"kind"` // project, name, settings, platform, key, oauth2, smtp, sms, template, webhook
	ID      string `json:"id"`
	What    string `json:"what,omitempty"` // what changes, in words

	details auth.Details // for the audit trail
}

// Plan is what applying a declaration does, in order.
type Plan struct {
	Steps []Step `json:"steps"`
	// Secrets are the texts of keys that were made, by project and key id; shown this once.
	Secrets map[string]string `json:"secrets,omitempty"`
}

// String prints the plan, a line a step.
func (p *Plan) String() string {
	if len(p.Steps) == 0 {
		return "Nothing to change.\n"
	}
	signs := map[Action]string{Add: "+", Change: "~", Remove: "-"}
	var b strings.Builder
	for _, s := range p.Steps {
		fmt.Fprintf(&b, "%s %s: %s", signs[s.Action], s.Project, s.Kind)
		if s.ID != "" && s.Kind != "project" {
			fmt.Fprintf(&b, " %s", s.ID)
		}
		if s.What != "" {
			fmt.Fprintf(&b, " (%s)", s.What)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// step adds a step.
func (p *Plan) step(action Action, project, kind string, id string, what string) *Step {
	p.Steps = append(p.Steps, Step{Action: action, Project: project, Kind: kind, ID: id, What: what})
	return &p.Steps[len(p.Steps)-1]
}

// event is what the audit trail calls a step, as the API's rows do.
func (s *Step) event() string {
	verbs := map[Action]string{Add: "create", Change: "update", Remove: "delete"}
	switch s.Kind {
	case "project", "platform", "key", "webhook":
		return s.Kind + "." + verbs[s.Action]
	case store.KindMessaging:
		return "provider." + verbs[s.Action]
	}
	return "project.update"
}

// resource is what a step is about, below the project.
func (s *Step) resource() string {
	switch s.Kind {
	case "project", "name", "settings":
		return ""
	case "platform", "key", "webhook":
		return s.Kind + "s/" + s.ID
	case store.KindMessaging:
		return "providers/" + s.ID
	}
	return s.Kind + "/" + s.ID
}
