package app

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jhillyerd/enmime/v2"

	"latchkey/internal/admin"
	"latchkey/internal/config"
	"latchkey/internal/model"
	"latchkey/internal/outbox"
	"latchkey/internal/secret"
	"latchkey/internal/store"
	"latchkey/internal/testkit/engines"
	"latchkey/internal/testkit/mailserver"
)

// program is the whole program, running in the test: listeners, workers and all.
type program struct {
	testing.TB
	*App
	log  *logged
	box  *outbox.Box
	url  string
	stop func()
}

// launch starts the program over a database, after applying a declaration.
func launch(t testing.TB, db *store.DB, server *mailserver.Server, declaration string, args ...string) *program {
	t.Helper()
	p := &program{TB: t, log: &logged{}}
	random := secret.NewRandom(nil)
	keys := secret.NewKeyRing(secret.NewMasterKey(random))
	p.App = &App{
		Config: settings(t, config.ModeServe, append([]string{"--listen=127.0.0.1:0", "--hash-memory=1024", "--data=" + t.TempDir()}, args...)...),
		Log:    p.log.logger(), DB: db, Keys: keys, Random: random, MailRoots: server.Roots(),
		Admin: &admin.Rules{DB: db, Keys: keys, Random: random, Clock: time.Now},
	}
	p.box = &outbox.Box{Keys: keys}
	if err := p.Admin.EnsureConsole(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.apply(declaration)
	ctx, stop := context.WithCancel(context.Background())
	ready, ended := make(chan *Listeners, 1), make(chan error, 1)
	go func() { ended <- p.Serve(ctx, func(l *Listeners) { ready <- l }, nil) }()
	select {
	case l := <-ready:
		p.url = l.PublicURL().String()
	case err := <-ended:
		t.Fatal(err)
	}
	stopped := false
	p.stop = func() {
		if stop(); !stopped {
			stopped = true
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	}
	t.Cleanup(func() { p.stop() })
	return p
}

func (p *program) apply(text string) {
	p.Helper()
	declaration, err := admin.ReadDeclaration([]byte(text), func(string) (string, bool) { return "", false })
	if err != nil {
		p.Fatal(err)
	}
	if _, err := p.Admin.Apply(p.Context(), declaration, admin.ApplyOptions{}); err != nil {
		p.Fatal(err)
	}
}

// put puts a message as a rule would.
func (p *program) put(m *model.Message) {
	p.Helper()
	m.Project, m.Channel, m.Expire = "demo", model.ChannelEmail, model.At(time.Now().Add(15*time.Minute))
	if err := p.DB.Write(p.Context(), func(tx *store.Tx) error { p.box.Put(tx, m); return nil }); err != nil {
		p.Fatal(err)
	}
}

func code(id string) *model.Message {
	return &model.Message{ID: id, Kind: model.MessageOTP, To: "walter@example.com", Locale: "de", Values: map[string]string{"otp": "482913", "minutes": "15"}}
}

// global is the setting for a mail server.
func global(s *mailserver.Server, tls string) string {
	scheme := "smtp"
	if s.TLS == mailserver.Implicit {
		scheme = "smtps"
	}
	return fmt.Sprintf("--smtp=%s://%s:%s@%s:%d?from=Latchkey+<auth@example.org>%s", scheme, s.Username, s.Password, s.Host, s.Port, tls)
}

const bare = "projects:\n  - id: demo\n    name: Jürgens Kiosk\n"

// own declares a mail server of the project's own.
func own(s *mailserver.Server, secure string) string {
	return bare + fmt.Sprintf("    smtp: {enabled: true, host: %s, port: %d, username: %s, password: %s, secure: %s, senderEmail: kiosk@example.net, replyToEmail: help@example.net}\n",
		s.Host, s.Port, s.Username, s.Password, secure)
}

func TestAMailReachesAServer(t *testing.T) {
	t.Parallel()
	login := mailserver.Options{Username: "latchkey", Password: "s3cret"}
	implicit := login
	implicit.TLS = mailserver.Implicit
	for _, engine := range []string{store.SQLite, store.Postgres} {
		for name, c := range map[string]struct {
			options     mailserver.Options
			declaration func(*mailserver.Server) string
			args        func(*mailserver.Server) []string
			from        string
		}{
			"the server's, STARTTLS":  {login, func(*mailserver.Server) string { return bare }, func(s *mailserver.Server) []string { return []string{global(s, "&tls=required")} }, `Latchkey" <auth@example.org>`},
			"the server's, TLS":       {implicit, func(*mailserver.Server) string { return bare }, func(s *mailserver.Server) []string { return []string{global(s, "")} }, `Latchkey" <auth@example.org>`},
			"the project's, STARTTLS": {login, func(s *mailserver.Server) string { return own(s, "tls") }, func(*mailserver.Server) []string { return []string{"--allow-private=127.0.0.0/8"} }, "<kiosk@example.net>"},
			"the project's, TLS":      {implicit, func(s *mailserver.Server) string { return own(s, "ssl") }, func(*mailserver.Server) []string { return []string{"--allow-private=127.0.0.0/8"} }, "<kiosk@example.net>"},
		} {
			t.Run(engine+"/"+name, func(t *testing.T) {
				t.Parallel()
				server := mailserver.Start(t, c.options)
				p := launch(t, engines.Fresh(t, engine), server, c.declaration(server), c.args(server)...)
				p.put(code("m1"))
				got := <-server.Arrived
				if !got.TLS || got.User != "latchkey" || got.To != "walter@example.com" || !strings.Contains(got.Raw, c.from) {
					t.Errorf("%+v", got)
				}
				mail, err := enmime.ReadEnvelope(strings.NewReader(got.Raw))
				if err != nil {
					t.Fatal(err)
				}
				if mail.GetHeader("Subject") != "Ihr Anmeldecode für Jürgens Kiosk" || !strings.HasPrefix(mail.Text, "482913 ist Ihr Code für Jürgens Kiosk.") ||
					!strings.Contains(mail.HTML, ">482913</td>") || !strings.HasPrefix(mail.GetHeader("Message-ID"), "<m1@example.") {
					t.Errorf("%s\n%s", mail.GetHeader("Subject"), mail.Text)
				}
				p.stop()
				if row, err := p.DB.Message(t.Context(), "demo", "m1"); err != nil || (row.State != store.MessageSent || len(row.Sealed) != 0) {
					t.Errorf("%+v (%v)", row, err)
				}
				for _, secret := range []string{"482913", "walter", "s3cret"} {
					if strings.Contains(p.log.String(), secret) {
						t.Errorf("the log tells %s:\n%s", secret, p.log)
					}
				}
			})
		}
	}
}

// ask calls the API as an app would, and gives the status.
func (p *program) ask(path, body string) int {
	p.Helper()
	r, err := http.NewRequestWithContext(context.WithoutCancel(p.Context()), "POST", p.url+path, strings.NewReader(body))
	if err != nil {
		p.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Appwrite-Project", "demo")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		p.Error(err)
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// TestNobodyWaitsForAMailServer: while every worker hangs on a server that says nothing, people sign up, sign in and
// ask for codes; when it comes back, everybody gets a mail.
func TestNobodyWaitsForAMailServer(t *testing.T) {
	t.Parallel()
	engines.Each(t, func(t *testing.T, db *store.DB) {
		stuck, release := make(chan bool, 100), make(chan bool)
		server := mailserver.Start(t, mailserver.Options{Step: func(step string, _ *mailserver.Talk) error {
			if step == mailserver.Data {
				stuck <- true
				<-release
			}
			return nil
		}})
		p := launch(t, db, server, bare, fmt.Sprintf("--smtp=smtp://%s:%d?from=auth@example.org", server.Host, server.Port), "--rate-limits=off")
		code := func(n int) int {
			return p.ask("/v1/account/tokens/email", fmt.Sprintf(`{"userId":"unique()","email":"u%d@example.com"}`, n))
		}
		const before, during = 8, 30 // before: as many as there are workers
		for n := range before {
			if status := code(n); status != 201 {
				t.Fatal(status)
			}
		}
		for range 6 { // one project never holds all of them
			<-stuck
		}
		for n := range during {
			if status := code(before + n); status != 201 {
				t.Error(status)
			}
		}
		if status := p.ask("/v1/account", `{"userId":"unique()","email":"walter@example.com","password":"correct horse 1"}`); status != 201 {
			t.Error(status)
		}
		if status := p.ask("/v1/account/sessions/email", `{"email":"walter@example.com","password":"correct horse 1"}`); status != 201 {
			t.Error(status)
		}
		if n := len(server.Mails()); n != 0 {
			t.Errorf("%d mails went out: nothing was stuck", n)
		}
		close(release)
		to := map[string]bool{}
		for range before + during {
			to[(<-server.Arrived).To] = true
		}
		if len(to) != before+during {
			t.Errorf("only %d people have a mail", len(to))
		}
	})
}

func TestWithoutAMailServerNobodyIsPromisedAMail(t *testing.T) {
	t.Parallel()
	server := mailserver.Start(t, mailserver.Options{})
	p := launch(t, engines.Fresh(t, store.SQLite), server, bare)
	if status := p.ask("/v1/account/tokens/email", `{"userId":"unique()","email":"walter@example.com"}`); status != 503 {
		t.Error(status)
	}
}
