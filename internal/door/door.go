// Package door owns who may reach what only a development server serves: the mailbox and the provider to play
// with. Both show or grant what nobody else may have (codes, links, sign-ins as anybody), so that they answer
// this machine alone, or whoever holds the token that was printed at start. It imports the standard library
// alone.
package door

import (
	"crypto/subtle"
	_ "embed" // the page that asks for the token
	"html/template"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// Door lets requests in. With a token only its holder may pass; without one, only requests that were made to
// this machine by one of its loopback names.
type Door struct {
	Token string
}

// The ways in which a token comes.
const (
	cookieName = "latchkey_dev"
	parameter  = "token"
)

// crossOrigin refuses what a page of another origin sends to change something.
var crossOrigin = http.NewCrossOriginProtection()

//go:embed ask.gohtml
var askText string

var ask = template.Must(template.New("ask").Parse(askText))

// Guard serves next to those who may pass and refuses all others. A token in the query is moved into a cookie,
// so that it does not stay in the address bar.
func (d *Door) Guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protect(w.Header())
		if err := crossOrigin.Check(r); err != nil {
			http.Error(w, "This page belongs to another origin and may not change anything here.", http.StatusForbidden)
			return
		}
		switch {
		case d.Token == "" && !local(r):
			http.Error(w, "Only this machine may look here: open it at http://localhost, or start `latchkey dev --lan` and use the token it prints.", http.StatusForbidden)
		case d.Token == "":
			next.ServeHTTP(w, r)
		case d.holds(r.URL.Query().Get(parameter)) && reads(r) && wantsPage(r):
			d.remember(w, r)
		case d.admits(r):
			next.ServeHTTP(w, r)
		default:
			d.refuse(w, r)
		}
	})
}

// protect sets what holds for every answer behind the door. The referrer stays on this origin because older
// browsers tell the origin of a form by it alone.
func protect(header http.Header) {
	header.Set("Cache-Control", "no-store")
	header.Set("Referrer-Policy", "same-origin")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "SAMEORIGIN")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
}

// local says whether a request was made on this machine: it names the server by a loopback name, so that no
// foreign name was bent to this address, and nobody has forwarded it from elsewhere.
func local(r *http.Request) bool {
	for _, name := range []string{"X-Forwarded-For", "X-Forwarded-Host", "Forwarded"} {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	host := (&url.URL{Host: r.Host}).Hostname()
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}

// admits looks for the token in all places it may come in.
func (d *Door) admits(r *http.Request) bool {
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if d.holds(bearer) || d.holds(r.URL.Query().Get(parameter)) {
		return true
	}
	cookie, err := r.Cookie(cookieName)
	return err == nil && d.holds(cookie.Value)
}

func (d *Door) holds(token string) bool {
	return subtle.ConstantTimeCompare([]byte(token), []byte(d.Token)) == 1
}

func (d *Door) remember(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: d.Token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	query := r.URL.Query()
	query.Del(parameter)
	there := url.URL{Path: "/" + strings.TrimLeft(r.URL.Path, "/"), RawQuery: query.Encode()}
	http.Redirect(w, r, there.String(), http.StatusSeeOther)
}

func (d *Door) refuse(w http.ResponseWriter, r *http.Request) {
	if !wantsPage(r) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="latchkey dev"`)
		http.Error(w, "The token that `latchkey dev --lan` has printed is needed: Authorization: Bearer TOKEN, or ?token=TOKEN.", http.StatusUnauthorized)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusUnauthorized)
	_ = ask.Execute(w, r.URL.Query().Has(parameter))
}

func reads(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

// wantsPage says whether a browser asks for a page.
func wantsPage(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }
