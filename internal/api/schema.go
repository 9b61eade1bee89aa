package api

import (
	"reflect"
	"strings"

	"latchkey/internal/model"
)

// Document is a reply that is JSON already.
type Document []byte

// schema describes a reply type. Models become components that are referred to by name.
func (d *document) schema(t reflect.Type) object {
	switch t {
	case reflect.TypeFor[model.Time]():
		return object{"type": "string", "description": "Moment in ISO 8601 with milliseconds, or empty when unset."}
	case reflect.TypeFor[model.Object]():
		return object{"type": "object"}
	}
	if modeled := reflect.New(t).Elem(); t.Kind() == reflect.String && modeled.CanInterface() {
		if _, free := modeled.Interface().(Model); free {
			return object{"type": "object"} // an object of the app's own making, kept as text
		}
	}
	switch t.Kind() {
	case reflect.Pointer:
		if t.Elem().Kind() == reflect.Struct {
			return d.schema(t.Elem())
		}
		inner := d.schema(t.Elem())
		inner["type"] = []any{inner["type"], "null"}
		return inner
	case reflect.Struct:
		return d.component(t)
	case reflect.Slice:
		return object{"type": "array", "items": d.schema(t.Elem())}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return object{"type": "integer"}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.Map:
		return object{"type": "object"}
	}
	return object{"type": "string"}
}

// component describes a model once and returns the reference to it. A field that older formats leave out
// (tag `since`) is not required.
func (d *document) component(t reflect.Type) object {
	name := componentName(t)
	ref := object{"$ref": "#/components/schemas/" + name}
	if _, known := d.schemas[name]; known {
		return ref
	}
	properties, required := object{}, []string{}
	d.schemas[name] = object{}
	for i := range t.NumField() {
		field := t.Field(i)
		key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if key == "" || key == "-" {
			continue
		}
		schema := d.schema(field.Type)
		if since := field.Tag.Get("since"); since != "" {
			schema["description"] = strings.TrimSpace(asText(schema["description"]) + " Since format " + since + ".")
		} else {
			required = append(required, key)
		}
		properties[key] = schema
	}
	d.schemas[name] = object{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
	return ref
}

// componentName is the contract's name of a model.
func componentName(t reflect.Type) string {
	if named, is := reflect.New(t).Interface().(Model); is {
		return named.Model()
	}
	return strings.ToLower(t.Name()[:1]) + t.Name()[1:]
}

// asText returns a value that is text, or nothing.
func asText(value any) string {
	text, _ := value.(string)
	return text
}
