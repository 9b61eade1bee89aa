// Package compat owns the older response formats: pure functions that take a reply of the newest format back
// to what an older client expects, one file a version. Rules and models know nothing of it, and a client of
// the newest format pays nothing for it. It imports the standard library alone.
package compat

import (
	"strconv"
	"strings"
)

// Newest is the format this server speaks, and the version it says it has.
const Newest = "2.3.0"

// Version is a response format. The zero value is the newest.
type Version struct {
	major, minor, patch int
	named               bool // false: the client asked for nothing
}

// newest is Newest as a version.
var newest, _ = Parse(Newest)

// Parse reads a version such as 1.6.0; parts left out are zero. Anything else is not one.
func Parse(text string) (Version, bool) {
	parts := strings.Split(text, ".")
	if len(text) > 16 || len(parts) > 3 {
		return Version{}, false
	}
	var numbers [3]int
	for i, part := range parts {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 || part[0] == '+' {
			return Version{}, false
		}
		numbers[i] = n
	}
	return Version{numbers[0], numbers[1], numbers[2], true}, true
}

// Of reads the X-Appwrite-Response-Format header. What cannot be read is the newest format.
func Of(header string) Version {
	v, _ := Parse(header)
	return v
}

// Before says whether a format is older than another. One that was not asked for is older than none.
func (v Version) Before(than Version) bool {
	if !v.named {
		return false
	}
	if v.major != than.major {
		return v.major < than.major
	}
	if v.minor != than.minor {
		return v.minor < than.minor
	}
	return v.patch < than.patch
}

// Warning is the text for a client that speaks a format newer than this server's; empty for all others.
func (v Version) Warning() string {
	if !v.named || !newest.Before(v) {
		return ""
	}
	return "The SDK speaks a newer response format than this server (" + Newest + "): some fields may be missing."
}

// OldQueries says whether the client writes list queries in the text form of before 1.5.0.
func (v Version) OldQueries() bool { return v.Before(v1_5_0) }

var v1_5_0 = Version{1, 5, 0, true}

// step is what one version changed: how each model looked before it.
type step struct {
	version Version
	models  map[string]func(*object)
}

// steps are the changes, newest first: a reply is walked back through every one the client does not know.
var steps = []step{
	{Version{2, 3, 0, true}, before2_3_0},
	{Version{1, 9, 5, true}, before1_9_5},
	{Version{1, 9, 2, true}, before1_9_2},
	{Version{1, 9, 1, true}, before1_9_1},
	{Version{1, 9, 0, true}, before1_9_0},
	{v1_5_0, before1_5_0},
}

// Needs says whether a model looks different in a format. For the newest it never does, which is how its
// replies avoid the way through a map.
func Needs(v Version, model string) bool {
	for _, s := range steps {
		if v.Before(s.version) && (s.models[model] != nil || s.models[itemOf[model]] != nil) {
			return true
		}
	}
	return false
}

// itemOf names what a list is a list of, and the member that holds it is in membersOf.
var itemOf = map[string]string{
	"userList": "user", "sessionList": "session", "membershipList": "membership", "platformList": "platform", "projectList": "project",
	"identityList": "identity", "targetList": "target", "mockNumberList": "mockNumber", "webhookList": "webhook", "keyList": "key",
}

// membersOf is the member of a list that holds its items.
var membersOf = map[string]string{
	"userList": "users", "sessionList": "sessions", "membershipList": "memberships", "platformList": "platforms", "projectList": "projects",
	"identityList": "identities", "targetList": "targets", "mockNumberList": "mockNumbers", "webhookList": "webhooks", "keyList": "keys",
}
