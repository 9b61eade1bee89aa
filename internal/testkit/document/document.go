// Package document holds answers against an OpenAPI document. Only testkit imports it. It imports nothing of ours,
// so that the library behind it, which takes long to compile against, is compiled once and not with every change.
package document

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/pb33f/libopenapi"
	validation "github.com/pb33f/libopenapi-validator"
)

// Document is a compiled OpenAPI document. It names no type of the library, so that whoever imports this package
// need not read the library's types either.
type Document struct {
	mu    sync.Mutex
	check func(*http.Request, *http.Response) string
}

// Compile reads a document.
func Compile(text []byte) (*Document, error) {
	parsed, err := libopenapi.NewDocument(text)
	if err != nil {
		return nil, err
	}
	compiled, faults := validation.NewValidator(parsed)
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return &Document{check: func(r *http.Request, response *http.Response) string {
		valid, faults := compiled.ValidateHttpResponse(r, response)
		if valid {
			return ""
		}
		var b strings.Builder
		for _, f := range faults {
			b.WriteString(f.Message + ": " + f.Reason + "\n")
			for _, detail := range f.SchemaValidationErrors {
				b.WriteString("  " + detail.Reason + "\n")
			}
		}
		return b.String()
	}}, nil
}

// Faults says in what an answer is not one that the document declares; empty if it is.
func (d *Document) Faults(r *http.Request, response *http.Response, body []byte) string {
	copied := *response
	copied.Body = io.NopCloser(bytes.NewReader(body))
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.check(r, &copied)
}
