// Package locale owns what depends on the language of a request: which locale codes there are, what
// countries and continents are called in them, and the lists of countries, calling codes, currencies and
// languages that apps build their forms from. It imports the standard library alone. Its data is written by
// tools/locale from the Unicode CLDR, plus facts of public standards (ISO 3166, ISO 4217, ISO 639, ITU
// E.164) kept in countries.go.
package locale

import (
	"slices"
	"strings"
)

// Default is the locale of a request that names none, or one that is not accepted.
const Default = "en"

// Code is a locale that a request may name.
type Code struct {
	Code string // lower case, "pt-br"
	Name string // in English
}

// Language is a language of ISO 639-1.
type Language struct {
	Name       string // in English
	Code       string // two letters, lower case
	NativeName string // in the language itself
}

// Currency is a currency of ISO 4217.
type Currency struct {
	Symbol        string // as written in English: "CA$"
	Name          string // in English
	SymbolNative  string // as written where it is paid with: "$"
	DecimalDigits int
	Rounding      float64 // the step that cash is rounded to; 0: the smallest unit
	Code          string
	NamePlural    string
}

// Accept says whether a request may ask for this locale: an exact match, lower case.
func Accept(code string) bool {
	_, found := slices.BinarySearchFunc(codes, code, func(c Code, code string) int { return strings.Compare(c.Code, code) })
	return found
}

// Fallbacks lists the locales to look a text up in, best first: the code itself, its language alone, and
// Default. Between the first two stands, where a code names no translation under its own spelling, the one
// that its speakers would choose.
func Fallbacks(code string) []string {
	list := make([]string, 0, 4)
	add := func(code string) {
		if code != "" && !slices.Contains(list, code) {
			list = append(list, code)
		}
	}
	language, _, _ := strings.Cut(code, "-")
	add(code)
	add(kin[code])
	add(language)
	add(Default)
	return list
}

// kin maps accepted codes to the translation meant by them: Norwegian is written Bokmål unless it says
// otherwise, Hong Kong writes traditional characters and Singapore simplified ones, and "ua" is how some
// apps abbreviate Ukrainian.
var kin = map[string]string{
	"no": "nb", "pt": "pt-pt", "ua": "uk", "zh-hk": "zh-tw", "zh-sg": "zh-cn",
}

// Codes lists the accepted locales, sorted by code.
func Codes() []Code { return slices.Clone(codes) }

// Languages lists the languages of ISO 639-1, sorted by code.
func Languages() []Language { return slices.Clone(languages) }

// Currencies lists the money in use: US dollar, Canadian dollar and euro, then the others by code.
func Currencies() []Currency { return slices.Clone(currencies) }
