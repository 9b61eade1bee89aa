package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

func TestFunctionsStaySmall(t *testing.T) {
	t.Parallel()
	walk(t, func(path, _ string) {
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range file.Decls {
			fn, is := declaration.(*ast.FuncDecl)
			if !is {
				continue
			}
			lines := set.Position(fn.End()).Line - set.Position(fn.Pos()).Line + 1
			if lines > maxFunction {
				t.Errorf("%s: %s has %d lines, more than %d", path, fn.Name.Name, lines, maxFunction)
			}
			if params := fn.Type.Params.NumFields(); params > maxParams {
				t.Errorf("%s: %s takes %d parameters, more than %d", path, fn.Name.Name, params, maxParams)
			}
		}
	})
}

func TestExportedThingsAreDocumented(t *testing.T) {
	t.Parallel()
	packages := map[string]bool{}
	walk(t, func(path, pkg string) {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		packages[pkg] = packages[pkg] || strings.HasPrefix(file.Doc.Text(), "Package ")
		for _, declaration := range file.Decls {
			if fn, is := declaration.(*ast.FuncDecl); is && visible(fn) && fn.Doc == nil {
				t.Errorf("%s: %s has no doc comment", path, fn.Name.Name)
			}
			group, is := declaration.(*ast.GenDecl)
			if !is || group.Tok != token.TYPE {
				continue
			}
			for _, spec := range group.Specs {
				typed := spec.(*ast.TypeSpec)
				if typed.Name.IsExported() && group.Doc == nil && typed.Doc == nil {
					t.Errorf("%s: type %s has no doc comment", path, typed.Name.Name)
				}
			}
		}
	})
	for pkg, documented := range packages {
		if !documented {
			t.Errorf("package %s does not say what it owns", pkg)
		}
	}
}

// visible says whether a function can be met outside its package: a method only if its type can.
func visible(fn *ast.FuncDecl) bool {
	if !fn.Name.IsExported() {
		return false
	}
	if fn.Recv == nil {
		return true
	}
	receiver := fn.Recv.List[0].Type
	for {
		switch inner := receiver.(type) {
		case *ast.StarExpr:
			receiver = inner.X
		case *ast.IndexExpr:
			receiver = inner.X
		case *ast.Ident:
			return inner.IsExported()
		default:
			return true
		}
	}
}
