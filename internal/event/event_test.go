package event_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/event"
)

func TestForms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		ids  []string
		want []string
	}{
		{"users.[userId].create", []string{"u"}, []string{"users.u.create", "users.*.create", "users.u", "users.*"}},
		{"users.[userId].update.email", []string{"u"}, []string{"users.u.update", "users.*.update", "users.u.update.email", "users.*.update.email", "users.u", "users.*"}},
		{"users.[userId].sessions.[sessionId].create", []string{"u", "s"}, []string{
			"users.u.sessions.s.create", "users.*.sessions.*.create", "users.u.sessions.*.create", "users.*.sessions.s.create",
			"users.u.sessions.s", "users.*.sessions.*", "users.u.sessions.*", "users.*.sessions.s", "users.u", "users.*"}},
		{"users.[userId].delete.mfa", []string{"u"}, []string{"users.u.delete.mfa", "users.*.delete.mfa", "users.u", "users.*"}},
	} {
		if diff := cmp.Diff(c.want, event.Event{Name: c.name, IDs: c.ids}.Forms()); diff != "" {
			t.Errorf("%s:\n%s", c.name, diff)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for subscription, want := range map[string]bool{
		"users.*": true, "users.*.create": true, "users.walter.update.email": true, "users.*.update": true, "users.*.sessions.*": true, "users.*.sessions.s.create": true,
		"users.*.delete.mfa": true, "users.*.create.mfa.recovery-codes": true,
		"": false, "*": false, "users": false, "users.*.creates": false, "users.*.sessions": false, "users.*.sessions.*.burn": false, "databases.*.create": false,
		"users.*.create,users.*.delete": false, "users.*\n": false, "users.*.create.mfa": false,
	} {
		if got := event.Check(subscription) == nil; got != want {
			t.Errorf("Check(%q) passes: %v", subscription, got)
		}
	}
}
