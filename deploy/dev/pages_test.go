package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"packhorse/internal/dev/devstack"
)

// block is a piece of a page that somebody may paste.
type block struct {
	page, language, text string
	line                 int
	notRun               string // why it is not run here; empty: it is
}

var fence = regexp.MustCompile("^ *```([a-z]*)$")

// blocks reads the pieces of a page in these languages. A comment before a piece says why it is not run.
func blocks(t *testing.T, root, page string, languages ...string) []block {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, page))
	if err != nil {
		t.Fatal(err)
	}
	var list []block
	var open *block
	reason := ""
	for i, line := range strings.Split(string(text), "\n") {
		found := fence.FindStringSubmatch(line)
		switch {
		case open != nil && found != nil:
			for _, language := range languages {
				if open.language == language {
					list = append(list, *open)
				}
			}
			open, reason = nil, ""
		case open != nil:
			open.text += line + "\n"
		case found != nil:
			open = &block{page: page, language: found[1], line: i + 1, notRun: reason}
		default:
			reason = ""
			if after, ok := strings.CutPrefix(strings.TrimSpace(line), "<!-- not run: "); ok {
				reason = strings.TrimSuffix(after, " -->")
			}
		}
	}
	return list
}

// pages are those with something to paste, in an order in which they can be read: later ones may use what earlier ones
// made.
var pages = []string{
	"README.md", "docs/walkthrough.md", "docs/orders.md", "docs/commands.md", "docs/events.md", "docs/access.md",
	"docs/webhooks.md", "docs/api.md", "docs/providers.md", "docs/easypost.md", "docs/warehouse-contract.md",
	"docs/rehearsal.md", "docs/changing-workflows.md", "docs/returns.md",
}

// mayBeLeft is how many pieces may say why they are not run.
const mayBeLeft = 10

// TestPagesAreWhole: every page with something for a shell is run, but for a few pieces.
func TestPagesAreWhole(t *testing.T) {
	t.Parallel()
	root, err := devstack.RepositoryRoot()
	if err != nil {
		t.Fatal(err)
	}
	found, left := 0, 0
	for _, page := range pages {
		for _, b := range blocks(t, root, page, "sh", "ts") {
			found++
			if b.notRun != "" {
				left++
			}
		}
	}
	if left > mayBeLeft || found < 2*mayBeLeft-2 {
		t.Errorf("%d pieces of %d are not run, more than %d", left, found, mayBeLeft)
	}
	files, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, filepath.Join(root, "README.md"), filepath.Join(root, "CONTRIBUTING.md")) {
		page, _ := filepath.Rel(root, file)
		known := false
		for _, name := range pages {
			known = known || name == page
		}
		if len(blocks(t, root, page, "sh", "ts")) > 0 && !known {
			t.Errorf("%s has something to paste, and is not among the pages that are run", page)
		}
	}
}

// TestPages runs what the pages say, as it stands, on a stack like that of make run.
func TestPages(t *testing.T) {
	t.Parallel()
	repository, err := devstack.RepositoryRoot()
	if err != nil {
		t.Fatal(err)
	}
	for _, tool := range []string{"bash", "curl", "jq", "python3"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the pages need %s, which is not here", tool)
		}
	}
	root := t.TempDir()
	for name, source := range map[string]string{"packhorse": "./starter", "packhorse-worker": "./worker"} {
		build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(root, "bin", name), source)
		build.Dir = repository
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("build %s: %v\n%s", name, err, out)
		}
	}
	if err := os.CopyFS(filepath.Join(root, "examples"), os.DirFS(filepath.Join(repository, "examples"))); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(root, ".run"), 0o755); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	s := newStack(root, settings{fresh: true}, cancel)
	s.tell = func(string, ...any) {}
	defer func() {
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	}()
	if err := s.start(ctx); err != nil {
		t.Fatal(err)
	}
	if err := s.writeEnvironmentFile(); err != nil {
		t.Fatal(err)
	}
	sample := sampleOrder(t, repository)
	var typescript sync.WaitGroup // npm takes its time, and needs none of the pages.
	typescript.Go(func() { runTypeScript(t, root, sample) })
	defer typescript.Wait()

	paste(t, root, "the sample orders", "source .run/env\npackhorse demo --examples examples")
	for _, page := range pages {
		script := ""
		for _, b := range blocks(t, repository, page, "sh") {
			if b.notRun == "" {
				script += fmt.Sprintf("# %s:%d\n%s", b.page, b.line, b.text)
			}
		}
		if script != "" {
			paste(t, root, page, script)
		}
	}
}

// sampleOrder is the sample in TypeScript.
func sampleOrder(t *testing.T, repository string) string {
	t.Helper()
	samples := blocks(t, repository, "docs/orders.md", "ts")
	if len(samples) != 1 {
		t.Fatalf("%d samples in TypeScript, want 1", len(samples))
	}
	return samples[0].text
}

// paste gives a script to a shell, as somebody would who has pasted it, but stops where something fails.
func paste(t *testing.T, folder, what, script string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	shell := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", script)
	shell.Dir = folder
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TEMPORAL_") && !strings.HasPrefix(variable, "PACKHORSE_") {
			shell.Env = append(shell.Env, variable)
		}
	}
	out, err := shell.CombinedOutput()
	text := string(out)
	if err != nil {
		t.Errorf("%s: %v\n%s", what, err, text)
	}
	for _, trouble := range []string{`"errors":[`, `"userErrors":[{`} {
		if strings.Contains(text, trouble) {
			t.Errorf("%s: the API refuses something:\n%s", what, text)
		}
	}
}

// npmPackages are what the sample is compiled and run with.
var npmPackages = []string{"@temporalio/client@1.24.0", "typescript@7.0.2", "@types/node@26.6.7"}

// runTypeScript makes a new project of the sample, compiles it strictly, and runs it.
func runTypeScript(t *testing.T, root, sample string) {
	npm, err := exec.LookPath("npm")
	if err != nil {
		t.Log("the sample in TypeScript is not run: npm is not here")
		return
	}
	folder := filepath.Join(root, "typescript")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Error(err)
		return
	}
	if err := os.WriteFile(filepath.Join(folder, "order.ts"), []byte(sample), 0o600); err != nil {
		t.Error(err)
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	for _, arguments := range [][]string{
		{"init", "-y"}, append([]string{"install", "--no-audit", "--no-fund", "--prefer-offline"}, npmPackages...),
	} {
		command := exec.CommandContext(ctx, npm, arguments...)
		command.Dir = folder
		if out, err := command.CombinedOutput(); err != nil {
			t.Logf("the sample in TypeScript is not run: npm can't install what it needs: %v\n%s", err, out)
			return
		}
	}
	paste(t, folder, "the sample in TypeScript", "source ../.run/env\nnpx tsc --strict --skipLibCheck --module nodenext order.ts\nnode order.js")
}
