package postgres

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// encode makes the JSON that a set-based statement reads its rows from. PostgreSQL has no NUL character in text: one
// that a caller sent becomes U+FFFD, like invalid UTF-8 does, because a commit that can never succeed would block its
// fulfillment order for ever.
func encode(v any) ([]byte, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", v, err)
	}
	return withoutNUL(body), nil
}

func withoutNUL(body []byte) []byte {
	const escaped = `\u0000`
	if !bytes.Contains(body, []byte(escaped)) {
		return body
	}
	for i := 0; i+1 < len(body); i++ {
		if body[i] != '\\' {
			continue
		}
		if bytes.HasPrefix(body[i:], []byte(escaped)) {
			copy(body[i:], `\ufffd`)
		}
		i++ // What follows a backslash is no start of an escape: it may be a backslash itself.
	}
	return body
}

// clean makes text that PostgreSQL takes, the same way as encode.
func clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}

// cleaned is [clean] of a text that may be missing.
func cleaned(text *string) *string {
	if text == nil {
		return nil
	}
	return new(clean(*text))
}

// interval writes a duration so that PostgreSQL reads exactly its microseconds.
func interval(d time.Duration) string { return fmt.Sprintf("%d microseconds", d.Microseconds()) }
