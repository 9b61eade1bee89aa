package document

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const small = `{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {
	"/pets/{id}": {"get": {"responses": {
		"200": {"description": "d", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/pet"}}}},
		"204": {"description": "d"}}}},
	"/pets/mine": {"get": {"responses": {"200": {"description": "d", "content": {"text/plain": {"schema": {"type": "string"}}}}}}}},
	"components": {"schemas": {"pet": {"type": "object", "required": ["name"], "additionalProperties": false, "properties": {"name": {"type": "string"}}}}}}`

func TestAnswersAreHeldAgainstTheDocument(t *testing.T) {
	t.Parallel()
	d, err := Compile([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		path, media, body string
		status            int
		fault             string
	}{
		{"/pets/7", "application/json; charset=UTF-8", `{"name": "Rex"}`, 200, ""},
		{"/pets/7", "", "", 204, ""},
		{"/pets/mine", "text/plain", "Rex", 200, ""},
		{"/pets/7", "application/json", `{}`, 200, "name"},
		{"/pets/7", "application/json", `{"name": 7}`, 200, "string"},
		{"/pets/7", "application/json", `{"name": "Rex", "age": 7}`, 200, "age"},
		{"/pets/7", "application/json", `{"name"`, 200, "EOF"},
		{"/pets/7", "application/json", `{"name": "Rex"}`, 201, "no such status"},
		{"/pets/7", "text/plain", "Rex", 200, "not declared"},
		{"/pets/7", "application/json", `{"name": "Rex"}`, 204, "not declared"},
		{"/pets/mine", "application/json", `{"name": "Rex"}`, 200, "not declared"},
		{"/pets", "application/json", `{"name": "Rex"}`, 200, "no such path"},
	}
	for _, c := range cases {
		response := &http.Response{StatusCode: c.status, Header: http.Header{"Content-Type": {c.media}}}
		got := d.Faults(httptest.NewRequest(http.MethodGet, c.path, nil), response, []byte(c.body))
		if (got == "") != (c.fault == "") || !strings.Contains(got, c.fault) {
			t.Errorf("%d %s %s: %q, want %q", c.status, c.path, c.body, got, c.fault)
		}
	}
}

func TestWhatIsNoOpenAPIIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"{}", `{"openapi": "3.1.0", "info": {"title": "t"}, "paths": {}}`, strings.Replace(small, `"responses"`, `"answers"`, 1), "["} {
		if _, err := Compile([]byte(text)); err == nil {
			t.Errorf("%s is taken for a document", text)
		}
	}
}
