package bench

import (
	"context"
	"math/rand/v2"
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
}

// sampled is how many orders of a load are looked at closely afterwards.
const sampled = 10

// run takes orders through their lives, so many at a time; each one that ends lets another begin.
func run(ctx context.Context, d driver, orders, inFlight int, done func()) (*load, error) {
	l := &load{orders: orders, latency: map[Step][]time.Duration{}}
	var mu sync.Mutex
	seen := 0
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(inFlight)
	started := time.Now()
	for range orders {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error {
			own := map[Step][]time.Duration{}
			ids, err := d.live(ctx, func(step Step, took time.Duration) { own[step] = append(own[step], took) })
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			for step, took := range own {
				l.latency[step] = append(l.latency[step], took...)
			}
			// Each order has the same chance to be among the sample.
			if seen++; len(l.sample) < sampled {
				l.sample = append(l.sample, ids)
			} else if i := rand.IntN(seen); i < sampled {
				l.sample[i] = ids
			}
			done()
			return nil
		})
	}
	err := group.Wait()
	l.took = time.Since(started)
	return l, err
}
