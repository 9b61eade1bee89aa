package api

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"

	"latchkey/internal/fault"
)

// object is a JSON object of the OpenAPI document. Keys come out sorted, so the document is the same at
// every build.
type object = map[string]any

// OpenAPI writes the OpenAPI 3.1 document of a table of endpoints. Everything in it is read from the
// endpoints, so it cannot say what the server does not do.
func OpenAPI(endpoints []Endpoint, version string) (Document, error) {
	doc := document{schemas: object{}}
	paths := object{}
	for i := range endpoints {
		e := &endpoints[i]
		for n, path := range append([]string{e.Path}, e.Alias...) {
			item, _ := paths[path].(object)
			if item == nil {
				item = object{}
				paths[path] = item
			}
			item[strings.ToLower(e.Method)] = doc.operation(e, n)
		}
	}
	doc.schemas["error"] = errorSchema(nil)
	return json.Marshal(object{
		"openapi": "3.1.0",
		"info": object{
			"title": "Latchkey", "version": version, "license": object{"name": "Apache-2.0", "identifier": "Apache-2.0"},
			"description": "Account service for apps, wire-compatible with the Account API of Appwrite. Replies are described in the newest format; older ones are asked for with X-Appwrite-Response-Format.",
		},
		"servers":    []object{{"url": "/"}},
		"paths":      paths,
		"components": object{"schemas": doc.schemas, "securitySchemes": securitySchemes()},
	})
}

// document collects the schemas that operations refer to.
type document struct{ schemas object }

// operation describes an endpoint under its path, or under its nth alias.
func (d *document) operation(e *Endpoint, alias int) object {
	id := strings.ReplaceAll(e.Name(), ".", "_")
	if alias > 0 {
		id += "_alias" + strconv.Itoa(alias)
	}
	op := object{
		"operationId": id, "summary": e.About, "tags": []string{e.Service()}, "responses": d.responses(e),
		"x-scope": string(e.Scope), "x-sdk": e.SDK,
	}
	if alias > 0 {
		op["deprecated"] = true
	}
	if e.Limit.Max > 0 {
		op["x-rate-limit"] = object{"max": e.Limit.Max, "seconds": int(e.Limit.Window().Seconds()), "keys": e.Limit.By}
	}
	if parameters := parameterList(e); len(parameters) > 0 {
		op["parameters"] = parameters
	}
	if body := requestBody(e); body != nil {
		op["requestBody"] = body
	}
	op["security"] = security(e.Scope)
	return op
}

// parameterList describes path and query parameters.
func parameterList(e *Endpoint) []object {
	var list []object
	for _, p := range e.Params {
		if p.In == "body" {
			continue
		}
		entry := object{"name": p.Name, "in": p.In, "required": p.Required || p.In == "path", "description": p.About, "schema": paramSchema(p)}
		if p.Type == "array" {
			entry["name"] = p.Name + "[]"
		}
		list = append(list, entry)
	}
	return list
}

// requestBody describes the parameters that travel in the body.
func requestBody(e *Endpoint) object {
	properties, required := object{}, []string{}
	for _, p := range e.Params {
		if p.In != "body" {
			continue
		}
		schema := paramSchema(p)
		schema["description"] = p.About
		properties[p.Name] = schema
		if p.Required {
			required = append(required, p.Name)
		}
	}
	if len(properties) == 0 {
		return nil
	}
	schema := object{"type": "object", "properties": properties}
	if len(required) > 0 {
		schema["required"] = required
	}
	return object{"required": len(required) > 0, "content": object{"application/json": object{"schema": schema}}}
}

// paramSchema describes one parameter's value.
func paramSchema(p Param) object {
	schema := object{"type": p.Type}
	if p.Type == "array" {
		schema["items"] = object{"type": "string"}
	}
	if p.Format != "" {
		schema["format"] = p.Format
	}
	if p.Default != nil {
		schema["default"] = p.Default
	}
	if p.Example != nil {
		schema["examples"] = []any{p.Example}
	}
	return schema
}

// responses describes success and every declared refusal, the faults gathered by status.
func (d *document) responses(e *Endpoint) object {
	responses := object{strconv.Itoa(e.Status): d.success(e)}
	byStatus := map[int][]string{}
	for _, kind := range e.AllFaults() {
		byStatus[kind.Status] = append(byStatus[kind.Status], kind.Type)
	}
	for status, types := range byStatus {
		sort.Strings(types)
		responses[strconv.Itoa(status)] = object{
			"description": http.StatusText(status) + ": " + strings.Join(types, ", "),
			"content":     errorContent(e, types),
		}
	}
	if e.Visit {
		responses["204"] = object{"description": "To a request that only looks ahead: nothing was done."}
	}
	return responses
}

// success describes the reply.
func (d *document) success(e *Endpoint) object {
	switch e.Reply {
	case reflect.TypeFor[Empty]():
		return object{"description": "Done; no body."}
	case reflect.TypeFor[*Page]():
		return object{"description": "Leads the browser on, to the address in Location."}
	case reflect.TypeFor[Text]():
		return object{"description": "Plain text.", "content": object{"text/plain": object{"schema": object{"type": "string"}}}}
	case reflect.TypeFor[Document]():
		return object{"description": "A JSON document.", "content": object{"application/json": object{"schema": object{"type": "object"}}}}
	}
	return object{"description": "Done.", "content": object{"application/json": object{"schema": d.schema(e.Reply)}}}
}

// errorContent is an error as programs get it, and people where the row has a page for them.
func errorContent(e *Endpoint, types []string) object {
	content := object{"application/json": object{"schema": errorSchema(types)}}
	if e.Failure != nil {
		content["text/html"] = object{"schema": object{"type": "string"}}
	}
	return content
}

// errorSchema describes the error envelope, limited to some types where those are known.
func errorSchema(types []string) object {
	if types == nil {
		for _, kind := range fault.All() {
			types = append(types, kind.Type)
		}
		slices.Sort(types)
	}
	return object{
		"type": "object", "required": []string{"message", "code", "type", "version"}, "additionalProperties": false,
		"properties": object{
			"message": object{"type": "string"}, "code": object{"type": "integer"}, "version": object{"type": "string"},
			"type": object{"type": "string", "enum": types},
		},
	}
}

// securitySchemes names the ways a caller may prove who they are.
func securitySchemes() object {
	header := func(name, about string) object {
		return object{"type": "apiKey", "in": "header", "name": name, "description": about}
	}
	return object{
		"Project": header("X-Appwrite-Project", "Project id; needed by every call but the console's own."),
		"Session": header("X-Appwrite-Session", "Encoded session; browsers send it as a cookie instead."),
		"JWT":     header("X-Appwrite-JWT", "JSON Web Token of a user."),
		"Key":     header("X-Appwrite-Key", "API key of a server."),
	}
}

// security says which proofs a scope accepts.
func security(scope Scope) []object {
	with := func(name string) object { return object{"Project": []string{}, name: []string{}} }
	switch scope {
	case ScopeAccount, ScopeTargetsWrite:
		return []object{with("Session"), with("JWT")}
	case ScopeGlobal:
		return []object{{}}
	case ScopePublic:
		return []object{{"Project": []string{}}}
	case ScopeSessionsWrite, ScopeLocaleRead:
		return []object{{"Project": []string{}}, with("Session"), with("Key")}
	}
	return []object{with("Key")}
}
