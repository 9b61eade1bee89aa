package post

import (
	_ "embed" // the layout
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"sync"
)

//go:embed layout.gohtml
var layoutText string

//go:embed blocks.gohtml
var blocksText string

// layouts are parsed once. There is one page for every mail: a table of fixed width at most, styles in the
// elements because some clients drop the rest, a style block for what needs one (dark colours, narrow screens),
// and nothing that would be fetched from anywhere.
var layouts = sync.OnceValue(func() *template.Template {
	return template.Must(template.Must(template.New("page").Parse(layoutText)).New("parts").Parse(blocksText))
})

// accentColor is the colour of buttons where a project has none of its own.
const accentColor = "#2f5fe0"

// previewFiller keeps the beginning of the page out of the preview that clients show after the subject.
var previewFiller = template.HTML(strings.Repeat("&#847;&zwnj;&nbsp;", 60)) //nolint:gosec // constant

// renderBlocks writes the inside of the page.
func renderBlocks(blocks []block, code, accent string) (template.HTML, error) {
	red, green, blue, ok := parseColor(accent)
	if !ok {
		accent = accentColor
		red, green, blue, _ = parseColor(accent)
	}
	var b strings.Builder
	err := layouts().ExecuteTemplate(&b, "blocks", map[string]any{
		"Blocks": blocks, "Accent": template.CSS(accent), "OnAccent": template.CSS(inkOn(red, green, blue)), //nolint:gosec // a colour just parsed
		"Start": start(code),
	})
	if err != nil {
		return "", fmt.Errorf("lay out a mail: %w", err)
	}
	return template.HTML(b.String()), nil //nolint:gosec // made by html/template
}

// renderPage puts the inside into the page.
func renderPage(inner template.HTML, code, preview string) (string, error) {
	direction, filler := "ltr", template.HTML("")
	if rightToLeft(code) {
		direction = "rtl"
	}
	if preview != "" {
		filler = previewFiller
	}
	var b strings.Builder
	err := layouts().ExecuteTemplate(&b, "page", map[string]any{
		"Lang": languageTag(code), "Dir": direction, "Start": start(code), "Preview": preview, "Filler": filler, "Inner": inner,
	})
	if err != nil {
		return "", fmt.Errorf("lay out a mail: %w", err)
	}
	return b.String(), nil
}

// start is the side where lines begin; mail clients do not all know the word.
func start(code string) string {
	if rightToLeft(code) {
		return "right"
	}
	return "left"
}

// languageTag writes a locale code as HTML wants it (BCP 47): "pt-BR".
func languageTag(code string) string {
	first, region, found := strings.Cut(code, "-")
	if !found {
		return first
	}
	return first + "-" + strings.ToUpper(region)
}

// parseColor reads "#rrggbb".
func parseColor(text string) (red, green, blue float64, ok bool) {
	if len(text) != 7 || text[0] != '#' {
		return 0, 0, 0, false
	}
	n, err := strconv.ParseUint(text[1:], 16, 32)
	if err != nil {
		return 0, 0, 0, false
	}
	return float64(n >> 16), float64(n >> 8 & 0xff), float64(n & 0xff), true
}

// inkOn picks black or white for text on a colour, whichever stands out more: the weights of WCAG's relative
// luminance, on the gamma-coded values, which is near enough to choose between two.
func inkOn(red, green, blue float64) string {
	if 0.2126*red+0.7152*green+0.0722*blue > 150 {
		return "#14181f"
	}
	return "#ffffff"
}
