package client

import "strings"

// maker tells a brand by how its models' names begin.
type maker struct {
	prefix string // in lower case
	brand  string
	kind   string // if all models with it are of one kind
	strip  bool   // the prefix is the brand's name, not part of the model's
}

// makers are tried in order; a name whose brand was stripped is looked at once more (SAMSUNG SM-G950F).
var makers = []maker{
	{"sm-t", "Samsung", tablet, false}, {"sm-x", "Samsung", tablet, false}, {"sm-p", "Samsung", tablet, false},
	{"sm-r", "Samsung", wearable, false}, {"sm-l", "Samsung", wearable, false},
	{"sm-", "Samsung", "", false}, {"gt-", "Samsung", "", false}, {"sch-", "Samsung", "", false}, {"sgh-", "Samsung", "", false},
	{"sc-", "Samsung", "", false}, {"scg", "Samsung", "", false}, {"samsung", "Samsung", "", true}, {"galaxy", "Samsung", "", false},
	{"pixel tablet", "Google", tablet, false}, {"pixel c", "Google", tablet, false}, {"pixel watch", "Google", wearable, false},
	{"pixel", "Google", "", false}, {"chromecast", "Google", television, false}, {"google", "Google", "", true},
	{"nexus 7", "Google", tablet, false}, {"nexus 9", "Google", tablet, false}, {"nexus 10", "Google", tablet, false}, {"nexus", "Google", "", false},
	{"xiaomi pad", "Xiaomi", tablet, false}, {"redmi pad", "Xiaomi", tablet, false}, {"mi pad", "Xiaomi", tablet, false},
	{"redmi", "Xiaomi", "", false}, {"mitv", "Xiaomi", television, false}, {"mibox", "Xiaomi", television, false}, {"mi ", "Xiaomi", "", false},
	{"xiaomi", "Xiaomi", "", true}, {"m20", "Xiaomi", "", false}, {"m21", "Xiaomi", "", false}, {"poco", "POCO", "", true},
	{"huawei", "Huawei", "", true}, {"honor", "Honor", "", true},
	{"oneplus", "OnePlus", "", true}, {"cph", "OPPO", "", false}, {"oppo", "OPPO", "", true}, {"opd", "OPPO", tablet, false},
	{"rmx", "Realme", "", false}, {"rmp", "Realme", tablet, false}, {"realme", "Realme", "", true},
	{"vivo", "Vivo", "", true}, {"iqoo", "Vivo", "", false},
	{"moto ", "Motorola", "", false}, {"motorola", "Motorola", "", true}, {"xt1", "Motorola", "", false}, {"xt2", "Motorola", "", false},
	{"bravia", "Sony", television, false}, {"xperia", "Sony", "", false}, {"xq-", "Sony", "", false}, {"so-", "Sony", "", false},
	{"sog", "Sony", "", false}, {"sov", "Sony", "", false}, {"sony", "Sony", "", true},
	{"nokia", "Nokia", "", true}, {"ta-1", "Nokia", "", false},
	{"lm-", "LG", "", false}, {"lg-", "LG", "", false}, {"lge", "LG", "", true}, {"lg", "LG", "", true},
	{"asus", "Asus", "", false}, {"zenfone", "Asus", "", false},
	{"fairphone", "Fairphone", "", true}, {"fp3", "Fairphone", "", false}, {"fp4", "Fairphone", "", false}, {"fp5", "Fairphone", "", false}, {"fp6", "Fairphone", "", false},
	{"nothing", "Nothing", "", true}, {"a063", "Nothing", "", false}, {"a065", "Nothing", "", false}, {"a142", "Nothing", "", false},
	{"lenovo tb", "Lenovo", tablet, true}, {"lenovo yt", "Lenovo", tablet, true}, {"tb-", "Lenovo", tablet, false}, {"tb3", "Lenovo", tablet, false}, {"lenovo", "Lenovo", "", true},
	{"kf", "Amazon", tablet, false}, {"aft", "Amazon", television, false},
	{"htc", "HTC", "", true}, {"zte", "ZTE", "", true}, {"tecno", "Tecno Mobile", "", true}, {"infinix", "Infinix", "", true},
	{"itel", "Itel", "", true}, {"alcatel", "Alcatel", "", true}, {"meizu", "Meizu", "", true}, {"wiko", "Wiko", "", true},
	{"tcl", "TCL", "", true}, {"hisense", "Hisense", "", true}, {"sharp", "Sharp", "", true}, {"sh-", "Sharp", "", false},
	{"blackview", "Blackview", "", true}, {"doogee", "Doogee", "", true}, {"ulefone", "Ulefone", "", true},
	{"oukitel", "Oukitel", "", true}, {"cubot", "Cubot", "", true}, {"umidigi", "Umidigi", "", true}, {"cat ", "CAT", "", true},
	{"kyocera", "Kyocera", "", true}, {"fujitsu", "Fujitsu", "", true}, {"archos", "Archos", "", true}, {"bq", "BQ", "", true},
	{"shield", "Nvidia", television, false}, {"teclast", "Teclast", tablet, true},
}

// handset takes the name of a model apart. A name of no known maker is kept as the model alone.
func handset(name string) device {
	d := device{model: name}
	for range 2 {
		m, found := makerOf(d.model)
		if !found {
			break
		}
		d.brand = m.brand
		if m.kind != "" {
			d.kind = m.kind
		}
		if !m.strip {
			break
		}
		d.model = strings.TrimLeft(strings.TrimPrefix(d.model[len(word(m.prefix)):], "-"), " _")
	}
	switch {
	case d.brand == "Samsung":
		d.model = galaxy(d.model)
	case d.brand == "" && huaweiCode(d.model):
		d.brand = "Huawei"
	case d.brand == "" && xiaomiCode(d.model):
		d.brand = "Xiaomi"
	case d.brand == "" && vivoCode(d.model):
		d.brand = "Vivo"
	case d.brand == "":
		return device{kind: d.kind} // a piece that nobody can place is as likely no model at all
	}
	return d
}

// word is a prefix up to its first blank: what of it is the brand's name.
func word(prefix string) string {
	name, _, _ := strings.Cut(prefix, " ")
	return name
}

func makerOf(name string) (maker, bool) {
	for _, m := range makers {
		if hasPrefix(name, m.prefix) {
			return m, true
		}
	}
	return maker{}, false
}

// huaweiCode knows model numbers like ELE-L29 and NOH-AN00: three letters, a hyphen, letters and digits.
func huaweiCode(name string) bool {
	if len(name) < 6 || len(name) > 9 || name[3] != '-' || !upper(name[0]) || !upper(name[1]) || !upper(name[2]) || !upper(name[4]) {
		return false
	}
	last := name[len(name)-1]
	return digit(last) || digit(name[len(name)-2])
}

// xiaomiCode knows model numbers like 2201123G and 23049PCD8G: they begin with year and month.
func xiaomiCode(name string) bool {
	return len(name) >= 8 && len(name) <= 12 && name[0] == '2' && digit(name[1]) && digit(name[2]) && digit(name[3]) && upper(name[len(name)-1])
}

// vivoCode knows model numbers like V2250 and V2157A.
func vivoCode(name string) bool {
	return (len(name) == 5 || len(name) == 6) && name[0] == 'V' && digit(name[1]) && digit(name[2]) && digit(name[3]) && digit(name[4])
}

func upper(c byte) bool { return c >= 'A' && c <= 'Z' }

func digit(c byte) bool { return c >= '0' && c <= '9' }

// galaxy gives a Samsung model number the name the device is sold under, as far as the table goes.
func galaxy(number string) string {
	if len(number) >= len("SM-S908") && hasPrefix(number, "sm-") {
		if name, found := galaxies[number[3:7]]; found {
			return name
		}
	}
	return number
}

// galaxies are Samsung's better-known models by the four characters after "SM-".
var galaxies = map[string]string{
	"S931": "Galaxy S25", "S936": "Galaxy S25+", "S937": "Galaxy S25 Edge", "S938": "Galaxy S25 Ultra", "S731": "Galaxy S25 FE",
	"S921": "Galaxy S24", "S926": "Galaxy S24+", "S928": "Galaxy S24 Ultra", "S721": "Galaxy S24 FE",
	"S911": "Galaxy S23", "S916": "Galaxy S23+", "S918": "Galaxy S23 Ultra", "S711": "Galaxy S23 FE",
	"S901": "Galaxy S22", "S906": "Galaxy S22+", "S908": "Galaxy S22 Ultra",
	"G991": "Galaxy S21 5G", "G996": "Galaxy S21+ 5G", "G998": "Galaxy S21 Ultra 5G", "G990": "Galaxy S21 FE 5G",
	"G980": "Galaxy S20", "G981": "Galaxy S20 5G", "G985": "Galaxy S20+", "G986": "Galaxy S20+ 5G", "G988": "Galaxy S20 Ultra",
	"G780": "Galaxy S20 FE", "G781": "Galaxy S20 FE 5G", "G970": "Galaxy S10e", "G973": "Galaxy S10", "G975": "Galaxy S10+",
	"G977": "Galaxy S10 5G", "G770": "Galaxy S10 Lite", "G960": "Galaxy S9", "G965": "Galaxy S9+", "G950": "Galaxy S8",
	"G955": "Galaxy S8+", "G930": "Galaxy S7", "G935": "Galaxy S7 Edge",
	"N980": "Galaxy Note 20", "N981": "Galaxy Note 20 5G", "N985": "Galaxy Note 20 Ultra", "N986": "Galaxy Note 20 Ultra 5G",
	"N970": "Galaxy Note 10", "N975": "Galaxy Note 10+", "N770": "Galaxy Note 10 Lite", "N960": "Galaxy Note 9", "N950": "Galaxy Note 8",
	"F966": "Galaxy Z Fold 7", "F956": "Galaxy Z Fold 6", "F946": "Galaxy Z Fold 5", "F936": "Galaxy Z Fold 4", "F926": "Galaxy Z Fold 3",
	"F916": "Galaxy Z Fold 2", "F900": "Galaxy Fold", "F766": "Galaxy Z Flip 7", "F741": "Galaxy Z Flip 6", "F731": "Galaxy Z Flip 5",
	"F721": "Galaxy Z Flip 4", "F711": "Galaxy Z Flip 3", "F707": "Galaxy Z Flip 5G", "F700": "Galaxy Z Flip",
	"A566": "Galaxy A56", "A556": "Galaxy A55", "A546": "Galaxy A54 5G", "A536": "Galaxy A53 5G", "A528": "Galaxy A52s 5G",
	"A526": "Galaxy A52 5G", "A525": "Galaxy A52", "A515": "Galaxy A51", "A516": "Galaxy A51 5G", "A505": "Galaxy A50",
	"A366": "Galaxy A36", "A356": "Galaxy A35", "A346": "Galaxy A34 5G", "A336": "Galaxy A33 5G", "A325": "Galaxy A32",
	"A326": "Galaxy A32 5G", "A315": "Galaxy A31", "A305": "Galaxy A30", "A307": "Galaxy A30s", "A266": "Galaxy A26",
	"A256": "Galaxy A25 5G", "A245": "Galaxy A24", "A235": "Galaxy A23", "A236": "Galaxy A23 5G", "A225": "Galaxy A22",
	"A226": "Galaxy A22 5G", "A217": "Galaxy A21s", "A205": "Galaxy A20", "A202": "Galaxy A20e", "A165": "Galaxy A16",
	"A166": "Galaxy A16 5G", "A155": "Galaxy A15", "A156": "Galaxy A15 5G", "A145": "Galaxy A14", "A146": "Galaxy A14 5G",
	"A135": "Galaxy A13", "A136": "Galaxy A13 5G", "A125": "Galaxy A12", "A105": "Galaxy A10", "A055": "Galaxy A05",
	"A045": "Galaxy A04", "A035": "Galaxy A03", "A405": "Galaxy A40", "A415": "Galaxy A41", "A426": "Galaxy A42 5G",
	"A705": "Galaxy A70", "A715": "Galaxy A71", "A725": "Galaxy A72", "A736": "Galaxy A73 5G",
	"X710": "Galaxy Tab S9", "X716": "Galaxy Tab S9", "X810": "Galaxy Tab S9+", "X816": "Galaxy Tab S9+", "X910": "Galaxy Tab S9 Ultra",
	"X916": "Galaxy Tab S9 Ultra", "X700": "Galaxy Tab S8", "X706": "Galaxy Tab S8", "X800": "Galaxy Tab S8+", "X806": "Galaxy Tab S8+",
	"X900": "Galaxy Tab S8 Ultra", "X906": "Galaxy Tab S8 Ultra", "T870": "Galaxy Tab S7", "T875": "Galaxy Tab S7", "T970": "Galaxy Tab S7+",
	"T975": "Galaxy Tab S7+", "P610": "Galaxy Tab S6 Lite", "P613": "Galaxy Tab S6 Lite", "P615": "Galaxy Tab S6 Lite", "P619": "Galaxy Tab S6 Lite",
	"X200": "Galaxy Tab A8", "X205": "Galaxy Tab A8", "X110": "Galaxy Tab A9", "X115": "Galaxy Tab A9", "X210": "Galaxy Tab A9+",
	"X216": "Galaxy Tab A9+", "T500": "Galaxy Tab A7", "T505": "Galaxy Tab A7",
	"R860": "Galaxy Watch 4", "R870": "Galaxy Watch 4", "R900": "Galaxy Watch 5", "R910": "Galaxy Watch 5", "R920": "Galaxy Watch 5 Pro",
	"R930": "Galaxy Watch 6", "R940": "Galaxy Watch 6",
}
