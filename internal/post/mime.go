package post

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/wneessen/go-mail"
	"golang.org/x/net/idna"

	"latchkey/internal/model"
)

// letter is a mail as it goes out, with its envelope.
type letter struct {
	from, to string // bare addresses
	utf8     bool   // an address is not ASCII: the server must know SMTPUTF8 (RFC 6531)
	msg      *mail.Msg
}

// compose makes a mail of a wording. Both parts are there always: multipart/alternative, text first.
func compose(s SMTPSettings, m *model.Message, w *Wording, now time.Time) (*letter, error) {
	e, err := address(s, m, w)
	if err != nil {
		return nil, err
	}
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithEncoding(encodingOf(w.Text)))
	msg.FromMailAddress(&e.From)
	msg.ToMailAddress(&e.To)
	if e.ReplyTo.Address != "" {
		msg.ReplyToMailAddress(&e.ReplyTo)
	}
	msg.SetMessageIDWithValue(e.MessageID)
	msg.SetDateWithValue(now)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office answers
	msg.Subject(e.Subject)
	msg.SetBodyString(mail.TypeTextPlain, e.Text)
	msg.AddAlternativeString(mail.TypeTextHTML, e.HTML, mail.WithPartEncoding(encodingOf(e.HTML)))
	return &letter{from: e.From.Address, to: e.To.Address, utf8: !ascii(e.From.Address) || !ascii(e.To.Address), msg: msg}, nil
}

// messageID is the same however often a message is sent, so that a mail client shows a mail that went out twice
// once.
func messageID(id, domain string) string {
	id = strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && (isNameByte(byte(r)) || r == '.' || r == '-' || r == '_') {
			return r
		}
		return -1
	}, id)
	return strings.Trim(id, ".") + "@" + domain
}

// cleanAddress checks that an address can stand in an envelope and in a header, and writes its domain in ASCII:
// then only a local part can need SMTPUTF8.
func cleanAddress(address string) (string, *DeliveryError) {
	at := strings.LastIndexByte(address, '@')
	if at < 1 || at == len(address)-1 || len(address) > 320 || !utf8.ValidString(address) {
		return "", unfit("%q is no email address", clip(address, nameLimit))
	}
	local, domain := address[:at], address[at+1:]
	if strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`<>,;:\"[]()`, r) }) {
		return "", unfit("%q holds characters that no mail server would take", clip(line(address), nameLimit))
	}
	if !ascii(domain) {
		converted, err := idna.Lookup.ToASCII(domain)
		if err != nil {
			return "", unfit("the domain of %q is not valid", clip(line(address), nameLimit))
		}
		domain = converted
	}
	return local + "@" + domain, nil
}

func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// encodingOf picks the shorter encoding: quoted-printable takes three characters for a byte that is not ASCII,
// base64 four for any three bytes.
func encodingOf(text string) mail.Encoding {
	other := 0
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			other++
		}
	}
	if other*6 > len(text) {
		return mail.EncodingB64
	}
	return mail.EncodingQP
}
