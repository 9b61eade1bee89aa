package check

import (
	"slices"
	"strings"

	"latchkey/internal/model"
)

// family is a group of mail domains that deliver to one mailbox under several spellings.
type family struct {
	domains []string // exact names; the first is the canonical one
	prefix  []string // or names that begin so, such as outlook.
	cut     string   // what an alias begins at: "+", "-" (the last one), or nothing
	dots    bool     // dots before the @ mean nothing
}

var families = []family{
	{domains: []string{"gmail.com", "googlemail.com"}, cut: "+", dots: true},
	{domains: []string{"outlook.com", "msn.com", "passport.com"}, prefix: []string{"outlook.", "hotmail.", "live."}, cut: "+"},
	{domains: []string{"icloud.com", "me.com", "mac.com"}, cut: "+"},
	{domains: []string{"yahoo.com", "yahoo.co.uk", "yahoo.ca", "yahoo.de", "yahoo.fr", "yahoo.in", "yahoo.it", "ymail.com", "rocketmail.com"}, cut: "-"},
	{domains: []string{"protonmail.com", "proton.me", "pm.me"}},
	{domains: []string{"fastmail.com", "fastmail.fm"}},
	{domains: []string{"walla.co.il", "walla.com"}},
}

// holds says whether a domain belongs to the family.
func (f *family) holds(domain string) bool {
	if slices.Contains(f.domains, domain) {
		return true
	}
	for _, prefix := range f.prefix {
		if rest, is := strings.CutPrefix(domain, prefix); is && strings.Count(rest, ".") <= 1 && rest != "" {
			return true
		}
	}
	return false
}

// canonical takes the aliases out of a local part. One that would be left empty stays as it is.
func (f *family) canonical(local string) string {
	short := local
	switch f.cut {
	case "+":
		if i := strings.IndexByte(short, '+'); i > 0 {
			short = short[:i]
		}
	case "-":
		if i := strings.LastIndexByte(short, '-'); i >= 0 {
			short = short[:i]
		}
	}
	if f.dots {
		short = strings.ReplaceAll(short, ".", "")
	}
	return short
}

// Facts tells what is known about an address in its normal form without asking anybody.
func Facts(email string) model.EmailFacts {
	local, domain, _ := strings.Cut(email, "@")
	facts := model.EmailFacts{Canonical: email, IsDisposable: disposable(domain)}
	for i := range families {
		if f := &families[i]; f.holds(domain) {
			if short := f.canonical(local); short != "" {
				facts.Canonical = short + "@" + f.domains[0]
			}
			break
		}
	}
	facts.IsFree = !facts.IsDisposable && free(domain)
	facts.IsCorporate = !facts.IsFree && !facts.IsDisposable
	facts.IsCanonical = facts.Canonical == email
	return facts
}
