package check

import (
	"errors"
	"net/url"
	"strings"
)

// maxURL is the longest URL that is taken, in bytes: what every browser and mail program carries.
const maxURL = 2048

var (
	errURL      = errors.New("Value must be a full URL with a scheme and a host, in ASCII, at most 2048 characters, without blanks and without a user name.")
	errRedirect = errors.New("URL host must be one of the project's platforms. Add its host name as a web platform, or the app's id or scheme.")
	errNoPage   = errors.New("URL must lead to a page or an app. Its scheme does not.")
)

// target is a URL that was understood: its scheme and host in lower case, the host without port and brackets,
// empty if there is none.
type target struct{ scheme, host string }

// URL checks that a text is a full URL with a host, written so that every reader understands it alike, and that
// its scheme leads somewhere.
func URL(value string) error {
	at, err := readURL(value)
	if err != nil {
		return err
	}
	if at.host == "" {
		return errURL
	}
	return at.leadsSomewhere()
}

// Redirect checks that a URL leads back to one of the project's apps: a page on a host of its web platforms, or
// an app by its scheme. A bare scheme such as `appwrite-callback-demo://`, and one with a single slash, as RFC
// 8252 has it, will do for an app.
func (a *Allow) Redirect(value string) error {
	at, err := readURL(value)
	if err != nil {
		return err
	}
	if err := at.leadsSomewhere(); err != nil {
		return err
	}
	if !a.place(at.scheme, at.host) {
		return errRedirect
	}
	return nil
}

// RedirectWithDevKey checks a URL for a caller with a dev key, who may be sent to every page and every app.
func (a *Allow) RedirectWithDevKey(value string) error {
	at, err := readURL(value)
	if err != nil {
		return err
	}
	return at.leadsSomewhere()
}

// leadsSomewhere refuses schemes whose URLs a browser would run, show or read from the disk.
func (t target) leadsSomewhere() error {
	if forbiddenSchemes[t.scheme] {
		return errNoPage
	}
	return nil
}

// readURL is the one reader of url, success and failure. The URL will be read again by browsers, mail programs
// and apps, each by rules of its own, and it carries a secret: so what two readers could take for two hosts is
// refused. Our own reading and that of net/url must agree.
func readURL(value string) (target, error) {
	if len(value) > maxURL || !plainURL(value) {
		return target{}, errURL
	}
	scheme, rest, found := strings.Cut(value, ":")
	scheme = lowerASCII(scheme)
	if !found || !strings.HasPrefix(rest, "/") {
		return target{}, errURL
	}
	host := ""
	if after, is := strings.CutPrefix(rest, "//"); is {
		var ok bool
		if host, ok = authority(after); !ok {
			return target{}, errURL
		}
	}
	// A page needs a host: browsers would take the first word of the path for it. And it is a plain one: an
	// app may put there what it likes.
	if webSchemes[scheme] && !urlHost(host) {
		return target{}, errURL
	}
	parsed, err := url.Parse(value)
	if err != nil || parsed.User != nil || parsed.Scheme != scheme || parsed.Hostname() != host {
		return target{}, errURL
	}
	return target{scheme, lowerASCII(host)}, nil
}
