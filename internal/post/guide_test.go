package post_test

import (
	"os"
	"strings"
	"testing"

	"latchkey/internal/post"
)

// TestTheGuideNamesEverything holds the page that operators read against what there is.
func TestTheGuideNamesEverything(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../docs/guide/mail.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range post.Placeholders {
		if line := "| `{{" + p.Name + "}}` | " + p.Meaning + " |\n"; !strings.Contains(string(guide), line) {
			t.Errorf("the guide lacks the line %s", line)
		}
	}
	for _, kind := range post.Kinds() {
		if !strings.Contains(string(guide), "`"+kind+"`") {
			t.Errorf("the guide does not name the kind %s", kind)
		}
	}
	for _, locale := range post.Languages() {
		if !strings.Contains(string(guide), "("+locale+")") {
			t.Errorf("the guide does not name the language %s", locale)
		}
	}
}
