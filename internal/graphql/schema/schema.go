// Package schema holds the Admin API's GraphQL schema, one file for each noun.
package schema

import (
	"embed"
	"fmt"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

//go:embed *.graphqls
var files embed.FS

// SDL is the whole schema as text, with its descriptions.
func SDL() string {
	var b strings.Builder
	for i, source := range sources() {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(source.Input)
	}
	return b.String()
}

// Load is the parsed schema. All callers share it: it must not be changed.
func Load() *ast.Schema { return load() }

var load = sync.OnceValue(func() *ast.Schema {
	return gqlparser.MustLoadSchema(sources()...)
})

func sources() []*ast.Source {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(fmt.Sprintf("read the embedded schema: %v", err)) // Embedded files are always there.
	}
	list := make([]*ast.Source, len(entries))
	for i, entry := range entries {
		text, err := files.ReadFile(entry.Name())
		if err != nil {
			panic(fmt.Sprintf("read the embedded schema: %v", err))
		}
		list[i] = &ast.Source{Name: entry.Name(), Input: string(text)}
	}
	return list
}
