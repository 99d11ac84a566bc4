package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	// A text that is written in several lines of source.
	broken = regexp.MustCompile(`"\s*\+\s*"`)
	// A command as texts name it, up to where it ends or prose goes on.
	named = regexp.MustCompile("packhorse ([a-z][^:;,.()\"`\\\\]*)")
)

// TestAdvisedCommandsExist: what a refusal or a page of a workflow tells people to type is a command that there is,
// with flags that it has and as many arguments as it takes.
func TestAdvisedCommandsExist(t *testing.T) {
	t.Parallel()
	found := 0
	for _, pattern := range []string{
		"../internal/refusal/table.go", "../internal/fulfillment/*.go", "../internal/operation/*.go",
		"../internal/postgres/*.go", "../workflows/*.go", "../activities/*.go",
	} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			source, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(broken.ReplaceAllString(string(source), "")) {
				if code, _, comment := strings.Cut(line, "//"); comment {
					line = code
				}
				for _, match := range named.FindAllStringSubmatch(line, -1) {
					found++
					if problem := wrongCommand(strings.Fields(match[1])); problem != "" {
						t.Errorf("%s: packhorse %s: %s", name, match[1], problem)
					}
				}
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d commands were found", found)
	}
}

// wrongCommand is why the words can't be typed after packhorse; "": they can. In them, a text in capitals or braces
// stands for an argument. What follows in small letters is prose.
func wrongCommand(words []string) string {
	command, rest, err := newApp(nil, nil, nil).newRoot().Find(words)
	if err != nil || !command.HasParent() {
		return "there is no such command"
	}
	var arguments []string
	for i := 0; i < len(rest); i++ {
		word := rest[i]
		if flag, isFlag := strings.CutPrefix(word, "--"); isFlag {
			if flag == "help" {
				continue
			}
			known := command.Flags().Lookup(flag)
			if known == nil {
				return "it has no flag --" + flag
			}
			if known.NoOptDefVal == "" {
				i++
			}
			continue
		}
		if !strings.HasPrefix(word, "{") && word != strings.ToUpper(word) {
			break
		}
		arguments = append(arguments, word)
	}
	if len(arguments) == 0 { // Only the command is meant.
		return ""
	}
	if err := command.ValidateArgs(arguments); err != nil {
		return err.Error()
	}
	return ""
}
