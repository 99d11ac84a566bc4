package paper

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"
)

// MaxSize is how many bytes a document may have: labels have less than one million.
const MaxSize = 5 << 20

// The media types of documents.
const (
	PDF  = "application/pdf"
	PNG  = "image/png"
	JPEG = "image/jpeg"
	GIF  = "image/gif"
	ZPL  = "application/zpl"  // for thermal printers
	EPL  = "application/epl2" // likewise
	Text = "text/plain; charset=utf-8"
)

var magic = []struct{ begin, mediaType string }{
	{"%PDF-", PDF}, {"\x89PNG\r\n\x1a\n", PNG}, {"\xff\xd8\xff", JPEG}, {"GIF87a", GIF}, {"GIF89a", GIF},
}

// extensions are those of file names.
var extensions = map[string]string{
	PDF: ".pdf", PNG: ".png", JPEG: ".jpg", GIF: ".gif", ZPL: ".zpl", EPL: ".epl", Text: ".txt",
}

// Extension is that of a file of a media type; empty: it is none of ours.
func Extension(mediaType string) string { return extensions[mediaType] }

// MediaType tells from its first bytes what a document is, whatever anybody says that it is. The error says in words
// for people why it can't be kept.
func MediaType(content []byte) (string, error) {
	if len(content) == 0 {
		return "", errors.New("it is empty")
	}
	if len(content) > MaxSize {
		return "", fmt.Errorf("it has more than %d MiB", MaxSize>>20)
	}
	for _, m := range magic {
		if bytes.HasPrefix(content, []byte(m.begin)) {
			return m.mediaType, nil
		}
	}
	switch text := bytes.TrimSpace(content[:min(len(content), 512)]); {
	case bytes.HasPrefix(text, []byte("^XA")),
		(bytes.HasPrefix(text, []byte("~")) || bytes.HasPrefix(text, []byte("CT~~"))) &&
			bytes.Contains(text, []byte("^XA")):
		return ZPL, nil
	case bytes.HasPrefix(text, []byte("N\n")), bytes.HasPrefix(text, []byte("N\r\n")):
		return EPL, nil
	}
	return "", errors.New("it is none of PDF, PNG, JPEG, GIF, ZPL and EPL2")
}

// mediaTypeOf is that of a document that a provider has given itself: a plain text is one, too.
func mediaTypeOf(content []byte, said string) (string, error) {
	mediaType, err := MediaType(content)
	if err != nil && len(content) > 0 && len(content) <= MaxSize &&
		bytes.HasPrefix([]byte(said), []byte("text/plain")) &&
		utf8.Valid(content) && !bytes.ContainsRune(content, 0) {
		return Text, nil
	}
	return mediaType, err
}
