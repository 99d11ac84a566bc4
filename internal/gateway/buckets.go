package gateway

import (
	"fmt"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2/simplelru"
)

// Buckets are the buckets of all callers, by the ID of their token. They are in the
// memory of one process: each of several servers counts on its own. It is safe for concurrent use.
type Buckets struct {
	rate Rate

	mu      sync.Mutex
	buckets *lru.LRU[string, *Bucket]
}

// NewBuckets returns buckets of the given rate. At most size are kept, those which were used
// last; a caller whose bucket was dropped begins with a full one. It fails if size is not positive.
func NewBuckets(rate Rate, size int) (*Buckets, error) {
	buckets, err := lru.NewLRU[string, *Bucket](size, nil)
	if err != nil {
		return nil, fmt.Errorf("make buckets: %w", err)
	}
	return &Buckets{rate: rate, buckets: buckets}, nil
}

// For returns the bucket of a token.
func (b *Buckets) For(tokenID string) *Bucket {
	b.mu.Lock()
	defer b.mu.Unlock()
	bucket, ok := b.buckets.Get(tokenID)
	if !ok {
		bucket = NewBucket(b.rate)
		b.buckets.Add(tokenID, bucket)
	}
	return bucket
}
