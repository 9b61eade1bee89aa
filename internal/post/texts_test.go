package post

import (
	"slices"
	"strings"
	"testing"

	"latchkey/internal/locale"
	"latchkey/internal/model"
)

// written are the languages that we promise, each complete.
var written = []string{"ar", "de", "en", "es", "fr", "he", "hi", "id", "it", "ja", "ko", "nl", "pl", "pt-br", "ru", "tr", "uk", "vi", "zh-cn", "zh-tw"}

// units are the texts that have a form for each plural of a language.
var units = []string{"minutes", "hours", "days"}

// keysOf lists the keys that a language must have: those of English, with its own plurals.
func keysOf(code string) []string {
	var keys []string
	for key := range languages()["en"].table {
		if unit, _, _ := strings.Cut(key, "."); !slices.Contains(units, unit) {
			keys = append(keys, key)
		}
	}
	for _, unit := range units {
		for _, form := range pluralForms(code) {
			keys = append(keys, unit+"."+form)
		}
	}
	slices.Sort(keys)
	return keys
}

func TestEveryLanguageIsComplete(t *testing.T) {
	t.Parallel()
	var codes []string
	for code := range languages() {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	if !slices.Equal(codes, written) {
		t.Errorf("there are texts in %v", codes)
	}
	english := languages()["en"].table
	for code, texts := range languages() {
		if !slices.ContainsFunc(locale.Codes(), func(c locale.Code) bool { return speak(c.Code) == texts }) {
			t.Errorf("%s: no request can ask for it", code)
		}
		keys := keysOf(code)
		for key, text := range texts.table {
			if !slices.Contains(keys, key) {
				t.Errorf("%s: %s is surplus", code, key)
			}
			if strings.TrimSpace(text) != text || text == "" || strings.ContainsAny(text, "\r\n\t") || strings.ContainsFunc(text, turns) {
				t.Errorf("%s: %s is empty, or holds blanks at an end, line ends or marks of direction: %q", code, key, text)
			}
			if strings.Count(text, "{{") != len(names(text)) || strings.Count(text, "}}") != len(names(text)) {
				t.Errorf("%s: %s holds braces that are no placeholder: %s", code, key, text)
			}
		}
		for _, key := range keys {
			text, found := texts.table[key]
			if !found {
				t.Errorf("%s: %s is missing", code, key)
				continue
			}
			wanted, got := sortedNames(english[key]), sortedNames(text)
			unit, form, _ := strings.Cut(key, ".")
			if slices.Contains(units, unit) {
				wanted = []string{"n"}
				if code == "ar" || code == "he" {
					if form == "one" || form == "two" {
						wanted = nil // the word says the number itself
					}
				}
			}
			if !slices.Equal(wanted, got) {
				t.Errorf("%s: %s names %v instead of %v", code, key, got, wanted)
			}
		}
	}
}

// sortedNames lists placeholders; where they stand is the language's own matter, how many there are is not.
func sortedNames(text string) []string {
	list := names(text)
	slices.Sort(list)
	return list
}

// TestNoLanguageIsEnglishInDisguise finds texts that were copied and never written.
func TestNoLanguageIsEnglishInDisguise(t *testing.T) {
	t.Parallel()
	english := languages()["en"].table
	for code, texts := range languages() {
		same := 0
		for key, text := range texts.table {
			if code != "en" && text == english[key] && len(strings.Fields(text)) > 2 {
				same++
				t.Logf("%s: %s: %s", code, key, text)
			}
		}
		if same > 0 {
			t.Errorf("%s has %d sentences in English", code, same)
		}
	}
}

func TestEveryTextIsUsed(t *testing.T) {
	t.Parallel()
	used := map[string]bool{
		"hello": true, "helloNobody": true, "closing": true, "codeLine": true, "agent": true, "phrase": true, "linkHint": true,
		"codeLife": true, "linkLife": true, "secrecy": true, "ignore": true, "alarm": true, "sms.code": true, "sms.invitation": true,
		"factor.totp": true, "factor.recoverycode": true, "factor.passkeyadded": true, "factor.passkeyremoved": true, "factor.on": true, "factor.off": true,
	}
	for kind, f := range forms {
		used[kind+".subject"], used[kind+".body"] = true, true
		if slices.Contains(f.parts, partLink) {
			used[kind+".button"] = true
		}
		for _, name := range details[kind] {
			used["label."+name] = true
		}
	}
	for key := range languages()["en"].table {
		if unit, _, _ := strings.Cut(key, "."); !used[key] && !slices.Contains(units, unit) {
			t.Errorf("%s is used nowhere", key)
		}
		delete(used, key)
	}
	if len(used) > 0 {
		t.Errorf("there are no texts for %v", used)
	}
}

func TestLifetimes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ code, minutes, want string }{
		{"en", "1", "1 minute"}, {"en", "15", "15 minutes"}, {"en", "60", "1 hour"}, {"en", "90", "90 minutes"}, {"en", "120", "2 hours"},
		{"en", "1440", "1 day"}, {"en", "10080", "7 days"}, {"en", "0", ""}, {"en", "x", ""}, {"en", "-5", ""},
		{"de", "10080", "7 Tage"}, {"nl", "120", "2 uur"}, {"pl", "1", "1 minuta"}, {"pl", "3", "3 minuty"}, {"pl", "15", "15 minut"}, {"pl", "22", "22 minuty"}, {"pl", "21", "21 minut"},
		{"ru", "21", "21 минута"}, {"ru", "22", "22 минуты"}, {"ru", "15", "15 минут"}, {"ru", "11", "11 минут"}, {"ru", "10080", "7 дней"}, {"uk", "240", "4 години"}, {"uk", "21", "21 хвилина"},
		{"ar", "1", "دقيقة واحدة"}, {"ar", "2", "دقيقتين"}, {"ar", "5", "5 دقائق"}, {"ar", "15", "15 دقيقة"}, {"ar", "100", "100 دقيقة"}, {"ar", "10080", "7 أيام"}, {"ar", "110", "110 دقائق"}, {"ar", "103", "103 دقائق"},
		{"he", "60", "שעה אחת"}, {"he", "120", "שעתיים"}, {"he", "15", "15 דקות"}, {"hi", "60", "1 घंटा"}, {"hi", "180", "3 घंटे"},
		{"ja", "15", "15 分"}, {"ko", "15", "15분"}, {"zh-cn", "1440", "1 天"}, {"zh", "15", "15 分钟"}, {"zh-hk", "15", "15 分鐘"}, {"pt", "15", "15 minutos"}, {"pt-pt", "60", "1 hora"}, {"xx", "15", "15 minutes"},
	} {
		if got := speak(c.code).lifetime(c.minutes); got != c.want {
			t.Errorf("%s minutes in %s: %q instead of %q", c.minutes, c.code, got, c.want)
		}
	}
}

// gsm are the letters of the default alphabet of GSM 03.38 that our texts use.
const gsm = "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà\n"

func TestTextMessages(t *testing.T) {
	t.Parallel()
	latin := []string{"de", "en", "es", "fr", "id", "it", "nl", "pl", "pt-br", "tr"}
	for code := range languages() {
		m := &model.Message{Kind: model.MessagePhoneCode, Channel: model.ChannelSMS, Locale: code, Values: map[string]string{"otp": "482913", "minutes": "15", "origin": "example.com"}}
		text, err := WordSMS(m, Look{Name: "Walter’s “Chemistry” – Club"})
		if err != nil {
			t.Fatal(code, err)
		}
		if !strings.HasPrefix(text, "482913 ") || !strings.HasSuffix(text, "\n\n@example.com #482913") || strings.Contains(text, "{{") {
			t.Errorf("%s: %s", code, text)
		}
		units := 160
		if outside := strings.Map(func(r rune) rune {
			if strings.ContainsRune(gsm, r) {
				return -1
			}
			return r
		}, text); outside != "" {
			units = 140 // two messages of UCS-2
			if slices.Contains(latin, code) {
				t.Errorf("%s: the letters %q make a message as short as one in Chinese: %s", code, outside, text)
			}
		}
		if n := len([]rune(text)); n > units {
			t.Errorf("%s: %d characters: %s", code, n, text)
		}
		m = &model.Message{Kind: model.MessageInvitation, Channel: model.ChannelSMS, Locale: code, Values: map[string]string{"redirect": "https://example.com/join?a=b"}}
		if text, err = WordSMS(m, Look{Name: "Demo"}); err != nil || !strings.HasSuffix(text, "\nhttps://example.com/join?a=b") || !strings.Contains(text, "Demo") {
			t.Errorf("%s: %s (%v)", code, text, err)
		}
	}
	if _, err := WordSMS(&model.Message{Kind: model.MessagePhoneCode, Channel: model.ChannelSMS}, Look{}); err == nil {
		t.Error("a text message without a code")
	}
}

func TestWhichLanguageIsSpoken(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{"de": "de", "de-at": "de", "pt": "pt-br", "pt-pt": "pt-br", "zh": "zh-cn", "zh-tw": "zh-tw", "zh-hk": "zh-tw", "zh-sg": "zh-cn", "ua": "uk", "ar-ma": "ar", "sv": "en", "": "en", "en-gb": "en"} {
		if got := speak(code).code; got != want {
			t.Errorf("%q is spoken to in %s", code, got)
		}
	}
	for _, code := range written {
		if want := code == "ar" || code == "he"; rightToLeft(code) != want {
			t.Error("the direction of", code)
		}
	}
	if languageTag("pt-br") != "pt-BR" || languageTag("ja") != "ja" {
		t.Error(languageTag("pt-br"), languageTag("ja"))
	}
}
