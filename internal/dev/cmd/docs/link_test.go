package main

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// repository is the folder of the repository, seen from this one.
const repository = "../../../.."

// readPages is the text of every page of the repository, by its path in it.
func readPages(t *testing.T) map[string]string {
	t.Helper()
	paths, err := pages(repository)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name, err := filepath.Rel(repository, path)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.ToSlash(name)] = string(text)
	}
	return texts
}

// TestLinks follows every link of every page that stays inside the repository, to its file and to its heading.
func TestLinks(t *testing.T) {
	t.Parallel()
	texts := readPages(t)
	seen := 0
	for page, text := range texts {
		for _, target := range linksOf(text) {
			seen++
			if problem := follow(repository, texts, page, target); problem != "" {
				t.Errorf("%s links to %s: %s", page, target, problem)
			}
		}
	}
	if seen < 30 {
		t.Errorf("only %d links were found: the test does not see them", seen)
	}
}

func TestFollow(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "file.go"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{
		"README.md": "# Name\n\n## `Once`, however [often](docs/a.md)\n\n## Same\n\n### Same\n\n" +
			"```sh\n# no heading\n```\n",
		"docs/a.md": "# A page\n",
	}
	for target, works := range map[string]bool{
		"#once-however-often": true, "#same": true, "#same-1": true,
		"#same-2": false, "#no-heading": false, "#Same": false,
		"docs/a.md": true, "docs/a.md#a-page": true, "file.go": true,
		"docs/b.md": false, "docs/a.md#b": false, "a.md": false,
		"file.go#L1": false, "/file.go": false, "../out.md": false,
	} {
		if problem := follow(root, texts, "README.md", target); (problem == "") != works {
			t.Errorf("%s: got %q", target, problem)
		}
	}
	if problem := follow(root, texts, "docs/a.md", "../README.md#name"); problem != "" {
		t.Errorf("a link upwards: %s", problem)
	}
}

func TestLinksOf(t *testing.T) {
	t.Parallel()
	const text = "[a](b.md), [in two\nlines](c.md#d) and ![picture](e.png)\n" +
		"`[code](f.md)`\n```sh\n[code](g.md)\n```\n" +
		"[out](https://example.com/h.md) [`i`](j.md)\n[k]: l.md\n"
	if got := fmt.Sprint(linksOf(text)); got != "[b.md c.md#d e.png j.md l.md]" {
		t.Error(got)
	}
}

var (
	fenced     = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	inlineCode = regexp.MustCompile("`[^`\n]*`")
	mdLink     = regexp.MustCompile(`\]\(([^)\s]+)\)|(?m:^\[[^]]+\]: +(\S+)$)`)
	mdHeading  = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *$`)
	notInSlug  = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// linksOf is where a page's links go, code and addresses of other places aside.
func linksOf(text string) []string {
	text = inlineCode.ReplaceAllString(fenced.ReplaceAllString(text, ""), "code")
	var targets []string
	for _, m := range mdLink.FindAllStringSubmatch(text, -1) {
		target := m[1] + m[2]
		if u, err := url.Parse(target); err != nil || u.Scheme == "" {
			targets = append(targets, target)
		}
	}
	return targets
}

// follow says what is wrong with a link of a page, or "".
func follow(root string, texts map[string]string, page, target string) string {
	path, anchor, _ := strings.Cut(target, "#")
	to := page
	if path != "" {
		if filepath.IsAbs(path) {
			return "it is no relative path"
		}
		if to = filepath.ToSlash(filepath.Join(filepath.Dir(page), path)); !filepath.IsLocal(to) {
			return "it leaves the repository"
		}
		if _, isPage := texts[to]; !isPage {
			if _, err := os.Stat(filepath.Join(root, to)); err != nil {
				return "there is no such file"
			}
		}
	}
	if anchor == "" {
		return ""
	}
	text, isPage := texts[to]
	if !isPage {
		return "only pages have headings"
	}
	if !anchorsOf(text)[anchor] {
		return "there is no such heading"
	}
	return ""
}

// anchorsOf is the anchors that GitHub gives to a page's headings.
func anchorsOf(text string) map[string]bool {
	anchors, count := map[string]bool{}, map[string]int{}
	for _, m := range mdHeading.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		heading := regexp.MustCompile(`\[([^]]*)\]\([^)]*\)`).ReplaceAllString(m[1], "$1")
		slug := strings.ReplaceAll(notInSlug.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
		anchor := slug
		if n := count[slug]; n > 0 {
			anchor = fmt.Sprintf("%s-%d", slug, n)
		}
		count[slug]++
		anchors[anchor] = true
	}
	return anchors
}
