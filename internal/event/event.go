// Package event owns the names of what happens to people: which there are, and every form under which one can be
// subscribed to. It imports nothing of ours.
package event

import (
	"errors"
	"regexp"
	"slices"
	"strings"
)

// Event is something that has happened, as those are told who asked for it.
type Event struct {
	Name    string   // one of Names, with its placeholders
	IDs     []string // what stands in their places, in order; the first is the user's
	Payload any      // a value of the inner rings: *model.User, *model.Session …; nil: nothing is told but the name
	By      string   // the signed-in person who did it; empty for a server, an operator, a stranger
	Current bool     // of a session: the one that the request came with
}

// Names lists what happens. A test holds that it is what the endpoints say.
var Names = []string{
	"users.[userId].create",
	"users.[userId].delete",
	"users.[userId].update.email",
	"users.[userId].update.impersonator",
	"users.[userId].update.labels",
	"users.[userId].update.mfa",
	"users.[userId].update.name",
	"users.[userId].update.password",
	"users.[userId].update.phone",
	"users.[userId].update.prefs",
	"users.[userId].update.status",
	"users.[userId].update.verification",
	"users.[userId].delete.mfa",
	"users.[userId].create.mfa.recovery-codes",
	"users.[userId].update.mfa.recovery-codes",
	"users.[userId].challenges.[challengeId].create",
	"users.[userId].identities.[identityId].delete",
	"users.[userId].passkeys.[passkeyId].create",
	"users.[userId].passkeys.[passkeyId].delete",
	"users.[userId].passkeys.[passkeyId].update",
	"users.[userId].recovery.[tokenId].create",
	"users.[userId].recovery.[tokenId].update",
	"users.[userId].sessions.[sessionId].create",
	"users.[userId].sessions.[sessionId].delete",
	"users.[userId].sessions.[sessionId].update",
	"users.[userId].targets.[targetId].create",
	"users.[userId].targets.[targetId].delete",
	"users.[userId].targets.[targetId].update",
	"users.[userId].tokens.[tokenId].create",
	"users.[userId].verification.[tokenId].create",
	"users.[userId].verification.[tokenId].update",
}

// patterns are the forms of a name with its placeholders still in them: the whole, then what it is about, down to the
// person. An update also goes by without the part that it changed; a creation or a deletion of a part does not go by
// as one of the person: whoever listens to users.*.delete is not told of a second factor.
func patterns(name string) []string {
	parts := strings.Split(name, ".")
	last := 0
	for i, part := range parts {
		if part[0] == '[' {
			last = i
		}
	}
	resource, tail := strings.Join(parts[:last+1], "."), parts[last+1:]
	list := []string{name}
	if len(tail) > 1 && tail[0] == "update" {
		list = []string{resource + ".update", name}
	}
	list = append(list, resource)
	for i := last - 2; i > 0; i -= 2 {
		list = append(list, strings.Join(parts[:i+1], "."))
	}
	return list
}

var placeholders = regexp.MustCompile(`\[\w+\]`)

// General is a name with a star for each of its ids.
func General(name string) string { return placeholders.ReplaceAllString(name, "*") }

// Forms lists every form of the event, the most telling first: each with its ids, with a star for all of them, and
// with a star for one of them.
func (e Event) Forms() []string {
	var list []string
	add := func(pattern string, star func(i int) bool) {
		i := -1
		parts := strings.Split(pattern, ".")
		for at, part := range parts {
			if part[0] != '[' {
				continue
			}
			if i++; star(i) {
				parts[at] = "*"
			} else {
				parts[at] = e.IDs[i]
			}
		}
		if form := strings.Join(parts, "."); !slices.Contains(list, form) {
			list = append(list, form)
		}
	}
	for _, pattern := range patterns(e.Name) {
		add(pattern, func(int) bool { return false })
		add(pattern, func(int) bool { return true })
		for one := len(e.IDs) - 1; one >= 0 && len(e.IDs) > 1; one-- {
			add(pattern, func(i int) bool { return i == one })
		}
	}
	return list
}

// fits holds a subscription against a pattern, part by part.
func fits(subscription, pattern string) bool {
	for {
		want, subscribed, more := strings.Cut(subscription, ".")
		part, rest, also := strings.Cut(pattern, ".")
		switch {
		case part[0] != '[':
			if part != want {
				return false
			}
		case want == "":
			return false
		}
		if more != also {
			return false
		}
		if !more {
			return true
		}
		subscription, pattern = subscribed, rest
	}
}

var errUnknown = errors.New("Value must be an event such as users.*.create, users.*.update.email or users.*.sessions.*.create.")

// Check checks a subscription: a form of something that happens, with ids or stars.
func Check(subscription string) error {
	if len(subscription) > 256 || strings.ContainsAny(subscription, ", \r\n") {
		return errUnknown
	}
	for _, name := range Names {
		for _, pattern := range patterns(name) {
			if fits(subscription, pattern) {
				return nil
			}
		}
	}
	return errUnknown
}
