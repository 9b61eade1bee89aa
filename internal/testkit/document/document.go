// Package document holds answers against an OpenAPI document, and the document against the schema that the
// OpenAPI Initiative publishes for such documents. Only testkit imports it. It imports nothing of ours.
package document

import (
	"bytes"
	_ "embed" // the published schema
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// published is the schema of OpenAPI 3.1 documents, https://spec.openapis.org/oas/3.1/schema/2022-10-07.
//
//go:embed openapi-3.1.json
var published []byte

// Document is an OpenAPI document. A schema is compiled when it is first asked for, once for all who have the same text:
// the document of a large table has thousands, and a test meets a few.
type Document struct {
	routes   []route
	mu       sync.Mutex
	compiler *jsonschema.Compiler
	compiled map[string]*jsonschema.Schema
}

// route is an operation: its method, the segments of its path, and what it may answer, by status.
type route struct {
	method   string
	segments []string
	answers  map[string]answer
}

// answer is what the body of an answer must be: nothing, or one of a media type. Only JSON has a schema.
type answer map[string]place

// place is where a schema stands in the document, and its text.
type place struct{ pointer, text string }

// schema compiles a schema.
func (d *Document) schema(p place) (*jsonschema.Schema, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if known := d.compiled[p.text]; known != nil {
		return known, nil
	}
	schema, err := d.compiler.Compile("document.json#/" + p.pointer)
	if err == nil {
		d.compiled[p.text] = schema
	}
	return schema, err
}

// Compile reads a document. One that is not OpenAPI 3.1 is an error.
func Compile(text []byte) (*Document, error) {
	root, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("document.json", root); err != nil {
		return nil, err
	}
	if err := holdsOpenAPI(compiler, root); err != nil {
		return nil, err
	}
	d := &Document{compiler: compiler, compiled: map[string]*jsonschema.Schema{}}
	for path, operations := range members(root, "paths") {
		for method := range members(operations) {
			r := route{strings.ToUpper(method), strings.Split(path, "/"), map[string]answer{}}
			for status, response := range members(operations, method, "responses") {
				r.answers[status] = answer{}
				for media, content := range members(response, "content") {
					pointer := strings.Join([]string{"paths", escape(path), method, "responses", status, "content", escape(media), "schema"}, "/")
					text, err := json.Marshal(members(content)["schema"])
					if err != nil {
						return nil, err
					}
					r.answers[status][media] = place{pointer, string(text)}
				}
			}
			d.routes = append(d.routes, r)
		}
	}
	return d, nil
}

// holdsOpenAPI says in what a document is none of OpenAPI 3.1.
func holdsOpenAPI(compiler *jsonschema.Compiler, root any) error {
	text, err := jsonschema.UnmarshalJSON(bytes.NewReader(published))
	if err != nil {
		return err
	}
	if err := compiler.AddResource("openapi.json", text); err != nil {
		return err
	}
	schema, err := compiler.Compile("openapi.json")
	if err != nil {
		return err
	}
	return schema.Validate(root)
}

// members returns the members of the object that a path of names leads to; nil if there is none.
func members(value any, names ...string) map[string]any {
	for _, name := range names {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	object, _ := value.(map[string]any)
	return object
}

// escape writes a name as JSON Pointer has it (RFC 6901), for use in a URL's fragment.
func escape(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(name)
}

// Faults says in what an answer is not one that the document declares; empty if it is.
func (d *Document) Faults(r *http.Request, response *http.Response, body []byte) string {
	declared := d.find(r.Method, r.URL.EscapedPath())
	if declared == nil {
		return "no such path or method"
	}
	bodies, found := declared.answers[fmt.Sprint(response.StatusCode)]
	if !found {
		return "no such status"
	}
	media, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	declaredAt, found := bodies[media]
	switch {
	case len(bodies) == 0 && len(body) == 0:
		return ""
	case !found:
		return fmt.Sprintf("a body of type %q is not declared", media)
	case media != "application/json":
		return ""
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err == nil {
		var schema *jsonschema.Schema
		if schema, err = d.schema(declaredAt); err == nil {
			err = schema.Validate(value)
		}
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// find returns the operation of a path: of several that match, the one with the fewest parameters, which is the
// one a router takes.
func (d *Document) find(method, path string) *route {
	segments := strings.Split(strings.TrimSuffix(path, "/"), "/")
	var best *route
	fewest := len(segments) + 1
	for i := range d.routes {
		r := &d.routes[i]
		if parameters, matches := r.match(segments); matches && r.method == method && parameters < fewest {
			best, fewest = r, parameters
		}
	}
	return best
}

// match says whether a path is the operation's, and how many of its segments are parameters.
func (r *route) match(segments []string) (parameters int, matches bool) {
	if len(segments) != len(r.segments) {
		return 0, false
	}
	for i, segment := range r.segments {
		switch {
		case strings.HasPrefix(segment, "{"):
			parameters++
		case segment != segments[i]:
			return 0, false
		}
	}
	return parameters, true
}
