package admin

import (
	"fmt"
	"strings"
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
func (p *Plan) step(action Action, project, kind string, id string, what string) {
	p.Steps = append(p.Steps, Step{action, project, kind, id, what})
}
