package watch

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"

	"golang.org/x/sync/errgroup"

	"packhorse/internal/postgres"
)

const (
	parallel    = 4    // workflows that are asked at the same time
	maxLooks    = 1000 // of one sweep; the rest has its turn in the next
	maxFailures = 8    // of one sweep: then it is the infrastructure, and the next sweep will do
)

// Swept is what a sweep found.
type Swept struct {
	Elsewhere bool // another watch is at work, and this one did nothing
	Overdue   int  // fulfillment orders with something overdue
	Looked    int  // whose workflows were asked: the others have been lately
	Refreshed int  // whose workflows were gone or behind
	Paused    int  // whose workflows are paused, as far as is known
}

// Sweep looks once; it must not be called concurrently. The error is of the infrastructure; what was found meanwhile is
// valid.
func (w *Watch) Sweep(ctx context.Context) (Swept, error) {
	if err := w.tellDoubts(ctx); err != nil {
		return Swept{}, err
	}
	mine, err := w.mine(ctx)
	if err != nil || !mine {
		w.Metrics.Overdue(0)
		w.Metrics.Paused(0)
		return Swept{Elsewhere: err == nil}, err
	}
	w.complain(ctx, w.lookForSilence(ctx))
	swept, looks, err := w.choose(ctx)
	w.Metrics.Overdue(swept.Overdue)
	if err != nil {
		return swept, err
	}
	// Some may fail every time, and must not keep the others from being looked at.
	rand.Shuffle(len(looks), func(i, j int) { looks[i], looks[j] = looks[j], looks[i] })
	var mu sync.Mutex
	var failures []error
	var group errgroup.Group
	group.SetLimit(parallel)
	for _, o := range looks {
		mu.Lock()
		enough := len(failures) >= maxFailures
		mu.Unlock()
		if enough || ctx.Err() != nil {
			break
		}
		group.Go(func() error {
			result, err := w.look(ctx, o)
			mu.Lock()
			defer mu.Unlock()
			swept.Looked++
			if result == refreshed {
				swept.Refreshed++
			}
			if err != nil {
				failures = append(failures, err)
			}
			w.patience.looked(o, w.Clock(), result, err != nil)
			return nil
		})
	}
	_ = group.Wait()
	swept.Paused = w.patience.countPaused()
	w.Metrics.Paused(swept.Paused)
	if len(failures) > 0 {
		return swept, fmt.Errorf(
			"%d of %d overdue fulfillment orders could not be looked after: %w", len(failures), swept.Overdue,
			errors.Join(failures[0], ctx.Err()),
		)
	}
	return swept, ctx.Err()
}

// choose lists what is overdue, and picks what is to be looked at now.
func (w *Watch) choose(ctx context.Context) (swept Swept, looks []postgres.Overdue, err error) {
	now, err := w.Store.Now(ctx)
	if err != nil {
		return swept, nil, err
	}
	here := w.Clock()
	w.patience.begin()
	var last postgres.Overdue
	for {
		page, err := w.Store.Overdue(ctx, now.Add(-w.Grace), last)
		if err != nil {
			return swept, nil, err
		}
		for _, o := range page {
			swept.Overdue++
			if w.patience.over(o, here) && len(looks) < maxLooks {
				looks = append(looks, o)
			}
		}
		if len(page) < postgres.OverdueLimit {
			w.patience.forget()
			return swept, looks, nil
		}
		last = page[len(page)-1]
	}
}
