package workflows

import (
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// lose ends the life of a fulfillment order that the store has no more, because it was set back to a time before it was
// made. Whoever waits is told, and what was pending never happens.
func (l *life) lose(ctx workflow.Context) {
	l.missing, l.gone = true, true
	l.pending = nil
	l.fo = l.inStore
	l.committed = l.fo.Sequence
	l.epoch++
	l.logger.Warn(
		"A fulfillment order is lost: the database was set back to a time before it was made.",
		"fulfillmentOrder", l.fo.ID.String(), "order", l.fo.OrderID.String(),
	)
	workflow.SetCurrentDetails(ctx, "**Lost.** "+lostText(l.fo)+pageEnd)
}

// lostText says what happened, and what to do.
func lostText(fo *fulfillment.FulfillmentOrder) string {
	return "The database was set back to a time before this fulfillment order was made, and does not have it any " +
		"more. What it had is listed by packhorse audit. Send order " + fo.OrderID.String() + " (" + fo.OrderName +
		") again if the database does not have it, too: what providers have of it is found then."
}

// lost is how the run ends.
func lost(fo *fulfillment.FulfillmentOrder) error {
	return temporal.NewApplicationErrorWithOptions(
		temporalio.Clip(lostText(fo), 1000), temporalio.LostType, temporal.ApplicationErrorOptions{NonRetryable: true},
	)
}

// notThere is the refusal of a command on a fulfillment order that there is not.
func (l *life) notThere() error {
	refused := notFound(l.fo.ID)
	if l.gone {
		refused.Message += " The database was set back to a time before it was made."
	}
	return temporalio.RefusalError(refused)
}
