package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// read runs a command for a script and reads what it printed.
func read[T any](t *testing.T, data string, args ...string) (value T) {
	t.Helper()
	if err := json.Unmarshal([]byte(must(t, data, append(args, "--json")...)), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestPeopleByHand(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	must(t, data, "project", "create", "shop")
	quick := []string{"--hash-memory", "8", "--hash-time", "1"}
	with := func(args ...string) []string { return append(args, quick...) }
	made := read[shownUser](t, data, with("user", "create", "shop", "Walter@Example.com", "Walter", "White")...)
	if made.Email != "walter@example.com" || made.Name != "Walter White" || len(made.Password) < 20 || !made.Status {
		t.Errorf("%+v", made)
	}
	if again := read[shownUser](t, data, with("user", "password", "shop", made.ID)...); again.Password == made.Password || again.Password == "" {
		t.Errorf("%+v", again)
	}
	if list := read[[]shownUser](t, data, "user", "list", "shop", "walter"); len(list) != 1 || list[0].Password != "" {
		t.Errorf("%+v", list)
	}
	for _, args := range [][]string{{"user", "reset-mfa", "shop", made.ID}, {"user", "sign-out", "shop", made.ID}, {"user", "block", "shop", made.ID}, {"user", "delete", "shop", made.ID}} {
		must(t, data, args...)
	}
	boss := read[shownOperator](t, data, with("admin", "create", "boss@example.com", "Boss")...)
	if again := read[shownUser](t, data, with("admin", "password", "Boss@example.com")...); again.ID != boss.ID || again.Password == boss.Password || again.Password == "" {
		t.Errorf("%+v", again)
	}
	must(t, data, "admin", "reset-mfa", "boss@example.com")
	if list := must(t, data, "admin", "list"); !strings.Contains(list, "boss@example.com  shop:owner") {
		t.Error(list)
	}
	for _, c := range []struct{ args, says string }{
		{"user create shop nobody", "email"}, {"user create nowhere a@example.com", "project"}, {"user password shop nobody", "user"}, {"user reset-mfa shop nobody", "user"},
		{"user sign-out shop nobody", "user"}, {"admin password nobody@example.com", "user"}, {"admin reset-mfa nobody@example.com", "user"}, {"admin create boss@example.com", "already exists"},
	} {
		if code, out, stderr := latchkey(t, data, with(strings.Fields(c.args)...)...); code != exitFailed || out != "" || !strings.Contains(stderr, c.says) {
			t.Errorf("latchkey %s: exit %d %s%s", c.args, code, out, stderr)
		}
	}
}
