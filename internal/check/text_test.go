package check_test

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"latchkey/internal/check"
)

func TestIDs(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 36)
	holds(t, check.SessionID, []string{"current", "5e5ea5c16897e", long}, []string{"", "unique()", long + "a", "a/b", "-a"})
	holds(t, check.ProjectID, []string{"demo", "0", "a-b", "console", long}, []string{"", "-a", "Demo", "a_b", "a.b", "unique()", long + "a", "ä"})
	holds(t, check.UID, nil, []string{"a\x00", "a\n", "a b", "a%2f", "\xff"})
}

func TestTextCountsCharactersAndBytesCountsBytes(t *testing.T) {
	t.Parallel()
	holds(t, check.Text(1, 3), []string{"a", "äöü", "日本語", "😀😀😀"}, []string{"", "abcd", "a\x00", "\xff", "a\xc3"})
	holds(t, check.Bytes(2, 4), []string{"ab", "ä", "ääc"[:4], "😀"}, []string{"", "a", "äää", "\x00\x00", "\xff\xfe"})
	holds(t, check.Text(0, 3), []string{""}, nil)
	holds(t, check.Text(6, 6), []string{"123456"}, []string{"12345", "1234567"})
}

func TestChoices(t *testing.T) {
	t.Parallel()
	holds(t, check.OneOf("totp", "email"), []string{"totp", "email"}, []string{"", "TOTP", "totp ", "phone"})
	holds(t, check.OneOfFold("totp", "recoveryCode"), []string{"TOTP", "recoverycode"}, []string{"", "totp\n", "phone"})
	if err := check.OneOf("totp", "email")("sms"); err == nil || err.Error() != "Value must be one of: totp, email." {
		t.Errorf("the refusal does not name the words: %v", err)
	}
}

func TestIntegers(t *testing.T) {
	t.Parallel()
	read := check.Integer(-5, 3600)
	for value, want := range map[string]int{"0": 0, "-5": -5, `"3600"`: 3600, "0007": 7, `"-1"`: -1} {
		if got, err := read(value); err != nil || got != want {
			t.Errorf("%s: got %d, %v", value, got, err)
		}
	}
	for _, value := range []string{"", `""`, `"`, `""5""`, "-6", "3601", "+5", " 5", "5 ", "1e2", "5.0", "0x5", "1_000", "99999999999999999999", "null", "[5]", "٣"} {
		if got, err := read(value); err == nil {
			t.Errorf("%s: accepted as %d", value, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int().Draw(t, "n")
		if got, err := check.Integer(math.MinInt, math.MaxInt)(strconv.Itoa(n)); err != nil || got != n {
			t.Fatalf("%d: got %d, %v", n, got, err)
		}
	})
}

func TestTruthValues(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{"true": true, `"true"`: true, "1": true, `"1"`: true, "false": false, `"false"`: false, "0": false, `"0"`: false} {
		if got, err := check.Boolean(value); err != nil || got != want {
			t.Errorf("%s: got %v, %v", value, got, err)
		}
	}
	for _, value := range []string{"", `""`, "TRUE", "yes", "2", "null", "[true]", `"true`, `""true""`} {
		if got, err := check.Boolean(value); err == nil {
			t.Errorf("%s: accepted as %v", value, got)
		}
		if got, err := check.StrictBoolean(value); err == nil {
			t.Errorf("%s: accepted strictly as %v", value, got)
		}
	}
}
