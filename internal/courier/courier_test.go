package courier_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"latchkey/internal/admin"
	"latchkey/internal/courier"
	"latchkey/internal/egress"
	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/post"
	"latchkey/internal/secret"
	"latchkey/internal/store"
	"latchkey/internal/testkit/engines"
	"latchkey/internal/testkit/mailserver"
)

// rig is a courier over settings that a test declares.
type rig struct {
	*testing.T
	*courier.Courier
	rules *admin.Rules
}

func newRig(t *testing.T, server *mailserver.Server, allowed ...netip.Prefix) *rig {
	t.Helper()
	db := engines.Fresh(t, store.SQLite)
	random := secret.NewRandom(nil)
	keys := secret.NewKeyRing(secret.NewMasterKey(random))
	log := slog.New(slog.DiscardHandler)
	r := &rig{T: t, rules: &admin.Rules{DB: db, Keys: keys, Random: random, Clock: time.Now}, Courier: &courier.Courier{
		Projects: admin.NewProjects(db, keys, nil, log), Log: log, Mailer: &post.Mailer{}, Guest: &post.Mailer{Dial: egress.Dialer(allowed)}, RootCAs: server.Roots(),
	}}
	t.Cleanup(r.Close)
	return r
}

var loopback = netip.MustParsePrefix("127.0.0.0/8")

// declare brings the projects to a state.
func (r *rig) declare(text string) {
	r.Helper()
	declaration, err := admin.ReadDeclaration([]byte(text), func(string) (string, bool) { return "", false })
	if err != nil {
		r.Fatal(err)
	}
	if _, err = r.rules.Apply(r.Context(), declaration, admin.ApplyOptions{}); err == nil {
		err = r.Projects.Refresh(r.Context())
	}
	if err != nil {
		r.Fatal(err)
	}
}

func (r *rig) reaches(channel string) bool {
	return r.Reaches(r.Context(), &model.Project{ID: "demo"}, channel)
}

func code(locale string) *model.Message {
	return &model.Message{Project: "demo", ID: "m1", Kind: model.MessageOTP, Channel: model.ChannelEmail, CreatedAt: model.At(time.Now()), To: "walter@example.com", Locale: locale,
		Values: map[string]string{"otp": "482913", "minutes": "15"}}
}

const bare = "projects:\n  - id: demo\n    name: Demo\n"

func smtp(s *mailserver.Server, more string) string {
	return fmt.Sprintf("    smtp: {host: 127.0.0.1, port: %d%s}\n", s.Port, more)
}

func (r *rig) global(s *mailserver.Server) {
	r.SMTP = &post.SMTPSettings{Host: s.Host, Port: s.Port, SenderName: "Latchkey", SenderEmail: "auth@example.org"}
}

// permanent says whether an error ends a message.
func permanent(err error) bool {
	var p interface{ Permanent() bool }
	return errors.As(err, &p) && p.Permanent()
}

func TestWhoCarriesTheMailOfAProject(t *testing.T) {
	t.Parallel()
	theirs, ours := mailserver.Start(t, mailserver.Options{}), mailserver.Start(t, mailserver.Options{})
	for name, c := range map[string]struct {
		declaration string
		global      bool
		carrier     *mailserver.Server
		from        string
	}{
		"nobody":                     {bare, false, nil, ""},
		"the server":                 {bare, true, ours, `"Latchkey" <auth@example.org>`},
		"the project":                {bare + smtp(theirs, ", senderEmail: kiosk@example.net, senderName: Kiosk"), true, theirs, `"Kiosk" <kiosk@example.net>`},
		"the project alone":          {bare + smtp(theirs, ", senderEmail: kiosk@example.net"), false, theirs, `"Demo" <kiosk@example.net>`},
		"the project, without names": {bare + smtp(theirs, ""), true, theirs, `"Latchkey" <auth@example.org>`},
		"the project's is off":       {bare + smtp(theirs, ", enabled: false"), true, ours, `"Latchkey" <auth@example.org>`},
		"the project's has no host":  {bare + "    smtp: {port: 25}\n", true, ours, `"Latchkey" <auth@example.org>`},
		"off and nobody":             {bare + smtp(theirs, ", enabled: false"), false, nil, ""},
	} {
		t.Run(name, func(t *testing.T) { // one after the other: they share the servers
			r := newRig(t, ours, loopback)
			r.declare(c.declaration)
			if c.global {
				r.global(ours)
			}
			if got := r.reaches(model.ChannelEmail); got != (c.carrier != nil) {
				t.Errorf("the project reaches people by mail: %v", got)
			}
			err := r.Deliver(t.Context(), code("en"))
			if c.carrier == nil {
				if err == nil || permanent(err) {
					t.Error(err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			select {
			case got := <-c.carrier.Arrived:
				if !strings.Contains(got.Raw, "From: "+c.from+"\r\n") {
					t.Error(got.Raw)
				}
			default:
				t.Error("the mail went elsewhere")
			}
		})
	}
}

func TestAProjectsServerMustBePublic(t *testing.T) {
	t.Parallel()
	server := mailserver.Start(t, mailserver.Options{})
	r := newRig(t, server)
	r.declare(bare + smtp(server, ", senderEmail: kiosk@example.net"))
	if err := r.Deliver(t.Context(), code("en")); !errors.Is(err, egress.ErrRefused) || permanent(err) {
		t.Error(err)
	}
	document, err := r.Projects.Document(t.Context(), "demo", store.KindSMTP, "smtp")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Check(t.Context(), document); !errors.Is(err, fault.ProjectSMTPConfigInvalid) {
		t.Error(err)
	}
	if server.Connections() != 0 {
		t.Error("somebody has knocked")
	}
	r.global(server) // the server's own may lie anywhere
	r.declare(bare + smtp(server, ", enabled: false"))
	if err := r.Deliver(t.Context(), code("en")); err != nil {
		t.Error(err)
	}
}

func TestTemplatesOfAProject(t *testing.T) {
	t.Parallel()
	server := mailserver.Start(t, mailserver.Options{})
	templates := `
    templates:
      email:
        - {templateId: otpSession, locale: en, subject: "Code for {{project}}", message: "<p>Your code: {{otp}}</p>", senderName: Bar, senderEmail: bar@example.net, replyToEmail: help@example.net}
        - {templateId: otpSession, locale: de, subject: "Code für {{project}}", message: "<p>Ihr Code: {{otp}}</p>"}
`
	for _, c := range []struct {
		locale, declaration, from string
		has                       []string
	}{
		{"en", bare + templates, `"Bar" <auth@example.org>`, []string{"Subject: Code for Demo\r\n", "Your code: 482913\r\n", "Reply-To: \"Bar\" <help@example.net>\r\n"}},
		{"en", bare + smtp(server, ", senderEmail: kiosk@example.net") + templates, `"Bar" <bar@example.net>`, nil},
		{"de-at", bare + templates, `"Latchkey" <auth@example.org>`, []string{"Ihr Code: 482913\r\n"}},
		{"ja", bare + templates, `"Bar" <auth@example.org>`, []string{"Your code: 482913\r\n"}},
	} {
		r := newRig(t, server, loopback)
		r.global(server)
		r.declare(c.declaration)
		if err := r.Deliver(t.Context(), code(c.locale)); err != nil {
			t.Error(err)
			continue
		}
		got := <-server.Arrived
		for _, text := range append(c.has, "From: "+c.from+"\r\n") {
			if !strings.Contains(got.Raw, text) {
				t.Errorf("%s: %q is missing in\n%s", c.locale, text, got.Raw)
			}
		}
	}
}

// texter keeps what it is given.
type texter struct {
	sent  []string
	error error
}

func (x *texter) Send(_ context.Context, m *model.Message, text string) error {
	x.sent = append(x.sent, m.Project+" "+m.To+" "+text)
	return x.error
}

func (x *texter) Reaches(_ context.Context, project string) bool { return project == "demo" }

func TestTextMessages(t *testing.T) {
	t.Parallel()
	r := newRig(t, mailserver.Start(t, mailserver.Options{}))
	r.declare(bare)
	m := code("fr")
	m.Kind, m.Channel, m.To = model.MessagePhoneCode, model.ChannelSMS, "+33612345678"
	if err := r.Deliver(t.Context(), m); err == nil || permanent(err) || r.reaches(model.ChannelSMS) {
		t.Error("nobody could send it:", err)
	}
	x := &texter{error: errors.New("busy")}
	r.Texter = x
	if err := r.Deliver(t.Context(), m); !errors.Is(err, x.error) || !r.reaches(model.ChannelSMS) {
		t.Error(err)
	}
	if want := "demo +33612345678 482913 est votre code pour Demo. Il est valable 15 minutes."; len(x.sent) != 1 || x.sent[0] != want {
		t.Error(x.sent)
	}
}

func TestMessagesThatNobodyCouldCarry(t *testing.T) {
	t.Parallel()
	server := mailserver.Start(t, mailserver.Options{})
	r := newRig(t, server)
	r.global(server)
	r.declare(bare)
	for name, change := range map[string]func(*model.Message){
		"of a project that is gone": func(m *model.Message) { m.Project = "gone" },
		"by pigeon":                 func(m *model.Message) { m.Channel = "pigeon" },
		"of no kind":                func(m *model.Message) { m.Kind = "chat" },
		"without its code":          func(m *model.Message) { m.Values = nil },
		"to nowhere":                func(m *model.Message) { m.To = "walter" },
	} {
		m := code("en")
		change(m)
		if err := r.Deliver(t.Context(), m); !permanent(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	m := code("en")
	r.SMTP.SenderEmail = ""
	if err := r.Deliver(t.Context(), m); err == nil || permanent(err) {
		t.Error("an operator can mend who mails are from:", err)
	}
}

func TestATrialOfAServer(t *testing.T) {
	t.Parallel()
	server := mailserver.Start(t, mailserver.Options{Username: "kiosk", Password: "s3cret"})
	r := newRig(t, server, loopback)
	r.declare(bare + smtp(server, ", username: kiosk, password: s3cret, secure: tls, senderEmail: kiosk@example.net"))
	document, err := r.Projects.Document(t.Context(), "demo", store.KindSMTP, "smtp")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Check(t.Context(), document); err != nil || len(server.Mails()) != 0 {
		t.Error(err)
	}
	project := &model.Project{ID: "demo", Name: "Demo"}
	if err := r.SendTest(t.Context(), project, document, "walter@example.com", "nl"); err != nil {
		t.Fatal(err)
	}
	if got := <-server.Arrived; !strings.Contains(got.Raw, "Subject: Testmail van Demo\r\n") || got.User != "kiosk" {
		t.Error(got.Raw)
	}
	wrong := *document
	wrong.Secrets = map[string]string{"password": "wrong"}
	for _, err := range []error{r.Check(t.Context(), &wrong), r.SendTest(t.Context(), project, &wrong, "walter@example.com", "nl")} {
		var told *fault.Error
		if !errors.As(err, &told) || told.Kind != fault.ProjectSMTPConfigInvalid || !strings.Contains(told.Message, "535") {
			t.Error(err)
		}
	}
}
