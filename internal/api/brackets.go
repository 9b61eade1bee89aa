package api

import (
	"net/url"
	"sort"
	"strconv"
	"strings"
)

// sortedBrackets lists the names that carry brackets, numeric indexes in their numeric order: a[2] comes
// before a[10], whatever order a map yields.
func sortedBrackets(values url.Values) []string {
	var names []string
	for name := range values {
		base, _, bracket := strings.Cut(name, "[")
		if bracket && base != "" && strings.HasSuffix(name, "]") {
			names = append(names, name)
		}
	}
	sort.Slice(names, func(i, j int) bool {
		a, b := bracketIndex(names[i]), bracketIndex(names[j])
		if a != b {
			return a < b
		}
		return names[i] < names[j]
	})
	return names
}

// bracketIndex reads the number between brackets; names without one come last.
func bracketIndex(name string) int {
	_, rest, _ := strings.Cut(name, "[")
	n, err := strconv.Atoi(strings.TrimSuffix(rest, "]"))
	if err != nil {
		return int(^uint(0) >> 1)
	}
	return n
}
