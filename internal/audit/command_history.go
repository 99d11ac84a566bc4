package audit

import (
	"slices"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// checkCommandsInHistory looks for every command that was answered "done" in the histories of the workflows that it may
// have been sent to: an update that completed, or a signal. A workflow task that the server did not take leaves no
// trace there, and yet what it committed stands: then the answer that was given is in the store, from which the
// workflow went on.
func checkCommandsInHistory(e *evidence, a *Assertion) {
	for _, cmd := range e.saw.Commands {
		a.Checked++
		if len(e.done(cmd)) > 0 || e.answered(cmd) {
			continue
		}
		switch all := e.commands[cmd.ID]; {
		case len(all) == 0:
			a.violated(
				cmd.order(e), cmd.FulfillmentOrderID, "%s %q was answered, and is in no workflow's history", cmd.Verb,
				cmd.ID,
			)
		case !all[0].completed:
			a.violated(
				cmd.order(e), cmd.FulfillmentOrderID, "%s %q was answered, and is not completed in the history of %s",
				cmd.Verb, cmd.ID, all[0].run.WorkflowID,
			)
		default:
			a.violated(
				cmd.order(e), cmd.FulfillmentOrderID, "%s %q was answered, and has no success in the history of %s",
				cmd.Verb, cmd.ID, all[0].run.WorkflowID,
			)
		}
	}
}

// answered tells whether the store has an answer to a command: the result of one on a fulfillment order, or what one on
// an order has done, from which its answer is made again.
func (e *evidence) answered(cmd Command) bool {
	if cmd.FulfillmentOrderID == 0 {
		o := e.orders[cmd.order(e)]
		return o != nil &&
			slices.ContainsFunc(o.transitions, func(t orderTransition) bool { return t.CommandID == cmd.ID })
	}
	fo := e.fos[cmd.FulfillmentOrderID]
	return fo != nil &&
		slices.ContainsFunc(fo.transitions, func(t transition) bool { return t.CommandID == cmd.ID && t.Result != nil })
}

// done is what the histories have of a command that succeeded at the workflow of its order or of its fulfillment order.
func (e *evidence) done(cmd Command) []*received {
	var done []*received
	for _, c := range e.commands[cmd.ID] {
		signalled := c.updateID == ""
		own := c.run.WorkflowID == temporalio.OrderID(cmd.order(e)) ||
			cmd.FulfillmentOrderID != 0 && c.run.WorkflowID == temporalio.FulfillmentOrderID(cmd.FulfillmentOrderID)
		if own && (signalled || c.completed && !c.refused) {
			done = append(done, c)
		}
	}
	return done
}

// order is the order that the command was about, also when the witness knew only the fulfillment order.
func (cmd Command) order(e *evidence) fulfillment.ID {
	if cmd.OrderID == 0 {
		return e.orderOf(cmd.FulfillmentOrderID)
	}
	return cmd.OrderID
}
