package update

import (
	"context"

	"github.com/google/uuid"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// untilItStands makes tries of a command, the first one as the update of this ID. The server repeats what it answered
// to an update ID that it has seen, even when the run has ended, and a workflow what it answered to a command that it
// remembers. It may have been answered before the store was set back, or been told to come again: then the next try is
// another update, for which the command is carried out on what the store has now. Until the store can tell, there is no
// answer.
func untilItStands[R any](
	updateID string, send func(ctx context.Context, updateID string) (R, error),
	stands func(ctx context.Context, answer R) (bool, error),
) func(context.Context) (R, error) {
	id, anew := updateID, false
	return func(ctx context.Context) (R, error) {
		for {
			answer, err := send(ctx, id)
			if err != nil {
				if refused, ok := temporalio.Refusal(err); ok && refused.Retryable() {
					id = updateID + "~" + uuid.NewString()
				}
				return answer, err
			}
			if anew { // It was carried out since it was found not to stand.
				return answer, nil
			}
			there, err := stands(ctx, answer)
			if err != nil || there {
				return answer, err
			}
			id, anew = updateID+"~"+uuid.NewString(), true
		}
	}
}

// stand tells whether the store has these transitions. It had them when they were answered: if it was set back since,
// their fulfillment orders go on from what it has. A client without a store takes every answer.
func (c *Client) stand(ctx context.Context, results ...fulfillment.Result) (bool, error) {
	if c.store == nil {
		return true, nil
	}
	there, err := c.store.HasTransitions(ctx, results)
	if err != nil || there {
		return there, err
	}
	for _, result := range results {
		if err := c.Refresh(ctx, result.FulfillmentOrderID); err != nil {
			return false, err
		}
	}
	return false, nil
}

// stillCancelled tells whether the store has what became of an order's fulfillment orders by its cancellation.
func (c *Client) stillCancelled(ctx context.Context, answer fulfillment.OrderCancelled) (bool, error) {
	order, err := c.store.Order(ctx, answer.OrderID)
	if err != nil {
		return false, orMissing(err)
	}
	fos, err := c.store.FulfillmentOrdersOf(ctx, answer.OrderID)
	if err != nil {
		return false, err
	}
	return answer.Stands(order.CancelledAt != nil, fos), nil
}
