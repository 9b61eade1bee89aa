// Package fault owns the closed list of errors that may reach a client: what each is called on the
// wire, which HTTP status it carries, and the sentence a developer reads.
//
// A rule returns either a *Kind (or an *Error made from one) or an unexpected error; nothing else
// crosses a ring. What goes to the client is decided here, what caused it is only ever logged.
// The package imports the standard library alone.
package fault

import (
	"errors"
	"time"
)

// Kind is one entry of the closed list. Type and Status are contract, to the byte; Message is ours.
// A *Kind is itself an error, so a rule may simply return it.
type Kind struct {
	Type    string // the wire's `type`
	Status  int    // HTTP status, also the body's `code`
	Message string // the default sentence
}

// Error implements error with the default sentence, led by the type for the log's reader.
func (k *Kind) Error() string { return k.Type + ": " + k.Message }

// Because returns the fault with a cause that is logged and never sent.
func (k *Kind) Because(cause error) *Error { return &Error{Kind: k, Message: k.Message, cause: cause} }

// Say returns the fault with a sentence of its own, for cases where the default says too little.
func (k *Kind) Say(message string) *Error { return &Error{Kind: k, Message: message} }

// RetryAfter returns the fault with a hint when to come back, sent as the Retry-After header.
func (k *Kind) RetryAfter(d time.Duration) *Error {
	return &Error{Kind: k, Message: k.Message, Retry: d}
}

// Error is a Kind met in one request: perhaps with a sentence of its own, perhaps with a cause.
type Error struct {
	Kind    *Kind
	Message string        // sent to the client
	Retry   time.Duration // zero, or what Retry-After says (rounded up to a second)
	cause   error         // logged, never sent
}

// Error implements error; the text is for logs, it holds the cause.
func (e *Error) Error() string {
	if e.cause == nil {
		return e.Kind.Type + ": " + e.Message
	}
	return e.Kind.Type + ": " + e.Message + ": " + e.cause.Error()
}

// Unwrap gives errors.Is and errors.As the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.cause == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.cause}
}

// Because returns a copy of the error with a cause that is logged and never sent.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// From finds the fault in err. An error that is none becomes ServerError with err as its cause, so
// that an unexpected text can never reach a client.
func From(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	var k *Kind
	if errors.As(err, &k) {
		return &Error{Kind: k, Message: k.Message}
	}
	return ServerError.Because(err)
}

// All lists every kind in order of declaration. The OpenAPI document and the reference are made from it.
func All() []*Kind { return all }

// ByType finds a kind by its wire name; nil if there is none.
func ByType(name string) *Kind { return byType[name] }

var (
	all    []*Kind
	byType = map[string]*Kind{}
)

// kind registers one row of the table in kinds.go; a second row of the same name is a programming error.
func kind(name string, status int, message string) *Kind {
	k := &Kind{Type: name, Status: status, Message: message}
	if byType[name] != nil {
		panic("fault: declared twice: " + name)
	}
	all, byType[name] = append(all, k), k
	return k
}
