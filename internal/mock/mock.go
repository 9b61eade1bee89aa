// Package mock is a sign-in provider to play with, for development alone: nobody registers an app, and whoever
// opens it picks who they are. It keeps nothing: a code and a token are what somebody has picked, written down.
// Nothing of it is in the production server. It imports oauth, for the rows by which it is found.
package mock

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	_ "embed"
	"html/template"

	"latchkey/internal/oauth"
)

// Path is where the provider answers.
const Path = "/v1/mock/tests/general/oauth2"

// What the fixed client and the fixed person are given.
const (
	clientID     = "1"
	clientSecret = "123456"
	fixedCode    = "abcdef"
	fixedAccess  = "123456"
	fixedRefresh = "tuvwxyz"
	lifetime     = 14400
)

// Person is somebody at this provider.
type Person struct {
	ID       any    `json:"id"` // a number for the fixed ones, as old providers have it
	Name     string `json:"name"`
	Email    string `json:"email"`
	Verified bool   `json:"verified"`
}

// The fixed people: one whose address the provider has verified, one whose it has not.
var (
	fixed           = Person{1, "User Name", "useroauth@localhost.test", true}
	fixedUnverified = Person{2, "User Name Unverified", "useroauthunverified@localhost.test", false}
)

// Rows are the providers `mock` and `mock-unverified`, which need no settings. The browser goes to public, where
// people reach the server; the server asks itself at local.
func Rows(public, local string) []*oauth.Provider {
	fields := []oauth.Field{{Name: "clientId", Default: clientID, Optional: true}, {Name: "clientSecret", Kind: oauth.KindSecret, Default: clientSecret, Optional: true}}
	var rows []*oauth.Provider
	for _, row := range [][2]string{{"mock", "/user"}, {"mock-unverified", "/user-unverified"}} {
		rows = append(rows, &oauth.Provider{
			ID: row[0], Name: "Mock", TestOnly: true, Fields: fields, Authorize: public + Path, Token: local + Path + "/token", UserInfo: local + Path + row[1],
			Scopes: []string{"email"}, PKCE: true, UserID: "id", User: "name", Address: oauth.Claimed("email", "verified"), Trust: oauth.TrustStrong,
		})
	}
	return rows
}

// Handler serves the provider. Codes go to callbacks below public and nowhere else.
func Handler(public string) http.Handler {
	mux := http.NewServeMux()
	s := &server{callbacks: public + "/v1/account/sessions/oauth2/callback/mock"}
	mux.HandleFunc("GET "+Path, s.authorize)
	mux.HandleFunc("POST "+Path, s.picked)
	mux.HandleFunc("GET "+Path+"/token", s.token)
	mux.HandleFunc("POST "+Path+"/token", s.token)
	mux.HandleFunc("GET "+Path+"/user", func(w http.ResponseWriter, r *http.Request) { s.user(w, r, fixed) })
	mux.HandleFunc("GET "+Path+"/user-unverified", func(w http.ResponseWriter, r *http.Request) { s.user(w, r, fixedUnverified) })
	mux.HandleFunc("GET "+Path+"/success", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]any{"result": "success"})
	})
	mux.HandleFunc("GET "+Path+"/failure", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusBadRequest, map[string]any{"result": "failure"})
	})
	return mux
}

type server struct{ callbacks string }

// request is an authorization request that makes sense.
type request struct{ Redirect, State, Scope string }

// read checks the parameters of an authorization request.
func (s *server) read(q url.Values) (request, string) {
	r := request{q.Get("redirect_uri"), q.Get("state"), q.Get("scope")}
	after, ours := strings.CutPrefix(r.Redirect, s.callbacks)
	switch {
	case q.Get("client_id") != clientID:
		return r, "client_id must be 1"
	case !ours || after != "" && after[0] != '/' && !strings.HasPrefix(after, "-unverified/"):
		return r, "redirect_uri must be a callback of this server"
	case r.Scope == "" || len(r.Scope) > 100:
		return r, "scope must have 1 to 100 characters"
	case len(r.State) > 1024:
		return r, "state must have at most 1024 characters"
	}
	return r, ""
}

//go:embed page.gohtml
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// authorize shows a person the choice of who to be; a program is somebody at once.
func (s *server) authorize(w http.ResponseWriter, r *http.Request) {
	asked, fault := s.read(r.URL.Query())
	if fault != "" {
		refuse(w, "invalid_request", fault)
		return
	}
	if !Page(r) {
		s.lead(w, asked, url.Values{"code": {fixedCode}}, http.StatusMovedPermanently)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'")
	somebody := fixed
	if strings.Contains(asked.Redirect, "-unverified/") {
		somebody = fixedUnverified
	}
	_ = page.Execute(w, struct {
		Fixed Person
		Query template.URL
	}{somebody, template.URL("?" + r.URL.RawQuery)}) //nolint:gosec // read by url.Query above and sent back as it came
}

// Page says whether a browser opens this as a page, for a person to look at.
func Page(r *http.Request) bool {
	return r.Header.Get("Sec-Fetch-Mode") == "navigate" || strings.HasPrefix(r.Header.Get("Accept"), "text/html")
}

// picked leads back as whoever the form says: the page's, or one that a script sends by itself.
func (s *server) picked(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		refuse(w, "invalid_request", "the form cannot be read")
		return
	}
	asked, fault := s.read(r.Form)
	if fault != "" {
		refuse(w, "invalid_request", fault)
		return
	}
	form := r.PostForm
	switch {
	case form.Get("deny") != "":
		s.lead(w, asked, url.Values{"error": {"access_denied"}, "error_description": {"The person said no."}}, http.StatusSeeOther)
	case form.Get("email") == "" && form.Get("id") == "":
		s.lead(w, asked, url.Values{"code": {fixedCode}}, http.StatusSeeOther)
	default:
		who := Person{ID: form.Get("id"), Name: form.Get("name"), Email: form.Get("email"), Verified: form.Get("verified") != ""}
		if who.ID == "" {
			who.ID = "mock-" + who.Email
		}
		s.lead(w, asked, url.Values{"code": {written(who)}}, http.StatusSeeOther)
	}
}

// lead sends the browser back, the code first.
func (s *server) lead(w http.ResponseWriter, asked request, answer url.Values, status int) {
	at := asked.Redirect + "?" + answer.Encode()
	if asked.State != "" {
		at += "&state=" + url.QueryEscape(asked.State)
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Location", at)
	w.WriteHeader(status)
}

// written is a person as a code or a token.
func written(p Person) string {
	text, err := json.Marshal(p)
	if err != nil {
		panic("mock: " + err.Error()) // texts can always be written
	}
	return "person-" + base64.RawURLEncoding.EncodeToString(text)
}

// person is the way back.
func person(text string, fixed Person) (Person, bool) {
	if text == fixedAccess {
		return fixed, true
	}
	encoded, is := strings.CutPrefix(text, "person-")
	raw, err := base64.RawURLEncoding.DecodeString(encoded)
	var p Person
	return p, is && err == nil && json.Unmarshal(raw, &p) == nil
}

// token exchanges a code, or renews: the parameters may stand in the query or in a form.
func (s *server) token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		refuse(w, "invalid_request", "the form cannot be read")
		return
	}
	if r.Form.Get("client_id") != clientID || r.Form.Get("client_secret") != clientSecret {
		answer(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client", "error_description": "client_id is 1, client_secret 123456"})
		return
	}
	access, refresh := fixedAccess, fixedRefresh
	given, wanted := r.Form.Get("code"), fixedCode
	if r.Form.Get("grant_type") == "refresh_token" {
		given, wanted = r.Form.Get("refresh_token"), fixedRefresh
	}
	if strings.HasPrefix(given, "person-") {
		access, refresh = given, given
	} else if given != wanted {
		refuse(w, "invalid_grant", "the code or the refresh token is another one")
		return
	}
	answer(w, http.StatusOK, map[string]any{"access_token": access, "refresh_token": refresh, "expires_in": lifetime, "token_type": "bearer"})
}

// user says who a token belongs to.
func (s *server) user(w http.ResponseWriter, r *http.Request, fixed Person) {
	token := r.URL.Query().Get("token")
	if bearer, is := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); is {
		token = bearer
	}
	p, ok := person(token, fixed)
	if !ok {
		answer(w, http.StatusUnauthorized, map[string]any{"error": "invalid_token"})
		return
	}
	answer(w, http.StatusOK, p)
}

func refuse(w http.ResponseWriter, code, text string) {
	answer(w, http.StatusBadRequest, map[string]any{"error": code, "error_description": text})
}

func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}
