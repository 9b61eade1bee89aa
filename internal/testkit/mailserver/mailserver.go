// Package mailserver is a mail server for tests: a real conversation over a real socket, with TLS and logins, that
// keeps what it is given and does at every step what a test says. It imports nothing of ours.
package mailserver

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// The steps of a conversation, in order.
const (
	Hello     = "hello" // EHLO, once more after STARTTLS; clients that are refused try HELO
	Login     = "login"
	Sender    = "sender"    // MAIL FROM
	Recipient = "recipient" // RCPT TO
	Data      = "data"      // before the mail is read
	Taken     = "taken"     // after the mail was read, before it is acknowledged
)

// How the server speaks TLS.
const (
	StartTLS = iota // offered, and a login only afterwards
	Implicit        // from the first byte
	Clear           // never; a login is taken all the same
)

// Options say what a server is like.
type Options struct {
	TLS                int
	Username, Password string // asked for when they are set
	Old                bool   // takes no addresses beyond ASCII
	Address            string // where to listen; empty: a free port of 127.0.0.1
	Certificate        *Certificate

	// Step is called at each step of each conversation, by many goroutines. An error is the reply; *smtp.SMTPError
	// says its code.
	Step func(step string, t *Talk) error
}

// Mail is one that was taken, or would have been.
type Mail struct {
	From, To   string
	Raw        string
	TLS        bool
	Hello      string // how the sender introduced itself
	User       string // who had signed in
	Connection int    // which one it came over, counted from 1
	At         time.Time
}

// Talk is one conversation.
type Talk struct {
	Mail
	connection *smtp.Conn
}

// Drop breaks the connection off, without a word.
func (t *Talk) Drop() { _ = t.connection.Conn().Close() }

// Refuse is a reply with a code: 4xx for a while, 5xx for good.
func Refuse(code int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: text}
}

// Server is a running mail server.
type Server struct {
	Options
	Host    string
	Port    int
	Arrived chan Mail // every mail that was acknowledged, when somebody is there to receive it

	mutex       sync.Mutex
	mails       []Mail
	connections int
	numbers     map[string]int
	server      *smtp.Server
	listener    net.Listener
}

// Start starts a server that ends with the test.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	if o.Certificate == nil {
		o.Certificate = NewCertificate(t)
	}
	if o.Address == "" {
		o.Address = "127.0.0.1:0"
	}
	s := &Server{Options: o, Arrived: make(chan Mail, 100_000), numbers: map[string]int{}}
	listener, err := net.Listen("tcp", o.Address)
	if err != nil {
		t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(listener.Addr().String())
	s.Host = host
	s.Port, _ = strconv.Atoi(port)
	listener = &counted{listener, s}
	s.listener = listener
	s.server = smtp.NewServer(smtp.BackendFunc(s.session))
	s.server.Domain, s.server.EnableSMTPUTF8, s.server.ErrorLog = "mail.test", !o.Old, silent{}
	s.server.MaxMessageBytes, s.server.MaxLineLength = 1<<20, 1000
	config := &tls.Config{Certificates: []tls.Certificate{o.Certificate.pair}, MinVersion: tls.VersionTLS12}
	switch o.TLS {
	case StartTLS:
		s.server.TLSConfig = config
	case Implicit:
		listener = tls.NewListener(listener, config)
	case Clear:
		s.server.AllowInsecureAuth = true
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = s.server.Serve(listener) // ends with an error always
	}()
	t.Cleanup(func() {
		s.Stop()
		<-ended
	})
	return s
}

// Stop ends the server and its conversations.
func (s *Server) Stop() {
	_ = s.listener.Close() // by ourselves: the library only knows of it once it accepts
	_ = s.server.Close()
}

// Mails are those taken so far.
func (s *Server) Mails() []Mail {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return append([]Mail(nil), s.mails...)
}

// Connections says how many there have been.
func (s *Server) Connections() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.connections
}

// Roots is what the server's certificate is checked against.
func (s *Server) Roots() *x509.CertPool { return s.Certificate.Roots }

// session begins a conversation, or begins it anew under TLS.
func (s *Server) session(c *smtp.Conn) (smtp.Session, error) {
	t := &Talk{connection: c}
	s.mutex.Lock()
	t.Connection = s.numbers[c.Conn().RemoteAddr().String()]
	s.mutex.Unlock()
	_, t.TLS = c.TLSConnectionState()
	t.Hello = c.Hostname()
	return &session{Talk: t, server: s}, s.step(Hello, t)
}

func (s *Server) step(step string, t *Talk) error {
	if s.Step == nil {
		return nil
	}
	return s.Step(step, t)
}

// counted numbers connections as they come.
type counted struct {
	net.Listener
	server *Server
}

// Accept implements net.Listener.
func (l *counted) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		l.server.mutex.Lock()
		l.server.connections++
		l.server.numbers[c.RemoteAddr().String()] = l.server.connections
		l.server.mutex.Unlock()
	}
	return c, err
}

// session is a conversation as the library sees it.
type session struct {
	*Talk
	server *Server
}

// AuthMechanisms implements smtp.AuthSession.
func (s *session) AuthMechanisms() []string {
	if s.server.Username == "" {
		return nil
	}
	return []string{sasl.Plain}
}

// Auth implements smtp.AuthSession.
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if err := s.server.step(Login, s.Talk); err != nil {
			return err
		}
		if username != s.server.Username || password != s.server.Password {
			return smtp.ErrAuthFailed
		}
		s.User = username
		return nil
	}), nil
}

// Mail implements smtp.Session.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.server.Username != "" && s.User == "" {
		return smtp.ErrAuthRequired
	}
	s.From = from
	return s.server.step(Sender, s.Talk)
}

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.To = to
	return s.server.step(Recipient, s.Talk)
}

// Data implements smtp.Session.
func (s *session) Data(r io.Reader) error {
	if err := s.server.step(Data, s.Talk); err != nil {
		return err
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.Raw, s.At = string(raw), time.Now()
	if err := s.server.step(Taken, s.Talk); err != nil {
		return err
	}
	mail := s.Talk.Mail
	s.server.mutex.Lock()
	s.server.mails = append(s.server.mails, mail)
	s.server.mutex.Unlock()
	select {
	case s.server.Arrived <- mail:
	default:
	}
	return nil
}

// Reset implements smtp.Session.
func (s *session) Reset() { s.From, s.To, s.Raw = "", "", "" }

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }

// silent is told what the library has to say.
type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}
