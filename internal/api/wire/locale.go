package wire

import "latchkey/internal/locale"

// Locale is where a client is, by its address.
type Locale struct {
	IP            string `json:"ip"`
	CountryCode   string `json:"countryCode"`
	Country       string `json:"country"`
	ContinentCode string `json:"continentCode"`
	Continent     string `json:"continent"`
	EU            bool   `json:"eu"`
	Currency      string `json:"currency"`
}

// Model implements api.Model.
func (*Locale) Model() string { return "locale" }

// LocaleCode is a language code that X-Appwrite-Locale takes.
type LocaleCode struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// Model implements api.Model.
func (*LocaleCode) Model() string { return "localeCode" }

// LocaleCodeList is a list of locale codes.
type LocaleCodeList struct {
	Total       int          `json:"total"`
	LocaleCodes []LocaleCode `json:"localeCodes"`
}

// Model implements api.Model.
func (*LocaleCodeList) Model() string { return "localeCodeList" }

// Country is a country by name and code.
type Country struct {
	Name string `json:"name"`
	Code string `json:"code"`
}

// Model implements api.Model.
func (*Country) Model() string { return "country" }

// CountryList is a list of countries.
type CountryList struct {
	Total     int       `json:"total"`
	Countries []Country `json:"countries"`
}

// Model implements api.Model.
func (*CountryList) Model() string { return "countryList" }

// CountriesOf shows named countries.
func CountriesOf(named []locale.Named) *CountryList {
	list := &CountryList{Total: len(named), Countries: make([]Country, len(named))}
	for i, n := range named {
		list.Countries[i] = Country{Name: n.Name, Code: n.Code}
	}
	return list
}

// Continent is a continent by name and code.
type Continent struct {
	Name string `json:"name"`
	Code string `json:"code"`
}

// Model implements api.Model.
func (*Continent) Model() string { return "continent" }

// ContinentList is a list of continents.
type ContinentList struct {
	Total      int         `json:"total"`
	Continents []Continent `json:"continents"`
}

// Model implements api.Model.
func (*ContinentList) Model() string { return "continentList" }

// Phone is a country's calling code.
type Phone struct {
	Code        string `json:"code"`
	CountryCode string `json:"countryCode"`
	CountryName string `json:"countryName"`
}

// Model implements api.Model.
func (*Phone) Model() string { return "phone" }

// PhoneList is a list of calling codes.
type PhoneList struct {
	Total  int     `json:"total"`
	Phones []Phone `json:"phones"`
}

// Model implements api.Model.
func (*PhoneList) Model() string { return "phoneList" }

// Currency is a currency of today.
type Currency struct {
	Symbol        string  `json:"symbol"`
	Name          string  `json:"name"`
	SymbolNative  string  `json:"symbolNative"`
	DecimalDigits int     `json:"decimalDigits"`
	Rounding      float64 `json:"rounding"`
	Code          string  `json:"code"`
	NamePlural    string  `json:"namePlural"`
}

// Model implements api.Model.
func (*Currency) Model() string { return "currency" }

// CurrencyList is a list of currencies.
type CurrencyList struct {
	Total      int        `json:"total"`
	Currencies []Currency `json:"currencies"`
}

// Model implements api.Model.
func (*CurrencyList) Model() string { return "currencyList" }

// Language is a language by its English and its own name.
type Language struct {
	Name       string `json:"name"`
	Code       string `json:"code"`
	NativeName string `json:"nativeName"`
}

// Model implements api.Model.
func (*Language) Model() string { return "language" }

// LanguageList is a list of languages.
type LanguageList struct {
	Total     int        `json:"total"`
	Languages []Language `json:"languages"`
}

// Model implements api.Model.
func (*LanguageList) Model() string { return "languageList" }
