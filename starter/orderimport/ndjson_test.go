package orderimport

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
)

// FuzzNDJSON reads any file line by line: every line that is not blank comes once, with its number, whole or marked as
// too long, whether the file is compressed or not; and none is handed over but what is an order that can be recognised.
func FuzzNDJSON(f *testing.F) {
	for _, text := range []string{"", "\n\n", "a\nb", "a\r\nb\r\n", "\xef\xbb\xbf{}\n", "\xef\xbb\xbf",
		strings.Repeat("x", 40), strings.Repeat("x", 15) + "\r\n", strings.Repeat("x", 16) + "\r\n",
		strings.Repeat("x", 15) + "\r\r\rmore\nb", strings.Repeat(" ", 40) + "\nb", "\xff\n\x00\n", "\x1f\x8b",
		"\x1f\x8b\x08\x00broken", "{\"a\":\n\"b\"}",
		orderLine("a") + "\n" +
			orderLine("b"), string(gzipped("a\nb\n")), string(gzipped("\xef\xbb\xbfa")), string(gzipped("a\nb"))[:12]} {
		f.Add([]byte(text), 16)
		f.Add([]byte(text), longestOrder)
	}
	f.Fuzz(func(t *testing.T, file []byte, longest int) {
		longest = max(1, min(longest, longestOrder))
		lines, err := readLines(t, file, longest)
		if bytes.HasPrefix(file, gzipMagic) {
			return // That it ends is all that can be said of it: mostly it is broken.
		}
		if err != nil {
			t.Fatal(err)
		}
		packed, err := readLines(t, gzipped(string(file)), longest)
		if err != nil || len(packed) != len(lines) {
			t.Fatalf("%d lines, compressed %d: %v", len(lines), len(packed), err)
		}
		at := 0
		for n, want := range bytes.Split(bytes.TrimPrefix(file, []byte("\xef\xbb\xbf")), []byte("\n")) {
			whole := bytes.TrimSuffix(want, []byte("\r"))
			if len(bytes.TrimSpace(want)) == 0 && len(whole) <= longest {
				continue
			}
			if at == len(lines) {
				t.Fatalf("line %d %q is lost", n+1, want)
			}
			got := lines[at]
			long := len(whole) > longest
			if got.number != n+1 || (got.problem != nil) != long || !bytes.HasPrefix(want, got.text) || !long &&
				!bytes.Equal(got.text, whole) {
				t.Fatalf("line %d %q was read as line %d %q: %v", n+1, want, got.number, got.text, got.problem)
			}
			if !bytes.Equal(packed[at].text, got.text) || packed[at].number != got.number {
				t.Fatalf(
					"line %d %q was read as %q, and compressed as %d %q", n+1, want, got.text, packed[at].number,
					packed[at].text,
				)
			}
			at++
		}
		if at != len(lines) {
			t.Fatalf("%d lines too many, such as %q", len(lines)-at, lines[at].text)
		}
	})
}

// readLines reads all lines, and hands each one over.
func readLines(t *testing.T, file []byte, longest int) ([]ndjsonLine, error) {
	t.Helper()
	var lines []ndjsonLine
	in, err := Read(bytes.NewReader(file), longest)
	if err != nil {
		return nil, err
	}
	for {
		line, err := in.next()
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			return lines, err
		}
		lines = append(lines, line)
		order, err := importable(line)
		refused, isRefusal := fulfillment.AsError(err)
		switch {
		case err == nil && (line.problem != nil || order.ID == 0 && order.SourceIdentifier == ""):
			t.Fatalf("line %d %q became the order %+v", line.number, line.text, order)
		case err != nil && (!isRefusal || refused.Code == "" || refused.Message == ""):
			t.Fatalf("line %d %q is refused with %#v", line.number, line.text, err)
		case err != nil && len(newRejected(line, refused).Text) > longestOrder:
			t.Fatalf("line %d is kept whole in the reject file", line.number)
		}
	}
}

func gzipped(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text)) // A buffer takes everything.
	_ = w.Close()
	return b.Bytes()
}
