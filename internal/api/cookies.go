package api

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"latchkey/internal/check"
	"latchkey/internal/model"
	"latchkey/internal/secret"
)

// legacySuffix names the twin of the session cookie that carries no SameSite attribute: over plain http
// browsers drop a SameSite=None cookie, and old ones do not know the attribute.
const legacySuffix = "_legacy"

// cookieName returns a project's session cookie name; on the wire it is lower case.
func cookieName(project string) string { return "a_session_" + strings.ToLower(project) }

// unescape decodes a cookie value; both the plain and the URL-encoded form are in use.
func unescape(value string) string {
	if decoded, err := url.QueryUnescape(strings.ReplaceAll(value, "+", "%2B")); err == nil {
		return decoded
	}
	return value
}

// SetSession hands the encoded session to the client: two cookies, and for browsers that will not keep them
// the fallback header. One expiry serves the cookies and the session itself.
func (c *Call) SetSession(encoded string, expire model.Time) {
	name := cookieName(c.Project.ID)
	seconds := max(int64(expire-c.Now)/1000, 0)
	lifetime := "; expires=" + expire.Std().Format("Mon, 02-Jan-2006 15:04:05 GMT") + "; Max-Age=" + strconv.FormatInt(seconds, 10)
	c.setCookies(name, url.QueryEscape(encoded), lifetime)
	if !c.sameSite() {
		c.w.Header().Set("X-Fallback-Cookies", `{"a_session_`+c.Project.ID+`":"`+encoded+`"}`)
	}
}

// RenewSession sends the session that came with the call once more, with a new expiry. It is encoded anew: the
// client's spelling of it may hold what has no place in a header, such as line ends, which base64 readers skip.
func (c *Call) RenewSession(expire model.Time) {
	text, _ := c.sessionText(c.Project.ID)
	if userID, value, ok := secret.DecodeSession(text); ok {
		c.SetSession(secret.EncodeSession(userID, value), expire)
	}
}

// ClearSession takes the session back from the client.
func (c *Call) ClearSession() {
	c.setCookies(cookieName(c.Project.ID), "deleted", "; expires=Thu, 01-Jan-1970 00:00:01 GMT; Max-Age=0")
	c.ClearFallback()
}

// ClearFallback empties the client's stored fallback cookies.
func (c *Call) ClearFallback() {
	if !c.sameSite() {
		c.w.Header().Set("X-Fallback-Cookies", "[]")
	}
}

// CookieSession says whether the call's session came by cookie, so that extending it means new cookies.
func (c *Call) CookieSession() bool { return c.Caller.cookie }

// setCookies writes both cookies, the legacy one first, attributes in the contract's order. The header is
// built by hand because net/http orders and spells the attributes differently.
func (c *Call) setCookies(name, value, lifetime string) {
	attributes := lifetime + "; path=/"
	if domain := cookieDomain(c.Hop.Host); domain != "" {
		attributes += "; domain=" + domain
	}
	if c.secure() {
		attributes += "; secure"
	}
	attributes += "; HttpOnly"
	header := c.w.Header()
	header.Add("Set-Cookie", name+legacySuffix+"="+value+attributes)
	header.Add("Set-Cookie", name+"="+value+attributes+"; SameSite=None")
}

// secure says whether cookies may travel over TLS only: when this request came over it, or when the public
// address is one that does.
func (c *Call) secure() bool { return c.Hop.Scheme == "https" || c.server.PublicHTTPS }

// cookieDomain returns the Domain attribute: none for localhost and addresses, else the host with all below it.
func cookieDomain(host string) string {
	if host == "" || host == "localhost" || strings.ContainsAny(host, " ;,\"\\\t") {
		return ""
	}
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return ""
	}
	return "." + host
}

// sameSite says whether the page that calls shares the server's registrable domain, so that its cookies are
// first-party. Without an origin, on localhost and on bare addresses nothing is proved.
func (c *Call) sameSite() bool {
	from := firstText(c.origin, c.HTTP.Header.Get("Referer"))
	if from == "" {
		return false
	}
	page, err := url.Parse(from)
	if err != nil {
		return false
	}
	return check.SameSite(page.Hostname(), c.Hop.Host)
}
