package pages

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEveryLanguageSaysEverythingAndNothingElse(t *testing.T) {
	t.Parallel()
	want := []string{"ar", "de", "en", "es", "fr", "he", "hi", "id", "it", "ja", "ko", "nl", "pl", "pt-br", "ru", "tr", "uk", "vi", "zh-cn", "zh-tw"}
	all := languages()
	got := []string{}
	for code := range all {
		got = append(got, code)
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	hole := regexp.MustCompile(`\{[^}]*\}`)
	holes := func(text string) []string {
		list := hole.FindAllString(text, -1)
		slices.Sort(list)
		return list
	}
	english := all["en"].table
	for code, w := range all {
		for key, text := range english {
			translated, found := w.table[key]
			switch {
			case !found:
				t.Errorf("%s lacks %s", code, key)
			case strings.TrimSpace(translated) != translated || translated == "":
				t.Errorf("%s: %s is empty or has blanks at its ends", code, key)
			case !slices.Equal(holes(text), holes(translated)):
				t.Errorf("%s: %s has the placeholders %v, want %v", code, key, holes(translated), holes(text))
			case code != "en" && translated == text && key != "oauth.details":
				t.Errorf("%s: %s is not translated", code, key)
			}
		}
		for key := range w.table {
			if _, found := english[key]; !found {
				t.Errorf("%s has %s, which no page says", code, key)
			}
		}
	}
}

// Keys are put together in a few places: those count as said when their last part stands in the code.
func TestEveryTextIsSaidSomewhere(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, file := range files {
		if !strings.HasSuffix(file, "_test.go") {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			code.Write(text)
		}
	}
	for key := range languages()["en"].table {
		first, last, _ := strings.Cut(key, ".")
		if !strings.Contains(code.String(), `"`+key+`"`) && !strings.Contains(code.String(), `"`+first+`"`) && !strings.Contains(code.String(), `"`+last+`"`) {
			t.Errorf("no page says %s", key)
		}
	}
}

func TestTheVisitorsLanguageIsFound(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ asked, header, want string }{
		{"", "", "en"}, {"de", "fr", "de"}, {"xx", "fr", "fr"}, {"", "sv, de;q=0.8, en;q=0.5", "de"}, {"", "en;q=0.2, ar", "ar"},
		{"", "pt", "pt-br"}, {"", "pt-PT", "pt-br"}, {"", "zh", "zh-cn"}, {"", "zh-HK", "zh-tw"}, {"", "zh-Hant-TW", "zh-tw"}, {"", "zh-Hans-CN", "zh-cn"},
		{"", "de-AT", "de"}, {"", "sv", "en"}, {"", "sv, nb", "en"}, {"", "fr;q=0", "en"}, {"", "*", "en"}, {"", ";;,,q=", "en"}, {"", "fr;q=x, it", "it"},
		{"", strings.Repeat("fr,", 1000), "en"}, {"../../etc", "", "en"}, {"DE", "", "de"}, {"", "en-GB, de", "en"}, {"ua", "", "uk"},
	} {
		if got := speak(test.asked, test.header).code; got != test.want {
			t.Errorf("asked %q with %.40q: %s, want %s", test.asked, test.header, got, test.want)
		}
	}
}

func FuzzAcceptLanguage(f *testing.F) {
	for _, seed := range []string{"", "de-AT, de;q=0.9, *;q=0.1", "zh-Hant;q=1.5", ",;q=nan"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if speak("", header) == nil {
			t.Error("no language")
		}
	})
}
