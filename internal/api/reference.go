package api

import (
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"latchkey/internal/fault"
)

// Reference writes the pages of docs/reference: one a service, one of the reply models, one of the errors,
// by file name. They are read from the endpoints like the OpenAPI document, so they cannot say what the
// server does not do. example returns a request and its answer as they look on the wire, or nothing.
func Reference(endpoints []Endpoint, example func(*Endpoint) string) map[string]string {
	services := map[string][]*Endpoint{}
	for i := range endpoints {
		e := &endpoints[i]
		services[e.Service()] = append(services[e.Service()], e)
	}
	pages := map[string]string{"errors.md": errorsPage(), "models.md": modelsPage(endpoints)}
	for service, list := range services {
		slices.SortFunc(list, func(a, b *Endpoint) int { return strings.Compare(a.Name(), b.Name()) })
		pages[service+".md"] = servicePage(service, list, example)
	}
	pages["README.md"] = indexPage(services)
	return pages
}

// generated tells a reader of the file's text where to change it.
const generated = "<!-- Written from the endpoint table: make gen -->\n\n"

// indexPage lists every endpoint of every service.
func indexPage(services map[string][]*Endpoint) string {
	var b strings.Builder
	b.WriteString("# Reference\n\n" + generated +
		"Every endpoint, as the server itself declares it. The same as OpenAPI 3.1: `GET /v1/openapi.json` or `latchkey openapi`.\n\n" +
		"[Settings](configuration.md) · [Reply models](models.md) · [Errors](errors.md)\n")
	for _, service := range slices.Sorted(maps.Keys(services)) {
		fmt.Fprintf(&b, "\n## [%s](%s.md)\n\n| endpoint | route | |\n| --- | --- | --- |\n", service, service)
		for _, e := range services[service] {
			fmt.Fprintf(&b, "| [%s](%s.md#%s) | `%s` | %s |\n", e.shortName(), service, anchor(e.shortName()), e.Route, cell(e.About))
		}
	}
	return b.String()
}

// servicePage describes the endpoints of a service.
func servicePage(service string, list []*Endpoint, example func(*Endpoint) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s", service, generated)
	b.WriteString("Parameters travel in the query of a GET and in the body (JSON or form) of everything else. Any endpoint may also answer " +
		"with the [errors that every request can meet](errors.md#met-by-every-request).\n")
	for _, e := range list {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n", e.shortName(), e.About)
		for _, path := range append([]string{e.Path}, e.Alias...) {
			fmt.Fprintf(&b, "    %s %s\n", e.Method, path)
		}
		b.WriteString("\n")
		for _, fact := range e.facts() {
			b.WriteString("- " + fact + "\n")
		}
		b.WriteString(parameterTable(e.Params))
		b.WriteString(refusalTable(e.ownFaults()))
		if text := example(e); text != "" {
			b.WriteString("\n<details><summary>Example</summary>\n\n```http\n" + text + "```\n\n</details>\n")
		}
	}
	return b.String()
}

// facts says who may call an endpoint, how often, and what comes back.
func (e *Endpoint) facts() []string {
	list := []string{"Scope `" + string(e.Scope) + "`: " + strings.Join(e.Scope.holders(), ", ") + "."}
	if older := e.SDK[min(1, len(e.SDK)):]; len(older) > 0 {
		list = append(list, "Also called `"+strings.Join(older, "`, `")+"`.")
	}
	if e.Gate != GateNone {
		list = append(list, "The project's sign-in method `"+string(e.Gate)+"` must be on.")
	}
	if e.Unsigned {
		list = append(list, "Not for callers who are signed in already.")
	}
	if e.HalfSigned {
		list = append(list, "May be called while a second factor is still missing.")
	}
	if e.Fresh {
		list = append(list, "Needs an MFA challenge passed within the last half hour.")
	}
	if e.Limit.Max > 0 {
		limit := fmt.Sprintf("At most %d calls per %d seconds for each of: `%s`.", e.Limit.Max, int(e.Limit.Window().Seconds()), strings.Join(e.Limit.By, "`, `"))
		if e.Limit.Reset > 0 {
			limit += fmt.Sprintf(" A %d sets the count back.", e.Limit.Reset)
		}
		list = append(list, limit)
	}
	if e.Event != "" {
		list = append(list, "Event `"+e.Event+"`.")
	}
	return append(list, fmt.Sprintf("Answers %d %s%s.", e.Status, http.StatusText(e.Status), replyLink(e.Reply)))
}

// holders says in words who carries a scope.
func (s Scope) holders() []string {
	var list []string
	if grantSets[RoleGuest][s] {
		list = append(list, "guests")
	}
	if grantSets[RoleUser][s] {
		list = append(list, "signed-in users")
	}
	switch {
	case grantSets[RoleKey][s]:
		list = append(list, "API keys")
	case s != ScopeAccount && s != ScopePublic:
		list = append(list, "API keys with this scope")
	}
	if grantSets[RoleDeveloper][s] {
		list = append(list, "operators")
	}
	return list
}

// replyLink names what an answer holds.
func replyLink(reply reflect.Type) string {
	switch reply {
	case reflect.TypeFor[Empty]():
		return ", without a body"
	case reflect.TypeFor[*Page]():
		return " and leads the browser on"
	case reflect.TypeFor[Text]():
		return ", plain text"
	case reflect.TypeFor[Document]():
		return ", a JSON document"
	}
	for reply.Kind() == reflect.Pointer {
		reply = reply.Elem()
	}
	if reply.Kind() == reflect.Slice && reply.Name() == "" {
		return strings.Replace(replyLink(reply.Elem()), ": ", ": a list of ", 1)
	}
	name := componentName(reply)
	if reply.Kind() != reflect.Struct {
		return ": " + name + ", an object of the app's own making"
	}
	return ": [" + name + "](models.md#" + anchor(name) + ")"
}

// parameterTable lists parameters in the order they are checked.
func parameterTable(params []Param) string {
	if len(params) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n| parameter | in | type | | |\n| --- | --- | --- | --- | --- |\n")
	for _, p := range params {
		kind, need := p.Type, "optional"
		if p.Format != "" {
			kind += ", " + p.Format
		}
		switch {
		case p.Required:
			need = "required"
		case p.Default != nil && p.Default != "":
			need = fmt.Sprintf("default `%v`", p.Default)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", p.Name, p.In, kind, need, cell(p.About))
	}
	return b.String()
}

// ownFaults is what an endpoint may answer beyond what every request can meet.
func (e *Endpoint) ownFaults() []*fault.Kind {
	var list []*fault.Kind
	for _, kind := range e.AllFaults() {
		if !slices.Contains(everywhere, kind) {
			list = append(list, kind)
		}
	}
	return list
}

// refusalTable lists errors with their meaning, by status.
func refusalTable(kinds []*fault.Kind) string {
	if len(kinds) == 0 {
		return ""
	}
	kinds = slices.Clone(kinds)
	slices.SortFunc(kinds, func(a, b *fault.Kind) int {
		if a.Status != b.Status {
			return a.Status - b.Status
		}
		return strings.Compare(a.Type, b.Type)
	})
	var b strings.Builder
	b.WriteString("\n| status | type | |\n| --- | --- | --- |\n")
	for _, kind := range kinds {
		fmt.Fprintf(&b, "| %d | `%s` | %s |\n", kind.Status, kind.Type, cell(kind.Message))
	}
	return b.String()
}

// errorsPage lists every error there is.
func errorsPage() string {
	return "# Errors\n\n" + generated +
		"An error is a JSON object with `message`, `code` (the status), `type` and `version`. Programs look at `type`; the text may change.\n\n" +
		"## Met by every request\n" + refusalTable(everywhere) + "\n## All\n" + refusalTable(fault.All())
}

// modelsPage lists what replies are made of, each model once.
func modelsPage(endpoints []Endpoint) string {
	doc := document{schemas: object{}}
	for i := range endpoints {
		doc.success(&endpoints[i])
	}
	var b strings.Builder
	b.WriteString("# Reply models\n\n" + generated +
		"Fields in the newest format. One that says since when it is there is left out of answers in an older format.\n")
	for _, name := range slices.Sorted(maps.Keys(doc.schemas)) {
		schema, _ := doc.schemas[name].(object)
		properties, _ := schema["properties"].(object)
		fmt.Fprintf(&b, "\n## %s\n\n| field | type | |\n| --- | --- | --- |\n", name)
		for _, field := range slices.Sorted(maps.Keys(properties)) {
			property, _ := properties[field].(object)
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", field, schemaType(property), cell(asText(property["description"])))
		}
	}
	return b.String()
}

// schemaType says a schema's type in a word, with a link where it is a model of its own.
func schemaType(schema object) string {
	if ref := asText(schema["$ref"]); ref != "" {
		name := ref[strings.LastIndexByte(ref, '/')+1:]
		return "[" + name + "](#" + anchor(name) + ")"
	}
	switch kind := schema["type"].(type) {
	case []any:
		return fmt.Sprintf("%v or null", kind[0])
	case string:
		if items, is := schema["items"].(object); is {
			return "list of " + schemaType(items)
		}
		return kind
	}
	return "any"
}

// shortName is the SDK's method name without its service; an endpoint that no SDK calls goes by its route.
func (e *Endpoint) shortName() string {
	if len(e.SDK) == 0 {
		return e.Route
	}
	_, name, _ := strings.Cut(e.SDK[0], ".")
	return name
}

// anchor is what a heading is called in links to it.
func anchor(heading string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(heading) {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '_':
			b.WriteRune(c)
		case c == ' ':
			b.WriteByte('-')
		}
	}
	return b.String()
}

// cell makes a text fit into a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
