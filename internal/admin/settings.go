package admin

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"latchkey/internal/check"
	"latchkey/internal/model"
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
	usage.read projects.read projects.write devKeys.read devKeys.write`)

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

// policy describes how one policy is read into a copy of all of them.
type policy func(n node, into *model.Policies)

// enabled, total and duration are the three common shapes of a policy.
func enabled(pick func(*model.Policies) *model.Switch) policy {
	return func(n node, into *model.Policies) {
		given := n.fields(map[string]func(node){"enabled": func(n node) { n.flag(&pick(into).Enabled) }})
		n.require(given, "enabled")
	}
}

func total(min, max int, pick func(*model.Policies) *model.TotalPolicy) policy {
	return func(n node, into *model.Policies) {
		given := n.fields(map[string]func(node){"total": func(n node) { n.number(&pick(into).Total, min, max) }})
		n.require(given, "total")
	}
}

// policies is how each policy is read; bounds are those of the contract.
var policies = map[string]policy{
	"session-duration": func(n node, p *model.Policies) {
		n.fields(map[string]func(node){"duration": func(n node) { n.number(&p.SessionDuration.Duration, 60, 31536000) }})
	},
	"session-limit":          total(0, 100, func(p *model.Policies) *model.TotalPolicy { return &p.SessionLimit }),
	"session-alert":          enabled(func(p *model.Policies) *model.Switch { return &p.SessionAlert }),
	"session-invalidation":   enabled(func(p *model.Policies) *model.Switch { return &p.SessionInvalidation }),
	"user-limit":             total(0, 10000, func(p *model.Policies) *model.TotalPolicy { return &p.UserLimit }),
	"password-history":       total(0, 20, func(p *model.Policies) *model.TotalPolicy { return &p.PasswordHistory }),
	"password-dictionary":    enabled(func(p *model.Policies) *model.Switch { return &p.PasswordDictionary }),
	"password-personal-data": enabled(func(p *model.Policies) *model.Switch { return &p.PasswordPersonal }),
	"password-strength": func(n node, p *model.Policies) {
		s := &p.PasswordStrength
		n.fields(map[string]func(node){"min": func(n node) { n.number(&s.Min, 8, 256) }, "uppercase": flagInto(&s.Uppercase),
			"lowercase": flagInto(&s.Lowercase), "number": flagInto(&s.Number), "symbols": flagInto(&s.Symbols)})
	},
	"mfa-factors": func(n node, p *model.Policies) {
		f := &p.MFAFactors
		n.fields(map[string]func(node){"totp": flagInto(&f.TOTP), "email": flagInto(&f.Email), "phone": flagInto(&f.Phone)})
	},
	"deny-disposable-email": enabled(func(p *model.Policies) *model.Switch { return &p.DenyDisposable }),
	"deny-aliased-email":    enabled(func(p *model.Policies) *model.Switch { return &p.DenyAliased }),
	"deny-free-email":       enabled(func(p *model.Policies) *model.Switch { return &p.DenyFree }),
	"deny-corporate-email":  enabled(func(p *model.Policies) *model.Switch { return &p.DenyCorporate }),
	"membership-privacy": func(n node, p *model.Policies) {
		m := &p.MembershipPrivacy
		n.fields(map[string]func(node){"userId": flagInto(&m.UserID), "userEmail": flagInto(&m.UserEmail), "userPhone": flagInto(&m.UserPhone),
			"userName": flagInto(&m.UserName), "userMFA": flagInto(&m.UserMFA)})
	},
	"hide-accounts":    enabled(func(p *model.Policies) *model.Switch { return &p.HideAccounts }),
	"account-notices":  enabled(func(p *model.Policies) *model.Switch { return &p.AccountNotices }),
	"first-proof-wipe": enabled(func(p *model.Policies) *model.Switch { return &p.FirstProofWipe }),
	"self-deletion": func(n node, p *model.Policies) {
		d := &p.SelfDeletion
		n.fields(map[string]func(node){"enabled": flagInto(&d.Enabled), "graceDays": func(n node) { n.number(&d.GraceDays, 0, 365) }})
	},
	"trust-email": func(n node, p *model.Policies) {
		n.fields(map[string]func(node){"providers": func(n node) { n.texts(&p.TrustEmail.Providers, check.Text(1, 64)) }})
	},
	"sms-guard": func(n node, p *model.Policies) {
		g := &p.SMSGuard
		upTo := func(into *int, max int) func(node) { return func(n node) { n.number(into, 0, max) } }
		n.fields(map[string]func(node){"enabled": flagInto(&g.Enabled), "perNumber": upTo(&g.PerNumber, 1000), "perPrefix": upTo(&g.PerPrefix, 1_000_000),
			"perCountry": upTo(&g.PerCountry, 10_000_000), "perAddress": upTo(&g.PerAddress, 1_000_000), "conversion": upTo(&g.Conversion, 100),
			"daily": upTo(&g.Daily, 100_000_000), "countries": func(n node) { n.texts(&g.Countries, callingCode) }})
	},
}

// callingCode checks a country's calling code, such as +49.
func callingCode(text string) error {
	if text == "" || text != "+"+check.CallingCode(text) {
		return fmt.Errorf("%q is no calling code, such as +49", text)
	}
	return nil
}

// flagInto reads true or false into a place.
func flagInto(into *bool) func(node) { return func(n node) { n.flag(into) } }

// readPolicies reads policies. Reading happens twice: once now, for the faults, and once for each project the
// change is applied to, because a policy may be given in part.
func readPolicies(n node) func(*model.Settings) {
	read := func(n node, into *model.Policies) {
		known := map[string]func(node){}
		for name, one := range policies {
			known[name] = func(n node) { one(n, into) }
		}
		n.fields(known)
	}
	scratch := model.DefaultSettings().Policies
	read(n, &scratch)
	return func(s *model.Settings) {
		ignored := Faults{}
		read(node{n.path, n.value, &ignored}, &s.Policies)
	}
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
	return func(s *model.Settings) { s.MockPhones = phones }
}
