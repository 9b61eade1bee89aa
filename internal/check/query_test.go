package check

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lists are the lists of the vectors, in the order of their verdicts.
var lists = []struct {
	name  string
	rules QueryRules
}{{"identities", IdentityQueries}, {"users", UserQueries}, {"targets", TargetQueries}, {"logs", LogQueries}}

// TestQueryVectors holds the parser against verdicts of the servers of both ends; where those differ the newest
// one counts.
func TestQueryVectors(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/queries.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct{ Query, Verdicts string }
	if err := json.Unmarshal(text, &vectors); err != nil || len(vectors) < 50 {
		t.Fatalf("%d vectors, %v", len(vectors), err)
	}
	for _, v := range vectors {
		for i, list := range lists {
			_, err := ParseQueries([]string{v.Query}, list.rules, false)
			if want := v.Verdicts[i] == '1'; (err == nil) != want {
				t.Errorf("%s on %s: accepted %v (%v), want %v", v.Query, list.name, err == nil, err, want)
			}
		}
	}
}

func TestWhatQueriesMean(t *testing.T) {
	t.Parallel()
	got, err := ParseQueries([]string{
		`{"method":"limit","values":[5]}`, `{"method":"offset","values":["2"]}`, `{"method":"cursorBefore","values":["abc"]}`, `{"method":"cursorAfter","values":["later"]}`,
		`{"method":"orderDesc","attribute":"name"}`, `{"method":"orderAsc","attribute":""}`, `{"method":"equal","attribute":"status","values":[true]}`,
		`{"method":"greaterThan","attribute":"$createdAt","values":["2026-01-01"]}`,
		`{"method":"or","values":[{"method":"isNull","attribute":"email"},{"method":"startsWith","attribute":"name","values":["W"]}]}`,
	}, UserQueries, false)
	if err != nil {
		t.Fatal(err)
	}
	want := Queries{Limit: 5, Offset: 2, Cursor: "abc", CursorBefore: true, Orders: []Order{{"name", true}, {"", false}}, Filters: []Filter{
		{Method: "equal", Attribute: "status", Values: []any{true}},
		{Method: "greaterThan", Attribute: "$createdAt", Values: []any{mustTime(t, "2026-01-01T00:00:00Z")}},
		{Method: "or", Children: []Filter{{Method: "isNull", Attribute: "email"}, {Method: "startsWith", Attribute: "name", Values: []any{"W"}}}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func mustTime(t *testing.T, text string) any {
	t.Helper()
	at, err := parseTime(text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestQueryBounds(t *testing.T) {
	t.Parallel()
	many := make([]string, 101)
	for i := range many {
		many[i] = `{"method":"limit","values":[1]}`
	}
	values := strings.Repeat(`"a",`, 500) + `"a"`
	nested := `{"method":"isNull","attribute":"name"}`
	for range 8 {
		nested = `{"method":"or","values":[` + nested + `,{"method":"isNull","attribute":"name"}]}`
	}
	for name, texts := range map[string][]string{
		"101 queries": many, "a long query": {`{"method":"equal","attribute":"name","values":["` + strings.Repeat("x", 4096) + `"]}`},
		"501 values": {`{"method":"equal","attribute":"name","values":[` + values + `]}`}, "deep nesting": {nested},
		"a NUL": {`{"method":"equal","attribute":"name","values":["a\u0000"]}`},
	} {
		if _, err := ParseQueries(texts, UserQueries, false); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if _, err := ParseQueries(many[:100], UserQueries, false); err != nil {
		t.Errorf("100 queries are refused: %v", err)
	}
}

func TestTheOldTextForm(t *testing.T) {
	t.Parallel()
	got, err := ParseQueries([]string{`equal("provider", ["git\"hub", 'x'])`, `limit(5)`, `offset(1)`, `orderDesc("providerUid")`, `cursorAfter("abc")`, `isNull("providerEmail")`},
		IdentityQueries, true)
	if err != nil {
		t.Fatal(err)
	}
	want := Queries{Limit: 5, Offset: 1, Cursor: "abc", Orders: []Order{{"providerUid", true}}, Filters: []Filter{
		{Method: "equal", Attribute: "provider", Values: []any{`git"hub`, "x"}}, {Method: "isNull", Attribute: "providerEmail"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{"", "limit", "limit(", "limit(5", "x.limit(5)", `equal("provider" "x")`, `equal("provider", [`, `equal("provider", "x`, `limit(five)`,
		`equal(provider, ["x"])`, `{"method":"limit","values":[5]}`} {
		if _, err := ParseQueries([]string{bad}, IdentityQueries, true); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func FuzzParseQueries(f *testing.F) {
	text, err := os.ReadFile("testdata/queries.json")
	if err != nil {
		f.Fatal(err)
	}
	var vectors []struct{ Query string }
	if err := json.Unmarshal(text, &vectors); err != nil || len(vectors) == 0 {
		f.Fatal("no vectors")
	}
	for _, v := range vectors {
		f.Add(v.Query, false)
	}
	f.Add(`equal("a", ["b"])`, true)
	f.Fuzz(func(t *testing.T, text string, old bool) {
		for _, list := range lists {
			q, err := ParseQueries([]string{text}, list.rules, old)
			if err != nil && err.Error() == "" {
				t.Error("an error without a word")
			}
			if err == nil && (q.Limit < 0 || q.Offset < 0) {
				t.Error("a negative page")
			}
		}
	})
}
