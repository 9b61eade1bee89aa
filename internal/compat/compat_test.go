package compat

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"1.6.0": true, "1.6": true, "2": true, "": false, "x": false, "1.6.0.0": false, "-1": false, "+1.2.3": false,
		"1..2": false, "9999999999999999": true, "99999999999999999": false} {
		if _, ok := Parse(text); ok != want {
			t.Errorf("Parse(%q) is %v, want %v", text, ok, want)
		}
	}
}

func TestOlderFormats(t *testing.T) {
	t.Parallel()
	account := `{"$id":"a","email":"x","mfa":false,"targets":[],"impersonator":false,"impersonatorUserId":null}`
	session := `{"$id":"s","expire":"","factors":["password"],"secret":"","mfaUpdatedAt":""}`
	cases := []struct{ format, model, in, want string }{
		{"1.8.0", "account", account, `{"$id":"a","email":"x","mfa":false,"targets":[]}`},
		{"1.4.0", "account", account, `{"$id":"a","email":"x","mfa":false,"targets":[]}`},
		{"1.4.0", "user", account, `{"$id":"a","email":"x"}`},
		{"1.4.0", "session", session, `{"$id":"s","expire":"","mfaUpdatedAt":""}`},
		{"1.6.0", "session", session, session},
		{"1.4.0", "sessionList", `{"total":1,"sessions":[` + session + `]}`, `{"total":1,"sessions":[{"$id":"s","expire":"","mfaUpdatedAt":""}]}`},
		{"1.8.0", "userList", `{"total":1,"users":[` + account + `]}`, `{"total":1,"users":[{"$id":"a","email":"x","mfa":false,"targets":[]}]}`},
		{"1.8.0", "platform", `{"$id":"p","type":"apple","bundleIdentifier":"com.x"}`, `{"$id":"p","type":"apple","key":"com.x","hostname":"","store":""}`},
		{"1.9.1", "mockNumber", `{"number":"+1","otp":"1"}`, `{"phone":"+1","otp":"1"}`},
		{"1.9.0", "webhook", `{"tls":true,"authUsername":"a","authPassword":"","secret":"s"}`, `{"security":true,"httpUser":"a","httpPass":"","signatureKey":"s"}`},
		{"1.8.0", "webhookList", `{"total":1,"webhooks":[{"$id":"w","tls":true}]}`, `{"total":1,"webhooks":[{"$id":"w","security":true}]}`},
		{"2.3.0", "account", account, account},
	}
	for _, c := range cases {
		got, err := json.Marshal(Reply{Of(c.format), c.model, json.RawMessage(c.in)})
		if err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(c.want, string(got)); diff != "" {
			t.Errorf("%s in %s:\n%s", c.model, c.format, diff)
		}
		if Needs(Of(c.format), c.model) != (c.in != c.want) {
			t.Errorf("Needs(%s, %s) is wrong", c.format, c.model)
		}
	}
}

func TestTheNewestFormatNeedsNothing(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"", "2.3.0", "2.4.0", "nonsense"} {
		for _, model := range []string{"account", "user", "session", "sessionList", "userList", "platform"} {
			if Needs(Of(format), model) {
				t.Errorf("%q passes %s through a map", format, model)
			}
		}
	}
}

func TestOnlyANewerClientIsWarned(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]bool{"": false, "1.6.0": false, "2.3.0": false, "2.3.1": true, "3.0.0": true} {
		if got := Of(format).Warning() != ""; got != want {
			t.Errorf("warning for %q is %v, want %v", format, got, want)
		}
	}
}

func FuzzReply(f *testing.F) {
	f.Add("1.4.0", "account", `{"a":1,"a":2,"targets":[]}`)
	f.Add("1.8.0", "userList", `{"users":[null,{"impersonator":true}]}`)
	f.Fuzz(func(t *testing.T, format, model, text string) {
		if !strings.HasPrefix(text, "{") || !json.Valid([]byte(text)) {
			return
		}
		got, err := Reply{Of(format), model, json.RawMessage(text)}.MarshalJSON()
		if err == nil && !json.Valid(got) {
			t.Errorf("%s of %s became %s", text, format, got)
		}
	})
}
