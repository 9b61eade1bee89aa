// Package localeapi holds the rows of the Locale service: where a client is, and lists of countries, codes
// and languages in the client's own locale.
package localeapi

import (
	"strings"

	"latchkey/internal/api"
	"latchkey/internal/api/wire"
	"latchkey/internal/client"
	"latchkey/internal/locale"
)

// Service serves the rows of the Locale service.
type Service struct{}

// cache is how long a client may keep what hardly ever changes.
const cache = "private, max-age=3888000"

// row declares one of the service's routes: they differ in path, name and what is listed.
func row(route, sdk, about string) api.Spec {
	return api.Spec{Route: route, SDK: []string{sdk}, About: about, Scope: api.ScopeLocaleRead, Status: 200, Cache: cache}
}

// Endpoints lists the Locale service.
func (s *Service) Endpoints() []api.Endpoint {
	return []api.Endpoint{
		api.Define(row("GET /v1/locale", "locale.get", "Get where the client is, by its address."), s.get),
		api.Define(row("GET /v1/locale/codes", "locale.listCodes", "List the codes that X-Appwrite-Locale takes."), s.listCodes),
		api.Define(row("GET /v1/locale/continents", "locale.listContinents", "List the continents by name."), s.listContinents),
		api.Define(row("GET /v1/locale/countries", "locale.listCountries", "List the countries by name."), s.listCountries),
		api.Define(row("GET /v1/locale/countries/eu", "locale.listCountriesEU", "List the countries of the European Union by name."), s.listCountriesEU),
		api.Define(row("GET /v1/locale/countries/phones", "locale.listCountriesPhones", "List the countries' calling codes."), s.listCountriesPhones),
		api.Define(row("GET /v1/locale/currencies", "locale.listCurrencies", "List the currencies of today."), s.listCurrencies),
		api.Define(row("GET /v1/locale/languages", "locale.listLanguages", "List the languages with their own names."), s.listLanguages),
	}
}

// get names the country in the client's locale. An address without one has a placeholder, as in a session.
func (s *Service) get(c *api.Call, _ *api.None) (*wire.Locale, error) {
	country := strings.ToUpper(client.LookupCountry(c.Hop.IP))
	continent := locale.ContinentOf(country)
	reply := &wire.Locale{IP: c.Hop.IP.String(), CountryCode: country, Country: locale.Country(c.Locale, country),
		ContinentCode: continent, Continent: locale.Continent(c.Locale, continent), EU: locale.IsEU(country), Currency: locale.CurrencyOf(country)}
	if continent == "" {
		reply.ContinentCode = "--"
	}
	return reply, nil
}

func (s *Service) listCodes(*api.Call, *api.None) (*wire.LocaleCodeList, error) {
	codes := locale.Codes()
	list := &wire.LocaleCodeList{Total: len(codes), LocaleCodes: make([]wire.LocaleCode, len(codes))}
	for i, code := range codes {
		list.LocaleCodes[i] = wire.LocaleCode(code)
	}
	return list, nil
}

func (s *Service) listContinents(c *api.Call, _ *api.None) (*wire.ContinentList, error) {
	continents := locale.Continents(c.Locale)
	list := &wire.ContinentList{Total: len(continents), Continents: make([]wire.Continent, len(continents))}
	for i, continent := range continents {
		list.Continents[i] = wire.Continent{Name: continent.Name, Code: continent.Code}
	}
	return list, nil
}

func (s *Service) listCountries(c *api.Call, _ *api.None) (*wire.CountryList, error) {
	return wire.CountriesOf(locale.Countries(c.Locale)), nil
}

func (s *Service) listCountriesEU(c *api.Call, _ *api.None) (*wire.CountryList, error) {
	return wire.CountriesOf(locale.EU(c.Locale)), nil
}

func (s *Service) listCountriesPhones(c *api.Call, _ *api.None) (*wire.PhoneList, error) {
	phones := locale.Phones(c.Locale)
	list := &wire.PhoneList{Total: len(phones), Phones: make([]wire.Phone, len(phones))}
	for i, phone := range phones {
		list.Phones[i] = wire.Phone(phone)
	}
	return list, nil
}

func (s *Service) listCurrencies(*api.Call, *api.None) (*wire.CurrencyList, error) {
	currencies := locale.Currencies()
	list := &wire.CurrencyList{Total: len(currencies), Currencies: make([]wire.Currency, len(currencies))}
	for i, currency := range currencies {
		list.Currencies[i] = wire.Currency(currency)
	}
	return list, nil
}

func (s *Service) listLanguages(*api.Call, *api.None) (*wire.LanguageList, error) {
	languages := locale.Languages()
	list := &wire.LanguageList{Total: len(languages), Languages: make([]wire.Language, len(languages))}
	for i, language := range languages {
		list.Languages[i] = wire.Language(language)
	}
	return list, nil
}
