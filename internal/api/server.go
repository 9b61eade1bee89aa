package api

import (
	"context"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"latchkey/internal/admin"
	"latchkey/internal/auth"
	"latchkey/internal/check"
	"latchkey/internal/client"
	"latchkey/internal/fault"
	"latchkey/internal/limit"
	"latchkey/internal/model"
	"latchkey/internal/secret"
	"latchkey/internal/store"
)

// Server is the HTTP side: it serves a table of endpoints. All fields up to Endpoints are required.
type Server struct {
	DB        *store.DB
	Rules     *auth.Rules
	Projects  *admin.Projects
	Limits    limit.Counter
	Touches   *auth.Touches
	Random    *secret.Random
	Clock     func() time.Time
	Log       *slog.Logger
	Observer  Observer
	Endpoints []Endpoint
	Pages     []Endpoint // what a browser shows, run like the endpoints and not part of the API's description

	TrustedProxies []netip.Prefix
	RateLimits     bool // false: headers are sent, nobody is refused
	PublicHTTPS    bool // the public address is https
	ConsoleMFA     bool // operators need a second factor

	nowhere *check.Allow // the origins of a project that does not exist
}

// Observer is told what operators like to count.
type Observer interface {
	ObserveRequest(route, method string, status int, took time.Duration)
	LimitRefused(endpoint string)
}

// unknownRoute is what a path without a row runs through: project and origin are checked first, as for any
// other request, then the answer is that there is no such route.
var unknownRoute = Define(Spec{Route: "* /*", Scope: ScopeGlobal, Status: http.StatusNotFound, About: "No such route."},
	func(*Call, *None) (Empty, error) { return Empty{}, fault.RouteNotFound })

// Handler builds the route tree.
func (s *Server) Handler() http.Handler {
	s.nowhere = check.NewAllow("", nil, nil)
	router := chi.NewRouter()
	none := s.serve(&unknownRoute)
	router.NotFound(none) // before there are rows: later each of the two would walk all of them
	router.MethodNotAllowed(none)
	for i := range len(s.Endpoints) + len(s.Pages) {
		e := s.row(i)
		serve := s.serve(e)
		for _, path := range append([]string{e.Path}, e.Alias...) {
			router.Method(e.Method, path, serve)
			if e.Method == http.MethodGet {
				router.Method(http.MethodHead, path, serve)
			}
		}
	}
	return s.frame(router, none)
}

// row counts through the endpoints, then the pages.
func (s *Server) row(i int) *Endpoint {
	if i < len(s.Endpoints) {
		return &s.Endpoints[i]
	}
	return &s.Pages[i-len(s.Endpoints)]
}

// frame is what surrounds every request: preflights, the shape of the path.
func (s *Server) frame(next http.Handler, none http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodOptions {
			s.preflight(w, r)
			return
		}
		if !tidy(r) {
			none(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// tidy drops empty path segments, as the contract's router does. A DELETE that ends in one is refused
// instead: a call with an empty id would become "delete all sessions".
func tidy(r *http.Request) bool {
	path := r.URL.EscapedPath()
	if !strings.Contains(path, "//") && !strings.HasSuffix(path, "/") {
		return true
	}
	if r.Method == http.MethodDelete && strings.HasSuffix(path, "/") {
		return false
	}
	segments := strings.FieldsFunc(path, func(c rune) bool { return c == '/' })
	u := *r.URL
	u.RawPath = "/" + strings.Join(segments, "/")
	u.Path = unescapePath(u.RawPath)
	r.URL = &u
	return true
}

// serve runs one endpoint: the pipeline, the reply, and one line in the log.
func (s *Server) serve(e *Endpoint) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		record := &recorder{ResponseWriter: w}
		c := &Call{HTTP: r, Endpoint: e, ID: s.requestID(), Now: model.At(s.Clock()), Hop: client.Address(r, s.TrustedProxies), server: s, w: record}
		header := w.Header()
		header["X-Request-Id"] = []string{c.ID}
		header["X-Content-Type-Options"] = []string{"nosniff"}
		header["Vary"] = []string{"Origin"}
		if c.Hop.Scheme == "https" {
			header["Strict-Transport-Security"] = []string{"max-age=10886400"}
		}
		defer s.finish(c, record, started)
		out, err := c.run()
		if err != nil {
			c.fail(err)
			return
		}
		c.reply(out)
	}
}

// finish turns a panic into a 500 and writes the request's line.
func (s *Server) finish(c *Call, record *recorder, started time.Time) {
	if cause := recover(); cause != nil {
		if cause == http.ErrAbortHandler {
			panic(cause)
		}
		err := fault.ServerError.Because(fmt.Errorf("panic: %v\n%s", cause, debug.Stack()))
		if record.status == 0 {
			c.fail(err)
		}
		c.fault = err
	}
	if c.told != nil && c.fault == nil {
		c.fault = fault.From(c.told)
	}
	took := time.Since(started)
	s.Observer.ObserveRequest(c.Endpoint.Path, c.Endpoint.Method, record.status, took)
	s.logLine(c, record.status, took)
}

// logLine writes one line a request: who, what, how it ended. Paths appear as patterns and texts not at
// all, so that no secret can slip in; the cause of a server error is the one thing that is told in full.
func (s *Server) logLine(c *Call, status int, took time.Duration) {
	level := slog.LevelInfo
	if c.fault != nil && c.fault.Kind == fault.ServerError { // others of that size are answers: whoever asks could ring an alarm with them
		level = slog.LevelError
	}
	ctx := context.WithoutCancel(c.HTTP.Context())
	if !s.Log.Enabled(ctx, level) {
		return
	}
	line := slog.NewRecord(time.Now(), level, "request", 0)
	line.AddAttrs(slog.String("id", c.ID), slog.String("method", c.Endpoint.methodOf(c.HTTP)), slog.String("route", c.Endpoint.Path),
		slog.Int("status", status), slog.Duration("took", took), slog.String("ip", c.Hop.IP.String()))
	if c.Project != nil {
		line.AddAttrs(slog.String("project", c.Project.ID))
	}
	if c.Caller.User != nil {
		line.AddAttrs(slog.String("user", c.Caller.User.ID))
	}
	if c.fault != nil {
		line.AddAttrs(slog.String("fault", c.fault.Kind.Type))
		if c.fault.Kind.Status >= 500 {
			line.AddAttrs(slog.String("cause", c.fault.Error()))
		}
	}
	_ = s.Log.Handler().Handle(ctx, line)
}

// methodOf names the method for the log; an invented one is not copied into it.
func (e *Endpoint) methodOf(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
		return r.Method
	}
	return "other"
}

// requestID makes the id that joins an answer to its line in the log.
func (s *Server) requestID() string { return hex.EncodeToString(s.Random.Bytes(8)) }

// recorder remembers the status that was sent.
type recorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
