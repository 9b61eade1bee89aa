package locale

import (
	"compress/flate"
	_ "embed" // the names are part of the program
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
)

// packed holds the names of countries and continents in every locale, a deflated text each; `make gen`
// (tools/locale) writes it and documents the layout.
//
//go:embed names.bin
var packed string

// Named is a country or a continent and its code, upper case.
type Named struct {
	Name string
	Code string
}

// Country returns the name of a country in a locale. The code may be upper or lower case; for one that is no
// country, and for "--", it returns the locale's word for "unknown".
func Country(locale, code string) string {
	names := namesOf(locale)
	if i := indexOf(code); i >= 0 {
		return names.countries[i]
	}
	return names.unknown
}

// Continent returns the name of a continent (AF, AN, AS, EU, NA, OC, SA, in either case) in a locale, or the
// word for "unknown".
func Continent(locale, code string) string {
	names := namesOf(locale)
	for i, continent := range continents {
		if strings.EqualFold(continent, code) {
			return names.continents[i]
		}
	}
	return names.unknown
}

// continents are the continent codes in the order of their names in the packed texts.
var continents = [...]string{"AF", "AN", "AS", "EU", "NA", "OC", "SA"}

// Continents lists the continents, sorted by name.
func Continents(locale string) []Named {
	names := namesOf(locale)
	list := make([]Named, len(continents))
	for i, code := range continents {
		list[i] = Named{names.continents[i], code}
	}
	sortByName(list)
	return list
}

// Countries lists the countries, sorted by name: the states, the Vatican, Palestine, Taiwan and Hong Kong,
// without dependent territories (Country knows those too).
func Countries(locale string) []Named {
	return listed(locale, func(c country) bool { return c.listed })
}

// EU lists the member states of the European Union, sorted by name.
func EU(locale string) []Named {
	return listed(locale, func(c country) bool { return slices.Contains(european[:], c.code) })
}

func listed(locale string, keep func(country) bool) []Named {
	names := namesOf(locale)
	list := make([]Named, 0, len(countries))
	for i, c := range countries {
		if keep(c) {
			list = append(list, Named{names.countries[i], c.code})
		}
	}
	sortByName(list)
	return list
}

// sortByName sorts by the bytes of the name, the order that clients of this API have always been given.
func sortByName(list []Named) {
	slices.SortFunc(list, func(a, b Named) int { return strings.Compare(a.Name, b.Name) })
}

// names are one locale's names, in the order of the tables.
type names struct {
	unknown    string
	continents []string
	countries  []string
}

// translation is one locale as it lies in the packed file, unpacked when it is first asked for. All of them
// would take a megabyte; most servers need three.
type translation struct {
	code   string
	text   string // deflated
	unpack func() names
}

// translations is built on first use, too: constant data behind a door, not state.
var translations = sync.OnceValue(func() []translation {
	list := readIndex(packed)
	base := find(list, Default)
	english := list[base].text
	dictionary := sync.OnceValue(func() []byte { return inflate(english, nil) })
	for i := range list {
		text := list[i].text
		if i == base {
			list[i].unpack = sync.OnceValue(func() names { return split(dictionary()) })
			continue
		}
		list[i].unpack = sync.OnceValue(func() names { return split(inflate(text, dictionary())) })
	}
	return list
})

// namesOf returns the names in the first of the locale's fallbacks that has any; Default always has.
func namesOf(locale string) names {
	list := translations()
	if i := find(list, locale); i >= 0 { // the common case, without building the list of fallbacks
		return list[i].unpack()
	}
	for _, code := range Fallbacks(locale) {
		if i := find(list, code); i >= 0 {
			return list[i].unpack()
		}
	}
	panic("locale: the default locale has no names") // the package's own data is broken
}

func find(list []translation, code string) int {
	i, found := slices.BinarySearchFunc(list, code, func(t translation, code string) int { return strings.Compare(t.code, code) })
	if !found {
		return -1
	}
	return i
}

// readIndex reads the head of the packed file. It is our own file, and a test reads all of it: what does not
// fit is a broken build.
func readIndex(file string) []translation {
	u16 := func(at int) int { return int(file[at]) | int(file[at+1])<<8 }
	u32 := func(at int) int { return u16(at) | u16(at+2)<<16 }
	const head, entry = len("LKN1") + 4, 16
	count, known := u16(4), u16(6)
	if file[:4] != "LKN1" || known != len(countries) {
		panic(fmt.Sprintf("locale: names.bin is for %d countries, the table has %d", known, len(countries)))
	}
	for i, c := range countries {
		if file[head+2*i:head+2*i+2] != c.code {
			panic("locale: names.bin and the table of countries differ at " + c.code)
		}
	}
	index := head + 2*known
	texts := index + entry*count
	list := make([]translation, count)
	for i := range list {
		at := index + entry*i
		from := texts + u32(at+8)
		list[i].code = strings.TrimRight(file[at:at+8], " ")
		list[i].text = file[from : from+u32(at+12)]
	}
	return list
}

func inflate(text string, dictionary []byte) []byte {
	out, err := io.ReadAll(flate.NewReaderDict(strings.NewReader(text), dictionary))
	if err != nil {
		panic("locale: names.bin is broken: " + err.Error())
	}
	return out
}

func split(text []byte) names {
	lines := strings.Split(string(text), "\n")
	if len(lines) != 1+len(continents)+len(countries) {
		panic(fmt.Sprintf("locale: a text of names.bin has %d lines", len(lines)))
	}
	return names{lines[0], lines[1 : 1+len(continents)], lines[1+len(continents):]}
}
