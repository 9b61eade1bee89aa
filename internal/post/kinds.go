package post

import (
	"maps"
	"slices"

	"latchkey/internal/model"
)

// form is what a kind of mail is made of. The parts are laid out in this order, in HTML and as text.
type form struct {
	key   string // the placeholder that the mail is sent for; a mail without it would be useless
	parts []part
}

// part is one piece of a mail.
type part string

const (
	partHello    part = "hello"    // a greeting, by name if there is one
	partBody     part = "body"     // what it is about: <kind>.body
	partCode     part = "code"     // the code, large
	partLink     part = "link"     // the button: <kind>.button
	partCodeLife part = "codeLife" // how long the code holds, and that nobody is to be told it
	partLinkLife part = "linkLife" // how long the link holds
	partPhrase   part = "phrase"   // the security phrase, if there is one
	partAgent    part = "agent"    // what asked, as far as it is known
	partDetails  part = "details"  // a small table of what is known: when, where, with what
	partIgnore   part = "ignore"   // what to do if somebody else asked
	partAlarm    part = "alarm"    // what to do if somebody else did it
	partClosing  part = "closing"  // who writes
	partCopy     part = "copy"     // the link itself, for those whose button does nothing
)

// KindTest is a mail of trial, for an operator who sets up a mail server. It says nothing about anybody.
const KindTest = "smtpTest"

// forms has a line for every kind of mail.
var forms = map[string]form{
	model.MessageVerification: {"redirect", []part{partHello, partBody, partLink, partLinkLife, partClosing, partIgnore, partCopy}},
	model.MessageMagicURL:     {"redirect", []part{partHello, partBody, partLink, partLinkLife, partPhrase, partAgent, partClosing, partIgnore, partCopy}},
	model.MessageRecovery:     {"redirect", []part{partHello, partBody, partLink, partLinkLife, partClosing, partIgnore, partCopy}},
	model.MessageInvitation:   {"redirect", []part{partHello, partBody, partLink, partClosing, partIgnore, partCopy}},

	model.MessageOTP:             {"otp", []part{partHello, partBody, partCode, partCodeLife, partPhrase, partAgent, partClosing, partIgnore}},
	model.MessageVerificationOTP: {"otp", []part{partHello, partBody, partCode, partCodeLife, partPhrase, partClosing, partIgnore}},
	model.MessageRecoveryOTP:     {"otp", []part{partHello, partBody, partCode, partCodeLife, partPhrase, partClosing, partIgnore}},
	model.MessageMFAChallenge:    {"otp", []part{partHello, partBody, partCode, partCodeLife, partAgent, partAlarm, partClosing}},

	KindTest: {"", []part{partHello, partBody, partClosing}},

	model.MessageSessionAlert: notice,
	model.NoticePassword:      notice,
	model.NoticeEmail:         notice,
	model.NoticePhone:         notice,
	model.NoticeFactor:        notice,
	model.NoticeRecovered:     notice,
	model.NoticeProven:        notice,

	// Nothing closes it: the project that it is about is not who writes.
	model.NoticeWebhook: {"", []part{partHello, partBody, partDetails}},
}

var notice = form{"", []part{partHello, partBody, partDetails, partAlarm, partClosing}}

// details are the rows of a notice, in order: the placeholder, whose label is label.<name>. A row without a
// value is left out.
var details = map[string][]string{
	model.MessageSessionAlert: {"device", "ipAddress", "country", "when"},
	model.NoticePassword:      {"device", "ipAddress", "country", "when"},
	model.NoticeEmail:         {"email", "device", "ipAddress", "country", "when"},
	model.NoticePhone:         {"phone", "device", "ipAddress", "country", "when"},
	model.NoticeFactor:        {"factor", "device", "ipAddress", "country", "when"},
	model.NoticeRecovered:     {"device", "ipAddress", "country", "when"},
	model.NoticeProven:        {"device", "ipAddress", "country", "when"},
	model.NoticeWebhook:       {"receiver", "reason", "when"},
}

// Kinds lists every kind of mail, sorted.
func Kinds() []string { return slices.Sorted(maps.Keys(forms)) }
