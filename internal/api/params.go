package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"latchkey/internal/check"
	"latchkey/internal/fault"
	"latchkey/internal/model"
)

// Param describes one parameter of an endpoint.
type Param struct {
	Name     string
	In       string // path, query or body
	Type     string // string, boolean, integer, object, array
	About    string
	Format   string // email, password, datetime, url …; empty: plain
	Required bool
	Default  any
	Example  any

	given *bool
}

// Params is the list of an endpoint's parameters, walked twice: once on a zero input to describe them, and
// once per request to bind them. Binding stops at the first fault, in the declared order, as the contract says.
type Params struct {
	describing *[]Param
	method     string
	path       string
	request    *Call
	fault      error
}

// describe walks the list without a request.
func describe(method, path string, in interface{ Params(*Params) }) []Param {
	var list []Param
	in.Params(&Params{describing: &list, method: method, path: path})
	return list
}

// Option changes how a parameter is described and bound.
type Option func(*Param)

// Optional makes the parameter one that may be left out or null; the destination then keeps its value.
func Optional(p *Param) { p.Required = false }

// Default makes the parameter optional and says in the reference what holds without it.
func Default(value any) Option { return func(p *Param) { p.Required, p.Default = false, value } }

// Example gives the reference, and the tests that invent requests, an acceptable value.
func Example(value any) Option { return func(p *Param) { p.Example = value } }

// Given notes whether the parameter was there, where leaving it out is something else than any value.
func Given(given *bool) Option { return func(p *Param) { p.given = given } }

// Format names the parameter's form for the reference: email, password, datetime.
func Format(name string) Option { return func(p *Param) { p.Format = name } }

// String binds text. A check's error becomes the contract's sentence.
func (p *Params) String(name string, into *string, ok check.String, about string, options ...Option) {
	raw, found := p.take(Param{Name: name, Type: "string", About: about}, options)
	if !found {
		return
	}
	text, err := raw.text()
	if err == nil && ok != nil {
		err = ok(text)
	}
	if err != nil {
		p.refuse(name, err)
		return
	}
	*into = text
}

// Password returns the check of a new password by the project's policies. While describing there is no
// project, and no value to check.
func (p *Params) Password() check.String {
	if p.request == nil {
		return check.PasswordLength
	}
	return check.Password(p.request.Project.Settings.Policies)
}

// Redirect returns the check of an address that a person is sent on to: the project's platforms, or with a dev
// key every page and app. While describing there is no project.
func (p *Params) Redirect() check.String {
	switch {
	case p.request == nil:
		return check.URL
	case p.request.devKey:
		return p.request.Project.Allow.RedirectWithDevKey
	}
	return p.request.Project.Allow.Redirect
}

// Bool binds a truth value. From a query or a form `true`, `false`, `1` and `0` are understood.
func (p *Params) Bool(name string, into *bool, about string, options ...Option) {
	raw, found := p.take(Param{Name: name, Type: "boolean", About: about}, options)
	if !found {
		return
	}
	value, err := raw.boolean()
	if err != nil {
		p.refuse(name, err)
		return
	}
	*into = value
}

// StrictBool binds a truth value that must be one in JSON: neither a number nor text.
func (p *Params) StrictBool(name string, into *bool, about string, options ...Option) {
	raw, found := p.take(Param{Name: name, Type: "boolean", About: about}, options)
	switch {
	case !found:
	case string(raw.json) == "true", string(raw.json) == "false":
		*into = string(raw.json) == "true"
	default:
		p.refuse(name, errNotBoolean)
	}
}

// Int binds a whole number. Text that is one counts.
func (p *Params) Int(name string, into *int, ok func(int) error, about string, options ...Option) {
	raw, found := p.take(Param{Name: name, Type: "integer", About: about}, options)
	if !found {
		return
	}
	value, err := raw.integer()
	if err == nil && ok != nil {
		err = ok(value)
	}
	if err != nil {
		p.refuse(name, err)
		return
	}
	*into = value
}

// Strings binds a list of texts.
func (p *Params) Strings(name string, into *[]string, ok func([]string) error, about string, options ...Option) {
	raw, found := p.take(Param{Name: name, Type: "array", About: about}, options)
	if !found {
		return
	}
	list, err := raw.strings()
	if err == nil && ok != nil {
		err = ok(list)
	}
	if err != nil {
		p.refuse(name, err)
		return
	}
	*into = list
}

// Prefs binds a preferences object.
func (p *Params) Prefs(name string, into *model.Object, about string, options ...Option) {
	raw, found := p.take(Param{Name: name, Type: "object", About: about}, options)
	if !found {
		return
	}
	value, err := check.Prefs(raw.document())
	if err != nil {
		p.refuse(name, err)
		return
	}
	*into = value
}

// JSON binds an object and keeps the JSON text it came as. A text that holds one counts.
func (p *Params) JSON(name string, into *string, ok check.String, about string, options ...Option) {
	raw, found := p.take(Param{Name: name, Type: "object", About: about}, options)
	if !found {
		return
	}
	text, err := raw.text()
	if err != nil {
		text, err = string(raw.document()), nil
	}
	if ok != nil {
		err = ok(text)
	}
	if err != nil {
		p.refuse(name, err)
		return
	}
	*into = text
}

// Given says whether a call carries a parameter at all, for those whose absence means that a value stays. While
// describing it is false.
func (p *Params) Given(name string) bool {
	if p.describing != nil || p.request == nil {
		return false
	}
	value, found := p.request.param(name, false)
	return found && !value.null()
}

// Objects binds a list of objects, which is read by whoever asks for it.
func (p *Params) Objects(name string, read func(json.RawMessage) error, about string, options ...Option) {
	raw, found := p.take(Param{Name: name, Type: "array", About: about}, options)
	if !found {
		return
	}
	if err := read(raw.document()); err != nil {
		p.refuse(name, err)
	}
}

// Queries binds the `queries` list every list endpoint takes, in the form the caller's format speaks.
func (p *Params) Queries(into *check.Queries, rules check.QueryRules) {
	p.queries(into, rules, raw.strings)
}

// QueriesOrOne is Queries for a list whose queries the server SDK declares as one text: a query by itself is a list of one.
func (p *Params) QueriesOrOne(into *check.Queries, rules check.QueryRules) {
	p.queries(into, rules, func(r raw) ([]string, error) {
		if r.json == nil {
			r.list = true
		}
		return r.strings()
	})
}

func (p *Params) queries(into *check.Queries, rules check.QueryRules, read func(raw) ([]string, error)) {
	const about = "Queries that narrow, order and page the list: up to 100, each at most 4096 characters."
	given, found := p.take(Param{Name: "queries", Type: "array", About: about, Default: []string{}, Example: []string{`{"method":"limit","values":[25]}`}}, []Option{Optional})
	var list []string
	var err error
	if found {
		list, err = read(given)
	}
	if err == nil && p.request != nil {
		*into, err = check.ParseQueries(list, rules, p.request.Format.OldQueries())
	}
	if err != nil {
		p.refuse("queries", err)
	}
}

// take describes or finds a parameter. It reports false while describing, after a fault, and for an
// optional parameter that is absent or null.
func (p *Params) take(param Param, options []Option) (raw, bool) {
	param.Required = true
	for _, option := range options {
		option(&param)
	}
	inPath := strings.Contains(p.path, "{"+param.Name+"}")
	if p.describing != nil {
		switch {
		case inPath:
			param.In = "path"
		case writes(p.method):
			param.In = "body"
		default:
			param.In = "query"
		}
		*p.describing = append(*p.describing, param)
		return raw{}, false
	}
	if p.fault != nil {
		return raw{}, false
	}
	value, found := p.request.param(param.Name, inPath)
	if !found && param.Required {
		p.fault = fault.ArgumentInvalid.Say(`Param "` + param.Name + `" is not optional.` + p.request.bodyHint)
	}
	if !found || (!param.Required && value.null()) {
		return raw{}, false
	}
	if param.given != nil {
		*param.given = true
	}
	return value, true
}

// refuse records the first fault in the contract's words.
func (p *Params) refuse(name string, err error) {
	if p.describing == nil && p.fault == nil {
		p.fault = fault.ArgumentInvalid.Say("Invalid `" + name + "` param: " + err.Error())
	}
}

// raw is a parameter as it came: a JSON value, or one or several texts of a query or form.
type raw struct {
	json  json.RawMessage
	texts []string
	list  bool // the name carried brackets
}

func (r raw) null() bool { return r.json != nil && bytes.Equal(r.json, []byte("null")) }

var (
	errNotText    = errors.New("Value must be a text.")
	errNul        = errors.New("Value must not contain NUL characters.")
	errNotUTF8    = errors.New("Value must be valid UTF-8.")
	errNotBoolean = errors.New("Value must be true or false.")
	errNotInteger = errors.New("Value must be a whole number.")
	errNotList    = errors.New("Value must be a list of texts.")
)

// text returns the value as text. A number or a list is not one, whatever it would look like printed.
func (r raw) text() (string, error) {
	var s string
	switch {
	case r.json != nil:
		if len(r.json) == 0 || r.json[0] != '"' || json.Unmarshal(r.json, &s) != nil {
			return "", errNotText
		}
	case r.list || len(r.texts) == 0:
		return "", errNotText
	default:
		s = r.texts[len(r.texts)-1]
	}
	return s, plain(s)
}

// plain refuses what no database text column can hold.
func plain(s string) error {
	if strings.IndexByte(s, 0) >= 0 {
		return errNul
	}
	if !utf8.ValidString(s) {
		return errNotUTF8
	}
	return nil
}

func (r raw) boolean() (bool, error) {
	text := string(r.json)
	if r.json == nil && !r.list && len(r.texts) > 0 {
		text = r.texts[len(r.texts)-1]
	}
	switch strings.Trim(text, `"`) {
	case "true", "1":
		return true, nil
	case "false", "0":
		return false, nil
	}
	return false, errNotBoolean
}

func (r raw) integer() (int, error) {
	text := string(r.json)
	if r.json == nil && !r.list && len(r.texts) > 0 {
		text = r.texts[len(r.texts)-1]
	}
	value, err := strconv.Atoi(strings.Trim(text, `"`))
	if err != nil {
		return 0, errNotInteger
	}
	return value, nil
}

func (r raw) strings() ([]string, error) {
	var list []string
	switch {
	case r.json != nil:
		if len(r.json) == 0 || r.json[0] != '[' {
			return nil, errNotList
		}
		var items []json.RawMessage
		if json.Unmarshal(r.json, &items) != nil {
			return nil, errNotList
		}
		for _, item := range items {
			text, err := raw{json: item}.text()
			if err != nil {
				return nil, errNotList
			}
			list = append(list, text)
		}
	case !r.list:
		return nil, errNotList
	default:
		list = slices.Clone(r.texts)
	}
	for _, text := range list {
		if err := plain(text); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// document returns the value as JSON; text of a query or form becomes a JSON string.
func (r raw) document() json.RawMessage {
	if r.json != nil {
		return r.json
	}
	if r.list {
		b, _ := json.Marshal(r.texts)
		return b
	}
	b, _ := json.Marshal(r.texts[len(r.texts)-1])
	return b
}
