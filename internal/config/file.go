package config

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// fromFile reads the settings out of a YAML file: one flat map, the keys are the names of the options, a
// list stands for values with commas. One level, one spelling: whoever knows the flag knows the key.
func fromFile(name string, content []byte) ([]given, Faults) {
	file, err := parser.ParseBytes(content, 0)
	if err != nil {
		return nil, Faults{{Origin: name, Problem: "is not YAML: " + yamlError(err)}}
	}
	var entries []*ast.MappingValueNode
	for _, doc := range file.Docs {
		switch body := doc.Body.(type) {
		case nil, *ast.NullNode, *ast.CommentGroupNode:
		case *ast.MappingNode:
			entries = append(entries, body.Values...)
		case *ast.MappingValueNode:
			entries = append(entries, body)
		default:
			return nil, Faults{{Origin: name, Problem: "must be a map of settings, such as `listen: 127.0.0.1:8080`"}}
		}
	}
	var out []given
	var faults Faults
	for _, entry := range entries {
		g, fault := fileEntry(name, entry)
		if fault != nil {
			faults = append(faults, *fault)
		} else if g != nil {
			out = append(out, *g)
		}
	}
	return out, faults
}

// fileEntry reads one key; (nil, nil) is a key without a value, which sets nothing.
func fileEntry(file string, entry *ast.MappingValueNode) (*given, *Fault) {
	token := entry.Key.GetToken()
	key := token.Value
	origin := fmt.Sprintf("%s:%d", file, token.Position.Line)
	option, fromFile := settable(key)
	if option == nil {
		return nil, &Fault{Origin: origin, Problem: "unknown key " + key + suggest(key, names("", nil))}
	}
	if key == configName {
		return nil, &Fault{Origin: origin, Problem: "a file cannot name another file"}
	}
	var values []string
	switch node := entry.Value.(type) {
	case *ast.NullNode:
		return nil, nil
	case *ast.SequenceNode:
		if !option.List || fromFile {
			return nil, &Fault{Option: key, Origin: origin, Problem: "takes one value, not a list"}
		}
		for _, item := range node.Values {
			value, ok := scalar(item)
			if !ok {
				return nil, &Fault{Option: key, Origin: origin, Problem: "must be a list of plain values"}
			}
			values = append(values, value)
		}
	default:
		value, ok := scalar(entry.Value)
		if !ok {
			return nil, &Fault{Option: key, Origin: origin, Problem: "must be a plain value: settings do not nest"}
		}
		values = append(values, value)
	}
	return &given{name: key, value: strings.Join(values, ","), origin: origin}, nil
}

// scalar is the text of a plain value as it stands in the file: a master key of digits only must not pass
// through a number.
func scalar(node ast.Node) (string, bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return strings.TrimSpace(n.Value.Value), true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return node.GetToken().Value, true
	}
	return "", false
}

// yamlError is the library's message without the excerpt of the file, which may hold a secret.
func yamlError(err error) string {
	var syntax *yaml.SyntaxError
	if errors.As(err, &syntax) && syntax.Token != nil {
		return fmt.Sprintf("line %d: %s", syntax.Token.Position.Line, syntax.Message)
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return first
}

// readError says why a file could not be read, without repeating its name.
func readError(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return "cannot be read: " + err.Error()
}
