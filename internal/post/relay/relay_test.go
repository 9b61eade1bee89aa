package relay_test

import (
	"errors"
	"net/http"
	"net/mail"
	"net/netip"
	"strings"
	"testing"
	"time"

	"latchkey/internal/model"
	"latchkey/internal/outgoing"
	"latchkey/internal/post"
	"latchkey/internal/post/relay"
	"latchkey/internal/testkit/double"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newMailer(t *testing.T, o outgoing.Options) *relay.Mailer {
	t.Helper()
	o.AllowPrivate = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	calls := outgoing.New(o)
	t.Cleanup(calls.Close)
	return &relay.Mailer{Calls: calls, Clock: func() time.Time { return noon }}
}

// account is a full set of settings for a provider that is played by the double.
func account(t *testing.T, provider, url string) *relay.Settings {
	t.Helper()
	values := map[string]string{
		"apiKey": "key-1", "domain": "mg.example.com", "accessKey": "AKID", "secretKey": "s3cret", "region": "eu-west-1",
		"fromName": "Acmé", "fromEmail": "auth@example.com", "replyToName": "Help", "replyToEmail": "help@example.com",
	}
	s, err := relay.Read(provider, func(name string) string { return values[name] })
	if err != nil {
		t.Fatal(err)
	}
	s.Endpoint = url
	return s
}

func envelope(t *testing.T, s *relay.Settings) *post.Envelope {
	t.Helper()
	e, err := post.Address(s.Sender, &model.Message{ID: "msg1", To: "ann@example.org", ToName: "Ann"},
		&post.Wording{Subject: "Your code", HTML: "<p>123456</p>", Text: "123456"})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func send(t *testing.T, m *relay.Mailer, provider, url string) error {
	t.Helper()
	s := account(t, provider, url)
	return m.Send(t.Context(), s, envelope(t, s))
}

// documented holds, for every provider, the request its documentation asks for and its answer to a mail it takes.
var documented = map[string]struct {
	request string
	status  int
	answer  string
}{
	"mailgun": {`POST /v3/mg.example.com/messages
Accept: application/json
Authorization: Basic YXBpOmtleS0x
Content-Type: multipart/form-data; boundary=latchkey-msg1examplecom-7d8a1f2c9e

--latchkey-msg1examplecom-7d8a1f2c9e
Content-Disposition: form-data; name="from"

=?utf-8?q?Acm=C3=A9?= <auth@example.com>
--latchkey-msg1examplecom-7d8a1f2c9e
Content-Disposition: form-data; name="to"

"Ann" <ann@example.org>
--latchkey-msg1examplecom-7d8a1f2c9e
Content-Disposition: form-data; name="subject"

Your code
--latchkey-msg1examplecom-7d8a1f2c9e
Content-Disposition: form-data; name="text"

123456
--latchkey-msg1examplecom-7d8a1f2c9e
Content-Disposition: form-data; name="html"

<p>123456</p>
--latchkey-msg1examplecom-7d8a1f2c9e
Content-Disposition: form-data; name="h:Message-Id"

<msg1@example.com>
--latchkey-msg1examplecom-7d8a1f2c9e
Content-Disposition: form-data; name="h:Auto-Submitted"

auto-generated
--latchkey-msg1examplecom-7d8a1f2c9e
Content-Disposition: form-data; name="h:Reply-To"

"Help" <help@example.com>
--latchkey-msg1examplecom-7d8a1f2c9e
Content-Disposition: form-data; name="o:tracking"

no
--latchkey-msg1examplecom-7d8a1f2c9e--
`, 200, `{"id":"<msg1@example.com>","message":"Queued. Thank you."}`},
	"sendgrid": {`POST /v3/mail/send
Accept: application/json
Authorization: Bearer key-1
Content-Type: application/json

{"personalizations":[{"to":[{"email":"ann@example.org","name":"Ann"}]}],"from":{"email":"auth@example.com","name":"Acmé"},"reply_to":{"email":"help@example.com","name":"Help"},"subject":"Your code","content":[{"type":"text/plain","value":"123456"},{"type":"text/html","value":"\u003cp\u003e123456\u003c/p\u003e"}],"headers":{"Auto-Submitted":"auto-generated","Message-ID":"\u003cmsg1@example.com\u003e"},"tracking_settings":{"click_tracking":{"enable":false},"open_tracking":{"enable":false}}}`,
		202, ``},
	"resend": {`POST /emails
Accept: application/json
Authorization: Bearer key-1
Content-Type: application/json
Idempotency-Key: msg1@example.com

{"from":"=?utf-8?q?Acm=C3=A9?= \u003cauth@example.com\u003e","to":["\"Ann\" \u003cann@example.org\u003e"],"reply_to":"\"Help\" \u003chelp@example.com\u003e","subject":"Your code","html":"\u003cp\u003e123456\u003c/p\u003e","text":"123456","headers":{"Auto-Submitted":"auto-generated","Message-ID":"\u003cmsg1@example.com\u003e"}}`,
		200, `{"id":"49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"}`},
	"ses": {`POST /v2/email/outbound-emails
Accept: application/json
Authorization: AWS4-HMAC-SHA256 Credential=AKID/20260301/eu-west-1/ses/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=SIGNATURE
Content-Type: application/json
X-Amz-Date: 20260301T120000Z

{"FromEmailAddress":"=?utf-8?q?Acm=C3=A9?= \u003cauth@example.com\u003e","Destination":{"ToAddresses":["\"Ann\" \u003cann@example.org\u003e"]},"ReplyToAddresses":["\"Help\" \u003chelp@example.com\u003e"],"Content":{"Simple":{"Subject":{"Data":"Your code","Charset":"UTF-8"},"Body":{"Text":{"Data":"123456","Charset":"UTF-8"},"Html":{"Data":"\u003cp\u003e123456\u003c/p\u003e","Charset":"UTF-8"}},"Headers":[{"Name":"Auto-Submitted","Value":"auto-generated"}]}}}`,
		200, `{"MessageId":"0100"}`},
}

func TestRequestsAreThoseOfTheDocumentation(t *testing.T) {
	t.Parallel()
	for _, provider := range relay.Providers() {
		want, known := documented[provider]
		if !known {
			t.Errorf("%s has no documented request", provider)
			continue
		}
		d := double.New(t, want.status, want.answer)
		if err := send(t, newMailer(t, outgoing.Options{}), provider, d.URL); err != nil {
			t.Errorf("%s: %v", provider, err)
			continue
		}
		got := d.Seen[0]
		if provider == "ses" { // the signature is over the host, and so over the double's port; what it is made of is held by sigv4_test.go
			before, after, _ := strings.Cut(got, "Signature=")
			if len(after) < 64 {
				t.Fatal(got)
			}
			got = before + "Signature=SIGNATURE" + after[64:]
		}
		if len(d.Seen) != 1 || got != want.request {
			t.Errorf("%s was asked\n%s\nand not\n%s", provider, got, want.request)
		}
	}
}

// A wording's own sender wins, an address that breaks out of its header gets nowhere, and none to reply to is none.
func TestEnvelopes(t *testing.T) {
	t.Parallel()
	m, w := &model.Message{ID: "m.1", To: "ann@example.org", ToName: "Ann\r\nBcc: eve@example.com"}, &post.Wording{Subject: "a\r\nBcc: b", SenderEmail: "own@example.net"}
	e, err := post.Address(post.Sender{Name: "Acme", Email: "auth@example.com"}, m, w)
	if err != nil {
		t.Fatal(err)
	}
	if e.From.Address != "own@example.net" || e.MessageID != "m.1@example.net" || e.ReplyTo != (mail.Address{}) || strings.ContainsAny(e.Subject+e.To.Name, "\r\n") {
		t.Errorf("%+v", e)
	}
	m.To = "ann@example.org>\r\nBcc: eve@example.com"
	var final interface{ Permanent() bool }
	if _, err := post.Address(post.Sender{Email: "auth@example.com"}, m, w); !errors.As(err, &final) || !final.Permanent() {
		t.Errorf("%v", err)
	}
}

func verdict(err error) string {
	var final interface{ Permanent() bool }
	switch {
	case err == nil:
		return "sent"
	case errors.As(err, &final) && final.Permanent():
		return "never"
	}
	return "again"
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	mailer := newMailer(t, outgoing.Options{})
	for _, a := range []struct {
		provider string
		status   int
		body     string
		want     string
		says     string // part of the error
	}{
		{"mailgun", 400, `{"message":"to parameter is not a valid address. please check documentation"}`, "never", "not a valid address"},
		{"mailgun", 400, `{"message":"from parameter is missing"}`, "again", "from parameter"},
		{"mailgun", 401, `Forbidden`, "again", "401"},
		{"mailgun", 413, `too large`, "never", "413"},
		{"mailgun", 429, `{"message":"Too many requests"}`, "again", "429"},
		{"mailgun", 500, `{"message":"to parameter"}`, "again", "500"},

		{"sendgrid", 400, `{"errors":[{"message":"Does not contain a valid address: ann@example.org","field":"personalizations.0.to.0.email","help":null}]}`, "never", "valid address: …"},
		{"sendgrid", 400, `{"errors":[{"message":"Invalid type","field":"from.email"}]}`, "again", "from.email"},
		{"sendgrid", 401, `{"errors":[{"message":"authorization required","field":null}]}`, "again", "authorization"},
		{"sendgrid", 403, `{"errors":[{"message":"The from address does not match a verified Sender Identity","field":"from"}]}`, "again", "403"},
		{"sendgrid", 413, ``, "never", "413"},
		{"sendgrid", 429, `{"errors":[{"message":"too many requests","field":null}]}`, "again", "429"},
		{"sendgrid", 503, `<html>`, "again", "documented form"},

		{"resend", 422, `{"statusCode":422,"name":"validation_error","message":"Invalid ` + "`to`" + ` field. The email address ann@example.org needs to follow …"}`, "never", "validation_error"},
		{"resend", 422, `{"statusCode":422,"name":"validation_error","message":"Invalid ` + "`from`" + ` field."}`, "again", "validation_error"},
		{"resend", 403, `{"statusCode":403,"name":"validation_error","message":"The example.com domain is not verified for ` + "`to`" + `"}`, "again", "403"},
		{"resend", 409, `{"statusCode":409,"name":"concurrent_idempotent_requests","message":"in progress"}`, "again", "409"},
		{"resend", 429, `{"statusCode":429,"name":"rate_limit_exceeded","message":"Too many requests."}`, "again", "429"},
		{"resend", 500, `oops`, "again", "documented form"},

		{"ses", 400, `{"__type":"com.amazonaws.sesv2#BadRequestException","message":"Missing final '@domain'"}`, "never", "BadRequestException"},
		{"ses", 400, `{"__type":"MessageRejected","message":"Email address is not verified. ann@example.org"}`, "again", "not verified. …"},
		{"ses", 403, `{"__type":"AccessDeniedException","message":"no"}`, "again", "AccessDenied"},
		{"ses", 429, `{"__type":"TooManyRequestsException","message":"Maximum sending rate exceeded."}`, "again", "429"},
		{"ses", 503, `x`, "again", "documented form"},
	} {
		d := double.New(t, a.status, a.body)
		err := send(t, mailer, a.provider, d.URL)
		if got := verdict(err); got != a.want || !strings.Contains(err.Error(), a.says) || strings.Contains(err.Error(), "ann@") {
			t.Errorf("%s %d %s: %s (%v), want %s with %q", a.provider, a.status, a.body, got, err, a.want, a.says)
		}
	}
	d := double.New(t, 400, `{"message":"Illegal address"}`, "X-Amzn-ErrorType", "BadRequestException:http://internal.amazon.com/")
	if err := send(t, mailer, "ses", d.URL); verdict(err) != "never" || !strings.Contains(err.Error(), "code BadRequestException: Illegal") {
		t.Errorf("ses names its error in a header: %v", err)
	}
}

// No answer, or one without an end, is no refusal.
func TestProvidersThatDoNotAnswer(t *testing.T) {
	t.Parallel()
	slow := newMailer(t, outgoing.Options{Timeout: 30 * time.Millisecond})
	small := newMailer(t, outgoing.Options{MaxBody: 64})
	for _, provider := range relay.Providers() {
		silent := double.New(t, 200, "")
		silent.Reply = func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
		if err := send(t, slow, provider, silent.URL); verdict(err) != "again" || !strings.Contains(err.Error(), "in time") {
			t.Errorf("%s is silent: %v", provider, err)
		}
		endless := double.New(t, 200, strings.Repeat("x", 100))
		if err := send(t, small, provider, endless.URL); verdict(err) != "again" || !strings.Contains(err.Error(), "too long") {
			t.Errorf("%s goes on and on: %v", provider, err)
		}
	}
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	t.Parallel()
	if _, err := relay.Read("mailgun", func(string) string { return "" }); err == nil || !strings.Contains(err.Error(), "apiKey") {
		t.Error(err)
	}
	if _, err := relay.Read("pigeon", func(string) string { return "x" }); err == nil || !strings.Contains(err.Error(), "mailgun") {
		t.Error(err)
	}
}
