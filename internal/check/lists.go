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

// list returns a look-up that unpacks its list when it is first asked.
func list(packed *[]byte) func(string) bool {
	unpack := sync.OnceValue(func() map[string]struct{} {
		reader, err := gzip.NewReader(bytes.NewReader(*packed))
		if err != nil {
			panic("check: an embedded list is damaged: " + err.Error())
		}
		text, err := io.ReadAll(reader)
		if err != nil {
			panic("check: an embedded list is damaged: " + err.Error())
		}
		lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
		set := make(map[string]struct{}, len(lines))
		for _, line := range lines {
			set[line] = struct{}{}
		}
		return set
	})
	return func(value string) bool {
		_, found := unpack()[value]
		return found
	}
}

// common says whether a password is one of those that everybody tries first; compared exactly.
func common(password string) bool { return passwords(password) }
