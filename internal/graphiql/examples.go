package graphiql

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed examples
var exampleFiles embed.FS

// Example is a document for one step of a fulfillment order's life. In its variables, `{{Operation.path}}` stands for
// what the answer to an earlier document, named by its operation, has at this path of its data, and `{{unique}}` for
// text that was never there before.
type Example struct {
	Name      string `json:"name"` // the file's: they are in the order of the story
	Query     string `json:"query"`
	Variables string `json:"variables"` // JSON, or empty
}

// Examples lists all of them, in the order of the story.
func Examples() []Example {
	entries, err := exampleFiles.ReadDir("examples") // Sorted by name.
	if err != nil {
		panic(fmt.Sprintf("read the embedded examples: %v", err)) // Embedded files are always there.
	}
	var list []Example
	for _, entry := range entries {
		name, isDocument := strings.CutSuffix(entry.Name(), ".graphql")
		if !isDocument {
			continue
		}
		variables, _ := read(name + ".json")
		query, ok := read(name + ".graphql")
		if !ok {
			panic("the embedded example " + name + " is gone")
		}
		list = append(list, Example{Name: name, Query: query, Variables: variables})
	}
	return list
}

func read(name string) (text string, ok bool) {
	content, err := exampleFiles.ReadFile("examples/" + name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		panic(fmt.Sprintf("read an embedded example: %v", err))
	}
	return string(content), err == nil
}
