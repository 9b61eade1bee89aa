package store

// Text returns a statement's SQL by name, for benchmarks that run the very same text on a bare driver; empty
// if there is none.
func Text(name string) string {
	for _, s := range statements {
		if s.name == name {
			return s.text
		}
	}
	return ""
}
