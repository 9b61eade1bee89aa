package api

import (
	"net/http"
	"strings"

	"latchkey/internal/fault"
	"latchkey/internal/secret"
)

// Page is a reply that a browser shows to a person, or that leads it to one.
type Page struct {
	Status   int
	Policy   string // the Content-Security-Policy; empty: nothing may be loaded or sent
	HTML     []byte
	Type     string // of HTML, where it is none after all
	Location string // where a redirect leads
}

// closedPolicy is for pages that say nothing of their own.
const closedPolicy = "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

// writePage sends a page. Its address may hold a secret: it is neither stored nor told to where the page leads,
// and nobody may draw the page under a picture of something else.
func (c *Call) writePage(page *Page) {
	header := c.w.Header()
	policy := page.Policy
	if policy == "" {
		policy = closedPolicy
	}
	for name, value := range map[string]string{
		"Content-Security-Policy": policy, "Cache-Control": noStore, "Expires": "0", "Pragma": "no-cache", "Referrer-Policy": "no-referrer",
		"X-Frame-Options": "DENY", "X-Robots-Tag": "noindex", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		header[name] = []string{value} // X-… names are canonical as they stand here
	}
	if page.Location != "" {
		header["Location"] = []string{page.Location}
	}
	if page.HTML != nil {
		header["Content-Type"] = []string{firstText(page.Type, "text/html; charset=utf-8")}
	}
	c.w.WriteHeader(page.Status)
	_, _ = c.w.Write(page.HTML) // a client that has gone is no fault of ours
}

// Sent returns a parameter's text as it was sent, for what is needed before parameters are bound: a failure is
// shown in the language that was asked for.
func (c *Call) Sent(name string) string { return c.text(name) }

// checkOwnPage lets only our own page send its form. A browser says where a request comes from: in
// Sec-Fetch-Site where it trusts the connection, else in Origin. But a page that tells nobody its address
// (Referrer-Policy: no-referrer) has the origin null; what proves it then is that it holds the ticket of this
// browser's cookie.
func (c *Call) checkOwnPage() error {
	if !writes(c.HTTP.Method) {
		return nil
	}
	site := c.HTTP.Header.Get("Sec-Fetch-Site")
	switch {
	case site == "same-origin" || site == "none":
		return nil
	case site != "":
	case c.origin != "" && c.origin != "null":
		if strings.EqualFold(c.origin, c.Hop.Scheme+"://"+c.Hop.HostPort) {
			return nil
		}
	default:
		if kept := c.cookie(c.ticketName()); len(kept) == ticketLength && secret.Equal([]byte(kept), []byte(c.text(TicketField))) {
			return nil
		}
	}
	return fault.UnknownOrigin.Say("This form was not sent by our own page.")
}

// TicketField is the name of the form's field that holds the ticket.
const TicketField = "ticket"

const ticketLength = 32

// ticketName is the name of the ticket's cookie. Over TLS no other host of the site can set it.
func (c *Call) ticketName() string {
	if c.secure() {
		return "__Host-latchkey-page"
	}
	return "latchkey-page"
}

// Ticket returns the ticket of this browser for the form of a page, a new one if it has none.
func (c *Call) Ticket() string {
	if kept := c.cookie(c.ticketName()); len(kept) == ticketLength {
		return kept
	}
	ticket := c.server.Random.Hex(ticketLength / 2)
	http.SetCookie(c.w, &http.Cookie{Name: c.ticketName(), Value: ticket, Path: "/", Secure: c.secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return ticket
}
