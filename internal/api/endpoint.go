// Package api owns how an endpoint is declared and what happens between a request's first byte and the
// rule it calls: routing, the entry pipeline, parameters, rate limits, cookies, origins, formats, errors on
// the wire, and the OpenAPI document. An endpoint is one value (Endpoint); the server, the document, the
// reference pages and the tests all read that value, so nothing about a route is said twice.
//
// The folders below it hold the rows and their thin handlers. The package may import every rule and value
// of the inner rings; nothing imports it but its own folders and the program that wires everything.
package api

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"time"

	"latchkey/internal/fault"
)

// Spec is what a row of the endpoint table says about a route.
type Spec struct {
	Route string   // method and path, parameters in braces: "GET /v1/account/sessions/{sessionId}"
	Alias []string // further paths (same method) that lead here; they share the limit's counters
	SDK   []string // names in the official SDKs: "account.createEmailPasswordSession"; older names after it
	About string   // one sentence for the reference

	Scope      Scope
	Gate       Gate   // the sign-in method that must be switched on, if any
	Unsigned   bool   // refuses callers who are signed in already: user_session_already_exists
	HalfSigned bool   // may be called while a second factor is still missing
	SetsUp     bool   // may be called by an operator who has yet to set up the second factor that is asked of operators
	Fresh      bool   // needs an MFA challenge passed within the last half hour
	FreshIfMFA bool   // needs one where the person is asked for second factors
	FreshBy    string // a parameter that, if it is sent, stands for the fresh challenge: a proof that the rule checks
	OfPath     bool   // about the project that {projectId} names, for its operators, whichever project the call is sent to
	AnyOrigin  bool   // the caller is another site by design: no project origin check
	Visit      bool   // opened by a browser that was sent here; see visit.go
	As         Impersonation
	Limit      Limit
	Audit      string        // event written to the security log by the rule; empty for reads
	Event      string        // event name for webhooks and realtime, with placeholders
	Status     int           // status of success
	Cache      string        // Cache-Control of success; empty: never stored
	Faults     []*fault.Kind // what the rule may answer beyond the pipeline's own faults

	// Hosted marks a page of ours: no other origin may read it or send its form, and whoever opens it is a guest,
	// whatever the browser's cookies say.
	Hosted bool
	// Failure shows a failure as a page; nil, or a nil page: as JSON.
	Failure func(*Call, *fault.Error) *Page
}

// Gate names a sign-in method by the project setting that switches it.
type Gate string

// The gates.
const (
	GateNone          Gate = ""
	GateEmailPassword Gate = "email-password"
	GateMagicURL      Gate = "magic-url"
	GateEmailOTP      Gate = "email-otp"
	GateAnonymous     Gate = "anonymous"
	GateJWT           Gate = "jwt"
	GatePhone         Gate = "phone"
)

// Impersonation says whose account a call touches when a user acts as another one.
type Impersonation int

// The zero value refuses: whatever is not listed as safe may not be done in another person's name.
const (
	NotAsOther Impersonation = iota // refused with user_unauthorized on routes that need an account
	AsTarget                        // the call sees and changes the target's account
	AsSelf                          // the call works on the impersonator's own sign-in
)

// Limit is how often a route may be called. Counters are fixed windows aligned to the epoch.
type Limit struct {
	Max   int
	Per   time.Duration // zero: an hour
	By    []string      // key templates: "url:{url},ip:{ip}"; several mean several counters
	Of    string        // another route whose counters these are; empty: the row's own
	Reset int           // the success status that sets the counters back to zero; 0: none
}

// Window returns the length of the limit's window.
func (l Limit) Window() time.Duration {
	if l.Per == 0 {
		return time.Hour
	}
	return l.Per
}

// Endpoint is a declared route: the row, its described parameters, its reply, and how to run it.
type Endpoint struct {
	Spec
	Method string
	Path   string
	Params []Param
	Reply  reflect.Type // the pointed-to reply model; nil for none
	limits []template
	bind   func(*Params) any
	handle func(*Call, any) (any, error)
}

// Name returns the newest SDK name, such as account.create.
func (e *Endpoint) Name() string {
	if len(e.SDK) == 0 {
		return e.Method + " " + e.Path
	}
	return e.SDK[0]
}

// Service returns the part of the SDK the endpoint belongs to: account, users, locale. One that no SDK knows
// belongs to the first part of its path.
func (e *Endpoint) Service() string {
	if e.Hosted {
		return "account"
	}
	if len(e.SDK) == 0 {
		service, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(e.Path, "/v1/"), "/."), "/")
		return service
	}
	service, _, _ := strings.Cut(e.SDK[0], ".")
	return service
}

// Input is what a handler reads: a struct whose Params method lists its parameters in their order.
type Input[T any] interface {
	*T
	Params(*Params)
}

// None is the input of an endpoint without parameters.
type None struct{}

// Params lists nothing.
func (*None) Params(*Params) {}

// Empty is the reply of an endpoint that answers with a status alone.
type Empty struct{}

// Text is a reply sent as plain text.
type Text string

// Define makes an endpoint of a row and its handler. A row that contradicts itself panics: it is a mistake
// in the program, met by the first test that builds the table.
func Define[In any, P Input[In], Out any](spec Spec, handle func(*Call, P) (Out, error)) Endpoint {
	return DefineWith(spec, func() P { return P(new(In)) }, handle)
}

// DefineWith is Define for an input that takes its parameters from a table: fresh makes one.
func DefineWith[P interface{ Params(*Params) }, Out any](spec Spec, fresh func() P, handle func(*Call, P) (Out, error)) Endpoint {
	method, path, ok := strings.Cut(spec.Route, " ")
	if !ok || spec.Status == 0 || spec.Scope == "" {
		panic(fmt.Sprintf("api: incomplete row %q", spec.Route))
	}
	e := Endpoint{Spec: spec, Method: method, Path: path}
	e.Params = describe(method, path, fresh())
	e.Reply = reflect.TypeFor[Out]()
	e.limits = parseTemplates(spec.Limit.By)
	if (spec.Limit.Max > 0) != (len(e.limits) > 0) {
		panic("api: a limit needs a maximum and a key: " + spec.Route)
	}
	e.bind = func(p *Params) any {
		in := fresh()
		in.Params(p)
		return in
	}
	e.handle = func(c *Call, in any) (any, error) {
		out, err := handle(c, in.(P))
		if err != nil {
			return nil, err
		}
		return out, nil
	}
	return e
}

// writes says whether the method is one whose parameters travel in the body.
func writes(method string) bool { return method != http.MethodGet && method != http.MethodHead }
