package post

import (
	"errors"
	"fmt"
	"net/textproto"
	"strings"
)

// Stages of a conversation with a mail server, as errors name them.
const (
	stageSettings  = "settings"
	stageConnect   = "connect"
	stageMail      = "MAIL FROM"
	stageRecipient = "RCPT TO"
	stageData      = "DATA"
	stageCompose   = "compose"
)

// DeliveryError is a mail that was not taken. It holds the server's answer and never the mail.
type DeliveryError struct {
	Stage string // where it failed: connect, MAIL FROM, RCPT TO, DATA …
	Code  int    // the server's reply code; 0: it did not answer

	permanent bool
	cause     error
}

// Error implements error, for logs and for operators.
func (e *DeliveryError) Error() string {
	text := strings.ToValidUTF8(e.cause.Error(), "?")
	return "mail server, " + e.Stage + ": " + clip(line(text), 300)
}

// Unwrap gives the cause.
func (e *DeliveryError) Unwrap() error { return e.cause }

// Permanent says that sending the same mail again would end the same way.
func (e *DeliveryError) Permanent() bool { return e.permanent }

// refused makes an error of what went wrong at a stage. A 5xx reply about this mail is final (RFC 5321,
// 4.2.1). One about ourselves is not: a wrong password or a server that turns us away is mended by an
// operator, and the mail is still good then.
func refused(stage string, err error) *DeliveryError {
	e := &DeliveryError{Stage: stage, cause: err}
	var reply *textproto.Error
	if errors.As(err, &reply) {
		e.Code = reply.Code
	}
	switch stage {
	case stageCompose:
		e.permanent = true
	case stageMail, stageRecipient, stageData:
		e.permanent = e.Code >= 500 && !aboutUs(e.Code)
	}
	return e
}

// aboutUs are the replies that ask for a better login (RFC 4954, section 6).
func aboutUs(code int) bool { return code == 530 || code == 534 || code == 535 || code == 538 }

// answered says that the server replied and stays connected: 421 announces that it hangs up.
func (e *DeliveryError) answered() bool { return e.Code != 0 && e.Code != 421 }

func unfit(format string, args ...any) *DeliveryError {
	return refused(stageCompose, fmt.Errorf(format, args...))
}
