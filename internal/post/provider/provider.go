// Package provider owns how the HTTP API of a provider of mails or text messages is asked: the parts of a request
// that they have in common, and what it means when one says no. It may import outgoing.
package provider

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"latchkey/internal/outgoing"
)

// Draft is a POST request before it is addressed.
type Draft struct {
	Path   string // and query
	Header http.Header
	Body   []byte
}

// Form is a request with a form as its body.
func Form(path string, values url.Values) Draft {
	return newDraft(path, "application/x-www-form-urlencoded", []byte(values.Encode()))
}

// Object is a request with JSON as its body.
func Object(path string, value any) Draft {
	body, err := json.Marshal(value)
	if err != nil {
		panic("provider: " + err.Error()) // only texts and flags go in, and those have a JSON form
	}
	return newDraft(path, "application/json", body)
}

// Parts is a request with a form in parts (RFC 7578) as its body.
func Parts(path, contentType string, body []byte) Draft { return newDraft(path, contentType, body) }

func newDraft(path, contentType string, body []byte) Draft {
	return Draft{Path: path, Body: body, Header: http.Header{"Content-Type": {contentType}, "Accept": {"application/json"}}}
}

// Basic signs a request in by name and password (RFC 7617).
func (d Draft) Basic(name, password string) Draft {
	d.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(name+":"+password)))
	return d
}

// Bearer signs a request in by a token (RFC 6750).
func (d Draft) Bearer(token string) Draft {
	d.Header.Set("Authorization", "Bearer "+token)
	return d
}

// Set adds a value that is not empty.
func Set(values url.Values, name, value string) {
	if value != "" {
		values.Set(name, value)
	}
}

// Refusal is a message that a provider has not taken.
type Refusal struct {
	Provider string
	Status   int    // of HTTP; 0: the provider was not asked
	Code     string // the provider's own, if it has told one
	Reason   string // in the provider's words
	Final    bool   // this recipient will not get this message, however often it is sent
}

// Error implements error, for operators.
func (r *Refusal) Error() string {
	text := r.Provider
	if r.Status != 0 {
		text += " answered " + strconv.Itoa(r.Status)
	}
	if r.Code != "" {
		text += ", code " + r.Code
	}
	if r.Reason != "" {
		text += ": " + r.Reason
	}
	return text
}

// Permanent says whether the refusal is final. What is wrong with the account, the sender or the balance is mended
// by an operator, and the message is still good then.
func (r *Refusal) Permanent() bool { return r.Final }

// Letter is what an error must not tell: who gets the message, and what it says.
type Letter []string

// Call is one account with one provider.
type Call struct {
	Provider string
	Base     string // scheme and host, and whatever else stands before the draft's path
	Judge    func(*outgoing.Answer) *Refusal
}

// Ask posts a draft. An error is a *Refusal, or one of outgoing where there was no answer; it holds nothing of the
// letter.
func (c Call) Ask(ctx context.Context, calls *outgoing.Client, d Draft, letter Letter) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.Base+d.Path, bytes.NewReader(d.Body))
	if err != nil {
		return &Refusal{Provider: c.Provider, Reason: "the address of the provider is not well formed"}
	}
	request.Header = d.Header
	answer, err := calls.Do(request)
	if err != nil {
		return err // no answer is no refusal
	}
	refusal := c.Judge(answer)
	if refusal == nil {
		return nil
	}
	refusal.Provider, refusal.Status = c.Provider, answer.Status
	refusal.Code, refusal.Reason = letter.tidy(refusal.Code), letter.tidy(refusal.Reason)
	return refusal
}

// maxReason bounds what is kept of a provider's words, in bytes.
const maxReason = 200

// tidy makes one short line of a provider's words and takes the letter out of them.
func (l Letter) tidy(reason string) string {
	for _, told := range l {
		if told != "" {
			reason = strings.ReplaceAll(reason, told, "…")
		}
	}
	reason = strings.Join(strings.Fields(strings.ToValidUTF8(reason, "?")), " ")
	if len(reason) > maxReason {
		reason = strings.ToValidUTF8(reason[:maxReason], "") + "…"
	}
	return reason
}

// Taken says whether a status is one of success.
func Taken(answer *outgoing.Answer) bool { return answer.Status/100 == 2 }

// Faulty says whether the provider blames the request: then, and only then, its words decide whether another try
// makes sense. A refused login, a missing account, too many requests or a broken server end by themselves.
func Faulty(answer *outgoing.Answer) bool {
	return answer.Status == http.StatusBadRequest || answer.Status == http.StatusUnprocessableEntity
}

// Read decodes an answer's JSON and says whether it has the expected form.
func Read(answer *outgoing.Answer, into any) bool { return json.Unmarshal(answer.Body, into) == nil }

// Unread is an answer that a provider does not document.
func Unread() *Refusal { return &Refusal{Reason: "the answer is not of the documented form"} }
