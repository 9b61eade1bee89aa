package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// latchkey runs the program in this process with data of the test's own.
func latchkey(t *testing.T, data string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(context.Background(), append(args, "--data", data), &out, &err)
	return code, out.String(), err.String()
}

// must runs a command that has to succeed and returns what it printed.
func must(t *testing.T, data string, args ...string) string {
	t.Helper()
	code, out, err := latchkey(t, data, args...)
	if code != exitOK {
		t.Fatalf("latchkey %s: exit %d\n%s%s", strings.Join(args, " "), code, out, err)
	}
	return out
}

// A key file that is empty is one that another command is about to write; one that stays so was never written.
func TestAnEmptyKeyFile(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	path := filepath.Join(data, "master.key")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, err := latchkey(t, data, "project", "list"); code == exitOK || !strings.Contains(err, "master.key is empty") {
		t.Errorf("exit %d: %s", code, err)
	}
	written := make(chan error, 1)
	time.AfterFunc(100*time.Millisecond, func() { written <- os.WriteFile(path, []byte(strings.Repeat("5a", 32)+"\n"), 0o600) })
	must(t, data, "project", "list")
	if err := <-written; err != nil {
		t.Fatal(err)
	}
}

func TestProjectsAndKeysByHand(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	must(t, data, "project", "create", "shop", "My", "Shop")
	var projects []shownProject
	if err := json.Unmarshal([]byte(must(t, data, "project", "list", "--json")), &projects); err != nil || len(projects) != 2 || projects[1].Name != "My Shop" {
		t.Errorf("%v %+v", err, projects)
	}
	var key shownKey
	if err := json.Unmarshal([]byte(must(t, data, "key", "create", "shop", "Server", "--scope", "users.read", "--scope=sessions.write", "--json")), &key); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(key.Secret, "standard_") || len(key.Scopes) != 2 {
		t.Errorf("%+v", key)
	}
	if list := must(t, data, "key", "list", "shop"); strings.Contains(list, key.Secret) || !strings.Contains(list, key.Hint) {
		t.Errorf("the list shows %s", list)
	}
	must(t, data, "key", "delete", "shop", key.ID)
	must(t, data, "project", "delete", "shop")
	info, err := os.Stat(filepath.Join(data, "master.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the master key's file: %v, %v", info, err)
	}
}

func TestApply(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data, file := filepath.Join(dir, "data"), filepath.Join(dir, "project.yaml")
	if err := os.WriteFile(file, []byte("projects: [{id: shop, keys: [{id: server, scopes: ['*']}]}]"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := must(t, data, "apply", file, "--dry-run"); !strings.Contains(out, "+ shop: project") || strings.Contains(out, "standard_") {
		t.Errorf("the dry run says %s", out)
	}
	if out := must(t, data, "apply", file); !strings.Contains(out, "shown this once:\nstandard_") {
		t.Errorf("applying says %s", out)
	}
	if out := must(t, data, "apply", file); out != "Nothing to change.\n" {
		t.Errorf("applying again says %s", out)
	}
	must(t, data, "project", "create", "named", "A", "name")
	if err := os.WriteFile(file, []byte("projects: [{id: named}]"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := must(t, data, "apply", file); out != "Nothing to change.\n" {
		t.Errorf("a file without a name says %s", out)
	}
}

func TestHelpNamesTheSettings(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"help"}, {"serve", "--help"}, {"dev", "-h"}, {"apply", "--help"}} {
		if code, stdout, _ := latchkey(t, t.TempDir(), args...); code != exitOK || !strings.Contains(stdout, "--public-url=URL") {
			t.Errorf("latchkey %s: exit %d, and no settings in\n%s", strings.Join(args, " "), code, stdout)
		}
	}
}

func TestWrongUse(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	cases := []struct {
		args []string
		code int
		says string
	}{
		{[]string{"fly"}, exitUsage, `no command "fly"`},
		{[]string{"project"}, exitUsage, "usage: latchkey project"},
		{[]string{"key", "create", "shop"}, exitUsage, "2 arguments are needed"},
		{[]string{"key", "create", "shop", "k"}, exitUsage, "needs at least one --scope"},
		{[]string{"key", "create", "shop", "k", "--scope"}, exitUsage, "needs a value"},
		{[]string{"key", "list", "shop", "--fast"}, exitUsage, "--fast is not known"},
		{[]string{"key", "list", "shop"}, exitFailed, "no project"},
		{[]string{"project", "create", "console"}, exitFailed, "reserved"},
		{[]string{"apply", "/does/not/exist"}, exitFailed, "no such file"},
		{[]string{"serve", "--rate-limits", "maybe", "--hash-time", "x"}, exitUsage, "--hash-time"},
		{[]string{"serve", "--listen", "0.0.0.0:1"}, exitUsage, "--public-url"},
		{[]string{"dev", "--listen", "0.0.0.0:1"}, exitUsage, "--lan"},
		{[]string{"serve", "--master-key", "abc"}, exitUsage, "--master-key"},
	}
	for _, c := range cases {
		code, _, stderr := latchkey(t, data, c.args...)
		if code != c.code || !strings.Contains(stderr, c.says) {
			t.Errorf("latchkey %s: exit %d, want %d\n%s", strings.Join(c.args, " "), code, c.code, stderr)
		}
	}
}

func TestAnotherMasterKeyIsRefused(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	must(t, data, "project", "list", "--master-key", strings.Repeat("01", 32))
	code, _, stderr := latchkey(t, data, "project", "list", "--master-key", strings.Repeat("02", 32))
	if code != exitFailed || !strings.Contains(stderr, "not the master key of the database") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

func TestASecondServerOnTheSameDataIsRefused(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan int)
	var out notifying
	out.told = make(chan struct{})
	go func() {
		done <- run(ctx, []string{"dev", "--data", data, "--listen", "127.0.0.1:0"}, &out, &bytes.Buffer{})
	}()
	<-out.told
	code, _, stderr := latchkey(t, data, "serve", "--listen", "127.0.0.1:0")
	if code != exitFailed || !strings.Contains(stderr, "another server is running") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	must(t, data, "project", "list") // tools work beside it
	stop()
	if code := <-done; code != exitOK {
		t.Errorf("the server ended with %d", code)
	}
}

// notifying is a writer that tells when something is first written.
type notifying struct {
	told chan struct{}
	once bool
}

func (n *notifying) Write(b []byte) (int, error) {
	if !n.once {
		n.once = true
		close(n.told)
	}
	return len(b), nil
}

func TestTheOpenAPIDocumentAndVersionsPrint(t *testing.T) {
	t.Parallel()
	var document map[string]any
	if err := json.Unmarshal([]byte(must(t, t.TempDir(), "openapi")), &document); err != nil || document["openapi"] != "3.1.0" {
		t.Errorf("%v", err)
	}
	if out := must(t, t.TempDir(), "version"); !strings.Contains(out, "API 2.3.0") {
		t.Error(out)
	}
	if out := must(t, t.TempDir(), "help"); !strings.Contains(out, "latchkey apply FILE") || !strings.Contains(out, "--acme-domain") {
		t.Error(out)
	}
}

func TestVerifyingTheAuditTrail(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	must(t, data, "project", "create", "shop", "My", "Shop")
	if out := must(t, data, "audit", "verify", "shop"); !strings.HasPrefix(out, "shop: whole") {
		t.Errorf("it says %s", out)
	}
	var reports []map[string]any
	if err := json.Unmarshal([]byte(must(t, data, "audit", "verify", "--json")), &reports); err != nil || len(reports) != 2 {
		t.Errorf("%v, %v", reports, err)
	}
	if code, out, _ := latchkey(t, data, "audit", "verify", "shop", "--expect=7:00ff"); code == exitOK || !strings.Contains(out, "BROKEN at event 1") {
		t.Errorf("a head that was never reached: %d, %s", code, out)
	}
	for _, args := range [][]string{{"audit"}, {"audit", "verify", "nowhere"}, {"audit", "verify", "shop", "--expect=x"}, {"audit", "verify", "--expect=1:00"}} {
		if code, out, _ := latchkey(t, data, args...); code == exitOK {
			t.Errorf("%v: %s", args, out)
		}
	}
}
