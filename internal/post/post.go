// Package post owns how a message is worded and how a mail travels: the texts in every language, the operators'
// own templates, the layout, and the conversation with a mail server. It decides nothing about who gets a
// message or when. It may import model, fault and locale; folders below it hold the providers of text messages.
package post

import "latchkey/internal/locale"

// Wording is a message ready to send. The sender and the reply address come from an operator's own template;
// where they are empty, those of the mail server's settings apply.
type Wording struct {
	Subject, HTML, Text string
	RightToLeft         bool
	SenderName          string
	SenderEmail         string
	ReplyTo             string
	ReplyToName         string
}

// Look is what a project gives to its messages.
type Look struct {
	Name   string // the project as its users know it
	Accent string // the colour of buttons and codes, "#rrggbb"; empty or malformed: ours
}

// Template is an operator's own wording for one kind of mail in one language: the subject as text, the message
// as HTML that replaces everything inside the page. Both may hold placeholders (see Placeholders).
type Template struct {
	Kind, Locale, Subject, Message string

	SenderName, SenderEmail, ReplyToEmail, ReplyToName string
}

// placeholder is one name that may stand in {{double braces}}.
type placeholder struct{ Name, Meaning string }

// Placeholders is the one list of what texts and templates may name. Those that a message does not carry are
// empty; other names stay in the text as they are. {{b}} and {{/b}} make text bold.
var Placeholders = []placeholder{
	{"user", "the account's name; empty for one made by a code or a link"},
	{"project", "the project's name"},
	{"redirect", "the link to follow (verification, magicSession, recovery, invitation)"},
	{"otp", "the six-digit code (every kind with a code)"},
	{"phrase", "the security phrase, where the app asked for one"},
	{"agentDevice", "brand of the device that asked, UNKNOWN if it was not recognised"},
	{"agentClient", "browser or app that asked, UNKNOWN if it was not recognised"},
	{"agentOs", "operating system that asked, UNKNOWN if it was not recognised"},
	{"device", "what signed in (sessionAlert), or from where a change was made (notices)"},
	{"ipAddress", "the address it came from (sessionAlert, notices)"},
	{"country", "the country it came from, in the message's language (sessionAlert, notices)"},
	{"date", "month and day, in English; without it, of the message"},
	{"time", "hours, minutes and seconds in UTC; without it, of the message"},
	{"year", "four digits; without it, of the message"},
	{"team", "the team's name (invitation)"},
	{"owner", "who invites (invitation)"},
	{"minutes", "how long the code or link holds, a whole number"},
	{"email", "the address that the message is about: the new one in noticeEmail; without it, the recipient's"},
	{"phone", "the new number (noticePhone)"},
	{"factor", "what was changed (noticeFactor): totp, recoverycode, passkeyadded, passkeyremoved, on, off, or any text"},
	{"webhook", "the webhook's name (noticeWebhook)"},
	{"receiver", "the host that it calls (noticeWebhook)"},
	{"reason", "why the last try has failed, in English (noticeWebhook)"},
	{"when", "date and time of the message, in UTC"},
	{"lifetime", "made from minutes: 15 minutes, 7 days, in the message's language"},
	{"hello", "made from user: a greeting, with the name if there is one"},
	{"clientInfo", "made from agentClient, agentOs and agentDevice: a sentence, empty if none is known"},
	{"securityPhrase", "made from phrase: a sentence, empty without a phrase"},
}

// rightToLeft says in which direction a language is written.
func rightToLeft(code string) bool {
	switch language(code) {
	case "ar", "fa", "he", "ur":
		return true
	}
	return false
}

// chain lists the locales in which a message may be worded, best first. To the general rule it adds the two
// languages that we only write with a country: whoever reads one variety reads the other better than English.
func chain(code string) []string {
	list := locale.Fallbacks(code)
	last := len(list) - 1
	switch language(code) {
	case "pt":
		return append(list[:last:last], "pt-br", locale.Default)
	case "zh":
		return append(list[:last:last], "zh-cn", locale.Default)
	}
	return list
}
