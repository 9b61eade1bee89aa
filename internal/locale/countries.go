package locale

import (
	"slices"
	"strconv"
)

// country is what stays the same in every language.
type country struct {
	code      string // ISO 3166-1 alpha-2, upper case
	continent string
	currency  string // ISO 4217; empty where none is in use
	calling   string // ITU E.164 country code; in the North American plan with the area code, if it is the only one
	listed    bool   // whether Countries and Phones name it
}

// european are the member states of the European Union.
var european = [...]string{
	"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU",
	"LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
}

// Phone is a country's calling code.
type Phone struct {
	Code        string // "+49"
	CountryCode string
	CountryName string
}

// Phones lists the calling codes of the listed countries, by number, then by country code.
func Phones(locale string) []Phone {
	names := namesOf(locale)
	list := make([]Phone, 0, len(countries))
	for i, c := range countries {
		if c.listed {
			list = append(list, Phone{"+" + c.calling, c.code, names.countries[i]})
		}
	}
	slices.SortStableFunc(list, func(a, b Phone) int { return dialled(a) - dialled(b) })
	return list
}

func dialled(p Phone) int {
	number, _ := strconv.Atoi(p.Code[1:]) // digits by the table, which a test checks
	return number
}

// ContinentOf returns the code of the continent a country lies in, or "--".
func ContinentOf(code string) string {
	if i := indexOf(code); i >= 0 {
		return countries[i].continent
	}
	return "--"
}

// IsEU says whether a country is a member state of the European Union.
func IsEU(code string) bool {
	i := indexOf(code)
	return i >= 0 && slices.Contains(european[:], countries[i].code)
}

// CurrencyOf returns the code of the currency a country pays with, or nothing.
func CurrencyOf(code string) string {
	if i := indexOf(code); i >= 0 {
		return countries[i].currency
	}
	return ""
}

// indexOf finds a country by its code in either case; -1 for none.
func indexOf(code string) int {
	if len(code) != 2 {
		return -1
	}
	// Clearing bit 5 makes ASCII letters upper case, and only a letter becomes a letter that way.
	upper := [2]byte{code[0] &^ 0x20, code[1] &^ 0x20}
	i, found := slices.BinarySearchFunc(countries, upper, func(c country, upper [2]byte) int {
		if c.code[0] != upper[0] {
			return int(c.code[0]) - int(upper[0])
		}
		return int(c.code[1]) - int(upper[1])
	})
	if !found {
		return -1
	}
	return i
}

// countries is ISO 3166-1 and XK for Kosovo, sorted by code.
var countries = []country{
	{"AD", "EU", "EUR", "376", true},
	{"AE", "AS", "AED", "971", true},
	{"AF", "AS", "AFN", "93", true},
	{"AG", "NA", "XCD", "1268", true},
	{"AI", "NA", "XCD", "1264", false},
	{"AL", "EU", "ALL", "355", true},
	{"AM", "AS", "AMD", "374", true},
	{"AO", "AF", "AOA", "244", true},
	{"AQ", "AN", "", "672", false},
	{"AR", "SA", "ARS", "54", true},
	{"AS", "OC", "USD", "1684", false},
	{"AT", "EU", "EUR", "43", true},
	{"AU", "OC", "AUD", "61", true},
	{"AW", "NA", "AWG", "297", false},
	{"AX", "EU", "EUR", "358", false},
	{"AZ", "AS", "AZN", "994", true},
	{"BA", "EU", "BAM", "387", true},
	{"BB", "NA", "BBD", "1246", true},
	{"BD", "AS", "BDT", "880", true},
	{"BE", "EU", "EUR", "32", true},
	{"BF", "AF", "XOF", "226", true},
	{"BG", "EU", "EUR", "359", true},
	{"BH", "AS", "BHD", "973", true},
	{"BI", "AF", "BIF", "257", true},
	{"BJ", "AF", "XOF", "229", true},
	{"BL", "NA", "EUR", "590", false},
	{"BM", "NA", "BMD", "1441", false},
	{"BN", "AS", "BND", "673", true},
	{"BO", "SA", "BOB", "591", true},
	{"BQ", "NA", "USD", "599", false},
	{"BR", "SA", "BRL", "55", true},
	{"BS", "NA", "BSD", "1242", true},
	{"BT", "AS", "BTN", "975", true},
	{"BV", "AN", "NOK", "47", false},
	{"BW", "AF", "BWP", "267", true},
	{"BY", "EU", "BYN", "375", true},
	{"BZ", "NA", "BZD", "501", true},
	{"CA", "NA", "CAD", "1", true},
	{"CC", "AS", "AUD", "61", false},
	{"CD", "AF", "CDF", "243", true},
	{"CF", "AF", "XAF", "236", true},
	{"CG", "AF", "XAF", "242", true},
	{"CH", "EU", "CHF", "41", true},
	{"CI", "AF", "XOF", "225", true},
	{"CK", "OC", "NZD", "682", false},
	{"CL", "SA", "CLP", "56", true},
	{"CM", "AF", "XAF", "237", true},
	{"CN", "AS", "CNY", "86", true},
	{"CO", "SA", "COP", "57", true},
	{"CR", "NA", "CRC", "506", true},
	{"CU", "NA", "CUP", "53", true},
	{"CV", "AF", "CVE", "238", true},
	{"CW", "NA", "XCG", "599", false},
	{"CX", "AS", "AUD", "61", false},
	{"CY", "EU", "EUR", "357", true},
	{"CZ", "EU", "CZK", "420", true},
	{"DE", "EU", "EUR", "49", true},
	{"DJ", "AF", "DJF", "253", true},
	{"DK", "EU", "DKK", "45", true},
	{"DM", "NA", "XCD", "1767", true},
	{"DO", "NA", "DOP", "1809", true},
	{"DZ", "AF", "DZD", "213", true},
	{"EC", "SA", "USD", "593", true},
	{"EE", "EU", "EUR", "372", true},
	{"EG", "AF", "EGP", "20", true},
	{"EH", "AF", "MAD", "212", false},
	{"ER", "AF", "ERN", "291", true},
	{"ES", "EU", "EUR", "34", true},
	{"ET", "AF", "ETB", "251", true},
	{"FI", "EU", "EUR", "358", true},
	{"FJ", "OC", "FJD", "679", true},
	{"FK", "SA", "FKP", "500", false},
	{"FM", "OC", "USD", "691", true},
	{"FO", "EU", "DKK", "298", false},
	{"FR", "EU", "EUR", "33", true},
	{"GA", "AF", "XAF", "241", true},
	{"GB", "EU", "GBP", "44", true},
	{"GD", "NA", "XCD", "1473", true},
	{"GE", "AS", "GEL", "995", true},
	{"GF", "SA", "EUR", "594", false},
	{"GG", "EU", "GBP", "44", false},
	{"GH", "AF", "GHS", "233", true},
	{"GI", "EU", "GIP", "350", false},
	{"GL", "NA", "DKK", "299", false},
	{"GM", "AF", "GMD", "220", true},
	{"GN", "AF", "GNF", "224", true},
	{"GP", "NA", "EUR", "590", false},
	{"GQ", "AF", "XAF", "240", true},
	{"GR", "EU", "EUR", "30", true},
	{"GS", "AN", "GBP", "500", false},
	{"GT", "NA", "GTQ", "502", true},
	{"GU", "OC", "USD", "1671", false},
	{"GW", "AF", "XOF", "245", true},
	{"GY", "SA", "GYD", "592", true},
	{"HK", "AS", "HKD", "852", true},
	{"HM", "AN", "AUD", "672", false},
	{"HN", "NA", "HNL", "504", true},
	{"HR", "EU", "EUR", "385", true},
	{"HT", "NA", "HTG", "509", true},
	{"HU", "EU", "HUF", "36", true},
	{"ID", "AS", "IDR", "62", true},
	{"IE", "EU", "EUR", "353", true},
	{"IL", "AS", "ILS", "972", true},
	{"IM", "EU", "GBP", "44", false},
	{"IN", "AS", "INR", "91", true},
	{"IO", "AS", "USD", "246", false},
	{"IQ", "AS", "IQD", "964", true},
	{"IR", "AS", "IRR", "98", true},
	{"IS", "EU", "ISK", "354", true},
	{"IT", "EU", "EUR", "39", true},
	{"JE", "EU", "GBP", "44", false},
	{"JM", "NA", "JMD", "1876", true},
	{"JO", "AS", "JOD", "962", true},
	{"JP", "AS", "JPY", "81", true},
	{"KE", "AF", "KES", "254", true},
	{"KG", "AS", "KGS", "996", true},
	{"KH", "AS", "KHR", "855", true},
	{"KI", "OC", "AUD", "686", true},
	{"KM", "AF", "KMF", "269", true},
	{"KN", "NA", "XCD", "1869", true},
	{"KP", "AS", "KPW", "850", true},
	{"KR", "AS", "KRW", "82", true},
	{"KW", "AS", "KWD", "965", true},
	{"KY", "NA", "KYD", "1345", false},
	{"KZ", "AS", "KZT", "7", true},
	{"LA", "AS", "LAK", "856", true},
	{"LB", "AS", "LBP", "961", true},
	{"LC", "NA", "XCD", "1758", true},
	{"LI", "EU", "CHF", "423", true},
	{"LK", "AS", "LKR", "94", true},
	{"LR", "AF", "LRD", "231", true},
	{"LS", "AF", "LSL", "266", true},
	{"LT", "EU", "EUR", "370", true},
	{"LU", "EU", "EUR", "352", true},
	{"LV", "EU", "EUR", "371", true},
	{"LY", "AF", "LYD", "218", true},
	{"MA", "AF", "MAD", "212", true},
	{"MC", "EU", "EUR", "377", true},
	{"MD", "EU", "MDL", "373", true},
	{"ME", "EU", "EUR", "382", true},
	{"MF", "NA", "EUR", "590", false},
	{"MG", "AF", "MGA", "261", true},
	{"MH", "OC", "USD", "692", true},
	{"MK", "EU", "MKD", "389", true},
	{"ML", "AF", "XOF", "223", true},
	{"MM", "AS", "MMK", "95", true},
	{"MN", "AS", "MNT", "976", true},
	{"MO", "AS", "MOP", "853", false},
	{"MP", "OC", "USD", "1670", false},
	{"MQ", "NA", "EUR", "596", false},
	{"MR", "AF", "MRU", "222", true},
	{"MS", "NA", "XCD", "1664", false},
	{"MT", "EU", "EUR", "356", true},
	{"MU", "AF", "MUR", "230", true},
	{"MV", "AS", "MVR", "960", true},
	{"MW", "AF", "MWK", "265", true},
	{"MX", "NA", "MXN", "52", true},
	{"MY", "AS", "MYR", "60", true},
	{"MZ", "AF", "MZN", "258", true},
	{"NA", "AF", "NAD", "264", true},
	{"NC", "OC", "XPF", "687", false},
	{"NE", "AF", "XOF", "227", true},
	{"NF", "OC", "AUD", "672", false},
	{"NG", "AF", "NGN", "234", true},
	{"NI", "NA", "NIO", "505", true},
	{"NL", "EU", "EUR", "31", true},
	{"NO", "EU", "NOK", "47", true},
	{"NP", "AS", "NPR", "977", true},
	{"NR", "OC", "AUD", "674", true},
	{"NU", "OC", "NZD", "683", false},
	{"NZ", "OC", "NZD", "64", true},
	{"OM", "AS", "OMR", "968", true},
	{"PA", "NA", "PAB", "507", true},
	{"PE", "SA", "PEN", "51", true},
	{"PF", "OC", "XPF", "689", false},
	{"PG", "OC", "PGK", "675", true},
	{"PH", "AS", "PHP", "63", true},
	{"PK", "AS", "PKR", "92", true},
	{"PL", "EU", "PLN", "48", true},
	{"PM", "NA", "EUR", "508", false},
	{"PN", "OC", "NZD", "64", false},
	{"PR", "NA", "USD", "1787", false},
	{"PS", "AS", "ILS", "970", true},
	{"PT", "EU", "EUR", "351", true},
	{"PW", "OC", "USD", "680", true},
	{"PY", "SA", "PYG", "595", true},
	{"QA", "AS", "QAR", "974", true},
	{"RE", "AF", "EUR", "262", false},
	{"RO", "EU", "RON", "40", true},
	{"RS", "EU", "RSD", "381", true},
	{"RU", "EU", "RUB", "7", true},
	{"RW", "AF", "RWF", "250", true},
	{"SA", "AS", "SAR", "966", true},
	{"SB", "OC", "SBD", "677", true},
	{"SC", "AF", "SCR", "248", true},
	{"SD", "AF", "SDG", "249", true},
	{"SE", "EU", "SEK", "46", true},
	{"SG", "AS", "SGD", "65", true},
	{"SH", "AF", "SHP", "290", false},
	{"SI", "EU", "EUR", "386", true},
	{"SJ", "EU", "NOK", "47", false},
	{"SK", "EU", "EUR", "421", true},
	{"SL", "AF", "SLE", "232", true},
	{"SM", "EU", "EUR", "378", true},
	{"SN", "AF", "XOF", "221", true},
	{"SO", "AF", "SOS", "252", true},
	{"SR", "SA", "SRD", "597", true},
	{"SS", "AF", "SSP", "211", true},
	{"ST", "AF", "STN", "239", true},
	{"SV", "NA", "USD", "503", true},
	{"SX", "NA", "XCG", "1721", false},
	{"SY", "AS", "SYP", "963", true},
	{"SZ", "AF", "SZL", "268", true},
	{"TC", "NA", "USD", "1649", false},
	{"TD", "AF", "XAF", "235", true},
	{"TF", "AN", "EUR", "262", false},
	{"TG", "AF", "XOF", "228", true},
	{"TH", "AS", "THB", "66", true},
	{"TJ", "AS", "TJS", "992", true},
	{"TK", "OC", "NZD", "690", false},
	{"TL", "AS", "USD", "670", true},
	{"TM", "AS", "TMT", "993", true},
	{"TN", "AF", "TND", "216", true},
	{"TO", "OC", "TOP", "676", true},
	{"TR", "AS", "TRY", "90", true},
	{"TT", "NA", "TTD", "1868", true},
	{"TV", "OC", "AUD", "688", true},
	{"TW", "AS", "TWD", "886", true},
	{"TZ", "AF", "TZS", "255", true},
	{"UA", "EU", "UAH", "380", true},
	{"UG", "AF", "UGX", "256", true},
	{"UM", "OC", "USD", "1", false},
	{"US", "NA", "USD", "1", true},
	{"UY", "SA", "UYU", "598", true},
	{"UZ", "AS", "UZS", "998", true},
	{"VA", "EU", "EUR", "379", true},
	{"VC", "NA", "XCD", "1784", true},
	{"VE", "SA", "VES", "58", true},
	{"VG", "NA", "USD", "1284", false},
	{"VI", "NA", "USD", "1340", false},
	{"VN", "AS", "VND", "84", true},
	{"VU", "OC", "VUV", "678", true},
	{"WF", "OC", "XPF", "681", false},
	{"WS", "OC", "WST", "685", true},
	{"XK", "EU", "EUR", "383", false},
	{"YE", "AS", "YER", "967", true},
	{"YT", "AF", "EUR", "262", false},
	{"ZA", "AF", "ZAR", "27", true},
	{"ZM", "AF", "ZMW", "260", true},
	{"ZW", "AF", "ZWG", "263", true},
}
