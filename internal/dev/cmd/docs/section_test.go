package main

import (
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
		"stale":         {"a\n<!-- generated:one -->\nold\n\nolder\n<!-- /generated -->\nb", "a\n<!-- generated:one -->\n1\n<!-- /generated -->\nb"},
		"fresh":         {"<!-- generated:one -->\n1\n<!-- /generated -->\n", "<!-- generated:one -->\n1\n<!-- /generated -->\n"},
		"two sections": {"<!-- generated:two -->\n<!-- /generated -->\n-\n<!-- generated:one -->\n<!-- /generated -->\n",
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
		"unknown section": {"a\n<!-- generated:three -->\n<!-- /generated -->\n", `line 2: nothing generates "three"; there are one, two`},
		"no name":         {"<!-- generated: -->\n<!-- /generated -->\n", `line 1: nothing generates ""`},
		"no end":          {"a\n<!-- generated:one -->\nb\n", "line 2: the generated section that begins here has no <!-- /generated -->"},
		"nested":          {"<!-- generated:one -->\n<!-- generated:two -->\n<!-- /generated -->\n", "line 2: a generated section begins inside the one that began in line 1"},
		"end alone":       {"a\n<!-- /generated -->\n", "line 2: a generated section ends here, but none begins"},
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
	path := filepath.Join(t.TempDir(), "page.md")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("before\n<!-- generated:settings -->\nstale\n<!-- /generated -->\nafter\n")
	if err := run([]string{path}); err != nil {
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
	write("<!-- generated:nothing -->\n<!-- /generated -->\n")
	if err := run([]string{path}); err == nil || !strings.Contains(err.Error(), "page.md: line 1") {
		t.Errorf("got %v, want an error that names the file and the line", err)
	}
	if err := run([]string{filepath.Join(t.TempDir(), "missing.md")}); err == nil {
		t.Error("a missing file is no error")
	}
}

// TestFresh is what `make lint` checks too: nobody has to lint to learn that the documentation is stale.
func TestFresh(t *testing.T) {
	t.Parallel()
	comments, err := readComments(domainSource)
	if err != nil {
		t.Fatal(err)
	}
	asked := ""
	for _, path := range []string{"../../../../README.md", "../../../../docs/commands.md", "../../../../docs/access.md", "../../../../docs/api.md"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		asked += string(text)
		if got, err := refresh(string(text), sections(comments)); err != nil {
			t.Errorf("%s: %v", path, err)
		} else if got != string(text) {
			t.Errorf("%s is stale: run make generate", path)
		}
	}
	for name := range sections(comments) {
		if !strings.Contains(asked, "\n<!-- generated:"+name+" -->\n") {
			t.Errorf("no page has the section %q", name)
		}
	}
}
