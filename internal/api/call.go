package api

import (
	"context"
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"latchkey/internal/admin"
	"latchkey/internal/auth"
	"latchkey/internal/client"
	"latchkey/internal/compat"
	"latchkey/internal/fault"
	"latchkey/internal/limit"
	"latchkey/internal/model"
	"latchkey/internal/secret"
)

// Call is one request on its way through the pipeline, and what a handler sees of it.
type Call struct {
	HTTP     *http.Request
	Endpoint *Endpoint
	ID       string // request id: in the X-Request-Id header and on the log line
	Now      model.Time
	Hop      client.Hop // the caller's address, and the scheme and host it asked for
	Project  *admin.Project
	Caller   Caller
	Locale   string
	Format   compat.Version

	server     *Server
	w          http.ResponseWriter
	query      map[string]raw
	params     map[string]raw
	bodyHint   string // why the body gave no parameters, for the sentence about a missing one
	bodyBroken bool
	unreadable error  // a request that no route could work with, reported once its origin is known
	origin     string // as sent; empty: none
	devKey     bool
	keyText    string
	taken      []limit.Key  // the counters this call has counted on
	refused    error        // a fault met while the caller was found, due at its own place in the order
	fault      *fault.Error // how the call failed, for the log
	told       error        // a failure that the answer tells in its own way
}

// Caller is who makes the call.
type Caller struct {
	Role    Role
	User    *model.User    // the account the call acts on; nil for guests and keys
	Session *model.Session // the session it was proved with; nil for a JWT without its cookie, guests and keys
	Key     *model.Key
	JWT     bool // proved by a JWT
	// Factors is the session whose factors count for the gate: Session, or the one a JWT names.
	Factors      *model.Session
	Impersonator *model.User // who really asks, when User is another
	cookie       bool        // Session came by cookie
	scopes       map[Scope]bool
}

// Has says whether the caller carries a scope. A key with every scope still is no person, nor is one
// that names the scope of persons.
func (c *Caller) Has(scope Scope) bool {
	given := c.scopes[scope] || spelledToo[scope] != "" && c.scopes[spelledToo[scope]] || c.scopes[ScopeAll]
	return grantSets[c.Role][scope] || given && scope != ScopeAccount && scope != ScopePublic
}

// Trusted says whether the caller is a server or an operator: no sign-in gate and no rate limit for it, and
// it sees the secrets it makes.
func (c *Caller) Trusted() bool { return c.Role == RoleKey || c.Role.Operator() }

// Context returns the request's context, marked with the caller's address for the hashing gate's fairness, as rate limits
// know it: a subscriber with 2^64 addresses is one.
func (c *Call) Context() context.Context {
	return secret.WithFairKey(c.HTTP.Context(), client.Subscriber(c.Hop.IP))
}

// User returns the account the call acts on. Only for endpoints whose scope needs one.
func (c *Call) User() *model.User { return c.Caller.User }

// SessionID returns the id of the session the call was proved with; empty for none.
func (c *Call) SessionID() string {
	if c.Caller.Session == nil {
		return ""
	}
	return c.Caller.Session.ID
}

// FactorSession returns the id of the session whose factors the call is about: the caller's own, or the one a JWT
// names; empty for none.
func (c *Call) FactorSession() string {
	if c.Caller.Factors == nil {
		return ""
	}
	return c.Caller.Factors.ID
}

// Origin is that of the page that asks, as sent; empty for none.
func (c *Call) Origin() string { return c.origin }

// Request returns what a rule must know of the call.
func (c *Call) Request() *auth.Request {
	return &auth.Request{
		Project:   &c.Project.Project,
		Client:    auth.Client{IP: c.Hop.IP, UserAgent: c.userAgent()},
		Actor:     c.actor(),
		Audit:     c.Endpoint.Audit,
		Event:     c.Endpoint.Event,
		Session:   c.SessionID(),
		Locale:    c.Locale,
		Trusted:   c.Caller.Trusted(),
		Unlimited: c.unlimited(),
	}
}

// userAgent returns the agent of the device. A server may name the agent of the device it acts for; from
// anybody else that header proves nothing and is not read.
func (c *Call) userAgent() string {
	agent := c.HTTP.UserAgent()
	if c.Caller.Role == RoleKey {
		if forwarded := c.HTTP.Header.Get("X-Forwarded-User-Agent"); forwarded != "" {
			agent = forwarded
		}
	}
	if agent == "" {
		return "UNKNOWN"
	}
	return cleanText(agent, maxAgent)
}

// maxAgent is the longest user agent that is kept, in bytes.
const maxAgent = 2048

// actor names who acts, for the security log.
func (c *Call) actor() auth.Actor {
	caller := &c.Caller
	switch {
	case caller.Impersonator != nil:
		return auth.ActorOf(caller.Impersonator)
	case caller.Role.Operator():
		actor := auth.ActorOf(caller.User)
		actor.Type, actor.Mode = "admin", "admin"
		return actor
	case caller.User != nil:
		return auth.ActorOf(caller.User)
	case caller.Key != nil:
		return auth.Actor{Type: "keyProject", ID: caller.Key.ID, Name: caller.Key.Name, Email: "app." + c.Project.ID + "@service." + c.Hop.Host, Mode: "default"}
	}
	return auth.Actor{Type: "guest", Email: "guest." + c.Project.ID + "@service." + c.Hop.Host, Mode: "default"}
}

// unlimited says whether rate limits pass this caller by.
func (c *Call) unlimited() bool {
	return c.Caller.Trusted() || c.devKey || !c.server.RateLimits
}

// path returns a path parameter, decoded once: the router cuts it from the escaped path if there is one, else
// from the decoded. An encoded slash is part of the value.
func (c *Call) path(name string) string {
	value := chi.URLParam(c.HTTP, name)
	if c.HTTP.URL.RawPath == "" {
		return value
	}
	if decoded, err := url.PathUnescape(value); err == nil {
		return decoded
	}
	return value
}
