package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

// Operators see the guard's counts and can have them forgotten; a project that is not there is said to be so.
func TestTheSMSGuardIsShown(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	latchkey := func(args ...string) (int, string) {
		var out bytes.Buffer
		code := run(context.Background(), append(args, "--data", data), &out, &out)
		return code, out.String()
	}
	if code, out := latchkey("project", "create", "demo"); code != exitOK {
		t.Fatal(out)
	}
	if code, out := latchkey("sms-guard", "show", "demo"); code != exitOK || !strings.Contains(out, "came back") {
		t.Errorf("%d %s", code, out)
	}
	if code, out := latchkey("sms-guard", "show", "demo", "--json"); code != exitOK || strings.TrimSpace(out) != "[]" {
		t.Errorf("%d %s", code, out)
	}
	if code, out := latchkey("sms-guard", "forget", "demo"); code != exitOK || !strings.Contains(out, "begin anew") {
		t.Errorf("%d %s", code, out)
	}
	if code, _ := latchkey("sms-guard", "show", "nobody"); code == exitOK {
		t.Error("a project that is not there was shown")
	}
}
