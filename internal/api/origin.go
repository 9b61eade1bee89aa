package api

import (
	"net/http"
	"strings"

	"latchkey/internal/fault"
	"latchkey/internal/model"
	"latchkey/internal/secret"
)

// The headers of cross-origin answers. SDKs send credentials, so the origin is always named, never `*`.
var (
	corsMethods = strings.Join([]string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}, ", ")
	corsHeaders = strings.Join([]string{
		"Origin", "Cookie", "Set-Cookie", "X-Requested-With", "Content-Type", "Access-Control-Allow-Origin", "Access-Control-Request-Headers", "Accept",
		"Authorization", "X-Appwrite-Project", "X-Appwrite-Key", "X-Appwrite-Dev-Key", "X-Appwrite-Locale", "X-Appwrite-Mode", "X-Appwrite-JWT",
		"X-Appwrite-Response-Format", "X-Appwrite-Timeout", "X-Appwrite-ID", "X-Appwrite-Timestamp", "X-Appwrite-Session", "X-Appwrite-Platform",
		"X-Appwrite-Organization", "X-Appwrite-User", "X-Appwrite-Impersonate-User-Id", "X-Appwrite-Impersonate-User-Email", "X-Appwrite-Impersonate-User-Phone",
		"X-SDK-Version", "X-SDK-Name", "X-SDK-Language", "X-SDK-Platform", "X-SDK-GraphQL", "X-SDK-Profile", "Content-Range", "Range",
		"Cache-Control", "Expires", "Pragma", "X-Forwarded-For", "X-Forwarded-User-Agent", "X-Fallback-Cookies",
	}, ", ")
	corsExposed = strings.Join([]string{"X-Appwrite-Session", "X-Fallback-Cookies", "X-Appwrite-Warning", "X-RateLimit-Limit", "X-RateLimit-Remaining",
		"X-RateLimit-Reset", "Retry-After", "X-Request-Id"}, ", ")
)

// checkOrigin lets pages of the project's platforms in and refuses all others, whatever the method. A call
// without an origin comes from no page; one with an API key comes from a server, or is refused as soon as the
// key has been looked up; a dev key and routes that other sites call by design are exempt.
func (c *Call) checkOrigin() error {
	if c.Endpoint.Hosted {
		return c.checkOwnPage()
	}
	if c.origin == "" {
		return nil
	}
	if c.allowed(c.origin) {
		allowOrigin(c.w.Header(), c.origin)
		return nil
	}
	if c.Endpoint.AnyOrigin || c.namesKey() {
		return nil
	}
	if c.Project != nil {
		if err := c.readDevKey(); err != nil {
			return err
		}
	}
	if c.devKey {
		allowOrigin(c.w.Header(), c.origin)
		return nil
	}
	add := "Add its host name as a web platform."
	if strings.HasPrefix(c.origin, "appwrite-") {
		add = "Add the app's id as a platform of its kind."
	}
	return fault.UnknownOrigin.Say("The origin " + cleanText(c.origin, 200) + " is not a platform of this project. " + add)
}

// namesKey says whether the call carries an API key of a kind that is looked up. Any other text in that header
// proves nothing: a foreign page could send it to ride on a person's cookies.
func (c *Call) namesKey() bool {
	kind, _ := secret.ParseKey(c.keyText)
	return c.keyText != "" && kind != secret.KeyOther
}

// allowed asks the project's platforms; an unknown project has the server's own hosts and localhost.
func (c *Call) allowed(origin string) bool {
	if c.Project == nil {
		return c.server.nowhere.Origin(origin)
	}
	if c.Project.ID == model.ConsoleProject && originHost(origin) == c.Hop.Host {
		return true
	}
	return c.Project.Allow.Origin(origin)
}

// originHost returns an origin's host without port, in lower case.
func originHost(origin string) string {
	_, rest, _ := strings.Cut(origin, "://")
	if i := strings.LastIndexByte(rest, ':'); i >= 0 && !strings.HasSuffix(rest, "]") {
		rest = rest[:i]
	}
	return strings.ToLower(rest)
}

// allowOrigin lets the page read the answer.
func allowOrigin(header http.Header, origin string) {
	header.Set("Access-Control-Allow-Origin", origin)
	header.Set("Access-Control-Allow-Credentials", "true")
	header.Set("Access-Control-Expose-Headers", corsExposed)
}

// preflight answers a browser's question what it may send. The question names no project (custom headers
// are only named in it, not sent), so unless the query does, every origin with a host is told yes: the
// request itself is checked.
func (s *Server) preflight(w http.ResponseWriter, r *http.Request) {
	origin := r.Header.Get("Origin")
	header := w.Header()
	header.Add("Vary", "Origin")
	if origin != "" && s.mayAsk(r, origin) {
		allowOrigin(header, origin)
		header.Set("Access-Control-Allow-Methods", corsMethods)
		header.Set("Access-Control-Allow-Headers", corsHeaders)
		header.Set("Access-Control-Max-Age", "86400")
	}
	w.WriteHeader(http.StatusNoContent)
}

// mayAsk decides a preflight by the project its query names, or grants it when it names none.
func (s *Server) mayAsk(r *http.Request, origin string) bool {
	id := r.URL.Query().Get("project")
	if id == "" || plain(id) != nil {
		return originHost(origin) != "" && origin != "null"
	}
	project, err := s.Projects.Find(r.Context(), id)
	if err != nil {
		return s.nowhere.Origin(origin)
	}
	return project.Allow.Origin(origin)
}
