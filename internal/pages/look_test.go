package pages

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"latchkey/internal/model"
)

func mustRender(t *testing.T, l look, c content) (page, policy string) {
	t.Helper()
	html, policy, err := render(l, speak("", ""), c)
	if err != nil {
		t.Fatal(err)
	}
	return string(html), policy
}

func TestTheInkOnEveryAccentCanBeRead(t *testing.T) {
	t.Parallel()
	light := func(color string) float64 {
		n, _ := strconv.ParseUint(color[1:], 16, 32)
		return 0.2126*linear(n>>16) + 0.7152*linear(n>>8&0xff) + 0.0722*linear(n&0xff)
	}
	for n := 0; n < 1<<24; n += 9973 {
		color := fmt.Sprintf("#%06x", n)
		ink, ok := inkOn(color)
		a, b := light(color), light(ink)
		if contrast := (max(a, b) + 0.05) / (min(a, b) + 0.05); !ok || contrast < 4.5 {
			t.Fatalf("%s on %s has a contrast of %.2f", ink, color, contrast)
		}
	}
	for _, color := range []string{"", "blue", "#12345", "#1234567", "#gggggg", "red;}", "#+12345"} {
		if _, ok := inkOn(color); ok {
			t.Errorf("%q is a colour", color)
		}
	}
}

func TestThePolicyAllowsTheStyleAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, accent := range []string{"", "#c02a6b", "red;}</style><script>"} {
		page, policy := mustRender(t, look{name: "Demo", accent: accent}, content{Title: "Hello"})
		_, rest, _ := strings.Cut(page, "<style>")
		style, _, _ := strings.Cut(rest, "</style>")
		sum := sha256.Sum256([]byte(style))
		want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; img-src data:; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
		if policy != want {
			t.Errorf("%q: %s\nwant %s", accent, policy, want)
		}
		if strings.Contains(page, "<script") || strings.Contains(page, " style=") || strings.Contains(page, " on") && strings.Contains(page, "onclick") {
			t.Errorf("%q: %s", accent, page)
		}
	}
	_, policy := mustRender(t, look{name: "Demo"}, content{Form: &form{Scheme: "appwrite-callback-demo"}, Script: "/auth/page.js"})
	if !strings.HasSuffix(policy, "; form-action 'self' appwrite-callback-demo:; script-src 'self'") {
		t.Error(policy)
	}
}

func TestForeignTextsStayTexts(t *testing.T) {
	t.Parallel()
	const attack = `"'><script>alert(1)</script>`
	l := lookOf(&model.Project{ID: "demo", Name: attack + "\u202e\x00" + strings.Repeat("x", 100)})
	if strings.ContainsAny(l.name, "\u202e\x00") || len([]rune(l.name)) != nameLimit+1 {
		t.Errorf("%q", l.name)
	}
	f := &form{Action: "/" + attack, Button: attack, Password: &passwordFields{Label: attack, Wrong: attack, Rules: []string{attack}}}
	f.add("secret", attack)
	page, _ := mustRender(t, l, content{
		Title: attack, Body: []string{attack}, Form: f, DetailsTitle: attack, Details: []string{attack}, Go: true, AppLabel: attack,
		App: appLink("demo", attack),
	})
	if strings.Contains(page, "<script") || strings.Contains(page, `"'>`) || strings.Contains(page, "ZgotmplZ") {
		t.Error(page)
	}
	if got := lookOf(&model.Project{ID: "demo", Name: "\u202e "}).name; got != "demo" {
		t.Errorf("a project without a name is called %q", got)
	}
}

func TestOnlyIDsThatCanBeASchemeLeadIntoAnApp(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{"demo": true, "a-1.b": true, "": false, "a_b": false, "a:b": false, "a/b": false, "a b": false, "ä": false, `a"`: false} {
		if got := schemeSafe(id); got != want {
			t.Errorf("%q: %v", id, got)
		}
	}
	if got := appLink("demo", "a=1&b=2"); got != "appwrite-callback-demo://?a=1&b=2" {
		t.Error(got)
	}
	if got := appLink("demo", ""); got != "appwrite-callback-demo://" {
		t.Error(got)
	}
}
