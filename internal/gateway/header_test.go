package gateway

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"packhorse/internal/operation"
)

// FuzzHeaders sends anything in the headers that are read: there must be an answer in JSON, never one that is our
// fault, and no idempotency key is taken that a database can't keep.
func FuzzHeaders(f *testing.F) {
	f.Add("key", "", "application/json", "", "id-1")
	f.Add("", "x", "application/json; charset=utf-8; charset=utf-16", "identity", "\xff")
	f.Add(" \x00", "phat_", "application/graphql;;;=", "gzip, br", strings.Repeat("i", 500))
	f.Add(strings.Repeat("k", 300), "\xff", "*/*", "\x00", "a\r\nb: c")
	f.Add("\xc3\x28", "phat_"+strings.Repeat("0", 64), "text/plain", "", "")
	f.Fuzz(func(t *testing.T, key, token, kind, encoding, id string) {
		s := newStage(t)
		if token == "" {
			token = goodToken
		}
		w := s.send(
			`{"query":"mutation { add(n: 1) { sum } }"}`, keyHeader, key, tokenHeader, token, "Content-Type", kind,
			"Content-Encoding", encoding, requestIDHeader, id,
		)
		if w.Code >= 500 || !json.Valid(w.Body.Bytes()) || !utf8.Valid(w.Body.Bytes()) ||
			strings.Contains(w.Body.String(), codeInternal) {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		if given := w.Header().Get(requestIDHeader); given == "" || !saneRequestID.MatchString(given) && given == id {
			t.Errorf("the request ID is %q", given)
		}
		if operation.CheckKey(key) == nil && (!utf8.ValidString(key) || strings.ContainsRune(key, 0)) {
			t.Errorf("%q would be kept as an idempotency key", key)
		}
	})
}
