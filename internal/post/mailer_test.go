package post_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/post"
	"latchkey/internal/testkit/mailserver"
)

// noon is when the messages of these tests are made.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func someMessage(id string) *model.Message {
	return &model.Message{Project: "demo", ID: id, Kind: model.MessageOTP, Channel: model.ChannelEmail, CreatedAt: model.At(noon), To: "walter@example.com", Locale: "en",
		Values: map[string]string{"otp": "482913", "minutes": "15"}}
}

// settingsOf are those of a server that was just started.
func settingsOf(s *mailserver.Server, secure string) post.SMTPSettings {
	return post.SMTPSettings{Host: s.Host, Port: s.Port, Username: s.Username, Password: s.Password, Secure: secure, SenderName: "Demo", SenderEmail: "auth@example.org",
		RootCAs: s.Roots()}
}

// send words a message and sends it.
func send(t testing.TB, m *post.Mailer, s post.SMTPSettings, message *model.Message) error {
	t.Helper()
	wording, err := post.Word(message, post.Look{Name: "Demo"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m.Send(t.Context(), s, message, wording)
}

func newMailer(t testing.TB) *post.Mailer {
	m := &post.Mailer{Clock: func() time.Time { return noon }}
	t.Cleanup(m.Close)
	return m
}

func TestAMailTravels(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tls    int
		secure string
		login  bool
	}{
		"STARTTLS and a login":   {mailserver.StartTLS, post.SecureTLS, true},
		"STARTTLS as it comes":   {mailserver.StartTLS, post.SecureAuto, false},
		"TLS from the beginning": {mailserver.Implicit, post.SecureSSL, true},
		"in the clear":           {mailserver.Clear, post.SecureNone, false},
		"a login in the clear":   {mailserver.Clear, post.SecureNone, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := mailserver.Options{TLS: c.tls}
			if c.login {
				o.Username, o.Password = "latchkey", "s3cret"
			}
			server := mailserver.Start(t, o)
			if err := send(t, newMailer(t), settingsOf(server, c.secure), someMessage("m1")); err != nil {
				t.Fatal(err)
			}
			got := <-server.Arrived
			if got.From != "auth@example.org" || got.To != "walter@example.com" || got.TLS != (c.tls != mailserver.Clear) || got.User != o.Username {
				t.Errorf("%+v", got)
			}
			for _, header := range []string{"Message-ID: <m1@example.org>\r\n", "Auto-Submitted: auto-generated\r\n", "Date: Sun, 01 Mar 2026 12:00:00 +0000\r\n",
				`From: "Demo" <auth@example.org>` + "\r\n", "To: <walter@example.com>\r\n", "Subject: Your OTP for the Demo Login\r\n", "MIME-Version: 1.0\r\n"} {
				if !strings.Contains(got.Raw, header) {
					t.Errorf("%q is missing in\n%s", header, got.Raw)
				}
			}
			if strings.Contains(got.Raw, "X-Mailer") || strings.Contains(got.Raw, "User-Agent") {
				t.Error("the mail tells what sends it")
			}
		})
	}
}

func TestRepliesOfAServer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		step      string
		code      int
		permanent bool
	}{
		{mailserver.Sender, 451, false}, {mailserver.Sender, 550, true}, {mailserver.Sender, 530, false},
		{mailserver.Recipient, 450, false}, {mailserver.Recipient, 421, false}, {mailserver.Recipient, 550, true}, {mailserver.Recipient, 553, true},
		{mailserver.Data, 452, false}, {mailserver.Data, 554, true}, {mailserver.Taken, 451, false}, {mailserver.Taken, 552, true},
		{mailserver.Login, 454, false}, {mailserver.Login, 535, false},
	} {
		t.Run(fmt.Sprint(c.step, c.code), func(t *testing.T) {
			t.Parallel()
			server := mailserver.Start(t, mailserver.Options{Username: "latchkey", Password: "s3cret"})
			var once sync.Once
			server.Step = func(step string, _ *mailserver.Talk) (err error) {
				if step == c.step {
					once.Do(func() { err = mailserver.Refuse(c.code, "not now") })
				}
				return err
			}
			mailer := newMailer(t)
			err := send(t, mailer, settingsOf(server, post.SecureTLS), someMessage("m1"))
			var refusal *post.DeliveryError
			if !errors.As(err, &refusal) || refusal.Permanent() != c.permanent || refusal.Code != c.code || !strings.Contains(err.Error(), "not now") {
				t.Fatalf("%v", err)
			}
			if len(server.Mails()) != 0 {
				t.Error("a mail was taken all the same")
			}
			if err := send(t, mailer, settingsOf(server, post.SecureTLS), someMessage("m2")); err != nil {
				t.Error("the next mail:", err)
			}
		})
	}
}

func TestAWrongPasswordIsNoFaultOfTheMail(t *testing.T) {
	t.Parallel()
	server := mailserver.Start(t, mailserver.Options{Username: "latchkey", Password: "s3cret"})
	settings := settingsOf(server, post.SecureTLS)
	settings.Password = "another"
	err := send(t, newMailer(t), settings, someMessage("m1"))
	var refusal *post.DeliveryError
	if !errors.As(err, &refusal) || refusal.Permanent() || refusal.Code != 535 || strings.Contains(err.Error(), "another") {
		t.Error(err)
	}
	if err := post.Test(t.Context(), settings); err == nil {
		t.Error("a test of the settings finds nothing wrong")
	}
	if err := post.Test(t.Context(), settingsOf(server, post.SecureTLS)); err != nil {
		t.Error(err)
	}
}

func TestAServerThatBreaksOff(t *testing.T) {
	t.Parallel()
	for _, at := range []string{mailserver.Hello, mailserver.Sender, mailserver.Recipient, mailserver.Data, mailserver.Taken} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			server := mailserver.Start(t, mailserver.Options{})
			var once sync.Once
			server.Step = func(step string, talk *mailserver.Talk) error {
				if step == at {
					once.Do(talk.Drop)
				}
				return nil
			}
			mailer := newMailer(t)
			err := send(t, mailer, settingsOf(server, post.SecureAuto), someMessage("m1"))
			var refusal *post.DeliveryError
			if !errors.As(err, &refusal) || refusal.Permanent() || refusal.Code != 0 {
				t.Error(err)
			}
			if err := send(t, mailer, settingsOf(server, post.SecureAuto), someMessage("m1")); err != nil {
				t.Error("the same mail again:", err)
			}
		})
	}
}

func TestAServerThatIsNotThere(t *testing.T) {
	t.Parallel()
	server := mailserver.Start(t, mailserver.Options{})
	server.Stop()
	err := send(t, newMailer(t), settingsOf(server, post.SecureAuto), someMessage("m1"))
	var refusal *post.DeliveryError
	if !errors.As(err, &refusal) || refusal.Permanent() {
		t.Error(err)
	}
}

func TestAServerThatIsSilent(t *testing.T) {
	t.Parallel()
	for _, at := range []string{mailserver.Hello, mailserver.Recipient, mailserver.Taken} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			server := mailserver.Start(t, mailserver.Options{})
			reached, release := make(chan bool), make(chan bool)
			server.Step = func(step string, _ *mailserver.Talk) error {
				if step == at {
					reached <- true
					<-release
				}
				return nil
			}
			defer close(release)
			ctx, giveUp := context.WithCancel(t.Context())
			message := someMessage("m1")
			wording, err := post.Word(message, post.Look{Name: "Demo"}, nil)
			if err != nil {
				t.Fatal(err)
			}
			failed := make(chan error, 1)
			go func() { failed <- newMailer(t).Send(ctx, settingsOf(server, post.SecureAuto), message, wording) }()
			<-reached
			giveUp() // the time of a try is over
			select {
			case err := <-failed:
				var refusal *post.DeliveryError
				if !errors.As(err, &refusal) || refusal.Permanent() {
					t.Error(err)
				}
			case <-time.After(10 * time.Second): // a command has thirty
				t.Error("the end of a try ends nothing")
			}
		})
	}
}

func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	server := mailserver.Start(t, mailserver.Options{Username: "latchkey", Password: "s3cret"})
	mailer := newMailer(t)
	for n := range 30 {
		if err := send(t, mailer, settingsOf(server, post.SecureTLS), someMessage(fmt.Sprint("m", n))); err != nil {
			t.Fatal(err)
		}
	}
	if n := server.Connections(); n != 1 {
		t.Errorf("%d connections for thirty mails", n)
	}
	other := settingsOf(server, post.SecureTLS)
	other.Password = "wrong"
	if err := send(t, mailer, other, someMessage("m")); err == nil {
		t.Error("who cannot sign in sends over the connection of somebody who could")
	}
	sender := settingsOf(server, post.SecureTLS)
	sender.SenderEmail = "other@example.net"
	if err := send(t, mailer, sender, someMessage("m")); err != nil || server.Connections() != 2 {
		t.Error("another sender needs no connection of its own:", err, server.Connections())
	}
}

func TestAKeptConnectionThatTheServerHasEnded(t *testing.T) {
	t.Parallel()
	server := mailserver.Start(t, mailserver.Options{})
	talks := make(chan *mailserver.Talk, 10)
	server.Step = func(step string, talk *mailserver.Talk) error {
		if step == mailserver.Taken {
			talks <- talk
		}
		return nil
	}
	mailer := newMailer(t)
	for n := range 3 {
		if err := send(t, mailer, settingsOf(server, post.SecureAuto), someMessage(fmt.Sprint("m", n))); err != nil {
			t.Fatal(err)
		}
		(<-talks).Drop()
	}
	if n := server.Connections(); n != 3 {
		t.Errorf("%d connections", n)
	}
}

func TestAServerIsNotOverrun(t *testing.T) {
	t.Parallel()
	server := mailserver.Start(t, mailserver.Options{})
	inside, release := make(chan bool, 20), make(chan bool)
	server.Step = func(step string, _ *mailserver.Talk) error {
		if step == mailserver.Data {
			inside <- true
			<-release
		}
		return nil
	}
	mailer := newMailer(t)
	mailer.PerServer = 3
	var senders sync.WaitGroup
	for n := range 10 {
		senders.Go(func() {
			if err := send(t, mailer, settingsOf(server, post.SecureAuto), someMessage(fmt.Sprint("m", n))); err != nil {
				t.Error(err)
			}
		})
	}
	for range 3 {
		<-inside
	}
	if n := server.Connections(); n != 3 {
		t.Errorf("%d connections", n)
	}
	close(release)
	senders.Wait()
	if n, c := len(server.Mails()), server.Connections(); n != 10 || c != 3 {
		t.Errorf("%d mails over %d connections", n, c)
	}
}

func TestAClosedMailerSendsNothing(t *testing.T) {
	t.Parallel()
	server := mailserver.Start(t, mailserver.Options{})
	mailer := newMailer(t)
	if err := send(t, mailer, settingsOf(server, post.SecureAuto), someMessage("m1")); err != nil {
		t.Fatal(err)
	}
	mailer.Close()
	var refusal *post.DeliveryError
	if err := send(t, mailer, settingsOf(server, post.SecureAuto), someMessage("m2")); !errors.As(err, &refusal) || refusal.Permanent() {
		t.Error(err)
	}
}

// elsewhere lets a test speak of a host that is not this machine.
func elsewhere(server *mailserver.Server) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort(server.Host, fmt.Sprint(server.Port)))
	}
}

func TestAPasswordGoesToAProvenServerOnly(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tls    int
		secure string
		login  bool
		ok     bool
	}{
		"another certificate, TLS required":       {mailserver.StartTLS, post.SecureTLS, true, false},
		"another certificate, TLS as it comes":    {mailserver.StartTLS, post.SecureAuto, true, false},
		"another certificate, no password":        {mailserver.StartTLS, post.SecureAuto, false, true},
		"another certificate, TLS from the start": {mailserver.Implicit, post.SecureSSL, false, false},
		"no TLS where it is required":             {mailserver.Clear, post.SecureTLS, false, false},
		"no TLS and a password":                   {mailserver.Clear, post.SecureAuto, true, false},
		"no TLS, no password":                     {mailserver.Clear, post.SecureAuto, false, true},
		"no TLS and a password, by order":         {mailserver.Clear, post.SecureNone, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := mailserver.Options{TLS: c.tls}
			if c.login {
				o.Username, o.Password = "latchkey", "s3cret"
			}
			var told bool
			o.Step = func(step string, _ *mailserver.Talk) error {
				told = told || step == mailserver.Login
				return nil
			}
			server := mailserver.Start(t, o)
			settings := settingsOf(server, c.secure)
			settings.Host, settings.RootCAs = "mail.example.com", nil
			mailer := newMailer(t)
			mailer.Dial = elsewhere(server)
			if err := send(t, mailer, settings, someMessage("m1")); (err == nil) != c.ok || told && !c.ok {
				t.Errorf("%v; the password was told: %v", err, told)
			}
		})
	}
}

func TestAddressesBeyondASCII(t *testing.T) {
	t.Parallel()
	for to, c := range map[string]struct {
		old  bool
		want string // in the envelope; empty: refused for good
	}{
		"jürgen@example.com": {false, "jürgen@example.com"}, "jurgen@müller.example": {true, "jurgen@xn--mller-kva.example"},
		"用户@例え.jp": {false, "用户@xn--r8jz45g.jp"}, "walter@example.com": {true, "walter@example.com"},
	} {
		server := mailserver.Start(t, mailserver.Options{Old: c.old})
		message := someMessage("m1")
		message.To = to
		if err := send(t, newMailer(t), settingsOf(server, post.SecureAuto), message); err != nil {
			t.Errorf("%s: %v", to, err)
			continue
		}
		if got := <-server.Arrived; got.To != c.want {
			t.Errorf("%s was sent to %s", to, got.To)
		}
	}
	server := mailserver.Start(t, mailserver.Options{Old: true})
	message := someMessage("m1")
	message.To = "jürgen@example.com"
	var refusal *post.DeliveryError
	if err := send(t, newMailer(t), settingsOf(server, post.SecureAuto), message); !errors.As(err, &refusal) || !refusal.Permanent() {
		t.Error("a server that cannot carry the address:", err)
	}
}
