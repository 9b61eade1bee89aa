package testkit

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/libopenapi"
	validation "github.com/pb33f/libopenapi-validator"

	"latchkey/internal/api"
	"latchkey/internal/compat"
)

// validator holds answers against the OpenAPI document of the endpoint table.
type validator struct {
	document validation.Validator
	mu       sync.Mutex
}

var shared struct {
	once sync.Once
	v    *validator
}

// sharedValidator compiles the document once a test binary: it is the same for every server.
func sharedValidator(t testing.TB, endpoints []api.Endpoint) *validator {
	t.Helper()
	shared.once.Do(func() {
		text, err := api.OpenAPI(endpoints, compat.Newest)
		if err != nil {
			t.Fatal(err)
		}
		document, err := libopenapi.NewDocument(text)
		if err != nil {
			t.Fatal(err)
		}
		compiled, faults := validation.NewValidator(document)
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		shared.v = &validator{document: compiled}
	})
	return shared.v
}

// check fails the test if an answer is not one the document declares. A path without a row must have been
// answered so.
func (v *validator) check(t testing.TB, r *http.Request, response *http.Response, body []byte) {
	t.Helper()
	if response.StatusCode == http.StatusNotFound && bytes.Contains(body, []byte(`"general_route_not_found"`)) || r.Method == http.MethodOptions || r.Method == http.MethodHead {
		return
	}
	copied := *response
	copied.Body = io.NopCloser(bytes.NewReader(body))
	v.mu.Lock()
	valid, faults := v.document.ValidateHttpResponse(r, &copied)
	v.mu.Unlock()
	if valid {
		return
	}
	var b strings.Builder
	for _, f := range faults {
		b.WriteString(f.Message + ": " + f.Reason + "\n")
		for _, detail := range f.SchemaValidationErrors {
			b.WriteString("  " + detail.Reason + "\n")
		}
	}
	t.Errorf("%s %s answered %d, which the OpenAPI document does not declare:\n%s%s", r.Method, r.URL.Path, response.StatusCode, b.String(), body)
}
