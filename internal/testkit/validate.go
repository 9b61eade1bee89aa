package testkit

import (
	"bytes"
	"net/http"
	"strings"
	"sync"
	"testing"

	"latchkey/internal/api"
	"latchkey/internal/compat"
	"latchkey/internal/testkit/document"
)

// validator holds answers against the OpenAPI document of the endpoint table.
type validator struct{ document *document.Document }

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
		compiled, err := document.Compile(text)
		if err != nil {
			t.Fatal(err)
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
	if strings.Contains(r.URL.Path, "/auth/") {
		return // a page for people, which the document does not describe
	}
	if faults := v.document.Faults(r, response, body); faults != "" {
		t.Errorf("%s %s answered %d, which the OpenAPI document does not declare:\n%s%s", r.Method, r.URL.Path, response.StatusCode, faults, body)
	}
}
