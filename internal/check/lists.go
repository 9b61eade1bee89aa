package check

import (
	"bytes"
	"compress/gzip"
	_ "embed" // the lists are part of the program
	"io"
	"strings"
	"sync"
)

// The lists are sorted lines, compressed; `make gen` (tools/lists) writes them and names their sources.
var (
	//go:embed data/passwords.txt.gz
	passwordsGz []byte
	//go:embed data/disposable.txt.gz
	disposableGz []byte
	//go:embed data/free.txt.gz
	freeGz []byte

	passwords  = list(&passwordsGz)
	disposable = list(&disposableGz)
	free       = list(&freeGz)
)

// list returns a look-up that unpacks its list when it is first asked, and then searches the text as it is: a set of
// its lines would take ten times the memory to be some hundred nanoseconds quicker.
func list(packed *[]byte) func(string) bool {
	unpack := sync.OnceValue(func() string { return unpacked(*packed) })
	return func(value string) bool { return hasLine(unpack(), value) }
}

// unpacked is a list as text. A list is part of the program, so a damaged one is a fault of it.
func unpacked(packed []byte) string {
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic("check: an embedded list is damaged: " + err.Error())
	}
	text, err := io.ReadAll(reader)
	if err != nil {
		panic("check: an embedded list is damaged: " + err.Error())
	}
	return string(text)
}

// hasLine looks for a line in a text of sorted lines, each with its end.
func hasLine(text, line string) bool {
	for len(text) > 0 {
		middle := strings.LastIndexByte(text[:len(text)/2], '\n') + 1 // where the line in the middle begins
		end := middle + strings.IndexByte(text[middle:], '\n')
		switch strings.Compare(line, text[middle:end]) {
		case 0:
			return true
		case -1:
			text = text[:middle]
		default:
			text = text[end+1:]
		}
	}
	return false
}

// common says whether a password is one of those that everybody tries first; compared exactly.
func common(password string) bool { return passwords(password) }
