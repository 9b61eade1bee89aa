package post

import (
	"strings"

	"latchkey/internal/model"
)

// smsNameLimit keeps a long project name from making two text messages of one.
const smsNameLimit = 30

// WordSMS puts a text message into words: the code first, a blank, then the rest, so that a phone offers the
// code and a person sees it in the notification. A value origin ("example.com") adds the line that lets that
// site's page fill the code in by itself (the format of origin-bound one-time codes). Languages that can do
// with the letters of GSM 03.38 are worded in them: one message then holds 160 characters and not 70.
func WordSMS(m *model.Message, project Look) (string, error) {
	t := speak(m.Locale)
	values := valuesOf(m, project, t)
	values["project"] = strings.TrimSuffix(clip(simple(values["project"]), smsNameLimit), "…")
	link := m.Values["redirect"]
	switch {
	case values["otp"] != "":
		text := fill(t.table["sms.code"], values, asText)
		if values["lifetime"] == "" {
			text = fill(t.table["codeLine"], values, asText)
		}
		if origin := values["origin"]; origin != "" {
			text += "\n\n@" + origin + " #" + values["otp"]
		}
		return text, nil
	case m.Kind == model.MessageInvitation && link != "":
		if err := checkLink(link); err != nil {
			return "", err
		}
		return fill(t.table["sms.invitation"], values, asText) + "\n" + link, nil
	}
	return "", &Unwordable{"a text message needs a code"}
}

// simple writes typographic marks in the letters of GSM 03.38: a single one of them would more than halve what
// a message holds.
func simple(text string) string { return typography.Replace(text) }

var typography = strings.NewReplacer("‘", "'", "’", "'", "“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`, "–", "-", "—", "-", "‑", "-", "…", "...", "\u00a0", " ", "•", "-", "`", "'")
