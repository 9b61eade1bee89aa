package post

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
)

// How a connection to a mail server is protected.
const (
	SecureAuto = ""     // STARTTLS where the server offers it; a password never travels in the clear beyond this machine
	SecureTLS  = "tls"  // STARTTLS, required
	SecureSSL  = "ssl"  // TLS from the first byte
	SecureNone = "none" // never, even with a password: for a server on a network that is trusted
)

// SMTPSettings is one mail server, and who its mails come from.
type SMTPSettings struct {
	Host     string
	Port     int // 0: 465 for SecureSSL, else 587 with a user name and 25 without
	Username string
	Password string
	Secure   string // SecureAuto …

	SenderName, SenderEmail   string
	ReplyToEmail, ReplyToName string

	RootCAs *x509.CertPool // nil: those of the system
}

// ParseSMTP reads a server from a URL: smtp://user:password@host:587?from=Name <a@b>&reply-to=c@d&tls=required,
// where tls is required, opportunistic (the default) or none; smtps:// speaks TLS from the first byte. The
// error never repeats the URL, which may hold a password.
func ParseSMTP(u *url.URL) (SMTPSettings, error) {
	s := SMTPSettings{Host: u.Hostname(), Username: u.User.Username()}
	s.Password, _ = u.User.Password()
	if s.Host == "" {
		return s, errors.New("smtp: the URL names no host")
	}
	if u.Path != "" && u.Path != "/" || u.Fragment != "" {
		return s, errors.New("smtp: the URL must end with the host and port, followed by parameters at most")
	}
	if port := u.Port(); port != "" {
		number, err := strconv.Atoi(port)
		if err != nil || number < 1 || number > 65535 {
			return s, errors.New("smtp: the port must be a number from 1 to 65535")
		}
		s.Port = number
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return s, errors.New("smtp: the URL's parameters are not well formed")
	}
	for name := range query {
		if name != "from" && name != "reply-to" && name != "tls" {
			return s, fmt.Errorf("smtp: %q is no parameter; there are from, reply-to and tls", name)
		}
	}
	if s.Secure, err = securityOf(u.Scheme, query.Get("tls")); err != nil {
		return s, err
	}
	if s.SenderName, s.SenderEmail, err = parseMailbox("from", query.Get("from")); err != nil {
		return s, err
	}
	if s.SenderEmail == "" {
		return s, errors.New("smtp: the URL needs a parameter from, the address that mails come from")
	}
	s.ReplyToName, s.ReplyToEmail, err = parseMailbox("reply-to", query.Get("reply-to"))
	return s, err
}

func securityOf(scheme, tls string) (string, error) {
	switch strings.ToLower(scheme) {
	case "smtps":
		if tls != "" && tls != "required" {
			return "", errors.New("smtp: smtps speaks TLS from the first byte; leave out the parameter tls")
		}
		return SecureSSL, nil
	case "smtp":
		switch tls {
		case "", "opportunistic":
			return SecureAuto, nil
		case "required":
			return SecureTLS, nil
		case "none":
			return SecureNone, nil
		}
		return "", fmt.Errorf("smtp: tls=%s is unknown; there are required, opportunistic and none", tls)
	}
	return "", errors.New("smtp: the URL must begin with smtp:// or smtps://")
}

// parseMailbox reads "Name <a@b>" or "a@b". A name may hold anything here, it is quoted or encoded when sent.
func parseMailbox(parameter, text string) (name, address string, err error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", "", nil
	}
	if before, after, found := strings.Cut(text, "<"); found && strings.HasSuffix(after, ">") {
		name, text = strings.Trim(line(before), `" `), strings.TrimSuffix(after, ">")
	}
	parsed, err := mail.ParseAddress(text)
	if err != nil || parsed.Address != text {
		return "", "", fmt.Errorf("smtp: %s must be an address such as Name <name@example.com>", parameter)
	}
	return name, text, nil
}

// server is what tells one mail server, and one login to it, from another: the key of its pool.
func (s SMTPSettings) server() SMTPSettings {
	port := s.Port
	if port == 0 {
		switch {
		case s.Secure == SecureSSL:
			port = 465
		case s.Username != "":
			port = 587
		default:
			port = 25
		}
	}
	return SMTPSettings{Host: s.Host, Port: port, Username: s.Username, Password: s.Password, Secure: s.Secure, RootCAs: s.RootCAs}
}

// check finds what no connection could mend.
func (s SMTPSettings) check() error {
	switch {
	case s.Host == "":
		return errors.New("no host is set")
	case s.Port < 0 || s.Port > 65535:
		return errors.New("the port must be from 1 to 65535")
	case s.Secure != SecureAuto && s.Secure != SecureTLS && s.Secure != SecureSSL && s.Secure != SecureNone:
		return fmt.Errorf("secure must be tls, ssl, none or empty, not %q", s.Secure)
	}
	return nil
}

// signsIn says whether the server is told who we are: only with both a name and a password.
func (s SMTPSettings) signsIn() bool { return s.Username != "" && s.Password != "" }

// local says whether the host is this machine, which nobody can listen in on from outside.
func (s SMTPSettings) local() bool {
	if s.Host == "localhost" {
		return true
	}
	ip := net.ParseIP(s.Host)
	return ip != nil && ip.IsLoopback()
}

// sender is who a mail comes from: the template's, else the settings', field by field.
func (s SMTPSettings) sender(w *Wording) mail.Address {
	return mail.Address{Name: line(cmp.Or(w.SenderName, s.SenderName)), Address: cmp.Or(w.SenderEmail, s.SenderEmail)}
}

// replyTo is where answers go; an empty address: to the sender.
func (s SMTPSettings) replyTo(w *Wording) mail.Address {
	address := cmp.Or(w.ReplyTo, s.ReplyToEmail)
	if address == "" {
		return mail.Address{}
	}
	return mail.Address{Name: line(cmp.Or(w.ReplyToName, s.ReplyToName, w.SenderName, s.SenderName)), Address: address}
}
