// Command docs writes what the documentation takes from the code: the picture of the life of a fulfillment order, and
// the tables of commands, fields, settings, access rights and searches. Only what stands between two markers is replaced:
//
//	<!-- generated:NAME -->
//	<!-- /generated -->
package main

import (
	"fmt"
	"os"
)

//go:generate go run . ../../../../README.md ../../../../docs/commands.md ../../../../docs/access.md ../../../../docs/api.md

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "docs:", err)
		os.Exit(1)
	}
}

// run refreshes the files. One that is fresh is not touched.
func run(paths []string) error {
	comments, err := readComments(domainSource)
	if err != nil {
		return err
	}
	parts := sections(comments)
	for _, path := range paths {
		old, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text, err := refresh(string(old), parts)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if text == string(old) {
			continue
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
