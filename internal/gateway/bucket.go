package gateway

import (
	"sync"
	"time"
)

// Rate is how much a caller may ask for in a time.
type Rate struct {
	// Maximum is how many points a bucket holds; Shopify's standard is 2000.
	Maximum float64
	// RestorePerSecond is how many points come back each second; Shopify's standard is 100.
	RestorePerSecond float64
}

// DefaultRate is Shopify's of a standard shop.
var DefaultRate = Rate{Maximum: 2000, RestorePerSecond: 100}

// Bucket holds the points of one caller. It starts full, loses what queries cost and
// refills at a steady rate. It is safe for concurrent use.
//
// golang.org/x/time/rate is not used: its limiter can't give back a part of what was
// taken, as is needed when an answer costs less than the query asked for.
type Bucket struct {
	rate Rate

	mu        sync.Mutex
	available float64
	at        time.Time // when available was right
}

// NewBucket returns a full bucket.
func NewBucket(rate Rate) *Bucket { return &Bucket{rate: rate, available: rate.Maximum} }

// Take takes the cost of a query, in points, if the bucket holds so much; else it takes
// nothing and reports false. The status is that after it.
func (b *Bucket) Take(now time.Time, cost int) (bool, Status) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.restore(now)
	ok := float64(cost) <= b.available
	if ok {
		b.available -= float64(max(cost, 0))
	}
	return ok, b.status()
}

// Charge takes points of which it was not known before that they would be due, also such as are not there: until they
// have come back, the bucket owes them and gives nothing.
func (b *Bucket) Charge(now time.Time, points int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.restore(now)
	b.available -= float64(max(points, 0))
}

// Owes tells whether more was taken than there was.
func (b *Bucket) Owes(now time.Time) (bool, Status) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.restore(now)
	return b.available < 0, b.status()
}

// Refund gives points back when an answer has cost less than was taken.
func (b *Bucket) Refund(now time.Time, points int) Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.restore(now)
	b.available = min(b.available+float64(max(points, 0)), b.rate.Maximum)
	return b.status()
}

// restore adds what came back since the last time. A clock which goes back restores nothing.
func (b *Bucket) restore(now time.Time) {
	if passed := now.Sub(b.at); passed > 0 {
		if !b.at.IsZero() {
			b.available = min(b.available+passed.Seconds()*b.rate.RestorePerSecond, b.rate.Maximum)
		}
		b.at = now
	}
}

func (b *Bucket) status() Status {
	return Status{
		MaximumAvailable:   b.rate.Maximum,
		CurrentlyAvailable: int(b.available),
		RestoreRate:        b.rate.RestorePerSecond,
	}
}

// Status is how full a bucket is, as extensions.cost of a GraphQL answer tells it.
type Status struct {
	// MaximumAvailable is how many points the bucket holds when it is full.
	MaximumAvailable float64 `json:"maximumAvailable"`
	// CurrentlyAvailable is how many whole points it holds now; below zero: how many it owes.
	CurrentlyAvailable int `json:"currentlyAvailable"`
	// RestoreRate is how many points come back each second.
	RestoreRate float64 `json:"restoreRate"`
}
