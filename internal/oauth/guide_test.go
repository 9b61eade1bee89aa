package oauth

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// guides is where the pages lie that are made of the table.
var guides = filepath.Join("..", "..", "docs", "providers")

// TestGuidesAreFresh holds the pages about providers against the table; -update writes them.
func TestGuidesAreFresh(t *testing.T) {
	t.Parallel()
	pages := map[string]string{"README.md": guideIndex()}
	for _, id := range IDs() {
		if p := Find(id); p.Refused == "" {
			pages[id+".md"] = guide(p)
		}
	}
	for name, page := range pages {
		path := filepath.Join(guides, name)
		if *update {
			if err := os.WriteFile(path, []byte(page), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if text, err := os.ReadFile(path); err != nil || !bytes.Equal(text, []byte(page)) {
			t.Errorf("%s is not what the table says: go test ./internal/oauth -update (%v)", name, err)
		}
	}
}

// words says what a provider's word is worth.
var words = map[Trust]string{
	TrustNever:    "It says nothing about the address: an address from it counts as unverified and joins no account.",
	TrustWeak:     "Its word about the address counts only if the project lists it in the policy `trust-email`.",
	TrustOperator: "The address counts as verified if the server says so. `trustEmail: never` is for servers where anybody can claim any address.",
	TrustStrong:   "It vouches for addresses that it has verified itself.",
}

func guide(p *Provider) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", p.Name)
	if p.Legacy {
		b.WriteString("**The provider is closing this.** What works still works; do not begin with it.\n\n")
	}
	fmt.Fprintf(&b, "1. Register an app: <%s>\n", p.Site)
	host := "https://<your server>"
	if p.LoopbackIP {
		host += " (for `localhost`: `http://127.0.0.1:8080`)"
	}
	fmt.Fprintf(&b, "2. Enter the callback: %s`/v1/account/sessions/oauth2/callback/%s/<project id>`\n", host, p.ID)
	fmt.Fprintf(&b, "3. Put what the provider gave you into the project:\n\n```yaml\noauth2:\n  %s:\n    enabled: true\n", p.ID)
	for _, f := range p.Fields {
		if !f.Optional {
			fmt.Fprintf(&b, "    %s: …\n", f.Name)
		}
	}
	b.WriteString("```\n\n| setting | what it is |\n| --- | --- |\n")
	for _, f := range p.Fields {
		about := f.About
		if f.Secret() {
			about += " Kept sealed."
		}
		if f.Optional {
			about = "Optional. " + about
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", f.Name, about)
	}
	scopes := "none"
	if len(p.Scopes) > 0 {
		scopes = "`" + strings.Join(p.Scopes, "` `") + "`"
	}
	b.WriteString("\n")
	if p.Notes != "" {
		fmt.Fprintf(&b, "%s\n\n", p.Notes)
	}
	fmt.Fprintf(&b, "Scopes asked for: %s%s. %s\n", scopes, map[bool]string{true: ", whatever the app adds", false: ", and what the app adds"}[p.FixedScopes], words[p.Trust])
	if p.NoRefresh {
		b.WriteString("Its tokens cannot be renewed; extending a session leaves them as they are.\n")
	}
	return b.String()
}

func guideIndex() string {
	var b strings.Builder
	b.WriteString("# Sign-in providers\n\nWhat to register where, one page a provider, made of the table in `internal/oauth/table.go`.\n\n| id | name | proof of the client's own login | address |\n| --- | --- | --- | --- |\n")
	trust := map[Trust]string{TrustNever: "never", TrustWeak: "if the project opts in", TrustOperator: "as the server says", TrustStrong: "yes"}
	var refused string
	for _, id := range IDs() {
		p := Find(id)
		if p.Refused != "" {
			refused += fmt.Sprintf("\n`%s` is refused: %s.\n", id, p.Refused)
			continue
		}
		proof := "state"
		if p.PKCE {
			proof += ", PKCE"
		}
		if p.Issuer != "" || p.Discover {
			proof += ", nonce"
		}
		fmt.Fprintf(&b, "| [%s](%s.md) | %s | %s | %s |\n", id, id, p.Name, proof, trust[p.Trust])
	}
	return b.String() + refused
}
