package paper

import (
	"strings"
	"testing"
)

// TestMediaType: what a document is its first bytes say, and what is none is refused.
func TestMediaType(t *testing.T) {
	t.Parallel()
	for rule, c := range map[string]struct{ content, want, problem string }{
		"pdf":               {"%PDF-1.7\n…", PDF, ""},
		"png":               {"\x89PNG\r\n\x1a\n…", PNG, ""},
		"jpeg":              {"\xff\xd8\xff\xe0…", JPEG, ""},
		"gif":               {"GIF89a…", GIF, ""},
		"zpl":               {"^XA^FO50,50^XZ", ZPL, ""},
		"zpl_after_space":   {"\n ^XA^XZ", ZPL, ""},
		"zpl_with_settings": {"CT~~CD,~CC^~CT~\n^XA^XZ", ZPL, ""},
		"epl2":              {"\nN\nq812\nP1\n", EPL, ""},
		"a_page_of_errors":  {"<html>gone</html>", "", "none of PDF"},
		"a_page_with_zpl":   {"<p>^XA</p>", "", "none of PDF"},
		"half_a_pdf":        {"%PDF", "", "none of PDF"},
		"nothing":           {"", "", "it is empty"},
		"too_much":          {"%PDF-" + strings.Repeat("x", MaxSize), "", "more than 5 MiB"},
		"as_much_as_may_be": {"%PDF-" + strings.Repeat("x", MaxSize-5), PDF, ""},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			got, err := MediaType([]byte(c.content))
			if got != c.want || (err == nil) != (c.problem == "") || err != nil && !strings.Contains(err.Error(), c.problem) {
				t.Errorf("it is %q (%v), want %q (%s)", got, err, c.want, c.problem)
			}
		})
	}
}

// TestGivenText: a plain text is a document when its provider has given it itself.
func TestGivenText(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{"Label 7\n": Text, "a\x00b": "", "\xff": "", "": "", "%PDF-1": PDF} {
		if got, _ := mediaTypeOf([]byte(content), "text/plain; charset=utf-8"); got != want {
			t.Errorf("%q is %q, want %q", content, got, want)
		}
	}
	if got, err := mediaTypeOf([]byte("Label 7\n"), "application/pdf"); err == nil {
		t.Errorf("a text that is said to be a PDF is %q", got)
	}
}
