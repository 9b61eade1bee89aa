package internal_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rings says which of our own packages each package may import. An arrow that is not in it fails the test:
// the order of the rings is what keeps a rule from learning about HTTP and a statement about a rule.
var rings = map[string][]string{
	"guard":         {"auth", "check", "fault", "limit", "model", "store"},
	"outgoing":      {"egress"},
	"post/provider": {"outgoing"},
	"post/relay":    {"outgoing", "post", "post/provider"},
	"post/sms":      {"outgoing", "post/provider"},

	"model":    {},
	"fault":    {},
	"config":   {},
	"locale":   {},
	"compat":   {},
	"secret":   {"fault", "model"},
	"check":    {"fault", "model"},
	"client":   {"model"},
	"store":    {"fault", "limit", "model"},
	"limit":    {},
	"egress":   {},
	"courier":  {"admin", "egress", "fault", "model", "post", "post/relay", "post/sms", "store"},
	"post":     {"fault", "locale", "model"},
	"mock":     {"oauth"},
	"oauth":    {"fault", "model", "secret"},
	"outbox":   {"model", "secret", "store"},
	"audit":    {"model", "secret", "store"},
	"auth":     {"audit", "check", "client", "event", "fault", "limit", "locale", "model", "oauth", "outbox", "passkey", "secret", "store"},
	"passkey":  {},
	"admin":    {"audit", "auth", "check", "client", "egress", "event", "fault", "limit", "locale", "model", "oauth", "post", "secret", "store"},
	"event":    {},
	"webhook":  {"admin", "api/wire", "auth", "event", "fault", "model", "outbox", "outgoing", "secret", "store"},
	"api/wire": {"client", "locale", "model", "secret"},
	"api":      {"admin", "auth", "check", "client", "compat", "fault", "limit", "locale", "model", "secret", "store"},
	"api/*":    {"admin", "api", "api/wire", "auth", "check", "client", "compat", "fault", "locale", "model", "oauth"},
	"pages":    {"api", "auth", "check", "fault", "locale", "model"},
	"mailbox":  {"model", "post"},
	"door":     {},
	"app":      {"*"},
	"testkit":  {"*"},

	"testkit/document":   {},
	"testkit/double":     {},
	"testkit/engines":    {"model", "store"},
	"testkit/mailserver": {},
}

// limits on size: the tail is what makes code ugly. Data tables may be as long as their data.
const (
	maxFile     = 600
	maxFunction = 80
	maxParams   = 5
)

func TestArrowsPointInwards(t *testing.T) {
	t.Parallel()
	seen := 0
	walk(t, func(path, pkg string) {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		allowed, known := rings[pkg]
		if !known && strings.HasPrefix(pkg, "api/") {
			allowed, known = rings["api/*"], true
		}
		if !known {
			t.Errorf("%s: package %s has no line in the list of rings", path, pkg)
			return
		}
		for _, imported := range file.Imports {
			target, _ := strconv.Unquote(imported.Path.Value)
			inner, ours := strings.CutPrefix(target, "latchkey/internal/")
			if !ours {
				continue
			}
			seen++
			if !slices.Contains(allowed, inner) && !slices.Contains(allowed, "*") {
				t.Errorf("%s: %s may not import %s", path, pkg, inner)
			}
		}
	})
	if seen < 20 {
		t.Errorf("only %d arrows were looked at: the test does not see the code", seen)
	}
}

// walk visits every Go file that is not a test.
func walk(t *testing.T, visit func(path, pkg string)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && entry.Name() == "testdata" {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			visit(path, filepath.ToSlash(filepath.Dir(path)))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFilesStaySmall(t *testing.T) {
	t.Parallel()
	walk(t, func(path, _ string) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(string(text), "\n"); lines > maxFile && !strings.Contains(string(text), "//latchkey:table") {
			t.Errorf("%s has %d lines, more than %d", path, lines, maxFile)
		}
	})
}
