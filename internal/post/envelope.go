package post

import (
	"cmp"
	"net/mail"
	"strings"

	"latchkey/internal/model"
)

// Sender is who mails come from, and where answers go.
type Sender struct{ Name, Email, ReplyToEmail, ReplyToName string }

// Envelope is a mail that is addressed. Every field is checked: none of them can break out of a header.
type Envelope struct {
	From, To  mail.Address
	ReplyTo   mail.Address // with an empty address: none
	MessageID string       // without angle brackets; the same however often the message is sent
	Subject   string
	Text      string
	HTML      string
}

// Address addresses a wording. A wording's own sender comes before s.
func Address(s Sender, m *model.Message, w *Wording) (*Envelope, error) {
	return address(SMTPSettings{SenderName: s.Name, SenderEmail: s.Email, ReplyToEmail: s.ReplyToEmail, ReplyToName: s.ReplyToName}, m, w)
}

func address(s SMTPSettings, m *model.Message, w *Wording) (*Envelope, error) {
	e := &Envelope{From: s.sender(w), To: mail.Address{Name: clip(line(m.ToName), nameLimit), Address: m.To}, ReplyTo: s.replyTo(w),
		Subject: cmp.Or(line(w.Subject), fallbackName), Text: w.Text, HTML: w.HTML}
	for _, a := range []*mail.Address{&e.From, &e.To, &e.ReplyTo} {
		if a == &e.ReplyTo && a.Address == "" {
			continue
		}
		clean, err := cleanAddress(a.Address)
		if err != nil && a != &e.To {
			return nil, refused(stageSettings, err.cause) // an operator can mend it while the mail is still good
		}
		if err != nil {
			return nil, err
		}
		a.Address = clean
	}
	_, domain, _ := strings.Cut(e.From.Address, "@")
	e.MessageID = messageID(m.ID, domain)
	return e, nil
}
