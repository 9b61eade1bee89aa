package admin

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"latchkey/internal/check"
	"latchkey/internal/model"
	"latchkey/internal/oauth"
)

// services and protocols are what a project can switch off.
var (
	services = strings.Fields(`account avatars databases tablesdb locale health project storage teams users vcs sites functions proxy graphql migrations
		messaging advisor oauth2`)
	protocols = []string{"rest", "graphql", "websocket"}
)

// scopes are what a key may be given, by the names of the official server SDK.
var scopes = strings.Fields(`project.read project.write keys.read keys.write platforms.read platforms.write mocks.read mocks.write policies.read
	policies.write project.policies.read project.policies.write project.oauth2.read project.oauth2.write templates.read templates.write stages.read
	stages.write users.read users.write sessions.read sessions.write teams.read teams.write databases.read databases.write tables.read tables.write
	columns.read columns.write indexes.read indexes.write rows.read rows.write collections.read collections.write attributes.read attributes.write
	documents.read documents.write buckets.read buckets.write files.read files.write tokens.read tokens.write functions.read functions.write
	executions.read executions.write execution.read execution.write sites.read sites.write log.read log.write providers.read providers.write topics.read
	topics.write subscribers.read subscribers.write targets.read targets.write messages.read messages.write rules.read rules.write webhooks.read
	webhooks.write locale.read avatars.read health.read assistant.read migrations.read migrations.write schedules.read schedules.write vcs.read vcs.write
	events.read usage.read projects.read projects.write devKeys.read devKeys.write`)

// AllScopes is the scope that stands for every one a key can have.
const AllScopes = "*"

// KnownScope checks the name of a scope.
func KnownScope(name string) error {
	if name != AllScopes && !slices.Contains(scopes, name) {
		return fmt.Errorf("%q is no scope of a key", name)
	}
	return nil
}

// readAuthMethods reads which ways of signing in are on.
func readAuthMethods(n node) func(*model.Settings) {
	var values [7]bool
	names := []string{"email-password", "magic-url", "email-otp", "anonymous", "invites", "jwt", "phone"}
	known := map[string]func(node){}
	for i, name := range names {
		known[name] = func(n node) { n.flag(&values[i]) }
	}
	given := n.fields(known)
	return func(s *model.Settings) {
		m := &s.AuthMethods
		for i, into := range []*bool{&m.EmailPassword, &m.MagicURL, &m.EmailOTP, &m.Anonymous, &m.Invites, &m.JWT, &m.Phone} {
			if given[names[i]] {
				*into = values[i]
			}
		}
	}
}

// callingCode checks a country's calling code, such as +49.
func callingCode(text string) error {
	if text == "" || text != "+"+check.CallingCode(text) {
		return fmt.Errorf("%q is no calling code, such as +49", text)
	}
	return nil
}

// weakProvider checks the id of a provider whose word about addresses counts only if a project says so.
func weakProvider(id string) error {
	if p := oauth.Find(id); p == nil || p.Trust != oauth.TrustWeak {
		return errors.New("must be a provider whose word a project may choose to take: dailymotion, paypal, salesforce, zoom")
	}
	return nil
}

// readSwitches reads a mapping of names to true or false.
func readSwitches(n node, names []string, pick func(*model.Settings) *map[string]bool) func(*model.Settings) {
	values := map[string]bool{}
	known := map[string]func(node){}
	for _, name := range names {
		known[name] = func(n node) {
			var on bool
			n.flag(&on)
			values[name] = on
		}
	}
	n.fields(known)
	return func(s *model.Settings) {
		into := pick(s)
		merged := map[string]bool{}
		for name, on := range *into {
			merged[name] = on
		}
		for name, on := range values {
			merged[name] = on
		}
		*into = merged
	}
}

// readLabels reads a project's labels.
func readLabels(n node) func(*model.Settings) {
	var labels []string
	n.texts(&labels, check.Text(1, 36))
	return func(s *model.Settings) { s.Labels = labels }
}

var colour = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// readBranding reads how a project's mails and pages look.
func readBranding(n node) func(*model.Settings) {
	var b model.Branding
	n.fields(map[string]func(node){"accent": func(n node) {
		n.text(&b.Accent, func(text string) error {
			if text != "" && !colour.MatchString(text) {
				return errors.New(`must be a colour such as "#2f5fe0"`)
			}
			return nil
		})
	}})
	return func(s *model.Settings) { s.Branding = b }
}

// maxMockPhones is how many mock numbers a project may have.
const maxMockPhones = 10

var sixDigits = regexp.MustCompile(`^[0-9]{6}$`)

// readMockPhones reads numbers that get a fixed code.
func readMockPhones(n node) func(*model.Settings) {
	phones := []model.MockPhone{}
	n.items(func(n node) {
		var p model.MockPhone
		given := n.fields(map[string]func(node){
			"number": func(n node) { n.text(&p.Number, check.Phone) },
			"otp": func(n node) {
				n.text(&p.OTP, func(text string) error {
					if !sixDigits.MatchString(text) {
						return errors.New("must be six digits")
					}
					return nil
				})
			},
		})
		n.require(given, "number", "otp")
		phones = append(phones, p)
	})
	if len(phones) > maxMockPhones {
		n.fail("a project has at most %d mock numbers", maxMockPhones)
	}
	return func(s *model.Settings) {
		for i := range phones { // when a number was added is not declared
			if n := mockPhone(s, phones[i].Number); n >= 0 {
				phones[i].CreatedAt, phones[i].UpdatedAt = s.MockPhones[n].CreatedAt, s.MockPhones[n].UpdatedAt
			}
		}
		s.MockPhones = phones
	}
}
