package post

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// How long a mail server may take: to be reached and speak TLS, and for each command after that.
const (
	connectTime = 10 * time.Second
	commandTime = 30 * time.Second
)

// wire is a connection on which every command has its own time: whatever is written starts it anew, reading
// does not, so that a server cannot hold us by sending a byte now and then.
type wire struct {
	net.Conn
	mutex sync.Mutex
	time  time.Duration
	isCut bool
}

// Write starts the time of a command.
func (w *wire) Write(p []byte) (int, error) {
	w.mutex.Lock()
	var err error
	if !w.isCut {
		err = w.Conn.SetDeadline(time.Now().Add(w.time))
	}
	w.mutex.Unlock()
	if err != nil {
		return 0, err
	}
	return w.Conn.Write(p)
}

// SetDeadline does nothing, like the two below: times are set here and nowhere else.
func (w *wire) SetDeadline(time.Time) error { return nil }

// SetReadDeadline does nothing.
func (w *wire) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing.
func (w *wire) SetWriteDeadline(time.Time) error { return nil }

// limit sets how long each command may take from now on.
func (w *wire) limit(d time.Duration) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.time = d
}

// cut ends whatever is being waited for, and all that follows.
func (w *wire) cut() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.isCut = true
	_ = w.Conn.SetDeadline(time.Unix(1, 0)) // a connection that takes no deadline is closed already
}

// connection is a conversation with a mail server, past greeting, TLS and login.
type connection struct {
	wire   *wire
	client *smtp.Client
	sent   int
	since  time.Time
}

// connect begins a conversation.
func (m *Mailer) connect(ctx context.Context, s SMTPSettings) (*connection, error) {
	if err := s.check(); err != nil {
		return nil, refused(stageSettings, err)
	}
	config := tlsConfig(s)
	var w *wire
	unwatch := func() bool { return true }
	defer func() { unwatch() }()
	dial := func(limited context.Context, network, address string) (net.Conn, error) {
		raw, err := m.dial(limited, network, address)
		if err != nil {
			return nil, err
		}
		w = &wire{Conn: raw, time: commandTime}
		unwatch = context.AfterFunc(ctx, w.cut)
		_ = raw.SetDeadline(time.Now().Add(commandTime)) // for the greeting; a connection that takes none is closed
		if s.Secure != SecureSSL {
			return w, nil
		}
		secured := tls.Client(w, config)
		return secured, secured.HandshakeContext(limited)
	}
	options := []mail.Option{
		mail.WithPort(s.Port), mail.WithTimeout(connectTime), mail.WithTLSConfig(config), mail.WithDialContextFunc(dial), mail.WithTLSPolicy(policyOf(s)),
	}
	if m.Hello != "" {
		options = append(options, mail.WithHELO(m.Hello))
	}
	if s.signsIn() {
		options = append(options, mail.WithSMTPAuthCustom(&login{settings: s}))
	}
	client, err := mail.NewClient(s.Host, options...)
	if err != nil {
		return nil, refused(stageSettings, err)
	}
	conversation, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		if w != nil {
			_ = w.Close() // it failed; what closing says adds nothing
		}
		return nil, refused(stageConnect, err)
	}
	return &connection{wire: w, client: conversation, since: m.now()}, nil
}

func policyOf(s SMTPSettings) mail.TLSPolicy {
	switch s.Secure {
	case SecureTLS:
		return mail.TLSMandatory
	case SecureAuto:
		return mail.TLSOpportunistic
	}
	return mail.NoTLS // implicit TLS is spoken already
}

// tlsConfig says whom to believe. Without a password and without a demand for TLS, encryption is taken as it
// comes, unverified: a listener gets less than in the clear (RFC 7435). A password goes to a proven server only.
func tlsConfig(s SMTPSettings) *tls.Config {
	return &tls.Config{
		ServerName: s.Host, RootCAs: s.RootCAs, MinVersion: tls.VersionTLS12,
		InsecureSkipVerify: s.Secure == SecureAuto && (!s.signsIn() || s.local()), //nolint:gosec // see above
	}
}

// login picks how to sign in from what the server offers.
type login struct {
	settings SMTPSettings
	chosen   smtp.Auth
}

// Start implements smtp.Auth.
func (l *login) Start(server *smtp.ServerInfo) (string, []byte, error) {
	offers := map[string]bool{}
	for _, name := range server.Auth {
		offers[strings.ToUpper(name)] = true
	}
	s := l.settings
	safe := server.TLS || s.Secure == SecureNone || s.local() // the password itself may travel
	switch {
	case offers["PLAIN"] && safe:
		l.chosen = smtp.PlainAuth("", s.Username, s.Password, s.Host, true)
	case offers["LOGIN"] && safe:
		l.chosen = smtp.LoginAuth(s.Username, s.Password, s.Host, true)
	case offers["SCRAM-SHA-256"]:
		l.chosen = smtp.ScramSHA256Auth(s.Username, s.Password)
	case offers["CRAM-MD5"]:
		l.chosen = smtp.CRAMMD5Auth(s.Username, s.Password)
	case offers["PLAIN"] || offers["LOGIN"]:
		return "", nil, errors.New("the server wants a password but offers no TLS to protect it; choose tls or ssl, or leave out the password")
	default:
		return "", nil, errors.New("the server offers no login that we know (PLAIN, LOGIN, SCRAM-SHA-256, CRAM-MD5)")
	}
	return l.chosen.Start(server)
}

// Next implements smtp.Auth.
func (l *login) Next(fromServer []byte, more bool) ([]byte, error) {
	return l.chosen.Next(fromServer, more)
}

// deliver sends one mail. Only a nil error means that the server has taken it; after an error without a reply
// it may have, and the mail goes out again with the same Message-ID.
func (c *connection) deliver(ctx context.Context, l *letter) *DeliveryError {
	stop := context.AfterFunc(ctx, c.wire.cut)
	defer stop()
	if l.utf8 {
		if offered, _ := c.client.Extension("SMTPUTF8"); !offered {
			return unfit("the server takes no addresses beyond ASCII (SMTPUTF8)")
		}
	}
	c.client.SkipSMTPUTF8(!l.utf8) // a mail that is marked without need fails at the next server that cannot
	if err := c.client.Mail("<" + l.from + ">"); err != nil {
		return refused(stageMail, err)
	}
	if err := c.client.Rcpt("<" + l.to + ">"); err != nil {
		return refused(stageRecipient, err)
	}
	data, err := c.client.Data()
	if err != nil {
		return refused(stageData, err)
	}
	if _, err = l.msg.WriteTo(data); err != nil {
		// The connection must go down without the final dot, or half a mail would be delivered.
		_ = c.wire.Close()
		return refused(stageData, fmt.Errorf("write the mail: %w", err))
	}
	if err := data.Close(); err != nil {
		return refused(stageData, err)
	}
	c.sent++
	return nil
}

// reset makes a conversation ready for the next mail after a refusal.
func (c *connection) reset() bool { return c.client.Reset() == nil }

// quit ends a conversation, politely if the server is quick.
func (c *connection) quit() {
	c.wire.limit(time.Second)
	_ = c.client.Quit() // whether it says goodbye is no matter
	_ = c.wire.Close()
}
