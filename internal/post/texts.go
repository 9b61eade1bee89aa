package post

import (
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed texts/*.json
var files embed.FS

// texts are the sentences of one language.
type texts struct {
	code  string
	table map[string]string
}

// languages reads all texts once. They are part of the program, so that a file which cannot be read is a fault
// of the program; a test reads them all.
var languages = sync.OnceValue(func() map[string]*texts {
	entries, err := files.ReadDir("texts")
	if err != nil {
		panic(err)
	}
	all := map[string]*texts{}
	for _, entry := range entries {
		raw, err := files.ReadFile("texts/" + entry.Name())
		if err != nil {
			panic(err)
		}
		t := &texts{code: strings.TrimSuffix(path.Base(entry.Name()), ".json")}
		if err := json.Unmarshal(raw, &t.table); err != nil {
			panic(fmt.Sprintf("texts/%s: %v", entry.Name(), err))
		}
		all[t.code] = t
	}
	return all
})

// Languages lists the locales that messages are worded in, sorted.
func Languages() []string { return slices.Sorted(maps.Keys(languages())) }

// speak finds the texts for a locale: its own, its language's, English.
func speak(code string) *texts {
	all := languages()
	for _, candidate := range chain(code) {
		if t, found := all[candidate]; found {
			return t
		}
	}
	return all["en"]
}

// language is the first part of a locale code.
func language(code string) string {
	first, _, _ := strings.Cut(code, "-")
	return first
}

// lifetime says a number of minutes in the largest unit that leaves nothing over: 60 are an hour, 90 are not.
func (t *texts) lifetime(minutes string) string {
	n, err := strconv.Atoi(minutes)
	if err != nil || n <= 0 {
		return ""
	}
	unit := "minutes"
	switch {
	case n%(24*60) == 0:
		unit, n = "days", n/(24*60)
	case n%60 == 0:
		unit, n = "hours", n/60
	}
	text := t.table[unit+"."+plural(t.code, n)]
	return fill(text, map[string]string{"n": strconv.Itoa(n)}, asText)
}

// pluralForms are the forms that a language has for whole numbers (Unicode CLDR, plural rules).
func pluralForms(code string) []string {
	switch language(code) {
	case "id", "ja", "ko", "vi", "zh":
		return []string{"other"}
	case "ar":
		return []string{"one", "two", "few", "many", "other"}
	case "he":
		return []string{"one", "two", "other"}
	case "pl", "ru", "uk":
		return []string{"one", "few", "many"}
	}
	return []string{"one", "other"}
}

// plural picks the form for a number above zero.
func plural(code string, n int) string {
	switch language(code) {
	case "id", "ja", "ko", "vi", "zh":
		return "other"
	case "ar":
		return pluralArabic(n)
	case "ru", "uk":
		return pluralSlavic(n, n%10 == 1 && n%100 != 11)
	case "pl":
		return pluralSlavic(n, n == 1)
	}
	switch {
	case n == 1:
		return "one"
	case n == 2 && language(code) == "he":
		return "two"
	}
	return "other"
}

func pluralSlavic(n int, one bool) string {
	switch {
	case one:
		return "one"
	case n%10 >= 2 && n%10 <= 4 && (n%100 < 12 || n%100 > 14):
		return "few"
	}
	return "many"
}

func pluralArabic(n int) string {
	switch {
	case n == 1:
		return "one"
	case n == 2:
		return "two"
	case n%100 >= 3 && n%100 <= 10:
		return "few"
	case n%100 >= 11:
		return "many"
	}
	return "other"
}
