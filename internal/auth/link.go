package auth

import (
	"net/url"
	"strings"

	"latchkey/internal/model"
)

// pair is a parameter of a link.
type pair struct{ name, value string }

// link adds parameters to the address a person is sent to. Those that the address has already keep their place and
// get the new value, others follow; the whole query is written anew in the form encoding, and the fragment stays
// behind it. The address is worked on as text: it has passed the strict reader (check.Allow), and a bare scheme
// such as myapp:// has no form that a URL parser would give back.
func link(base string, pairs ...pair) string {
	address, fragment, hasFragment := strings.Cut(base, "#")
	address, query, _ := strings.Cut(address, "?")
	var all []pair
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		all = append(all, pair{decoded(name), decoded(value)})
	}
	for _, p := range pairs {
		all = set(all, p)
	}
	var b strings.Builder
	b.WriteString(address)
	for i, p := range all {
		b.WriteByte("?&"[min(i, 1)])
		b.WriteString(url.QueryEscape(p.name) + "=" + url.QueryEscape(p.value))
	}
	if hasFragment {
		b.WriteString("#" + fragment)
	}
	return b.String()
}

// set gives a parameter its one value: were there a second of the name, readers would differ on which counts.
func set(all []pair, p pair) []pair {
	kept, found := all[:0], false
	for _, one := range all {
		switch {
		case one.name != p.name:
			kept = append(kept, one)
		case !found:
			kept, found = append(kept, p), true
		}
	}
	if !found {
		kept = append(kept, p)
	}
	return kept
}

// decoded reads the form encoding; what is none stands for itself.
func decoded(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

// tokenLink is the link that carries a token.
func tokenLink(base string, issued *Issued, more ...pair) string {
	token := issued.Token
	return link(base, append([]pair{{"userId", token.UserID}, {"secret", issued.Secret}, {"expire", token.Expire.String()}}, more...)...)
}

// magicPage is the page of our own that redeems magic links, for apps that name none.
const magicPage = "/console/auth/magic-url"

// magicLink is where a magic URL leads. The project stands in it, because our own page serves all of them.
func (r *Rules) magicLink(base string, project *model.Project, issued *Issued) string {
	if base == "" {
		base = r.PublicURL + magicPage
	}
	return tokenLink(base, issued, pair{"project", project.ID})
}
