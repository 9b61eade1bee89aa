package check_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"latchkey/internal/check"
	"latchkey/internal/model"
)

// A verdict is what both ends of the contract (Appwrite 1.6 and its newest server) and we say of one value.
type verdict struct {
	Value json.RawMessage `json:"value"` // the parameter; with Times, so often in a row
	Times int             `json:"times"`
	Raw   string          `json:"raw"`  // instead of Value: JSON text; with Fill, its x repeated to this many bytes
	Fill  int             `json:"fill"` //
	Old   bool            `json:"old"`
	New   bool            `json:"new"`
	Ours  bool            `json:"ours"`
	Why   string          `json:"why"` // needed where the three do not agree
}

func (v verdict) raw() string {
	if v.Fill > 0 {
		return strings.Replace(v.Raw, "x", strings.Repeat("x", v.Fill-len(v.Raw)+1), 1)
	}
	return v.Raw
}

// text returns the value as the binder hands it to a check; numbers, null and lists never get there.
func (v verdict) text() (string, bool) {
	var text string
	if v.Value[0] != '"' || json.Unmarshal(v.Value, &text) != nil {
		return "", false
	}
	return strings.Repeat(text, max(1, v.Times)), true
}

// allow is the list of the project that the verdicts on origins and redirects speak of.
func allow() *check.Allow {
	return check.NewAllow("proj1", []model.Platform{
		{Type: model.PlatformWeb, Value: "app.example.com"},
		{Type: model.PlatformWeb, Value: "*.wild.test"},
		{Type: model.PlatformApple, Value: "com.example.app"},
		{Type: model.PlatformAndroid, Value: "com.example.app"},
		{Type: model.PlatformScheme, Value: "myapp"},
	}, []string{"api.appwrite.test"})
}

func TestVerdictsOfBothEnds(t *testing.T) {
	t.Parallel()
	list := allow()
	text := func(ok check.String) func(verdict) bool {
		return func(v verdict) bool {
			value, is := v.text()
			return is && ok(value) == nil
		}
	}
	judges := map[string]func(verdict) bool{
		"origin": text(func(value string) error {
			if !list.Origin(value) {
				return errors.New("not allowed")
			}
			return nil
		}),
		"redirect":      text(list.Redirect),
		"customId":      text(check.CustomID),
		"uid":           text(check.UID),
		"password":      text(check.PasswordLength),
		"url":           text(check.URL),
		"email":         text(check.Email),
		"phone":         text(check.Phone),
		"text":          text(check.Text(1, 128)),
		"factor":        text(check.OneOfFold("totp")),
		"provider":      text(check.OneOf("github", "google")),
		"prefs":         func(v verdict) bool { _, err := check.Prefs(json.RawMessage(v.raw())); return err == nil },
		"boolean":       func(v verdict) bool { _, err := check.Boolean(v.Raw); return err == nil },
		"booleanStrict": func(v verdict) bool { _, err := check.StrictBoolean(v.Raw); return err == nil },
		"integer":       func(v verdict) bool { _, err := check.Integer(0, 3600)(v.Raw); return err == nil },
	}
	var groups map[string][]verdict
	load(t, "testdata/verdicts.json", &groups)
	if len(groups) != len(judges) {
		t.Errorf("%d groups of verdicts, %d judges", len(groups), len(judges))
	}
	seen := 0
	for name, verdicts := range groups {
		judge := judges[name]
		if judge == nil {
			t.Errorf("nobody judges %s", name)
			continue
		}
		for _, v := range verdicts {
			seen++
			if got := judge(v); got != v.Ours {
				t.Errorf("%s %s%s: got %v, want %v (%s)", name, v.Value, v.Raw, got, v.Ours, v.Why)
			}
			if (v.Old != v.New || v.New != v.Ours) && v.Why == "" {
				t.Errorf("%s %s%s: the verdicts differ and nobody says why", name, v.Value, v.Raw)
			}
		}
	}
	if seen < 240 {
		t.Errorf("only %d verdicts were looked at", seen)
	}
}

// load reads a file of test data.
func load(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// holds runs one check over values that must pass and values that must not.
func holds(t *testing.T, ok check.String, good, bad []string) {
	t.Helper()
	for _, value := range good {
		if err := ok(value); err != nil {
			t.Errorf("%q is refused: %v", value, err)
		}
	}
	for _, value := range bad {
		if err := ok(value); err == nil {
			t.Errorf("%q is accepted", value)
		} else if text := err.Error(); !strings.HasSuffix(text, ".") || strings.Contains(text, "param") {
			t.Errorf("%q is refused by %q, which does not read well behind \"Invalid `name` param: \"", value, text)
		}
	}
}
