package admin

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
)

func TestBatch(t *testing.T) {
	t.Parallel()
	var reads [][]int
	b := newBatch(func(_ context.Context, keys []int) (map[int]string, error) {
		reads = append(reads, slices.Sorted(slices.Values(keys)))
		return map[int]string{1: "one", 2: "two"}, nil
	})
	b.announce(1, 2, 2, 3)
	var all sync.WaitGroup
	for _, want := range []struct {
		key   int
		value string
	}{{1, "one"}, {2, "two"}, {2, "two"}, {3, ""}} {
		all.Go(func() {
			if got, err := b.load(t.Context(), want.key); got != want.value || err != nil {
				t.Errorf("load(%d) = %q, %v; want %q", want.key, got, err, want.value)
			}
		})
	}
	all.Wait()
	if len(reads) != 1 || !slices.Equal(reads[0], []int{1, 2, 3}) {
		t.Errorf("read %v; want all that was announced, once", reads)
	}
	b.know(5, "five")
	b.know(1, "not one")
	for key, want := range map[int]string{5: "five", 1: "one"} {
		if got, err := b.load(t.Context(), key); got != want || err != nil || len(reads) != 1 {
			t.Errorf("load(%d) = %q, %v, reading %v; want %q without reading", key, got, err, reads, want)
		}
	}
	if _, err := b.load(t.Context(), 4); err != nil || len(reads) != 2 {
		t.Errorf("a key that nobody announced: read %v, %v; want it read by itself", reads, err)
	}
}

func TestBatch_failure(t *testing.T) {
	t.Parallel()
	failure := errors.New("no connection")
	b := newBatch(func(context.Context, []int) (map[int]string, error) { return nil, failure })
	b.announce(1, 2)
	for key := range 3 {
		if _, err := b.load(t.Context(), key); !errors.Is(err, failure) {
			t.Errorf("load(%d) = %v, want %v", key, err, failure)
		}
	}
}
