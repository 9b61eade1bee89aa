package api

import (
	"net/http"
	"strings"
)

// Some routes are opened by a browser that was sent there: by an app, by a sign-in provider. Their rows say Visit.
// Parameters of such an address may come from anybody, so none of them chooses how the call is judged: no mode, no
// dev key, no impersonation, no JWT. And nobody is stranded on an error because of the session they happen to
// have: one that may not be used (blocked, a password to be set, a factor missing) counts as none.

// asVisitor turns a caller whose session may not be used into a guest.
func (c *Call) asVisitor() {
	if c.Caller.Session == nil {
		return
	}
	if !c.Caller.User.Status || c.Caller.User.ResetRequired || c.halfSigned() {
		c.Caller = Caller{Role: RoleGuest}
	}
}

// loginCookie is the name of the cookie that binds a sign-in to a browser. Over TLS no other host of the site can
// set a cookie of that name.
func (c *Call) loginCookie(id string) string {
	name := "lk_oauth_" + id
	if c.secure() {
		return "__Host-" + name
	}
	return name
}

// SetLogin binds a sign-in that leads elsewhere to this browser. Lax is enough: the browser comes back by
// following links and redirects.
func (c *Call) SetLogin(id, value string, seconds int) {
	http.SetCookie(c.w, &http.Cookie{Name: c.loginCookie(id), Value: value, Path: "/", MaxAge: seconds, Secure: c.secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// Login returns what SetLogin has left in this browser; empty for nothing.
func (c *Call) Login(id string) string {
	name := c.loginCookie(id)
	for _, cookie := range c.HTTP.Cookies() {
		if cookie.Name == name {
			return cookie.Value
		}
	}
	return ""
}

// ClearLogin takes it back.
func (c *Call) ClearLogin(id string) {
	if c.Login(id) != "" {
		c.SetLogin(id, "", -1)
	}
}

// CookieDomain is the Domain attribute of the session's cookie; empty for none.
func (c *Call) CookieDomain() string { return cookieDomain(c.Hop.Host) }

// Peeks says whether a browser only wants to know what is here, or to have it ready: nobody has asked for it yet.
func (c *Call) Peeks() bool {
	purpose := firstText(c.HTTP.Header.Get("Sec-Purpose"), c.HTTP.Header.Get("Purpose"))
	return c.HTTP.Method == http.MethodHead || strings.Contains(strings.ToLower(purpose), "prefetch") || strings.Contains(strings.ToLower(purpose), "prerender")
}

// ByProgram says whether it is a program that reads the answer, and not a person in front of a browser.
func (c *Call) ByProgram() bool {
	return c.HTTP.Header.Get("X-Sdk-Name") != "" || strings.Contains(c.HTTP.Header.Get("Accept"), "application/json")
}

// Told notes for the log a failure that the answer tells in its own way.
func (c *Call) Told(err error) { c.told = err }
