package app_test

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/internal/api"
)

//go:generate go test -run TestReferencePagesAreFresh -update

const referenceFolder = "../../docs/reference"

// TestReferencePagesAreFresh compares docs/reference with the endpoint table; -update writes it. A page that
// nothing writes any more is a fault too.
func TestReferencePagesAreFresh(t *testing.T) {
	t.Parallel()
	if testing.Short() && !*update {
		t.Skip("the long form holds the pages: make gen writes them")
	}
	exchanges := readExchanges(t)
	pages := api.Reference(table(), func(e *api.Endpoint) string { return exampleOf(e, exchanges) })
	files, err := filepath.Glob(referenceFolder + "/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		if _, ours := pages[name]; ours || name == "configuration.md" {
			continue
		}
		if *update {
			_ = os.Remove(file)
			continue
		}
		t.Errorf("%s is written by nobody", file)
	}
	for name, page := range pages {
		file := filepath.Join(referenceFolder, name)
		if *update {
			if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Error(err)
		} else if diff := cmp.Diff(string(text), page); diff != "" {
			t.Errorf("%s is not fresh, make gen writes it:\n%s", file, diff)
		}
	}
}

// exchange is a request of a transcript with its answer.
type exchange struct {
	method, path string
	status       int
	text         string
}

// readExchanges reads all transcripts in order of their names.
func readExchanges(t *testing.T) []exchange {
	t.Helper()
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	var list []exchange
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, exchangesOf(string(text))...)
	}
	return list
}

// exchangesOf cuts a transcript into its exchanges.
func exchangesOf(text string) []exchange {
	var list []exchange
	asking := false
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "> ") && !asking:
			method, target, _ := strings.Cut(line[2:], " ")
			path, _, _ := strings.Cut(target, "?")
			list = append(list, exchange{method: method, path: path, text: line[2:] + "\n"})
			asking = true
		case strings.HasPrefix(line, "> "):
			list[len(list)-1].text += line[2:] + "\n"
		case strings.HasPrefix(line, "< "):
			last := &list[len(list)-1]
			if asking {
				last.status, _ = strconv.Atoi(strings.Fields(line)[1])
				last.text += "\nHTTP/1.1 "
			}
			last.text += line[2:] + "\n"
			asking = false
		default:
			asking = false
		}
	}
	return list
}

// exampleOf finds the first exchange of an endpoint that went well, else the first at all.
func exampleOf(e *api.Endpoint, exchanges []exchange) string {
	route := regexp.MustCompile("^" + regexp.MustCompile(`\\\{\w+\\\}`).ReplaceAllString(regexp.QuoteMeta(e.Path), `[^/]+`) + "$")
	first := ""
	for _, x := range exchanges {
		if x.method != e.Method || !route.MatchString(x.path) {
			continue
		}
		if x.status == e.Status {
			return x.text
		}
		if first == "" {
			first = x.text
		}
	}
	return first
}
