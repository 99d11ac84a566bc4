// Command docs writes what the documentation takes from the code: the picture of the life of a fulfillment order, and
// the tables of commands, fields, settings, access rights, searches and providers. It looks through all Markdown pages
// below the folder that is its argument. Only what stands between two markers is replaced:
//
//	<!-- generated:NAME -->
//	<!-- /generated -->
package main

import (
	"errors"
	"fmt"
	"os"
)

//go:generate go run . ../../../..

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "docs:", err)
		os.Exit(1)
	}
}

// run refreshes the pages of a repository. One that is fresh is not touched.
func run(arguments []string) error {
	if len(arguments) != 1 {
		return errors.New("usage: docs FOLDER")
	}
	paths, err := pages(arguments[0])
	if err != nil {
		return err
	}
	comments, err := readAllComments()
	if err != nil {
		return err
	}
	constants, err := readAllConstants()
	if err != nil {
		return err
	}
	parts := sections(comments, constants)
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
