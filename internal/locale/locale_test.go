package locale

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestAccept(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"en", "de", "de-at", "pt-br", "zh-cn", "zu", "af", "ji", "ua"} {
		if !Accept(code) {
			t.Errorf("%s is refused", code)
		}
	}
	for _, code := range []string{"", "EN", "pt-BR", "pt_br", "de-de", "pt-pt", "uk", "xx", "en ", "--", "a"} {
		if Accept(code) {
			t.Errorf("%s is accepted", code)
		}
	}
	if n := len(Codes()); n != 131 || !slices.IsSortedFunc(Codes(), func(a, b Code) int { return strings.Compare(a.Code, b.Code) }) {
		t.Errorf("%d codes, or not sorted", n)
	}
}

func TestFallbacks(t *testing.T) {
	t.Parallel()
	for code, want := range map[string][]string{
		"de-at": {"de-at", "de", "en"},
		"de":    {"de", "en"},
		"en":    {"en"},
		"en-gb": {"en-gb", "en"},
		"pt":    {"pt", "pt-pt", "en"},
		"pt-br": {"pt-br", "pt", "en"},
		"no":    {"no", "nb", "en"},
		"zh-hk": {"zh-hk", "zh-tw", "zh", "en"},
		"":      {"en"},
	} {
		if diff := cmp.Diff(want, Fallbacks(code)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", code, diff)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ locale, code, want string }{
		{"en", "de", "Germany"},
		{"en", "US", "United States"},
		{"en", "cz", "Czech Republic"},
		{"en", "hk", "Hong Kong"},
		{"en", "pr", "Puerto Rico"},
		{"de", "DE", "Deutschland"},
		{"de", "mk", "Nordmazedonien"},
		{"de-at", "de", "Deutschland"},
		{"de", "hk", "Hongkong"},
		{"es", "us", "Estados Unidos"},
		{"pt", "de", "Alemanha"},
		{"no", "cz", "Tsjekkia"},
		{"zh-hk", "de", "德國"},
		{"zh-cn", "de", "德国"},
		{"ua", "de", "Німеччина"},
		{"tl", "us", "Estados Unidos"},
		{"bh", "de", "Germany"},
		{"xx", "de", "Germany"},
		{"en", "--", "Unknown"},
		{"de", "--", "Unbekannt"},
		{"ja", "", "不明"},
		{"en", "zz", "Unknown"},
		{"en", "d", "Unknown"},
		{"en", "d\x05", "Unknown"},
		{"en", "germany", "Unknown"},
	} {
		if got := Country(c.locale, c.code); got != c.want {
			t.Errorf("%q in %s is %q, want %q", c.code, c.locale, got, c.want)
		}
	}
	for _, c := range []struct{ locale, code, want string }{
		{"en", "EU", "Europe"}, {"en", "an", "Antarctica"}, {"de", "NA", "Nordamerika"}, {"es", "NA", "América del Norte"},
		{"en", "SA", "South America"}, {"fr", "OC", "Océanie"}, {"de", "--", "Unbekannt"}, {"en", "", "Unknown"},
	} {
		if got := Continent(c.locale, c.code); got != c.want {
			t.Errorf("continent %q in %s is %q, want %q", c.code, c.locale, got, c.want)
		}
	}
}

// TestEveryTranslation unpacks all of the file: every locale has a sound name for everything, no two
// countries share one, and only the two locales without data are in English.
func TestEveryTranslation(t *testing.T) {
	t.Parallel()
	list := translations()
	if len(list) != 73 {
		t.Fatalf("%d translations, want 73", len(list))
	}
	english := namesOf("en")
	var borrowed []string
	for _, translation := range list {
		names := translation.unpack()
		seen := map[string]bool{}
		for _, name := range slices.Concat([]string{names.unknown}, names.countries) {
			if name == "" || !utf8.ValidString(name) || name != strings.TrimSpace(name) || utf8.RuneCountInString(name) > 70 || seen[name] {
				t.Errorf("%s: %q is empty, broken or there twice", translation.code, name)
			}
			seen[name] = true
		}
		if translation.code != "en" && slices.Equal(names.countries, english.countries) {
			borrowed = append(borrowed, translation.code)
		}
		if names.unknown == "Unknown" && translation.code != "en" {
			t.Errorf("%s has no word of its own for unknown", translation.code)
		}
	}
	if diff := cmp.Diff([]string{"bh", "la"}, borrowed); diff != "" {
		t.Errorf("locales in English (-want +got):\n%s", diff)
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	all, union, around := Countries("en"), EU("en"), Continents("en")
	if len(all) != 197 || all[0] != (Named{"Afghanistan", "AF"}) || all[196] != (Named{"Zimbabwe", "ZW"}) {
		t.Errorf("%d countries from %v to %v", len(all), all[0], all[len(all)-1])
	}
	if len(union) != 27 || union[0] != (Named{"Austria", "AT"}) || union[26] != (Named{"Sweden", "SE"}) {
		t.Errorf("%d member states from %v to %v", len(union), union[0], union[len(union)-1])
	}
	want := []Named{{"Africa", "AF"}, {"Antarctica", "AN"}, {"Asia", "AS"}, {"Europe", "EU"}, {"North America", "NA"}, {"Oceania", "OC"}, {"South America", "SA"}}
	if diff := cmp.Diff(want, around); diff != "" {
		t.Errorf("continents (-want +got):\n%s", diff)
	}
	if first := Continents("es")[0]; first != (Named{"América del Norte", "NA"}) {
		t.Errorf("the first continent in Spanish is %v", first)
	}
	if first := EU("es")[0]; first != (Named{"Alemania", "DE"}) {
		t.Errorf("the first member state in Spanish is %v", first)
	}
}

func TestPhones(t *testing.T) {
	t.Parallel()
	list := Phones("de")
	if len(list) != 197 || list[0] != (Phone{"+1", "CA", "Kanada"}) || list[1] != (Phone{"+1", "US", "Vereinigte Staaten"}) {
		t.Errorf("%d calling codes, first %v, %v", len(list), list[0], list[1])
	}
	if !slices.Contains(list, Phone{"+49", "DE", "Deutschland"}) {
		t.Error("Germany has no calling code")
	}
	for i, phone := range list {
		digits := strings.Trim(phone.Code[1:], "0123456789")
		if digits != "" || len(phone.Code) < 2 || len(phone.Code) > 5 || i > 0 && dialled(phone) < dialled(list[i-1]) {
			t.Errorf("entry %d is %v", i, phone)
		}
	}
}

func TestFactsOfCountries(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]struct {
		continent, currency string
		eu                  bool
	}{
		"DE": {"EU", "EUR", true}, "us": {"NA", "USD", false}, "Gb": {"EU", "GBP", false}, "hr": {"EU", "EUR", true},
		"bg": {"EU", "EUR", true}, "cy": {"EU", "EUR", true}, "jp": {"AS", "JPY", false}, "br": {"SA", "BRL", false},
		"aq": {"AN", "", false}, "xk": {"EU", "EUR", false}, "--": {"--", "", false}, "": {"--", "", false}, "eu": {"--", "", false},
	} {
		if ContinentOf(code) != want.continent || CurrencyOf(code) != want.currency || IsEU(code) != want.eu {
			t.Errorf("%q: %s, %s, %t", code, ContinentOf(code), CurrencyOf(code), IsEU(code))
		}
	}
}

// TestTables holds the tables against each other.
func TestTables(t *testing.T) {
	t.Parallel()
	money := map[string]bool{}
	for _, c := range Currencies() {
		if money[c.Code] || len(c.Code) != 3 || c.Symbol == "" || c.SymbolNative == "" || c.Name == "" || c.NamePlural == "" || c.DecimalDigits > 3 {
			t.Errorf("currency %+v", c)
		}
		if strings.Trim(c.SymbolNative, "\u200b\u200e\u200f ") != c.SymbolNative {
			t.Errorf("%s is written %q", c.Code, c.SymbolNative)
		}
		money[c.Code] = true
	}
	if !slices.IsSortedFunc(countries, func(a, b country) int { return strings.Compare(a.code, b.code) }) {
		t.Error("countries are not sorted")
	}
	paid := map[string]bool{}
	for _, c := range countries {
		if c.currency != "" && !money[c.currency] || !slices.Contains(continents[:], c.continent) {
			t.Errorf("%s: unknown currency %q or continent %q", c.code, c.currency, c.continent)
		}
		paid[c.currency] = true
	}
	for code := range money {
		if !paid[code] {
			t.Errorf("no country pays with %s", code)
		}
	}
	if len(Languages()) != 185 || Languages()[0] != (Language{"Afar", "aa", "Afar"}) || Languages()[184] != (Language{"Zulu", "zu", "isiZulu"}) {
		t.Errorf("%d languages, first %v, last %v", len(Languages()), Languages()[0], Languages()[184])
	}
	if first := Currencies()[0]; first != (Currency{"$", "US Dollar", "$", 2, 0, "USD", "US dollars"}) {
		t.Errorf("the first currency is %+v", first)
	}
}

// TestListsAreCopies guards the tables: a caller that sorts its answer must not sort everybody's.
func TestListsAreCopies(t *testing.T) {
	t.Parallel()
	Codes()[0].Code, Languages()[0].Code, Currencies()[0].Code, Countries("en")[0].Name = "", "", "", ""
	if Codes()[0].Code == "" || Languages()[0].Code == "" || Currencies()[0].Code == "" || Countries("en")[0].Name == "" {
		t.Error("a caller changed a table")
	}
}

func BenchmarkCountry(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Country("de-at", "fr")
	}
}
