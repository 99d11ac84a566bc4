package delivery

import (
	"context"
	"errors"
	"testing"
	"time"
)

// A host that hangs has its own places taken, and nobody else's.
func TestPlaces(t *testing.T) {
	t.Parallel()
	p := newPlaces(2, 3)
	taken := func(host string) func() {
		leave, err := p.enter(t.Context(), host)
		if err != nil {
			t.Fatalf("%s: %v", host, err)
		}
		return leave
	}
	full := func(host string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if _, err := p.enter(ctx, host); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("there was a place for %s: %v", host, err)
		}
	}
	first, second := taken("a"), taken("a")
	full("a")
	third := taken("b")
	full("c")
	first()
	taken("a")()
	second()
	third()
	if len(p.hosts) != 0 {
		t.Errorf("%d hosts are remembered that nobody calls", len(p.hosts))
	}
}
