// What the Unicode data does not say, or not the way this API has always said it. All words are our own.

// The locales that countries are named in, with the tag the Unicode data knows them by. Bihari (bh) and Latin
// (la) are not in it; they get English names.
export const locales = {
  'af': 'af', 'ar-ma': 'ar-MA', 'ar': 'ar', 'as': 'as', 'az': 'az', 'be': 'be', 'bg': 'bg', 'bh': 'en', 'bn': 'bn',
  'bs': 'bs', 'ca': 'ca', 'cs': 'cs', 'da': 'da', 'de': 'de', 'el': 'el', 'en': 'en', 'eo': 'eo', 'es': 'es',
  'fa': 'fa', 'fi': 'fi', 'fo': 'fo', 'fr': 'fr', 'ga': 'ga', 'gu': 'gu', 'he': 'he', 'hi': 'hi', 'hr': 'hr',
  'hu': 'hu', 'hy': 'hy', 'id': 'id', 'is': 'is', 'it': 'it', 'ja': 'ja', 'jv': 'jv', 'km': 'km', 'kn': 'kn',
  'ko': 'ko', 'la': 'en', 'lb': 'lb', 'lt': 'lt', 'lv': 'lv', 'ml': 'ml', 'mr': 'mr', 'ms': 'ms', 'nb': 'nb',
  'ne': 'ne', 'nl': 'nl', 'nn': 'nn', 'or': 'or', 'pa': 'pa', 'pl': 'pl', 'pt-br': 'pt-BR', 'pt-pt': 'pt-PT',
  'ro': 'ro', 'ru': 'ru', 'sa': 'sa', 'sd': 'sd', 'si': 'si', 'sk': 'sk', 'sl': 'sl', 'sn': 'sn', 'sq': 'sq',
  'sv': 'sv', 'ta': 'ta', 'te': 'te', 'th': 'th', 'tl': 'fil', 'tr': 'tr', 'uk': 'uk', 'ur': 'ur', 'vi': 'vi',
  'zh-cn': 'zh-Hans-CN', 'zh-tw': 'zh-Hant-TW',
};

// "Unknown", as said of a country.
export const unknown = {
  'af': 'Onbekend', 'ar-ma': 'غير معروف', 'ar': 'غير معروف', 'as': 'অজ্ঞাত', 'az': 'Naməlum', 'be': 'Невядома',
  'bg': 'Неизвестна', 'bh': 'अज्ञात', 'bn': 'অজানা', 'bs': 'Nepoznato', 'ca': 'Desconegut', 'cs': 'Neznámá',
  'da': 'Ukendt', 'de': 'Unbekannt', 'el': 'Άγνωστο', 'en': 'Unknown', 'eo': 'Nekonata', 'es': 'Desconocido',
  'fa': 'نامشخص', 'fi': 'Tuntematon', 'fo': 'Ókent', 'fr': 'Inconnu', 'ga': 'Anaithnid', 'gu': 'અજ્ઞાત',
  'he': 'לא ידוע', 'hi': 'अज्ञात', 'hr': 'Nepoznato', 'hu': 'Ismeretlen', 'hy': 'Անհայտ', 'id': 'Tidak diketahui',
  'is': 'Óþekkt', 'it': 'Sconosciuto', 'ja': '不明', 'jv': 'Ora dingerteni', 'km': 'មិនស្គាល់', 'kn': 'ಅಜ್ಞಾತ',
  'ko': '알 수 없음', 'la': 'Ignotum', 'lb': 'Onbekannt', 'lt': 'Nežinoma', 'lv': 'Nezināma', 'ml': 'അജ്ഞാതം',
  'mr': 'अज्ञात', 'ms': 'Tidak diketahui', 'nb': 'Ukjent', 'ne': 'अज्ञात', 'nl': 'Onbekend', 'nn': 'Ukjend',
  'or': 'ଅଜଣା', 'pa': 'ਅਗਿਆਤ', 'pl': 'Nieznany', 'pt-br': 'Desconhecido', 'pt-pt': 'Desconhecido',
  'ro': 'Necunoscut', 'ru': 'Неизвестно', 'sa': 'अज्ञातम्', 'sd': 'نامعلوم', 'si': 'නොදනී', 'sk': 'Neznáma',
  'sl': 'Neznano', 'sn': 'Haizivikanwe', 'sq': 'E panjohur', 'sv': 'Okänt', 'ta': 'தெரியாதது', 'te': 'తెలియదు',
  'th': 'ไม่ทราบ', 'tl': 'Hindi alam', 'tr': 'Bilinmiyor', 'uk': 'Невідомо', 'ur': 'نامعلوم', 'vi': 'Không xác định',
  'zh-cn': '未知', 'zh-tw': '未知',
};

// English names that clients of this API have always been given; the Unicode data abbreviates ("St. Lucia"),
// writes "&" for "and", or has moved on.
export const english = {
  AG: 'Antigua and Barbuda', BA: 'Bosnia and Herzegovina', CD: 'Democratic Republic of the Congo',
  CG: 'Republic of the Congo', CI: "Côte d'Ivoire", CZ: 'Czech Republic', HK: 'Hong Kong', KN: 'Saint Kitts and Nevis',
  LC: 'Saint Lucia', MM: 'Myanmar', PS: 'Palestine', ST: 'São Tomé and Príncipe', TR: 'Turkey',
  TT: 'Trinidad and Tobago', VC: 'Saint Vincent and the Grenadines',
};

// Places whose official name is an administrative phrase in most languages; their short name is what a person
// would look for in a list.
export const short = new Set(['HK', 'MO', 'PS']);

// Every code that gets a name: ISO 3166-1, and XK for Kosovo.
export const countries = `
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD
CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF
GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN
KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI
SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI
VN VU WF WS XK YE YT ZA ZM ZW`.trim().split(/\s+/);

// The continents by their code here and in UN M49, which the Unicode data uses. Antarctica is a country code there.
export const continents = { AF: '002', AN: 'AQ', AS: '142', EU: '150', NA: '003', OC: '009', SA: '005' };

// The codes a request may name, and what the Unicode data calls the odd ones.
export const codes = `
af ar-ae ar-bh ar-dz ar-eg ar-iq ar-jo ar-kw ar-lb ar-ly ar-ma ar-om ar-qa ar-sa ar-sy ar-tn ar-ye as az be bg bh bn bs
ca cs cy da de de-at de-ch de-li de-lu el en en-au en-bz en-ca en-gb en-ie en-jm en-nz en-tt en-us en-za eo es es-ar
es-bo es-cl es-co es-cr es-do es-ec es-gt es-hn es-mx es-ni es-pa es-pe es-pr es-py es-sv es-uy es-ve et eu fa fi fo fr
fr-be fr-ca fr-ch fr-lu ga gd he hi hr hu id is it it-ch ja ji ko ku lt lv mk ml ms mt nb ne nl nl-be nn no pa pl pt
pt-br rm ro ro-md ru ru-md sb sk sl sq sr sv sv-fi th tn tr ts ua ur ve vi xh zh-cn zh-hk zh-sg zh-tw zu`.trim().split(/\s+/);
export const codeNames = { bh: 'Bihari', ji: 'Yiddish', nb: 'Norwegian Bokmål', no: 'Norwegian', sb: 'Sorbian', ua: 'Ukrainian' };

// ISO 639-1, and sh, which it had until 2000 and clients still offer.
export const languages = `
aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es
et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj
kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv
ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv sw ta te tg th
ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu`.trim().split(/\s+/);

// English names that differ from the Unicode data's.
export const languageNames = { bh: 'Bihari', sh: 'Serbo-Croatian', tl: 'Tagalog', no: 'Norwegian', tw: 'Twi' };

// How a language calls itself where the Unicode data has no word for it.
export const nativeNames = {
  aa: 'Afar', ab: 'Аԥсуа бызшәа', ae: 'Avesta', an: 'Aragonés', av: 'Авар мацӀ', ay: 'Aymar aru', ba: 'Башҡорт теле',
  bh: 'भोजपुरी', bi: 'Bislama', ch: 'Chamoru', co: 'Corsu', cr: 'ᓀᐦᐃᔭᐍᐏᐣ', cu: 'Словѣ́ньскъ ѩзꙑ́къ', cv: 'Чӑваш чӗлхи',
  dv: 'ދިވެހި', fj: 'Vosa Vakaviti', gn: "Avañe'ẽ", ho: 'Hiri Motu', ht: 'Kreyòl ayisyen', hz: 'Otjiherero',
  id: 'Bahasa Indonesia', ie: 'Interlingue', ik: 'Iñupiaq', io: 'Ido', iu: 'ᐃᓄᒃᑎᑐᑦ', jv: 'Basa Jawa', kg: 'Kikongo', kj: 'Kuanyama', kr: 'Kanuri', kv: 'Коми кыв',
  la: 'Latina', li: 'Limburgs', mh: 'Kajin M̧ajeļ', ms: 'Bahasa Melayu', na: 'Dorerin Naoero', ng: 'Owambo', nr: 'isiNdebele seSewula',
  nv: 'Diné bizaad', ny: 'Chichewa', oj: 'ᐊᓂᔑᓈᐯᒧᐎᓐ', pi: 'पालि', sc: 'Sardu', sg: 'Sängö', sh: 'Srpskohrvatski',
  sm: 'Gagana Samoa', ss: 'SiSwati', st: 'Sesotho', tl: 'Tagalog', tn: 'Setswana', ts: 'Xitsonga', tw: 'Twi',
  ty: 'Reo Tahiti', ve: 'Tshivenḓa', vo: 'Volapük', wa: 'Walon', za: 'Vahcuengh',
};

// The money in use (ISO 4217) with the country whose way of writing it is the native one, the most asked-for
// first. Funds, metals and test codes are left out.
export const currencies = `
USD:US CAD:CA EUR:DE AED:AE AFN:AF ALL:AL AMD:AM AOA:AO ARS:AR AUD:AU AWG:AW AZN:AZ BAM:BA BBD:BB BDT:BD 
BHD:BH BIF:BI BMD:BM BND:BN BOB:BO BRL:BR BSD:BS BTN:BT BWP:BW BYN:BY BZD:BZ CDF:CD CHF:CH CLP:CL CNY:CN COP:CO CRC:CR
CUP:CU CVE:CV CZK:CZ DJF:DJ DKK:DK DOP:DO DZD:DZ EGP:EG ERN:ER ETB:ET FJD:FJ FKP:FK GBP:GB GEL:GE GHS:GH GIP:GI GMD:GM
GNF:GN GTQ:GT GYD:GY HKD:HK HNL:HN HTG:HT HUF:HU IDR:ID ILS:IL INR:IN IQD:IQ IRR:IR ISK:IS JMD:JM JOD:JO JPY:JP KES:KE
KGS:KG KHR:KH KMF:KM KPW:KP KRW:KR KWD:KW KYD:KY KZT:KZ LAK:LA LBP:LB LKR:LK LRD:LR LSL:LS LYD:LY MAD:MA MDL:MD MGA:MG
MKD:MK MMK:MM MNT:MN MOP:MO MRU:MR MUR:MU MVR:MV MWK:MW MXN:MX MYR:MY MZN:MZ NAD:NA NGN:NG NIO:NI NOK:NO NPR:NP NZD:NZ
OMR:OM PAB:PA PEN:PE PGK:PG PHP:PH PKR:PK PLN:PL PYG:PY QAR:QA RON:RO RSD:RS RUB:RU RWF:RW SAR:SA SBD:SB SCR:SC SDG:SD
SEK:SE SGD:SG SHP:SH SLE:SL SOS:SO SRD:SR SSP:SS STN:ST SYP:SY SZL:SZ THB:TH TJS:TJ TMT:TM TND:TN TOP:TO TRY:TR TTD:TT
TWD:TW TZS:TZ UAH:UA UGX:UG UYU:UY UZS:UZ VES:VE VND:VN VUV:VU WST:WS XAF:CM XCD:AG XCG:CW XOF:SN XPF:PF YER:YE ZAR:ZA
ZMW:ZM ZWG:ZW`.trim().split(/\s+/).map((pair) => pair.split(':'));

// Cash that is only paid in larger steps than its digits say.
export const rounding = { CHF: 0.05 };

// Native signs that the Unicode data lacks: the Cape Verdean escudo's stands where others put the decimal point.
export const nativeSymbols = { CVE: '$' };
