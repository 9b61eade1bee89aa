package post_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jhillyerd/enmime/v2"

	"latchkey/internal/model"
	"latchkey/internal/post"
	"latchkey/internal/testkit/mailserver"
)

// TestEveryScriptArrives sends every language and reads it back: what a mail client shows is what was written,
// and on the wire there is nothing but short lines of ASCII.
func TestEveryScriptArrives(t *testing.T) {
	t.Parallel()
	server := mailserver.Start(t, mailserver.Options{Old: true})
	mailer := newMailer(t)
	names := []string{"Jürgen Groß", "山田 太郎", "محمد العربي", "Σωκράτης, \"der Weise\"", "O'Brien; Ltd.", "👩‍🚀 Ада", strings.Repeat("Ünïcödé ", 12)}
	for n, locale := range post.Languages() {
		m := messageOf(model.MessageRecovery, locale, everything())
		m.ID, m.ToName = fmt.Sprint("m", n), names[n%len(names)]
		w := word(t, m, names[(n+1)%len(names)])
		settings := settingsOf(server, post.SecureAuto)
		settings.SenderName, settings.ReplyToEmail = names[(n+2)%len(names)], "help@example.org"
		if err := mailer.Send(t.Context(), settings, m, w); err != nil {
			t.Fatal(locale, err)
		}
		raw := (<-server.Arrived).Raw
		for _, line := range strings.Split(raw, "\r\n") {
			if len(line) > 200 || strings.ContainsFunc(line, func(r rune) bool { return r > '~' || r < ' ' && r != '\t' }) {
				t.Errorf("%s: the line %q", locale, line)
			}
		}
		mail, err := enmime.ReadEnvelope(strings.NewReader(raw))
		if err != nil {
			t.Fatal(locale, err)
		}
		for _, problem := range mail.Errors {
			t.Errorf("%s: %v", locale, problem)
		}
		if got := mail.GetHeader("Subject"); got != w.Subject {
			t.Errorf("%s: the subject %q arrived as %q", locale, w.Subject, got)
		}
		// Line ends are those of the wire; quoted-printable ends the text without one more.
		if got := strings.ReplaceAll(mail.Text, "\r\n", "\n"); strings.TrimSpace(got) != strings.TrimSpace(w.Text) {
			t.Errorf("%s: the text\n%s\narrived as\n%s", locale, w.Text, got)
		}
		if got := strings.ReplaceAll(mail.HTML, "\r\n", "\n"); strings.TrimSpace(got) != strings.TrimSpace(w.HTML) {
			t.Errorf("%s: the page arrived as another", locale)
		}
		if kind := mail.Root.ContentType; kind != "multipart/alternative" || mail.Root.FirstChild.ContentType != "text/plain" || mail.Root.FirstChild.NextSibling.ContentType != "text/html" {
			t.Errorf("%s: %s", locale, kind)
		}
		for header, want := range map[string]string{"To": m.ToName, "From": settings.SenderName, "Reply-To": settings.SenderName} {
			list, err := mail.AddressList(header)
			if err != nil || len(list) != 1 || list[0].Name != strings.TrimSpace(want) {
				t.Errorf("%s: %s is %v (%v) instead of %q", locale, header, list, err, want)
			}
		}
	}
}

// TestHeadersCannotBeAdded puts line ends wherever somebody else can write.
func TestHeadersCannotBeAdded(t *testing.T) {
	t.Parallel()
	server := mailserver.Start(t, mailserver.Options{})
	mailer := newMailer(t)
	for n, end := range []string{"\r\n", "\n", "\r", "\u2028", "\u0085", "\x00", "=0D=0A", "?=\r\n =?UTF-8?q?"} {
		evil := "Walter" + end + "Bcc: everybody@example.com" + end + end + "Buy!"
		m := messageOf(model.MessageInvitation, "en", map[string]string{"redirect": link, "user": evil, "team": evil, "owner": evil})
		m.ID, m.ToName = fmt.Sprint("m", n), evil
		template := post.Template{Kind: model.MessageInvitation, Locale: "en", Subject: "{{team}}" + end + "Bcc: x@example.com", Message: "{{redirect}}", SenderName: "{{owner}}", ReplyToEmail: "help@example.com", ReplyToName: "{{user}}"}
		for _, templates := range [][]post.Template{nil, {template}} {
			w := word(t, m, evil, templates...)
			settings := settingsOf(server, post.SecureAuto)
			settings.SenderName = evil
			if err := mailer.Send(t.Context(), settings, m, w); err != nil {
				t.Errorf("%q: %v", end, err)
				continue
			}
			got := <-server.Arrived
			mail, err := enmime.ReadEnvelope(strings.NewReader(got.Raw))
			if err != nil {
				t.Fatal(err)
			}
			for _, key := range mail.GetHeaderKeys() {
				switch key {
				case "From", "To", "Reply-To", "Message-Id", "Date", "Auto-Submitted", "Subject", "Mime-Version", "Content-Type":
				default:
					t.Errorf("%q added the header %s:\n%s", end, key, got.Raw)
				}
			}
			if got.To != "walter@example.com" || got.From != "auth@example.org" {
				t.Errorf("%q: from %s to %s", end, got.From, got.To)
			}
		}
	}
	for _, address := range []string{"walter@example.com\r\nRCPT TO:<everybody@example.com>", "walter@example.com>", "<walter@example.com", "a b@example.com", "a,b@example.com", "walter", "@example.com", "walter@", "", "w@exa mple.com", `"w\r"@example.com`, strings.Repeat("w", 400) + "@example.com"} {
		m := someMessage("m")
		m.To = address
		if err := send(t, mailer, settingsOf(server, post.SecureAuto), m); err == nil {
			t.Errorf("a mail to %q was sent", address)
		}
	}
}
