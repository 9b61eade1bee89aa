package check_test

import (
	"encoding/json"
	"strings"
	"testing"

	"latchkey/internal/check"
)

func TestPrefsComeBackAsSent(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]string{
		`{}`:    `{}`,
		` [ ] `: `{}`,
		"{ \"b\" : 1.0 ,\n\"a\": 12345678901234567890, \"e\": 1e5 }": `{"b":1.0,"a":12345678901234567890,"e":1e5}`,
		`{"n":{},"l":[],"z":"\u0000","h":"<&>","s":" a  b "}`:        `{"n":{},"l":[],"z":"\u0000","h":"<&>","s":" a  b "}`,
		`{"😀":"\ud83d\ude00","a":null}`:                              `{"😀":"\ud83d\ude00","a":null}`,
		`{"a":1,"a":2}`:                                              `{"a":1,"a":2}`,
	} {
		if got, err := check.Prefs(json.RawMessage(sent)); err != nil || string(got) != want {
			t.Errorf("%s: got %s, %v", sent, got, err)
		}
	}
}

func TestPrefsThatAreNone(t *testing.T) {
	t.Parallel()
	holds(t, func(value string) error { _, err := check.Prefs(json.RawMessage(value)); return err }, nil, []string{
		"", " ", "null", "1", `"{}"`, `"x"`, "[1]", "[[]]", "[{}]", "{", "{}}", "{}{}", `{"a"}`, `{a:1}`, `{'a':1}`, `{"a":1,}`, `{"a":NaN}`,
		"{\"a\":\"\xff\"}", "{\"a\":\"\x00\"}", "{\"a\":\"\n\"}", "\ufeff{}", strings.Repeat("[", 100000), strings.Repeat(`{"a":`, 100000),
	})
}

func TestBoundsOfPrefs(t *testing.T) {
	t.Parallel()
	nested := func(levels int) string {
		return strings.Repeat(`{"a":`, levels-1) + "{}" + strings.Repeat("}", levels-1)
	}
	sized := func(bytes int) string { return `{"a":"` + strings.Repeat("x", bytes-len(`{"a":""}`)) + `"}` }
	ok := func(value string) error { _, err := check.Prefs(json.RawMessage(value)); return err }
	holds(t, ok, []string{
		nested(512), `{"a":"` + strings.Repeat("[{", 5000) + `"}`, `{"a":"\"` + strings.Repeat("[", 5000) + `"}`,
		sized(check.MaxPrefs), strings.Repeat(" ", 1000) + sized(check.MaxPrefs) + strings.Repeat("\n", 1000),
	}, []string{nested(513), sized(check.MaxPrefs + 1), `{"a":"` + strings.Repeat("😀", 16384) + `"}`})
}

// FuzzPrefs: what is accepted is an object, is stable, and says the same as what was sent.
func FuzzPrefs(f *testing.F) {
	for _, seed := range []string{`{}`, `[]`, `{"a":[1,{"b":"\u0000\""}]}`, ` {"a" : 1.0}`, `{"a":"[[["}`, "null"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		got, err := check.Prefs(json.RawMessage(sent))
		if err != nil {
			return
		}
		var object map[string]json.RawMessage
		if err := json.Unmarshal([]byte(got), &object); err != nil {
			t.Fatalf("%q became %q: %v", sent, got, err)
		}
		if again, err := check.Prefs(json.RawMessage(got)); err != nil || again != got {
			t.Fatalf("%q became %q, then %q, %v", sent, got, again, err)
		}
	})
}
