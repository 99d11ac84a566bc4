package admin

import (
	"context"
	"sync"
)

// batch reads things of one kind by key, many with one statement. Keys are announced as soon as it is known that they
// may be asked for, which is when what names them is read; the first that is asked for reads all that were announced.
// So the number of statements depends on the document alone, not on timing, and nobody waits for others to come.
type batch[K comparable, V any] struct {
	// read gives the values of the keys; a key that it leaves out has the zero value.
	read func(ctx context.Context, keys []K) (map[K]V, error)

	mu        sync.Mutex
	announced []K
	reads     map[K]*batchRead[K, V]
}

type batchRead[K comparable, V any] struct {
	done   chan struct{}
	values map[K]V
	err    error
}

func newBatch[K comparable, V any](read func(ctx context.Context, keys []K) (map[K]V, error)) *batch[K, V] {
	return &batch[K, V]{read: read, reads: map[K]*batchRead[K, V]{}}
}

// announce says that the keys may be asked for.
func (b *batch[K, V]) announce(keys ...K) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.announced = append(b.announced, keys...)
}

// know gives a value that was read in another way, if the key's is not known yet.
func (b *batch[K, V]) know(key K, value V) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.reads[key] == nil {
		done := make(chan struct{})
		close(done)
		b.reads[key] = &batchRead[K, V]{done: done, values: map[K]V{key: value}}
	}
}

// load gives the value of a key. Each key is read once, also when it can't be read.
func (b *batch[K, V]) load(ctx context.Context, key K) (V, error) {
	b.mu.Lock()
	r, known := b.reads[key]
	if !known {
		r = &batchRead[K, V]{done: make(chan struct{})}
		var keys []K
		for _, k := range append(b.announced, key) {
			if b.reads[k] == nil {
				b.reads[k] = r
				keys = append(keys, k)
			}
		}
		b.announced = nil
		b.mu.Unlock()
		r.values, r.err = b.read(ctx, keys)
		close(r.done)
		return r.values[key], r.err
	}
	b.mu.Unlock()
	select {
	case <-r.done:
		return r.values[key], r.err
	case <-ctx.Done():
		var none V
		return none, ctx.Err()
	}
}

// once reads one thing once.
type once[V any] struct{ batch *batch[struct{}, V] }

func newOnce[V any](read func(ctx context.Context) (V, error)) once[V] {
	return once[V]{newBatch(func(ctx context.Context, _ []struct{}) (map[struct{}]V, error) {
		value, err := read(ctx)
		return map[struct{}]V{{}: value}, err
	})}
}

func (o once[V]) load(ctx context.Context) (V, error) { return o.batch.load(ctx, struct{}{}) }
