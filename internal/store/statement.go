package store

import (
	"context"
	"strings"
	"unicode/utf8"

	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// Statement is one SQL text in the subset that SQLite and PostgreSQL share, with $1 … $n for its arguments.
// Every statement is a package variable made by statement, so that a test can prepare each of them on both
// engines. The one hole in a text is for row locks, which SQLite neither knows nor needs: a comment such as
// /*postgres: for update skip locked*/ is opened on that engine alone, as in the migrations.
type Statement struct {
	name    string
	text    string
	server  string // the text with its comments opened for PostgreSQL; empty where that changes nothing
	guarded string // the form that fails when it touches no row, for engines that decide before they answer
	once    bool   // made for one question: no connection keeps it prepared
}

// onPostgres is the text as PostgreSQL gets it.
func (s *Statement) onPostgres() string {
	if s.server != "" {
		return s.server
	}
	return s.text
}

// statements holds every statement in order of declaration.
var statements []*Statement

// statement declares a statement; the name is the question it answers.
func statement(name, text string) *Statement {
	text = strings.TrimSpace(text)
	s := &Statement{name: name, text: text}
	if strings.Contains(text, "/*") {
		s.server = string(openComments([]byte(text), Postgres))
	}
	// Division by zero is the one error that plain SQL raises in every PostgreSQL-compatible engine. It makes
	// "must touch a row" part of the statement, so that a whole transaction can still go out in one round trip.
	s.guarded = "with touched as (" + s.onPostgres() + " returning 1) select 1/count(*) from touched"
	statements = append(statements, s)
	return s
}

// with binds arguments: string, []byte, bool, int, int64, model.Time, model.Object, or nil. It brings them
// down to the types an engine has to know. PostgreSQL refuses text that is no UTF-8 or holds a zero byte,
// and a header may hold both: such bytes are replaced on either engine.
func (s *Statement) with(args ...any) call {
	for i, arg := range args {
		switch arg := arg.(type) {
		case string:
			if !utf8.ValidString(arg) || strings.IndexByte(arg, 0) >= 0 {
				args[i] = strings.ToValidUTF8(strings.ReplaceAll(arg, "\x00", "\uFFFD"), "\uFFFD")
			}
		case model.Object:
			args[i] = string(arg)
		case model.Time:
			args[i] = int64(arg)
		case int:
			args[i] = int64(arg)
		}
	}
	return call{statement: s, args: args}
}

// call is a statement with its arguments.
type call struct {
	statement *Statement
	args      []any
	must      error // returned when the statement touches no row; nil where that is fine
}

// row is the current row of an answer, read column by column from the left. NULL reads as the zero value.
type row interface {
	text() string
	number() int64
	flag() bool
	bytes() []byte // a copy
}

// source answers questions: the database itself (each on its own, no transaction), or a transaction.
type source interface {
	ask(ctx context.Context, question call, each func(row) error) error
}

// one asks for a single row; without one the answer is the fault.
func one[T any](ctx context.Context, from source, question call, scan func(row, *T), missing *fault.Kind) (*T, error) {
	var found *T
	err := from.ask(ctx, question, func(r row) error {
		found = new(T)
		scan(r, found)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, missing
	}
	return found, nil
}

// many asks for any number of rows; none give an empty list, never nil.
func many[T any](ctx context.Context, from source, question call, scan func(row, *T)) ([]T, error) {
	list := []T{}
	err := from.ask(ctx, question, func(r row) error {
		var item T
		scan(r, &item)
		list = append(list, item)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// number asks for a single number; no row counts as 0.
func number(ctx context.Context, from source, question call) (n int64, err error) {
	err = from.ask(ctx, question, func(r row) error {
		n = r.number()
		return nil
	})
	return n, err
}

// rowsOf counts the rows of an answer: what a statement with "returning" has touched.
func rowsOf(ctx context.Context, from source, question call) (n int, err error) {
	err = from.ask(ctx, question, func(row) error {
		n++
		return nil
	})
	return n, err
}

// moment reads a time.
func moment(r row) model.Time { return model.Time(r.number()) }

// words reads a list that is kept as words joined by blanks: labels, factors, scopes. None of them can hold
// a blank, and a list of words costs the hot path no JSON.
func words(r row) []string {
	text := r.text()
	if text == "" {
		return []string{}
	}
	return strings.Split(text, " ")
}

// joined is the stored form of words.
func joined(list []string) string { return strings.Join(list, " ") }

// lines reads a list that is kept as lines: names that may hold blanks.
func lines(r row) []string {
	text := r.text()
	if text == "" {
		return []string{}
	}
	return strings.Split(text, "\n")
}

// joinLines is the stored form of lines.
func joinLines(list []string) string { return strings.Join(list, "\n") }

// orNull stores an empty text as NULL, so that a unique index does not see it.
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
