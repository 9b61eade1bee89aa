package oauth

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Field is one setting of a provider, under the name of the official server SDK's parameter.
type Field struct {
	Name     string
	About    string
	Kind     Kind
	Options  []string // of a choice or a list
	Optional bool
	Default  string
}

// Secret says whether the value is kept sealed and shown to nobody.
func (f Field) Secret() bool { return f.Kind == KindSecret || f.Kind == KindKey }

// Kind is what a setting looks like.
type Kind int

// The kinds.
const (
	KindText   Kind = iota
	KindSecret      // text that is kept sealed
	KindKey         // the text of a private key, P-256, PKCS #8 in PEM; kept sealed
	KindServer      // a host name, or a full URL whose path is kept: where a provider of one's own lives
	KindURL         // a full URL
	KindChoice      // one of Options
	KindList        // some of Options; `none` only alone
	KindNumber      // a whole number, not negative
	KindWord        // letters, digits, dots, hyphens and underscores: it becomes part of a path
)

// The longest values, in bytes.
const (
	maxText = 512
	maxKey  = 8192
	maxHost = 253
)

// Field returns a setting's row.
func (p *Provider) Field(name string) (Field, bool) {
	for _, f := range p.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// Check checks a value: text, a list of texts, or a whole number, as the kind has it. Empty text is a setting
// taken away and always fine.
func (f Field) Check(value any) error {
	switch f.Kind {
	case KindList:
		list, ok := texts(value)
		if !ok {
			return errors.New("must be a list of texts")
		}
		return f.checkList(list)
	case KindNumber:
		if _, ok := whole(value); !ok && value != nil {
			return errors.New("must be a whole number, not negative")
		}
		return nil
	}
	text, ok := value.(string)
	if !ok {
		return errors.New("must be a text")
	}
	if text == "" {
		return nil
	}
	return f.checkText(text)
}

func (f Field) checkText(text string) error {
	longest := maxText
	if f.Kind == KindKey {
		longest = maxKey
	}
	if f.Kind == KindURL || f.Kind == KindServer {
		longest = 2048
	}
	if len(text) > longest {
		return fmt.Errorf("must be at most %d bytes", longest)
	}
	if f.Kind != KindKey && strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		return errors.New("must not contain control characters")
	}
	switch f.Kind {
	case KindServer:
		_, err := server(text)
		return err
	case KindURL:
		return checkURL(text)
	case KindChoice:
		if !slices.Contains(f.Options, text) {
			return fmt.Errorf("must be one of %s", strings.Join(f.Options, ", "))
		}
	case KindKey:
		_, err := signingKey(text)
		return err
	case KindWord:
		if strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != "" || strings.Trim(text, ".") == "" {
			return errors.New("must consist of letters, digits, dots, hyphens and underscores")
		}
	}
	return nil
}

func (f Field) checkList(list []string) error {
	for _, one := range list {
		if !slices.Contains(f.Options, one) {
			return fmt.Errorf("must be a list of some of %s", strings.Join(f.Options, ", "))
		}
	}
	if len(list) > 1 && slices.Contains(list, "none") {
		return errors.New("must not have anything beside none")
	}
	return nil
}

// server reads where a provider of one's own lives: `id.example.com`, `id.example.com/auth` or a full URL. It
// returns the URL without a slash at its end. What has a query, a user or a fragment is refused: paths are
// appended to it.
func server(text string) (string, error) {
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	err := checkURL(text)
	if err == nil && strings.ContainsAny(text, "?#") {
		err = errURL
	}
	return strings.TrimRight(text, "/"), err
}

var errURL = errors.New("must be a host name or a full http or https URL, without user name and fragment")

// checkURL checks a full URL of the web.
func checkURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || u.Fragment != "" ||
		len(u.Hostname()) > maxHost || strings.ContainsAny(text, " \\\"<>`{}") {
		return errURL
	}
	return nil
}

// signingKey reads the private key that a client's secret is signed with.
func signingKey(text string) (*ecdsa.PrivateKey, error) {
	wrong := errors.New("must be the text of a .p8 file: a P-256 private key, PKCS #8 in PEM")
	block, _ := pem.Decode([]byte(strings.TrimSpace(text)))
	if block == nil {
		return nil, wrong
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, wrong
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, wrong
	}
	return key, nil
}

// texts reads a list of texts.
func texts(value any) ([]string, bool) {
	switch list := value.(type) {
	case nil:
		return nil, true
	case []string:
		return list, true
	case []any:
		out := make([]string, len(list))
		for i, one := range list {
			text, ok := one.(string)
			if !ok {
				return nil, false
			}
			out[i] = text
		}
		return out, true
	}
	return nil, false
}

// whole reads a whole number that is not negative, however it was decoded.
func whole(value any) (int, bool) {
	switch n := value.(type) {
	case int:
		return n, n >= 0
	case int64:
		return int(n), n >= 0
	case uint64:
		return int(n), n < 1<<53 //nolint:gosec // bounded
	case float64:
		return int(n), n >= 0 && n < 1<<53 && n == float64(int(n))
	}
	return 0, false
}
