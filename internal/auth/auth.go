// Package auth owns the rules for people: sign-up, sign-in, sessions, what may be changed about an account
// and by whom. A rule is a verb sentence on Rules (SignInWithPassword); it checks, decides, and leaves the
// store in one transaction. It may import everything but the HTTP side; it knows no header and no status.
package auth

import (
	"context"
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"latchkey/internal/client"
	"latchkey/internal/limit"
	"latchkey/internal/model"
	"latchkey/internal/outbox"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// Rules holds what the rules work with. All fields but Guard are required.
type Rules struct {
	DB      *store.DB
	Hasher  *secret.Hasher
	Random  *secret.Random
	Keys    *secret.KeyRing
	Clock   func() time.Time
	Guesses limit.Counter // budgets for wrong passwords
	Box     *outbox.Box   // takes messages, in the transaction that makes them due
	Reach   Reach
	Tell    Teller // may be nil: nobody is told what happens
	// Told lists what those have been told about a person, latest first; may be nil.
	Told  func(ctx context.Context, user *model.User, limit int) ([]Telling, error)
	Guard TextGuard // may be nil: no text message is held back
	Log   *slog.Logger

	Provider  Providers // finds sign-in providers
	PublicURL string    // scheme and host, no slash at the end: where links to our own pages lead
	// Signing finds a project's keys for JWTs that others verify; nil: there are none.
	Signing func(ctx context.Context, project string) (*SigningKeys, error)

	// ConsoleSignUp says who may sign up to the project `console`: closed, first (while it has no user) or open.
	ConsoleSignUp string
}

// Reach says whether messages of a channel (model.ChannelEmail, model.ChannelSMS) can leave for people of a
// project at all: whether it, or the server, has a mail server or a provider of text messages.
type Reach func(ctx context.Context, project *model.Project, channel string) bool

// Request is what a rule must know of the call it serves.
type Request struct {
	Project *model.Project
	Client  Client
	Actor   Actor
	Audit   string // the event to write to the security log, as the endpoint's row says
	Event   string // the event to tell webhooks of, as the row says
	Session string // the session that the call comes with; empty for none
	Locale  string // the language that was asked for, which messages are worded in
	Trusted bool   // a server or an operator: they may know who has an account
	// Unlimited exempts the caller from budgets: an API key, an operator, a dev key, or limits switched off.
	Unlimited bool
}

// Client is where a call comes from.
type Client struct {
	IP        netip.Addr
	UserAgent string // as sent; "UNKNOWN" without one
}

// Country returns the lower-case code of the client's country, "--" unknown.
func (c Client) Country() string { return client.LookupCountry(c.IP) }

// Actor is who acts, as the security log remembers it.
type Actor struct {
	Type  string // user, guest, keyProject, admin
	ID    string
	Name  string
	Email string
	Mode  string // default or admin
}

// ActorOf makes an actor of a signed-in person.
func ActorOf(u *model.User) Actor {
	return Actor{Type: "user", ID: u.ID, Name: u.Name, Email: u.Email, Mode: "default"}
}

// now is the current moment of the rules' clock.
func (r *Rules) now() model.Time { return model.At(r.Clock()) }

// newID makes a server id.
func (r *Rules) newID() string { return r.Random.ID(r.Clock()) }

// idOr returns the id asked for, or a new one for the literal unique().
func (r *Rules) idOr(id string) string {
	if chosen(id) == "" {
		return r.newID()
	}
	return id
}

// chosen returns an id that somebody has thought of; empty for the literal unique(), which is nobody's.
func chosen(id string) string {
	if id == "unique()" {
		return ""
	}
	return id
}

// audit writes the entry of the security log that the request's endpoint asks for, in the transaction of the
// action, so that neither exists without the other.
func (r *Rules) audit(tx *store.Tx, req *Request, actor Actor, resource string) {
	tx.InsertAudit(AuditEntry(req, actor, r.newID(), tx.Now, resource))
}

// AuditEntry is an entry of the security log as a request's endpoint asks for it.
func AuditEntry(req *Request, actor Actor, id string, at model.Time, resource string) *model.Audit {
	return &model.Audit{
		Project: req.Project.ID, ID: id, Time: at, Event: req.Audit, Resource: resource,
		ActorType: actor.Type, ActorID: actor.ID, ActorName: actor.Name, ActorMail: actor.Email, Mode: actor.Mode,
		IP: addressOf(req), Details: part(req, actor), UserAgent: req.Client.UserAgent, Country: req.Client.Country(),
	}
}

// addressOf is where a call came from; empty for what came by no network.
func addressOf(req *Request) string {
	if !req.Client.IP.IsValid() {
		return ""
	}
	return req.Client.IP.String()
}

// part names what of a user an operator or a server has changed, as the event of the row does. What it was and is now
// is the user's own business.
func part(req *Request, actor Actor) string {
	_, name, is := strings.Cut(req.Event, "].update.")
	if !is || actor.Type == "user" || actor.Type == "guest" {
		return ""
	}
	return Details{}.Named(name).JSON()
}
