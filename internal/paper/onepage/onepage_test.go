package onepage_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"testing"

	"packhorse/internal/paper"
	"packhorse/internal/paper/onepage"
)

// TestPDF: it is what it says it is, and its table of objects leads to them, as readers of PDF need it.
func TestPDF(t *testing.T) {
	t.Parallel()
	pdf := onepage.PDF("A label (of #1001)", "Köln")
	if kind, err := paper.MediaType(pdf); err != nil || kind != paper.PDF {
		t.Errorf("it is %s, %v", kind, err)
	}
	for _, line := range []string{"(A label ?of #1001?) Tj", "(K?ln) Tj"} {
		if !bytes.Contains(pdf, []byte(line)) {
			t.Errorf("it lacks %q:\n%s", line, pdf)
		}
	}
	start := regexp.MustCompile(`startxref\n(\d+)\n%%EOF\n$`).FindSubmatch(pdf)
	if start == nil {
		t.Fatalf("it has no end:\n%s", pdf)
	}
	table, _ := strconv.Atoi(string(start[1]))
	if !bytes.HasPrefix(pdf[table:], []byte("xref\n0 6\n")) {
		t.Errorf("there is no table at %d:\n%s", table, pdf)
	}
	for i, entry := range regexp.MustCompile(`(\d{10}) 00000 n \n`).FindAllSubmatch(pdf[table:], -1) {
		at, _ := strconv.Atoi(string(entry[1]))
		if !bytes.HasPrefix(pdf[at:], fmt.Appendf(nil, "%d 0 obj\n", i+1)) {
			t.Errorf("object %d is not at %d:\n%s", i+1, at, pdf)
		}
	}
	length := regexp.MustCompile(`(?s)/Length (\d+) >>\nstream\n(.*)endstream`).FindSubmatch(pdf)
	if length == nil || string(length[1]) != strconv.Itoa(len(length[2])) {
		t.Errorf("the page is not as long as it says:\n%s", pdf)
	}
}
