package admin

import (
	"context"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/webhook"
)

// sawSubscription remembers the subscription, and announces what it has.
func (r *reads) sawSubscription(s *webhook.Subscription) {
	r.subscriptions.know(s.ID, s)
	r.standings.announce(s.ID)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.subscriptionIDs = append(r.subscriptionIDs, s.ID)
	for _, list := range r.attempts {
		list.announce(s.ID)
	}
}

// attemptsOf reads such a list of attempts, for all subscriptions of the level at once.
func (r *reads) attemptsOf(
	list postgres.AttemptList,
) *batch[fulfillment.ID, postgres.Segment[webhook.Attempt]] {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := r.attempts[list]
	if b == nil {
		b = newBatch(func(ctx context.Context, ids []fulfillment.ID) (
			map[fulfillment.ID]postgres.Segment[webhook.Attempt], error,
		) {
			return r.book.AttemptsOfSubscriptions(ctx, ids, list)
		})
		b.announce(r.subscriptionIDs...)
		r.attempts[list] = b
	}
	return b
}
