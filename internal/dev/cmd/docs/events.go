package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"

	"packhorse/internal/feed"
	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// eventTables is an entry of the feed, and what is inside.
func eventTables(c comments) string {
	text := memberTable(c, reflect.TypeFor[feed.Entry]())
	for _, t := range []reflect.Type{
		reflect.TypeFor[fulfillment.State](), reflect.TypeFor[fulfillment.Details](),
		reflect.TypeFor[fulfillment.OrderStatuses](), reflect.TypeFor[fulfillment.OrderDetails](),
		reflect.TypeFor[returns.State](), reflect.TypeFor[returns.Details](),
	} {
		what := strings.Replace(firstSentence(c.typeText(t)), "Are the", "The", 1)
		text += fmt.Sprintf("\n### %s\n\n%s\n\n%s", nameOf(t), what, memberTable(c, t))
	}
	return text
}

// read is what a reader of JSON finds where Go has something else.
var read = strings.NewReplacer("EventVersion", fmt.Sprint(fulfillment.EventVersion),
	"(nil:", "(missing:", "0: it is", "missing: it is")

// memberTable lists the JSON fields of something that is read, not sent.
func memberTable(c comments, t reflect.Type) string {
	var b strings.Builder
	b.WriteString("| field | type | meaning |\n|---|---|---|\n")
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		var kind string
		switch {
		case f.Type.Kind() == reflect.Interface, f.Type == reflect.TypeFor[json.RawMessage]():
			kind = "object"
		case f.Type == reflect.TypeFor[[]fulfillment.LineItem]():
			kind = "list of [line items](orders.md#the-payload-of-order)"
		default:
			kind = jsonType(f.Type)
		}
		meaning := plain(c[nameOf(t)+"."+f.Name])
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", name, cell(kind), cell(read.Replace(meaning)))
	}
	return b.String()
}

// topicList is every topic that transitions raise.
func topicList(all []constant) string { return bullets(all, "", "Topic") }

// kindList is every kind of transition: of a fulfillment order, of an order, and of a return.
func kindList(all []constant) string {
	return "Of a fulfillment order:\n\n" + bullets(all, "Kind", "") +
		"\nOf an order:\n\n" + bullets(all, "OrderKind", "") +
		"\nOf a return:\n\n" + bullets(all, ofReturns+"Kind", "")
}

func bullets(all []constant, typeName, prefix string) string {
	var b strings.Builder
	for _, c := range all {
		if c.typeName == typeName && strings.HasPrefix(c.name, prefix) {
			fmt.Fprintf(&b, "- `%s`", c.value)
			if c.comment != "" {
				b.WriteString(": " + plain(c.comment))
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

// A constant is a named text of the domain.
type constant struct{ name, typeName, value, comment string }

// readAllConstants reads the texts of the domain and of returns.
func readAllConstants() ([]constant, error) {
	all, err := readConstants(domainSource)
	if err != nil {
		return nil, err
	}
	more, err := readConstants(returnsSource)
	for _, c := range more {
		if c.typeName != "" {
			c.typeName = ofReturns + c.typeName
		}
		all = append(all, c)
	}
	return all, err
}

// readConstants reads the texts that the Go files of a folder name, in their order.
func readConstants(folder string) ([]constant, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return nil, err
	}
	var found []constant
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			return nil, fmt.Errorf("read the constants: %w", err)
		}
		for _, declaration := range file.Decls {
			group, ok := declaration.(*ast.GenDecl)
			if !ok || group.Tok != token.CONST {
				continue
			}
			for _, spec := range group.Specs {
				found = appendConstant(found, spec.(*ast.ValueSpec))
			}
		}
	}
	if len(found) == 0 {
		return nil, errors.New("read the constants: there are none in " + folder)
	}
	return found, nil
}

func appendConstant(list []constant, spec *ast.ValueSpec) []constant {
	for i, value := range spec.Values {
		literal, ok := value.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			continue
		}
		c := constant{name: spec.Names[i].Name, comment: strings.TrimSpace(spec.Doc.Text() + " " + spec.Comment.Text())}
		if name, ok := spec.Type.(*ast.Ident); ok {
			c.typeName = name.Name
		}
		c.value, _ = strconv.Unquote(literal.Value) // The compiler has read it, too.
		list = append(list, c)
	}
	return list
}
