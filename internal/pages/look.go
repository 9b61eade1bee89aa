package pages

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page and its style
	"encoding/base64"
	"fmt"
	"html"
	"html/template"
	"math"
	"strconv"
	"strings"
	"unicode"

	"latchkey/internal/model"
)

//go:embed page.gohtml
var pageText string

//go:embed style.css
var styleText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// ours is the name on a page that belongs to no project.
const ours = "Latchkey"

// look is what a project gives to its pages.
type look struct{ name, accent string }

// nameLimit is how many characters of a name a page repeats.
const nameLimit = 64

func lookOf(p *model.Project) look {
	name := strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control) {
			return -1
		}
		return r
	}, p.Name))
	if letters := []rune(name); len(letters) > nameLimit {
		name = string(letters[:nameLimit]) + "…"
	}
	if name == "" {
		name = p.ID
	}
	return look{name, p.Settings.Branding.Accent}
}

// The marks before a title.
const (
	markDone = "done"
	markBad  = "bad"
)

// content is what a page says.
type content struct {
	Mark  string
	Title string
	Body  []string
	Form  *form

	App, AppLabel string // the way into the app
	Go            bool   // by itself
	Script        string // address of the script; empty: none

	DetailsTitle string
	Details      []string
}

// form is a page's form. Everything it sends stands in it: no page keeps anything between two requests.
type form struct {
	Action string
	Hidden []hidden
	Button string
	// Choice is a second button, before the first, that goes on in the app; Scheme is where that leads.
	Choice   string
	Scheme   string
	Password *passwordFields
}

type hidden struct{ Name, Value string }

func (f *form) add(name, value string) { f.Hidden = append(f.Hidden, hidden{name, value}) }

// passwordFields asks for a new password, twice; of an account that is only being made, for its address too.
type passwordFields struct {
	EmailLabel, Email        string // no label: the address is not asked for
	EmailWrong               bool   // what is wrong is the address
	Label, Again, RulesTitle string
	Rules                    []string
	Wrong                    string
}

// PasswordWrong says whether what is wrong is the password.
func (p *passwordFields) PasswordWrong() bool { return p.Wrong != "" && !p.EmailWrong }

// accentColor is the colour of a project that has none of its own.
const accentColor = "#2f5fe0"

// render lays a page out and returns it with the policy that lets it be just what it is.
func render(l look, w *words, c content) (page []byte, policy string, err error) {
	accent := l.accent
	ink, ok := inkOn(accent)
	if !ok {
		accent = accentColor
		ink, _ = inkOn(accent)
	}
	style := ":root{--accent:" + accent + ";--on-accent:" + ink + "}\n" + styleText
	sum := sha256.Sum256([]byte(style))
	initial := []rune(l.name)[:1]
	var b bytes.Buffer
	err = pageTemplate.Execute(&b, map[string]any{
		"Lang": w.tag(), "Dir": w.direction(), "Project": l.name, "Initial": strings.ToUpper(string(initial)), "C": c,
		"Style":   template.HTML("<style>" + style + "</style>"), //nolint:gosec // our own text and a colour just parsed
		"App":     template.URL(c.App),                           //nolint:gosec // made by appLink of an id that can be a scheme
		"Refresh": refresh(c),
	})
	if err != nil {
		return nil, "", fmt.Errorf("lay out a page: %w", err)
	}
	send := ""
	if c.Form != nil {
		send = "'self'"
		if c.Form.Scheme != "" {
			send += " " + c.Form.Scheme + ":"
		}
	}
	policy = "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; img-src data:; base-uri 'none'; frame-ancestors 'none'; form-action " + or(send, "'none'")
	if c.Script != "" {
		policy += "; script-src 'self'"
	}
	return b.Bytes(), policy, nil
}

// refresh opens the app by itself where no script does.
func refresh(c content) template.HTML {
	if !c.Go {
		return ""
	}
	return template.HTML(`<noscript><meta http-equiv="refresh" content="0;url=` + html.EscapeString(c.App) + `"></noscript>`) //nolint:gosec // escaped
}

func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// inkOn picks black or white for text on a colour "#rrggbb", whichever stands out more. One of them always has a
// contrast of 4.5 or more, which is what WCAG 2.2 asks (1.4.3).
func inkOn(color string) (ink string, ok bool) {
	if len(color) != 7 || color[0] != '#' {
		return "", false
	}
	n, err := strconv.ParseUint(color[1:], 16, 32)
	if err != nil {
		return "", false
	}
	light := 0.2126*linear(n>>16) + 0.7152*linear(n>>8&0xff) + 0.0722*linear(n&0xff)
	if (light+0.05)/0.05 > 1.05/(light+0.05) {
		return "#000000", true
	}
	return "#ffffff", true
}

// linear undoes the gamma of a channel, as WCAG defines relative luminance.
func linear(channel uint64) float64 {
	c := float64(channel) / 255
	if c <= 0.04045 {
		return c / 12.92
	}
	return math.Pow((c+0.055)/1.055, 2.4)
}
