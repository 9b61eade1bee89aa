package post

import (
	"html/template"
	"net/mail"
	"slices"
	"strings"
	"unicode/utf8"

	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// Limits on a template, in characters. The subject's is the contract's.
const (
	subjectLimit = 255
	messageLimit = 256 * 1024
)

// choose finds the template for a kind in the language nearest to the locale; English at the end.
func choose(custom []Template, kind, code string) *Template {
	for _, candidate := range chain(code) {
		for i := range custom {
			if custom[i].Kind == kind && custom[i].Locale == candidate && custom[i].Message != "" {
				return &custom[i]
			}
		}
	}
	return nil
}

// wordByTemplate words a mail by an operator's template. Its HTML stands as it was written; values are escaped.
func wordByTemplate(m *model.Message, project Look, t *Template) (*Wording, error) {
	own := speak(t.Locale)
	values := valuesOf(m, project, own)
	subject := t.Subject
	if strings.TrimSpace(subject) == "" {
		subject = own.table[m.Kind+".subject"]
	}
	inner := fill(t.Message, values, asMarkup)
	page, err := renderPage(template.HTML(inner), t.Locale, "") //nolint:gosec // the operator's own HTML
	if err != nil {
		return nil, err
	}
	return &Wording{
		Subject: clip(line(fill(subject, values, asText)), subjectLimit), HTML: page, Text: textOf(inner), RightToLeft: rightToLeft(t.Locale),
		SenderName: clip(line(fill(t.SenderName, values, asText)), nameLimit), SenderEmail: line(t.SenderEmail),
		ReplyTo: line(t.ReplyToEmail), ReplyToName: clip(line(fill(t.ReplyToName, values, asText)), nameLimit),
	}, nil
}

// DefaultTemplate is our own wording of a kind in a language as a template: what an operator starts from. An
// unknown kind gives an empty one.
func DefaultTemplate(kind, locale string) Template {
	result := Template{Kind: kind, Locale: locale}
	f, known := forms[kind]
	if !known {
		return result
	}
	t := speak(locale)
	values := map[string]string{}
	for _, p := range Placeholders {
		values[p.Name] = "{{" + p.Name + "}}"
	}
	values["phrase"] = "" // its sentence stands in {{securityPhrase}}, which is empty when there is no phrase
	d := draft{kind: kind, texts: t, values: values}
	inner, err := renderBlocks(d.blocks(f), t.code, "")
	if err != nil {
		return result // cannot happen: a test lays out every kind in every language
	}
	result.Subject, result.Message = t.table[kind+".subject"], strings.TrimSpace(string(inner))+"\n"
	return result
}

// CheckTemplate refuses a template that would make useless mails: without a subject, or without the code or the
// link that its kind is about.
func CheckTemplate(t Template) error {
	f, known := forms[t.Kind]
	switch {
	case !known:
		return invalid("There is no mail of this kind.")
	case strings.TrimSpace(t.Subject) == "":
		return invalid("A template needs a subject.")
	case utf8.RuneCountInString(t.Subject) > subjectLimit:
		return invalid("The subject must not be longer than 255 characters.")
	case strings.TrimSpace(t.Message) == "":
		return invalid("A template needs a message.")
	case len(t.Message) > messageLimit:
		return invalid("The message must not be larger than 256 KiB.")
	case f.key != "" && !slices.Contains(names(t.Message), f.key):
		return invalid("The message must contain {{" + f.key + "}}: without it the mail is of no use.")
	}
	for _, text := range []string{t.Subject, t.SenderName, t.ReplyToName} {
		if strings.ContainsAny(text, "\r\n\x00") {
			return invalid("The subject and names must be a single line.")
		}
	}
	for _, address := range []string{t.SenderEmail, t.ReplyToEmail} {
		if address == "" {
			continue
		}
		if parsed, err := mail.ParseAddress(address); err != nil || parsed.Address != address {
			return invalid("The addresses of sender and replies must be valid email addresses.")
		}
	}
	return nil
}

func invalid(message string) error { return fault.ArgumentInvalid.Say(message) }
