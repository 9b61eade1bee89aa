package mailbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/mailbox"
	"latchkey/internal/model"
	"latchkey/internal/post"
)

const noon model.Time = 1_772_366_400_000

func newMailbox(templates ...post.Template) *mailbox.Mailbox {
	return &mailbox.Mailbox{Stationery: func(context.Context, string) (post.Look, []post.Template, error) {
		return post.Look{Name: "Demo"}, templates, nil
	}}
}

func code(id string) *model.Message {
	return &model.Message{
		Project: "demo", ID: id, Kind: model.MessageOTP, Channel: model.ChannelEmail, CreatedAt: noon, To: "walter@example.com", ToName: "Walter",
		Values: map[string]string{"otp": "482913", "user": "Walter", "minutes": "15"},
	}
}

func sms(id string) *model.Message {
	return &model.Message{
		Project: "demo", ID: id, Kind: model.MessagePhoneCode, Channel: model.ChannelSMS, CreatedAt: noon + 1000, To: "+16175551212",
		Values: map[string]string{"otp": "118822", "minutes": "15"},
	}
}

func deliver(t *testing.T, b *mailbox.Mailbox, list ...*model.Message) {
	t.Helper()
	for _, m := range list {
		if err := b.Deliver(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
}

func ask(b *mailbox.Mailbox, method, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	b.Handler().ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w
}

func read(t *testing.T, b *mailbox.Mailbox, query string) []map[string]string {
	t.Helper()
	w := ask(b, "GET", mailbox.MessagesPath+query)
	var list []map[string]string
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || w.Code != http.StatusOK || list == nil {
		t.Fatalf("%d %v %s", w.Code, err, w.Body)
	}
	return list
}

func TestMessagesAreCaughtNewestFirst(t *testing.T) {
	t.Parallel()
	b := newMailbox()
	if got := read(t, b, ""); len(got) != 0 {
		t.Error(got)
	}
	deliver(t, b, sms("m2"), code("m1"))
	list := read(t, b, "")
	if len(list) != 2 {
		t.Fatal(list)
	}
	if diff := cmp.Diff(map[string]string{
		"kind": "smsCode", "project": "demo", "to": "+16175551212", "subject": "", "html": "", "createdAt": "2026-03-01T12:00:01.000+00:00", "text": list[0]["text"],
	}, list[0]); diff != "" || !strings.HasPrefix(list[0]["text"], "118822 ") {
		t.Error(diff, list[0])
	}
	mail := list[1]
	if mail["kind"] != "otpSession" || mail["to"] != "walter@example.com" || !strings.Contains(mail["text"], "482913") || !strings.Contains(mail["html"], "482913") || mail["subject"] == "" || len(mail) != 7 {
		t.Error(mail)
	}
	for query, want := range map[string]int{"?to=WALTER@example.com": 1, "?kind=smsCode": 1, "?project=other": 0, "?project=demo": 2, "?kind=smsCode&to=walter@example.com": 0} {
		if got := len(read(t, b, query)); got != want {
			t.Errorf("%s: %d messages, want %d", query, got, want)
		}
	}
}

func TestAMessageThatComesTwiceIsKeptOnce(t *testing.T) {
	t.Parallel()
	b := newMailbox()
	other := code("m1")
	other.Project = "other"
	deliver(t, b, code("m1"), code("m1"), other)
	if got := len(b.Messages()); got != 2 {
		t.Errorf("%d messages", got)
	}
}

func TestTheOldestMakeRoom(t *testing.T) {
	t.Parallel()
	b := newMailbox()
	for n := range 1001 {
		deliver(t, b, sms(fmt.Sprintf("m%d", n)))
	}
	if got := len(b.Messages()); got != 1000 {
		t.Errorf("%d messages are kept", got)
	}
	if w := ask(b, "GET", mailbox.PagePath+"/1"); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "This message is gone") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestTheMailboxCanBeEmptied(t *testing.T) {
	t.Parallel()
	b := newMailbox()
	deliver(t, b, code("m1"))
	if w := ask(b, "DELETE", mailbox.MessagesPath); w.Code != http.StatusNoContent || len(b.Messages()) != 0 {
		t.Errorf("%d, %d messages", w.Code, len(b.Messages()))
	}
	deliver(t, b, code("m1"))
	if w := ask(b, "POST", mailbox.PagePath+"/empty"); w.Code != http.StatusSeeOther || w.Header().Get("Location") != mailbox.PagePath || len(b.Messages()) != 0 {
		t.Errorf("%d to %q, %d messages", w.Code, w.Header().Get("Location"), len(b.Messages()))
	}
	if w := ask(b, "GET", mailbox.PagePath+"/empty"); w.Code != http.StatusNotFound {
		t.Errorf("reading empties: %d", w.Code)
	}
}

func TestWhatCannotBeWordedIsRefusedAsTheRealCourierWould(t *testing.T) {
	t.Parallel()
	b := newMailbox()
	m := code("m1")
	m.Values["otp"] = ""
	var final interface{ Permanent() bool }
	if err := b.Deliver(t.Context(), m); !errors.As(err, &final) || !final.Permanent() || len(b.Messages()) != 0 {
		t.Error(err, b.Messages())
	}
	down := errors.New("down")
	b.Stationery = func(context.Context, string) (post.Look, []post.Template, error) { return post.Look{}, nil, down }
	if err := b.Deliver(t.Context(), code("m1")); !errors.Is(err, down) {
		t.Error(err)
	}
}

// A stranger chooses names and, with a template of their own, whole mails. None of it becomes part of the page,
// and none of it runs in its frame.
func TestHostileMessagesStayMessages(t *testing.T) {
	t.Parallel()
	const attack = `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	b := newMailbox(post.Template{Kind: model.MessageOTP, Locale: "en", Subject: attack + " {{user}}", Message: "<script>alert(2)</script><p>{{otp}}"})
	m := code("m1")
	m.ToName, m.Values["user"], m.To, m.Project, m.Kind = attack, attack, attack+"@example.com", attack, model.MessageOTP
	text := sms("m2")
	text.To = attack
	text.Values["otp"] = attack
	deliver(t, b, m, text)
	for _, path := range []string{"", "/1", "/1?view=text", "/1?width=phone", "/2"} {
		w := ask(b, "GET", mailbox.PagePath+path)
		body := w.Body.String()
		if w.Code != http.StatusOK || strings.Contains(body, "<img") || strings.Count(body, "<script") != 1 || !strings.Contains(body, "&lt;script&gt;") {
			t.Errorf("%s: %d %s", path, w.Code, body)
		}
		policy := w.Header().Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "unsafe-inline") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s: %s", path, policy)
		}
	}
	w := ask(b, "GET", mailbox.PagePath+"/1/html")
	policy := w.Header().Get("Content-Security-Policy")
	if !strings.Contains(w.Body.String(), "<script>alert(2)") {
		t.Error("the test's mail is harmless")
	}
	for _, want := range []string{"sandbox allow-popups ", "default-src 'none'", "form-action 'none'", "frame-ancestors 'self'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("%q lacks %q", policy, want)
		}
	}
	for _, no := range []string{"allow-scripts", "allow-same-origin", "allow-top", "script-src"} {
		if strings.Contains(policy, no) {
			t.Errorf("%q has %q", policy, no)
		}
	}
	if page := ask(b, "GET", mailbox.PagePath+"/1").Body.String(); !strings.Contains(page, `sandbox="allow-popups allow-popups-to-escape-sandbox"`) {
		t.Error("the frame has no sandbox of its own")
	}
	if w := ask(b, "GET", mailbox.PagePath+"/2/html"); w.Code != http.StatusNotFound {
		t.Errorf("a text message has no page: %d", w.Code)
	}
}
