package operation

import (
	"context"
	"strings"
	"testing"
)

func TestCommandID(t *testing.T) {
	t.Parallel()
	if got := CommandID(context.Background(), "7"); got != "" {
		t.Errorf("without a key: %q, want none", got)
	}
	ctx := WithKey(t.Context(), Key{App: 5, Name: "abc", Field: "hold"})
	for part, want := range map[string]string{"": "5/abc/hold", "7": "5/abc/hold/7"} {
		if got := CommandID(ctx, part); got != want {
			t.Errorf("part %q: %q, want %q", part, got, want)
		}
	}
	slash, parts := Key{App: 5, Name: "a/b", Field: "c"}, Key{App: 5, Name: "a", Field: "b"}
	if a, b := slash.CommandID(""), parts.CommandID("c"); a == b {
		t.Errorf("two keys have the command ID %q", a)
	}
	long := Key{App: 5, Name: strings.Repeat("k", MaxKey)}
	a, b := long.CommandID("1"), long.CommandID("2")
	if a == b || len(a) > longestCommandID || a != long.CommandID("1") {
		t.Errorf("long keys: %q and %q", a, b)
	}
	if a, b := (Key{App: 5, Name: "abc"}).ID("order"), (Key{App: 6, Name: "abc"}).ID("order"); a == b || a <= 0 {
		t.Errorf("two apps get the IDs %d and %d for the same key", a, b)
	}
}

func TestCheckKey(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{
		"a": true, "7f0c 1e~": true, strings.Repeat("k", MaxKey): true,
		"": false, strings.Repeat("k", MaxKey+1): false, "a\n": false, "é": false, "\x7f": false,
	} {
		if err := CheckKey(name); (err == nil) != ok {
			t.Errorf("%.20q: %v", name, err)
		}
	}
}
