package bench

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// load is what a number of orders took.
type load struct {
	orders  int
	took    time.Duration
	latency map[Step][]time.Duration
	sample  [][]string // workflow IDs of some of the orders

	mu   sync.Mutex
	seen int
}

// commands is what updates took that wait for nothing but themselves.
func (l *load) commands() []time.Duration { return slices.Concat(l.latency[Submit], l.latency[Event]) }

// sampled is how many orders of a load are looked at closely afterwards.
const sampled = 10

// run takes orders through their lives, so many at a time; each one that ends lets another begin.
func run(ctx context.Context, d driver, orders, inFlight int, done func()) (*load, error) {
	l := &load{orders: orders, latency: map[Step][]time.Duration{}}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(inFlight)
	started := time.Now()
	for range orders {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error { return l.live(ctx, d, done) })
	}
	err := group.Wait()
	l.took = time.Since(started)
	return l, err
}

// steadily begins orders at a steady rate, so many a second, however long they take. What they took is until the last
// one was begun.
func steadily(ctx context.Context, d driver, orders int, rate float64, done func()) (*load, error) {
	l := &load{orders: orders, latency: map[Step][]time.Duration{}}
	ticker := time.NewTicker(time.Duration(float64(time.Second) / rate))
	defer ticker.Stop()
	group, living := errgroup.WithContext(ctx)
	started := time.Now()
	for range orders {
		select {
		case <-ticker.C:
		case <-living.Done():
			return nil, cmp.Or(group.Wait(), ctx.Err())
		}
		group.Go(func() error { return l.live(living, d, done) })
	}
	l.took = time.Since(started)
	return l, group.Wait()
}

// live takes one order through its life.
func (l *load) live(ctx context.Context, d driver, done func()) error {
	own := map[Step][]time.Duration{}
	ids, err := d.live(ctx, func(step Step, took time.Duration) { own[step] = append(own[step], took) })
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for step, took := range own {
		l.latency[step] = append(l.latency[step], took...)
	}
	// Each order has the same chance to be among the sample.
	if l.seen++; len(l.sample) < sampled {
		l.sample = append(l.sample, ids)
	} else if i := rand.IntN(l.seen); i < sampled {
		l.sample[i] = ids
	}
	done()
	return nil
}
