package check

import (
	"errors"
	"net/url"
	"strings"
)

// maxURL is the longest URL that is taken, in bytes.
const maxURL = 2048

var (
	errURL      = errors.New("Value must be a full URL with a scheme and a host, in ASCII.")
	errRedirect = errors.New("URL host must be one of the project's platforms. Add its host name as a web platform, or the app's id or scheme.")
)

// URL checks that a text is a full URL, written so that every reader understands it alike: ASCII without
// blanks, controls and backslashes, no user before the host.
func URL(value string) error {
	_, err := parseURL(value)
	return err
}

func parseURL(value string) (*url.URL, error) {
	if len(value) == 0 || len(value) > maxURL {
		return nil, errURL
	}
	for i := range len(value) {
		if c := value[i]; c <= ' ' || c >= 0x7f || c == '\\' || c == '"' || c == '<' || c == '>' || c == '`' {
			return nil, errURL
		}
	}
	parsed, err := url.Parse(value)
	if err != nil || parsed.Scheme == "" || parsed.User != nil || parsed.Opaque != "" || !strings.Contains(value, "://") {
		return nil, errURL
	}
	if webSchemes[strings.ToLower(parsed.Scheme)] && parsed.Hostname() == "" {
		return nil, errURL
	}
	return parsed, nil
}

// Redirect checks that a URL leads back to one of the project's apps.
func (a *Allow) Redirect(value string) error {
	parsed, err := parseURL(value)
	if err != nil {
		return err
	}
	scheme := strings.ToLower(parsed.Scheme)
	if forbiddenSchemes[scheme] || !a.place(scheme, strings.ToLower(parsed.Hostname())) {
		return errRedirect
	}
	return nil
}

// RedirectWithDevKey checks a URL for a caller with a dev key, who may be sent anywhere that is no script.
func RedirectWithDevKey(value string) error {
	parsed, err := parseURL(value)
	if err != nil {
		return err
	}
	if forbiddenSchemes[strings.ToLower(parsed.Scheme)] {
		return errRedirect
	}
	return nil
}
