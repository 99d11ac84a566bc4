package activities

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/activity"

	"packhorse/internal/fulfillment"
)

const (
	// DeliveryHeartbeat is how long a delivery may give no sign of life: then another worker goes on where it stood.
	DeliveryHeartbeat = 10 * time.Second
	// DeliveryTurn is how long one delivers at a time. The workflow then begins a new history.
	DeliveryTurn = 12 * time.Hour
	// reportEvery is how often the workflow is told how a delivery goes that does not go well.
	reportEvery = time.Minute
)

// takeTurn has something followed for half a day, unless something ends it. Its heartbeats say how it goes; the
// workflow is told when that changes. A worker that stops waits for nothing but the requests that are under way: the
// workflow has another one go on.
func takeTurn[Report, Ended any](
	ctx context.Context, id fulfillment.ID,
	follow func(context.Context, fulfillment.ID, func(Report)) (Ended, error),
	tell func(context.Context, fulfillment.ID, Report) error,
	of func(Report) news,
) (Ended, error) {
	ctx, cancel := context.WithTimeout(ctx, DeliveryTurn)
	defer cancel()
	var latest atomic.Pointer[Report]
	var group sync.WaitGroup
	group.Go(func() {
		signsOfLife(ctx, &latest, of, func(r Report) error { return tell(ctx, id, r) })
	})
	group.Go(func() {
		select {
		case <-activity.GetWorkerStopChannel(ctx):
			cancel()
		case <-ctx.Done():
		}
	})
	ended, err := follow(ctx, id, func(r Report) { latest.Store(&r) })
	cancel()
	group.Wait()
	return ended, err
}

// news is what of a report the workflow is told of.
type news struct {
	state   string // told when it changes
	failing bool   // likewise
	slow    string // told when it changes, but not often
	pending bool   // told again and again
}

// signsOfLife tells the server that an activity goes on, and the workflow how, when that changes or is bad.
func signsOfLife[Report any](
	ctx context.Context, latest *atomic.Pointer[Report], of func(Report) news, tell func(Report) error,
) {
	ticker := time.NewTicker(DeliveryHeartbeat / 5)
	defer ticker.Stop()
	var t teller
	for {
		if now := latest.Load(); now == nil {
			activity.RecordHeartbeat(ctx)
		} else {
			activity.RecordHeartbeat(ctx, *now)
			if at := time.Now(); t.due(of(*now), at) && tell(*now) == nil {
				t.tell(of(*now), at)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// teller knows what the workflow was told. It tells the first changes at once and, the more there were, the less often:
// a receiver that fails now and then would fill the workflow's history otherwise.
type teller struct {
	told  news
	at    time.Time
	times int
}

func (t *teller) due(now news, at time.Time) bool {
	silent := at.Sub(t.at)
	switch {
	case t.told.state != now.state || t.told.failing != now.failing:
		return silent >= min(time.Duration(t.times)*time.Second, reportEvery)
	case t.told.slow != now.slow && silent >= min(time.Duration(t.times-1)*reportEvery, 10*reportEvery):
		return true
	}
	return now.pending && silent >= reportEvery
}

func (t *teller) tell(now news, at time.Time) {
	t.told, t.at = now, at
	t.times++
}
