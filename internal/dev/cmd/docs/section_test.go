package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var numbers = map[string]func() string{"one": func() string { return "\n1\n" }, "two": func() string { return "2" }}

func TestRefresh(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ in, want string }{
		"nothing to do": {"# Title\n\ntext", "# Title\n\ntext"},
		"stale": {"a\n<!-- generated:one -->\nold\n\nolder\n<!-- /generated -->\nb",
			"a\n<!-- generated:one -->\n1\n<!-- /generated -->\nb"},
		"fresh": {"<!-- generated:one -->\n1\n<!-- /generated -->\n",
			"<!-- generated:one -->\n1\n<!-- /generated -->\n"},
		"two sections": {
			"<!-- generated:two -->\n<!-- /generated -->\n-\n<!-- generated:one -->\n<!-- /generated -->\n",
			"<!-- generated:two -->\n2\n<!-- /generated -->\n-\n<!-- generated:one -->\n1\n<!-- /generated -->\n"},
		"a marker inside a line is text": {"`<!-- generated:one -->`\n", "`<!-- generated:one -->`\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := refresh(test.in, numbers)
			if err != nil || got != test.want {
				t.Errorf("got %q and %v, want %q", got, err, test.want)
			}
		})
	}
}

func TestRefreshRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ in, want string }{
		"unknown section": {"a\n<!-- generated:three -->\n<!-- /generated -->\n",
			`line 2: nothing generates "three"; there are one, two`},
		"no name": {"<!-- generated: -->\n<!-- /generated -->\n", `line 1: nothing generates ""`},
		"no end": {"a\n<!-- generated:one -->\nb\n",
			"line 2: the generated section that begins here has no <!-- /generated -->"},
		"nested": {"<!-- generated:one -->\n<!-- generated:two -->\n<!-- /generated -->\n",
			"line 2: a generated section begins inside the one that began in line 1"},
		"end alone": {"a\n<!-- /generated -->\n", "line 2: a generated section ends here, but none begins"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := refresh(test.in, numbers)
			if err == nil || !strings.Contains(err.Error(), test.want) || got != "" {
				t.Errorf("got %q and %v, want the error %q", got, err, test.want)
			}
		})
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	path := filepath.Join(root, "docs", "page.md")
	write := func(path, text string) {
		t.Helper()
		err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600))
		if err != nil {
			t.Fatal(err)
		}
	}
	const unknown = "<!-- generated:nothing -->\n<!-- /generated -->\n"
	write(path, "before\n<!-- generated:settings -->\nstale\n<!-- /generated -->\nafter\n")
	write(filepath.Join(root, ".run", "passed-over.md"), unknown)
	write(filepath.Join(root, "bin", "passed-over.md"), unknown)
	if err := run([]string{root}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if s := string(text); !strings.HasPrefix(s, "before\n") || !strings.HasSuffix(s, "\nafter\n") ||
		strings.Contains(s, "stale") || !strings.Contains(s, "PACKHORSE_DATABASE_URL") {
		t.Errorf("refreshed to:\n%s", s)
	}
	write(path, unknown)
	if err := run([]string{root}); err == nil || !strings.Contains(err.Error(), "page.md: line 1") {
		t.Errorf("got %v, want an error that names the file and the line", err)
	}
	for name, arguments := range map[string][]string{
		"no folder": nil, "two folders": {root, root}, "a missing folder": {filepath.Join(root, "missing")},
		"a folder without pages": {t.TempDir()},
	} {
		if err := run(arguments); err == nil {
			t.Errorf("%s is no error", name)
		}
	}
}

// TestFresh is what `make lint` checks too: nobody has to lint to learn that the documentation is stale.
func TestFresh(t *testing.T) {
	t.Parallel()
	comments, err := readAllComments()
	if err != nil {
		t.Fatal(err)
	}
	constants, err := readAllConstants()
	if err != nil {
		t.Fatal(err)
	}
	parts := sections(comments, constants)
	asked := ""
	for path, text := range readPages(t) {
		asked += text
		if got, err := refresh(text, parts); err != nil {
			t.Errorf("%s: %v", path, err)
		} else if got != text {
			t.Errorf("%s is stale: run make generate", path)
		}
	}
	for name := range parts {
		if !strings.Contains(asked, "\n<!-- generated:"+name+" -->\n") {
			t.Errorf("no page has the section %q", name)
		}
	}
}
