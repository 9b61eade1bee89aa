package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"latchkey/internal/fault"
)

// MaxBody is the largest request body that is read, in bytes.
const MaxBody = 1 << 20

// readParams collects a request's parameters: of the query for GET, of the body for everything else. What
// cannot be read is no error yet (the contract reports the first missing parameter), but a hint is kept
// that will be part of that report. The one exception is a body that does not end within the limit: it is
// refused as soon as the origin is known, so that the page that sent it can read why.
func (c *Call) readParams() error {
	c.query = fold(parseQuery(c.HTTP.URL.RawQuery))
	if !writes(c.HTTP.Method) {
		c.params = c.query
		return nil
	}
	if c.HTTP.Body == nil || c.HTTP.ContentLength == 0 {
		return nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.HTTP.Body, MaxBody))
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			c.unreadable = fault.PayloadTooLarge.Say("The request body is larger than 1 MiB.")
		} else {
			c.unreadable = fault.BadRequest.Say("The request body could not be read to its end.").Because(err)
		}
		return nil
	}
	if len(body) > 0 {
		c.parseBody(body)
	}
	return nil
}

// parseQuery reads a query string and drops nothing of it: what a caller asks to be narrowed must not come back whole
// because of a sign. A percent sign that begins no escape stands for itself, as it does in the reference.
func parseQuery(text string) url.Values {
	values, err := url.ParseQuery(plainSemicolons(text))
	if err == nil {
		return values
	}
	values = url.Values{}
	for part := range strings.SplitSeq(text, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		name = lenient(name)
		values[name] = append(values[name], lenient(value))
	}
	return values
}

// plainSemicolons keeps a semicolon from ending a parameter, which it has not done since HTML 4.
func plainSemicolons(text string) string { return strings.ReplaceAll(text, ";", "%3B") }

// lenient decodes a part of a query string; what is no escape stays as it is.
func lenient(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '+':
			b.WriteByte(' ')
		case c == '%' && i+2 < len(text):
			if plain, err := url.PathUnescape(text[i : i+3]); err == nil {
				b.WriteString(plain)
				i += 2
				continue
			}
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// parseBody fills the parameters from a body by its content type.
func (c *Call) parseBody(body []byte) {
	header := c.HTTP.Header.Get("Content-Type")
	kind, attributes, err := mime.ParseMediaType(header)
	if err != nil {
		kind, _, _ = strings.Cut(header, ";")
		kind = strings.ToLower(strings.TrimSpace(kind))
	}
	switch kind {
	case "application/json":
		c.params, c.bodyHint = parseJSON(body)
		c.bodyBroken = c.bodyHint != ""
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(plainSemicolons(string(body)))
		if err != nil {
			c.bodyHint, c.bodyBroken = " The form in the body is malformed.", true
			return
		}
		c.params = fold(form)
	case "multipart/form-data":
		form, err := parseMultipart(body, attributes["boundary"])
		if err != nil {
			c.bodyHint, c.bodyBroken = " The multipart form in the body is malformed.", true
			return
		}
		c.params = fold(form)
	case "":
		c.bodyHint = " The request has no Content-Type header; send application/json."
	default:
		c.bodyHint = " The body's content type is not understood; send application/json."
	}
}

// parseJSON reads the members of a JSON object, undecoded. Anything else yields no parameters and a hint.
// Names are matched exactly, which is why the body is never decoded into a struct.
func parseJSON(body []byte) (map[string]raw, string) {
	if !utf8.Valid(body) {
		return nil, " The body is not valid UTF-8."
	}
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return nil, ""
	}
	if body[0] == '[' {
		if json.Valid(body) {
			return nil, ""
		}
		return nil, " The body is not valid JSON."
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		if json.Valid(body) {
			return nil, " The body must be a JSON object."
		}
		return nil, " The body is not valid JSON."
	}
	params := make(map[string]raw, len(members))
	for name, value := range members {
		params[name] = raw{json: value}
	}
	return params, ""
}

// parseMultipart reads the text fields of a multipart form; files are passed over.
func parseMultipart(body []byte, boundary string) (url.Values, error) {
	if boundary == "" {
		return nil, errors.New("no boundary")
	}
	r := &http.Request{Method: http.MethodPost, Header: http.Header{"Content-Type": {"multipart/form-data; boundary=" + boundary}}, Body: io.NopCloser(bytes.NewReader(body))}
	if err := r.ParseMultipartForm(MaxBody); err != nil {
		return nil, err
	}
	return r.MultipartForm.Value, nil
}

// fold gathers PHP's array spellings under one name: a[]=1&a[0]=2&a[k]=3 are three elements of a.
func fold(values url.Values) map[string]raw {
	if len(values) == 0 {
		return nil
	}
	params := make(map[string]raw, len(values))
	for name, texts := range values {
		base, _, bracket := strings.Cut(name, "[")
		if !bracket || base == "" || !strings.HasSuffix(name, "]") {
			params[name] = raw{texts: texts}
		}
	}
	for _, name := range sortedBrackets(values) {
		base, _, _ := strings.Cut(name, "[")
		p := params[base]
		if !p.list {
			p = raw{list: true}
		}
		p.texts = append(p.texts, values[name]...)
		params[base] = p
	}
	return params
}

// param finds a parameter by name; a path parameter wins over one of the request.
func (c *Call) param(name string, inPath bool) (raw, bool) {
	if inPath {
		return raw{texts: []string{c.path(name)}}, true
	}
	value, found := c.params[name]
	return value, found
}

// text returns a parameter's text as it was sent, or nothing: for what is read before parameters are bound.
func (c *Call) text(name string) string {
	value, found := c.params[name]
	if !found {
		return ""
	}
	text, err := value.text()
	if err != nil {
		return ""
	}
	return text
}

// unescapePath decodes an escaped path; one that cannot be decoded stays as it is and will match no route.
func unescapePath(path string) string {
	if decoded, err := url.PathUnescape(path); err == nil {
		return decoded
	}
	return path
}
