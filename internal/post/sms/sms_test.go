package sms_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"latchkey/internal/outgoing"
	"latchkey/internal/post/sms"
	"latchkey/internal/testkit/double"
)

// documented holds, for every provider, the request its documentation asks for and its answer to a message it takes.
var documented = map[string]struct {
	request string
	status  int
	answer  string
}{
	"twilio": {`POST /2010-04-01/Accounts/AC1/Messages.json
Accept: application/json
Authorization: Basic QUMxOnRvazplbg==
Content-Type: application/x-www-form-urlencoded

Body=123456+is+your+code+%26+nothing+else&From=%2B15550100&To=%2B4915112345678`,
		201, `{"sid":"SM1","status":"queued","error_code":null}`},
	"vonage": {`POST /sms/json
Accept: application/json
Authorization: Basic a2V5MTpzM2NyZXQ=
Content-Type: application/x-www-form-urlencoded

client-ref=msg1&from=%2B15550100&text=123456+is+your+code+%26+nothing+else&to=4915112345678`,
		200, `{"message-count":"1","messages":[{"to":"4915112345678","message-id":"0C1","status":"0","remaining-balance":"3.1"}]}`},
	"msg91": {`POST /api/v5/flow
Accept: application/json
Authkey: auth1
Content-Type: application/json

{"template_id":"tpl1","sender":"LATCHK","short_url":"0","recipients":[{"content":"123456 is your code \u0026 nothing else","mobiles":"4915112345678","otp":"123456"}]}`,
		200, `{"message":"5762846b4f8d285d378b4567","type":"success"}`},
	"telesign": {`POST /v1/messaging
Accept: application/json
Authorization: Basic Q1VTVC0xOmtleTE=
Content-Type: application/x-www-form-urlencoded

external_id=msg1&message=123456+is+your+code+%26+nothing+else&message_type=OTP&phone_number=4915112345678&sender_id=%2B15550100`,
		200, `{"reference_id":"A1","status":{"code":290,"description":"Message in progress","updated_on":"2026-03-01T12:00:00Z"}}`},
	"textmagic": {`POST /api/v2/messages
Accept: application/json
Content-Type: application/x-www-form-urlencoded
X-Tm-Key: key1
X-Tm-Username: ann

from=%2B15550100&phones=4915112345678&referenceId=msg1&text=123456+is+your+code+%26+nothing+else`,
		201, `{"id":49,"href":"/api/v2/sessions/49","type":"session","sessionId":49,"messageId":50}`},
	"webhook": {`POST /sms?route=1
Accept: application/json
Content-Type: application/json
Webhook-Id: msg1
Webhook-Signature: v1,SIGNATURE
Webhook-Timestamp: 1772366400

{"to":"+4915112345678","from":"+15550100","body":"123456 is your code \u0026 nothing else"}`,
		204, ``},
}

func TestRequestsAreThoseOfTheDocumentation(t *testing.T) {
	t.Parallel()
	for _, provider := range sms.Providers() {
		want, known := documented[provider]
		if !known {
			t.Errorf("%s has no documented request", provider)
			continue
		}
		d := double.New(t, want.status, want.answer)
		if err := newSender(t, outgoing.Options{}).Send(t.Context(), account(t, provider, d.URL), message()); err != nil {
			t.Errorf("%s: %v", provider, err)
			continue
		}
		_, body, _ := strings.Cut(want.request, "\n\n")
		mac := hmac.New(sha256.New, []byte("hook-secret"))
		mac.Write([]byte("msg1.1772366400." + body))
		expected := strings.ReplaceAll(want.request, "SIGNATURE", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
		if len(d.Seen) != 1 || d.Seen[0] != expected {
			t.Errorf("%s was asked\n%s\nand not\n%s", provider, strings.Join(d.Seen, "\n----\n"), expected)
		}
	}
}

// answers are what providers say no with, and what is to come of it.
var answers = []struct {
	provider string
	status   int
	body     string
	want     string
	says     string // part of the error
}{
	{"twilio", 400, `{"code":21211,"message":"The 'To' number +4915112345678 is not a valid phone number.","status":400}`, "never", "code 21211: The 'To' number … is not"},
	{"twilio", 400, `{"code":21610,"message":"Attempt to send to unsubscribed recipient","status":400}`, "never", "unsubscribed"},
	{"twilio", 400, `{"code":21606,"message":"The From phone number is not a valid, SMS-capable number","status":400}`, "again", "21606"},
	{"twilio", 401, `{"code":20003,"message":"Authenticate","status":401}`, "again", "20003"},
	{"twilio", 429, `{"code":20429,"message":"Too Many Requests","status":429}`, "again", "429"},
	{"twilio", 503, `<html>`, "again", "503"},
	{"twilio", 400, `<html>`, "again", "documented form"},

	{"vonage", 200, `{"message-count":"1","messages":[{"status":"6","error-text":"Unroutable message - rejected"}]}`, "never", "code 6: Unroutable"},
	{"vonage", 200, `{"message-count":"1","messages":[{"status":"7","error-text":"Number barred"}]}`, "never", "barred"},
	{"vonage", 200, `{"message-count":"1","messages":[{"status":"1","error-text":"Throughput Rate Exceeded"}]}`, "again", "code 1"},
	{"vonage", 200, `{"message-count":"1","messages":[{"status":"4","error-text":"Bad Credentials"}]}`, "again", "code 4"},
	{"vonage", 200, `{"message-count":"2","messages":[{"status":"0"},{"status":"9","error-text":"Partner quota violation"}]}`, "again", "code 9"},
	{"vonage", 200, `{"message-count":"0","messages":[]}`, "again", "documented form"},
	{"vonage", 429, ``, "again", "429"},
	{"vonage", 500, `oops`, "again", "500"},

	{"msg91", 400, `{"message":"Invalid mobile number","type":"error"}`, "never", "Invalid mobile"},
	{"msg91", 200, `{"message":"Please provide valid mobile no.","type":"error"}`, "never", "mobile"},
	{"msg91", 200, `{"message":"template id missing","type":"error"}`, "again", "template"},
	{"msg91", 401, `{"message":"Authentication failure for mobile","type":"error"}`, "again", "401"},
	{"msg91", 500, `{"message":"mobile","type":"error"}`, "again", "500"},
	{"msg91", 200, `true`, "again", "documented form"},
	{"msg91", 200, `{}`, "again", "documented form"},

	{"telesign", 400, `{"status":{"code":11000,"description":"Invalid value for parameter phone_number."}}`, "never", "11000"},
	{"telesign", 400, `{"status":{"code":11013,"description":"Invalid value for parameter sender_id."}}`, "again", "11013"},
	{"telesign", 401, `{"errors":[{"code":-30006,"description":"Invalid Signature."}]}`, "again", "-30006"},
	{"telesign", 429, `{"status":{"code":503,"description":"Rate limit"}}`, "again", "429"},
	{"telesign", 200, `{"status":{"code":500,"description":"Transaction not attempted"}}`, "again", "500"},
	{"telesign", 200, `[]`, "again", "documented form"},

	{"textmagic", 400, `{"code":400,"message":"Validation Failed","errors":{"common":[],"fields":{"phones":["Phone number 4915112345678 is invalid"]}}}`, "never", "Validation"},
	{"textmagic", 400, `{"code":400,"message":"Validation Failed","errors":{"fields":{"from":["Not allowed"]}}}`, "again", "Validation"},
	{"textmagic", 400, `{"code":400,"message":"You have insufficient balance","errors":null}`, "again", "balance"},
	{"textmagic", 401, `{"code":401,"message":"Unauthorized","errors":[]}`, "again", "Unauthorized"},
	{"textmagic", 429, `{"code":429,"message":"Too many requests"}`, "again", "429"},
	{"textmagic", 502, `bad gateway`, "again", "documented form"},

	{"webhook", 400, `no`, "never", "webhook answered 400"},
	{"webhook", 422, ``, "never", "422"},
	{"webhook", 401, ``, "again", "401"},
	{"webhook", 302, ``, "again", "302"},
	{"webhook", 429, ``, "again", "429"},
	{"webhook", 500, ``, "again", "500"},
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	sender := newSender(t, outgoing.Options{})
	for _, a := range answers {
		d := double.New(t, a.status, a.body)
		err := sender.Send(t.Context(), account(t, a.provider, d.URL), message())
		if got := verdict(err); got != a.want || !strings.Contains(err.Error(), a.says) {
			t.Errorf("%s %d %s: %s (%v), want %s with %q", a.provider, a.status, a.body, got, err, a.want, a.says)
		}
		if err != nil && (strings.Contains(err.Error(), "4915112345678") || strings.Contains(err.Error(), "123456")) {
			t.Errorf("%s %d: the error tells who gets what: %v", a.provider, a.status, err)
		}
	}
}

// No answer, or one without an end, is no refusal.
func TestProvidersThatDoNotAnswer(t *testing.T) {
	t.Parallel()
	slow := newSender(t, outgoing.Options{Timeout: 30 * time.Millisecond})
	small := newSender(t, outgoing.Options{MaxBody: 64})
	for _, provider := range sms.Providers() {
		silent := double.New(t, 200, "")
		silent.Reply = func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
		if err := slow.Send(t.Context(), account(t, provider, silent.URL), message()); verdict(err) != "again" || !strings.Contains(err.Error(), "in time") {
			t.Errorf("%s is silent: %v", provider, err)
		}
		endless := double.New(t, 200, strings.Repeat("x", 100))
		if err := small.Send(t.Context(), account(t, provider, endless.URL), message()); verdict(err) != "again" || !strings.Contains(err.Error(), "too long") {
			t.Errorf("%s goes on and on: %v", provider, err)
		}
		gone := double.New(t, 200, "")
		gone.Close()
		if err := slow.Send(t.Context(), account(t, provider, gone.URL), message()); verdict(err) != "again" {
			t.Errorf("%s is down: %v", provider, err)
		}
	}
}

func TestLettersBeyondGSMAreAnnounced(t *testing.T) {
	t.Parallel()
	for body, unicode := range map[string]bool{"123456 é ist Ihr Code €[]": false, "123456 — code": true, "123456 هو رمزك": true} {
		d := double.New(t, 200, documented["vonage"].answer)
		text := message()
		text.Body = body
		if err := newSender(t, outgoing.Options{}).Send(t.Context(), account(t, "vonage", d.URL), text); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(d.Seen[0], "type=unicode") != unicode {
			t.Errorf("%s: %s", body, d.Seen[0])
		}
	}
}

func TestTwilioSendsThroughAMessagingService(t *testing.T) {
	t.Parallel()
	d := double.New(t, 201, `{}`)
	s := account(t, "twilio", d.URL)
	s.From = "MG00000000000000000000000000000001"
	if err := newSender(t, outgoing.Options{}).Send(t.Context(), s, message()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(d.Seen[0], "MessagingServiceSid=MG0") || strings.Contains(d.Seen[0], "From=") {
		t.Error(d.Seen[0])
	}
}

// The example of the Standard Webhooks specification's reference libraries.
func TestASigningSecretMayBeMarked(t *testing.T) {
	t.Parallel()
	d := double.New(t, 200, ``)
	s := account(t, "webhook", d.URL)
	s.Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	if err := newSender(t, outgoing.Options{}).Send(t.Context(), s, message()); err != nil {
		t.Fatal(err)
	}
	key, _ := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	_, body, _ := strings.Cut(d.Seen[0], "\n\n")
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("msg1.1772366400." + body))
	if !strings.Contains(d.Seen[0], base64.StdEncoding.EncodeToString(mac.Sum(nil))) {
		t.Error(d.Seen[0])
	}
}

func TestURLs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]sms.Settings{
		"twilio://AC1:token@?from=%2B15550100":                      {Provider: "twilio", User: "AC1", Secret: "token", From: "+15550100"},
		"twilio://AC1:token@?from=+15550100":                        {Provider: "twilio", User: "AC1", Secret: "token", From: "+15550100"},
		"twilio://AC1:t%2Fk@api.dublin.ie1.twilio.com?from=Latch":   {Provider: "twilio", User: "AC1", Secret: "t/k", From: "Latch", Endpoint: "https://api.dublin.ie1.twilio.com"},
		"vonage://key:secret@?from=Latch%20Key":                     {Provider: "vonage", User: "key", Secret: "secret", From: "Latch Key"},
		"msg91://LATCHK:auth@?template=t1":                          {Provider: "msg91", Secret: "auth", From: "LATCHK", Template: "t1"},
		"telesign://cust:key@rest-api.telesign.com":                 {Provider: "telesign", User: "cust", Secret: "key", Endpoint: "https://rest-api.telesign.com"},
		"textmagic://ann:key@":                                      {Provider: "textmagic", User: "ann", Secret: "key"},
		"webhook+https://:s3cret@example.com/sms?a=1&from=%2B49151": {Provider: "webhook", Secret: "s3cret", From: "+49151", Endpoint: "https://example.com/sms?a=1"},
		"webhook+http://:s3cret@10.0.0.1:8080/sms":                  {Provider: "webhook", Secret: "s3cret", Endpoint: "http://10.0.0.1:8080/sms"},
	} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := sms.ParseURL(u)
		if err != nil || *got != want {
			t.Errorf("%s: %+v %v", text, got, err)
		}
	}
	for _, text := range []string{"twilio://AC1:canary@", "twilio://:canary@?from=1", "twilio://AC1@?from=canary", "webhook+https://example.com/canary", "webhook+ftp://:canary@host/x",
		"webhook://:canary@host/", "smtp://u:canary@host", "vonage://k:canary@?from=a&x=1", "vonage://k:canary@host/path?from=a", "msg91://S:canary@"} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sms.ParseURL(u); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
