package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"

	"packhorse/internal/graphql/schema"
)

var (
	shellBlock = regexp.MustCompile("(?ms)^```sh$(.*?)^```$")
	asked      = regexp.MustCompile(`\bask '((?:[^']|'\$\w+')*)'`)      // '$NAME' is the shell's
	posted     = regexp.MustCompile(`(?s)curl [^']*'.*?-d '(\{.*?\})'`) // a body as it is
	target     = regexp.MustCompile(`\bmake ((?:[a-z]+ ?)+)`)
)

// shell is the shell code of a page.
func shell(text string) string {
	var code strings.Builder
	for _, m := range shellBlock.FindAllStringSubmatch(text, -1) {
		code.WriteString(m[1])
	}
	return code.String()
}

// TestDocuments holds every GraphQL document of the pages against the schema.
func TestDocuments(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for page, text := range readPages(t) {
		var documents []string
		for _, m := range asked.FindAllStringSubmatch(shell(text), -1) {
			documents = append(documents, m[1])
		}
		for _, m := range posted.FindAllStringSubmatch(shell(text), -1) {
			var body struct{ Query string }
			if err := json.Unmarshal([]byte(m[1]), &body); err != nil {
				t.Errorf("%s: %s: %v", page, m[1], err)
			}
			documents = append(documents, body.Query)
		}
		for _, document := range documents {
			if _, err := gqlparser.LoadQueryWithRules(schema.Load(), document, nil); err != nil {
				t.Errorf("%s: %s: %v", page, document, err)
			}
		}
		seen[page] = len(documents)
	}
	if seen["README.md"] < 1 || seen["docs/walkthrough.md"] < 10 {
		t.Errorf("documents were found in %v: the test does not see them", seen)
	}
}

// TestTargets finds what the pages tell people to make.
func TestTargets(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile(filepath.Join(repository, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for page, text := range readPages(t) {
		code := shell(text)
		for _, m := range inlineCode.FindAllString(text, -1) {
			code += strings.Trim(m, "`") + "\n"
		}
		for _, m := range target.FindAllStringSubmatch(code, -1) {
			for name := range strings.FieldsSeq(m[1]) {
				seen++
				if !strings.Contains(string(makefile), "\n"+name+":") {
					t.Errorf("%s: there is nothing to make that is called %q", page, name)
				}
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d targets were found: the test does not see them", seen)
	}
}
