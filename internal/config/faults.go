package config

import (
	"fmt"
	"strings"
)

// Fault is one thing that is wrong with the settings.
type Fault struct {
	// Option is the name of the setting, without dashes; empty when it is none of ours.
	Option string
	// Origin says where the value came from: a flag, a variable, or a line of the file.
	Origin string
	// Problem says what is wrong, for people. It never holds a secret.
	Problem string
}

// String is the line that the operator reads.
func (f Fault) String() string {
	switch {
	case f.Option == "":
		return f.Origin + ": " + f.Problem
	case f.Origin == "" || f.Origin == "--"+f.Option:
		return "--" + f.Option + ": " + f.Problem
	default:
		return fmt.Sprintf("--%s (%s): %s", f.Option, f.Origin, f.Problem)
	}
}

// Faults is the error that Load returns: everything that is wrong, in the order of the sources and then of
// the table.
type Faults []Fault

// Error is a heading and one line for each fault.
func (f Faults) Error() string {
	var b strings.Builder
	if len(f) == 1 {
		b.WriteString("1 setting is wrong:")
	} else {
		fmt.Fprintf(&b, "%d settings are wrong:", len(f))
	}
	for _, fault := range f {
		b.WriteString("\n  ")
		b.WriteString(fault.String())
	}
	return b.String()
}

// suggest returns " (did you mean NEAREST?)" when one of the candidates is near enough to be what was
// meant, and "" otherwise.
func suggest(wrong string, candidates []string) string {
	best, distance := "", 3
	for _, candidate := range candidates {
		if d := edits(strings.ToLower(wrong), strings.ToLower(candidate)); d < distance && d*3 <= len(candidate) {
			best, distance = candidate, d
		}
	}
	if best == "" {
		return ""
	}
	return " (did you mean " + best + "?)"
}

// edits is the Levenshtein distance: how many letters to insert, drop or change.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
