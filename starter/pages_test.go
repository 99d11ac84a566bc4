package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

var (
	pageCode = regexp.MustCompile("(?ms)^```sh$(.*?)^```$|`([^`\n]+)`")
	typed    = regexp.MustCompile(`(?m)(?:^|\(|ARGS=')(?:bin/)?packhorse +([a-z][^\n|;)]*)`)
	quoted   = regexp.MustCompile(`"[^"]*"|'[^']*'`)
)

// TestPages finds every command of ours that the pages tell people to type, with its flags.
func TestPages(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, page := range append(pages, "../README.md", "../CONTRIBUTING.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range pageCode.FindAllStringSubmatch(string(text), -1) {
			for _, m := range typed.FindAllStringSubmatch(code[1]+code[2], -1) {
				seen++
				if problem := mistyped(strings.Fields(quoted.ReplaceAllString(m[1], "x"))); problem != "" {
					t.Errorf("%s: packhorse %s: %s", page, m[1], problem)
				}
			}
		}
	}
	if seen < 30 {
		t.Errorf("only %d commands were found: the test does not see them", seen)
	}
}

func TestMistyped(t *testing.T) {
	t.Parallel()
	for line, works := range map[string]bool{
		"order": true, "order list": true, "order create -f FILE": true, "fulfillment-order COMMAND ID": true,
		"service add x --accept-within 4h": true, "schema --help": true,
		"orders": false, "order lsit": false, "order create -x FILE": false, "service add x --accept 4h": false,
	} {
		if problem := mistyped(strings.Fields(line)); (problem == "") != works {
			t.Errorf("%s: %q", line, problem)
		}
	}
}

// mistyped says what is wrong with a command line, or "". Words in capitals stand for anything.
func mistyped(words []string) string {
	command := newApp(nil, nil, nil).newRoot()
	command.InitDefaultCompletionCmd() // cobra adds it when it runs.
	for _, word := range words {
		if word == "\\" || word == "#" {
			break
		}
		name, isFlag := strings.CutPrefix(word, "--")
		short, isShort := strings.CutPrefix(word, "-")
		name, _, _ = strings.Cut(name, "=")
		switch {
		case isFlag && name == "help":
		case isFlag && command.Flag(name) == nil:
			return "there is no flag --" + name
		case isShort && !isFlag && len(short) == 1 && command.Flags().ShorthandLookup(short) == nil &&
			command.InheritedFlags().ShorthandLookup(short) == nil:
			return "there is no flag -" + short
		case !isFlag && !isShort && command.HasSubCommands() && word != strings.ToUpper(word):
			next := subcommand(command, word)
			if next == nil {
				return "there is no command " + word
			}
			command = next
		}
	}
	return ""
}

func subcommand(command *cobra.Command, name string) *cobra.Command {
	for _, c := range command.Commands() {
		if c.Name() == name {
			return c
		}
	}
	return nil
}
