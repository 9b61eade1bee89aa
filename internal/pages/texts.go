package pages

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"latchkey/internal/locale"
)

//go:embed texts/*.json
var textFiles embed.FS

// words are the texts of one language.
type words struct {
	code  string
	table map[string]string
}

// languages reads all texts once. They are part of the program: one that cannot be read is a fault of it, which a
// test meets first.
var languages = sync.OnceValue(func() map[string]*words {
	entries, err := textFiles.ReadDir("texts")
	if err != nil {
		panic(err)
	}
	all := map[string]*words{}
	for _, entry := range entries {
		raw, err := textFiles.ReadFile("texts/" + entry.Name())
		if err != nil {
			panic(err)
		}
		w := &words{code: strings.TrimSuffix(path.Base(entry.Name()), ".json")}
		if err := json.Unmarshal(raw, &w.table); err != nil {
			panic(fmt.Sprintf("texts/%s: %v", entry.Name(), err))
		}
		all[w.code] = w
	}
	return all
})

// speak finds the visitor's language: the one the link asks for, else the first of the browser's that we know, else
// English.
func speak(asked, header string) *words {
	for _, code := range append([]string{asked}, accepted(header)...) {
		if w := known(strings.ToLower(code)); w != nil {
			return w
		}
	}
	return languages()[locale.Default]
}

// known finds the texts for a code, or for a variety of the same language: whoever reads one reads the other better
// than English.
func known(code string) *words {
	if code == "" || len(code) > 35 {
		return nil
	}
	all := languages()
	language, script, _ := strings.Cut(code, "-")
	candidates := locale.Fallbacks(code)
	switch {
	case language == "pt":
		candidates = append([]string{code}, "pt-br")
	case language == "zh" && strings.HasPrefix(script, "hant"):
		candidates = []string{"zh-tw"}
	case language == "zh":
		candidates = slices.Insert(candidates, len(candidates)-1, "zh-cn")
	}
	for _, candidate := range candidates {
		if w := all[candidate]; w != nil && (candidate != locale.Default || language == locale.Default) {
			return w
		}
	}
	return nil
}

// accepted lists the languages of an Accept-Language header, most wanted first (RFC 9110, 12.5.4).
func accepted(header string) []string {
	if len(header) > 1000 {
		return nil
	}
	type wish struct {
		code   string
		weight float64
	}
	var wishes []wish
	for part := range strings.SplitSeq(header, ",") {
		code, parameters, _ := strings.Cut(strings.TrimSpace(part), ";")
		weight := 1.0
		if q, is := strings.CutPrefix(strings.ReplaceAll(parameters, " ", ""), "q="); is {
			var err error
			if weight, err = strconv.ParseFloat(q, 64); err != nil {
				weight = 0
			}
		}
		if weight > 0 {
			wishes = append(wishes, wish{strings.TrimSpace(code), weight})
		}
	}
	slices.SortStableFunc(wishes, func(a, b wish) int {
		switch {
		case a.weight > b.weight:
			return -1
		case a.weight < b.weight:
			return 1
		}
		return 0
	})
	codes := make([]string, len(wishes))
	for i, w := range wishes {
		codes[i] = w.code
	}
	return codes
}

// say fills the project's name into a text. The name keeps its own direction: between first-strong isolates
// (U+2068, U+2069) it does not turn the sentence around it.
func (w *words) say(key, project string) string {
	return strings.ReplaceAll(w.table[key], "{project}", "\u2068"+project+"\u2069")
}

// direction is how the language is written.
func (w *words) direction() string {
	if w.code == "ar" || w.code == "he" {
		return "rtl"
	}
	return "ltr"
}

// tag is the code as HTML wants it (BCP 47).
func (w *words) tag() string {
	language, region, found := strings.Cut(w.code, "-")
	if !found {
		return language
	}
	return language + "-" + strings.ToUpper(region)
}
