package activities

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/activity"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

const (
	// DeliveryHeartbeat is how long a delivery may give no sign of life: then another worker goes on where it stood.
	DeliveryHeartbeat = 10 * time.Second
	// DeliveryTurn is how long one delivers at a time. The workflow then begins a new history.
	DeliveryTurn = 12 * time.Hour
	// reportEvery is how often the workflow is told how a delivery goes that does not go well.
	reportEvery = time.Minute
)

// Deliveries are what subscriptions to webhooks need.
type Deliveries struct {
	// Follow delivers to a subscription until the context ends or it is not enabled any more, and says how it goes.
	Follow func(
		ctx context.Context, id fulfillment.ID, report func(temporalio.DeliveryReport),
	) (temporalio.Delivered, error)
	// Tell tells the subscription's workflow how it goes.
	Tell func(ctx context.Context, id fulfillment.ID, report temporalio.DeliveryReport) error
}

// FollowFeed delivers the events of a webhook subscription for half a day, unless something ends it. Its heartbeats say
// how it goes; the workflow is told when that changes. A worker that stops waits for nothing but the requests that are
// under way: the workflow has another one go on.
func (d *Deliveries) FollowFeed(ctx context.Context, id fulfillment.ID) (temporalio.Delivered, error) {
	ctx, cancel := context.WithTimeout(ctx, DeliveryTurn)
	defer cancel()
	var latest atomic.Pointer[temporalio.DeliveryReport]
	var group sync.WaitGroup
	group.Go(func() {
		signsOfLife(ctx, &latest, deliveryNews, func(r temporalio.DeliveryReport) error { return d.Tell(ctx, id, r) })
	})
	group.Go(func() {
		select {
		case <-activity.GetWorkerStopChannel(ctx):
			cancel()
		case <-ctx.Done():
		}
	})
	delivered, err := d.Follow(ctx, id, func(r temporalio.DeliveryReport) { latest.Store(&r) })
	cancel()
	group.Wait()
	return delivered, err
}

// news is what of a report the workflow is told of.
type news struct {
	state   string // told when it changes
	failing bool   // likewise
	slow    string // told when it changes, but not often
	pending bool   // told again and again
}

func deliveryNews(r temporalio.DeliveryReport) news {
	return news{state: r.State, failing: r.LastError != "", pending: r.LastError != "" || r.Lag > 1000}
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
	case t.told.slow != now.slow:
		return silent >= min(time.Duration(t.times-1)*reportEvery, 10*reportEvery)
	}
	return now.pending && silent >= reportEvery
}

func (t *teller) tell(now news, at time.Time) {
	t.told, t.at = now, at
	t.times++
}
