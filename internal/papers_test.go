package internal_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestEveryDependencyIsExplained holds that docs/dependencies.md says of each module and package what it is for.
func TestEveryDependencyIsExplained(t *testing.T) {
	t.Parallel()
	page := read(t, "../docs/dependencies.md")
	var modules []string
	for _, match := range regexp.MustCompile(`(?m)^(?:require )?\s*([a-z0-9.-]+\.[a-z]+/\S+) v`).FindAllStringSubmatch(read(t, "../go.mod"), -1) {
		modules = append(modules, match[1])
	}
	seen := 0
	for path := range imports(t, "..") {
		module := ""
		for _, candidate := range modules {
			if (path == candidate || strings.HasPrefix(path, candidate+"/")) && len(candidate) > len(module) {
				module = candidate
			}
		}
		if module == "" {
			continue // the standard library, our own packages
		}
		seen++
		if !strings.Contains(page, "| "+module+" |") && !strings.Contains(page, "| "+nested.ReplaceAllString(module, "$1")+" |") {
			t.Errorf("docs/dependencies.md has no line for %s (imported as %s)", module, path)
		}
	}
	if seen < 10 {
		t.Errorf("only %d imports of others' modules were seen", seen)
	}
	for _, file := range []string{"../sdk-tests/package.json", "../tools/lists/package.json", "../tools/countries/package.json"} {
		for _, match := range regexp.MustCompile(`"(?:npm:)?(@?[a-z0-9/-]+)(?:@|": ")\d+\.\d+\.\d+"`).FindAllStringSubmatch(read(t, file), -1) {
			if !strings.Contains(page, match[1]) {
				t.Errorf("docs/dependencies.md has no line for %s of %s", match[1], file)
			}
		}
	}
}

// nested is the rest of a module's path that lies inside a repository of several modules.
var nested = regexp.MustCompile(`^(golang\.org/x/crypto)/.*`)

// imports collects what every Go file below a folder imports, tests too.
func imports(t *testing.T, root string) map[string]bool {
	t.Helper()
	paths := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == ".git" || entry.Name() == "tools"):
			return filepath.SkipDir
		case !strings.HasSuffix(path, ".go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, imported := range file.Imports {
			name, _ := strconv.Unquote(imported.Path.Value)
			paths[name] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// TestLinksLeadSomewhere follows every relative link of our papers, and its anchor.
func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)\s:]+)\)`)
	seen := 0
	for _, pattern := range []string{"../*.md", "../docs/*.md", "../docs/*/*.md"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s matches nothing: %v", pattern, err)
		}
		for _, file := range files {
			text := read(t, file)
			for _, match := range link.FindAllStringSubmatch(text, -1) {
				seen++
				path, fragment, _ := strings.Cut(match[1], "#")
				target := file
				if path != "" {
					target = filepath.Join(filepath.Dir(file), path)
				}
				if _, err := os.Stat(target); err != nil {
					t.Errorf("%s links to %s, which is not there", file, match[1])
					continue
				}
				if fragment != "" && !headings(read(t, target))[fragment] {
					t.Errorf("%s links to %s, which has no such heading", file, match[1])
				}
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d links were seen", seen)
	}
}

// headings returns the anchors of a page's headings.
func headings(text string) map[string]bool {
	anchors := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(text, -1) {
		heading := regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`).ReplaceAllString(match[1], "$1")
		heading = regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(heading), "")
		anchors[strings.ReplaceAll(heading, " ", "-")] = true
	}
	return anchors
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
