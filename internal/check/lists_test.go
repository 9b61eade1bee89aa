package check

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestALineIsFoundWhereASetWouldFindIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[ab]{0,3}`)
		lines := rapid.SliceOfDistinct(word, rapid.ID[string]).Draw(t, "lines")
		slices.Sort(lines)
		text := ""
		for _, line := range lines {
			text += line + "\n"
		}
		asked := word.Draw(t, "asked")
		if found := hasLine(text, asked); found != slices.Contains(lines, asked) {
			t.Errorf("%q in %q: %v", asked, strings.ReplaceAll(text, "\n", " "), found)
		}
	})
}

func TestTheListsAreSorted(t *testing.T) {
	t.Parallel()
	for _, packed := range [][]byte{passwordsGz, disposableGz, freeGz} {
		text := unpacked(packed)
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		if !slices.IsSorted(lines) || !strings.HasSuffix(text, "\n") {
			t.Error("a list cannot be searched")
		}
		for _, line := range lines {
			if !hasLine(text, line) || hasLine(text, line+"\x00") {
				t.Fatalf("%q is not found, or what follows it is", line)
			}
		}
	}
}
