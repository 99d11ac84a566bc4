package audit

import (
	"encoding/json"
	"fmt"
	"slices"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// mayDoNothing are the commands that succeed without a transition when there is nothing left for them to do.
var mayDoNothing = []string{
	string(fulfillment.VerbCancelFulfillment), string(fulfillment.VerbReleaseHold), string(fulfillment.VerbCancelUnits),
}

// checkCommandsInStore looks for the transitions of every command that was answered "done": the one that holds the
// answer must be there, with that answer.
func checkCommandsInStore(e *evidence, a *Assertion) {
	for _, cmd := range e.saw.Commands {
		a.Checked++
		done := e.done(cmd)
		if len(done) == 0 || done[0].updateID == "" {
			// Without an answer in a history there is only the ID to look for.
			if !e.stored(cmd) {
				a.violated(
					cmd.order(e), cmd.FulfillmentOrderID, "%s %q was answered, and no transition has its ID", cmd.Verb,
					cmd.ID,
				)
			}
			continue
		}
		for _, c := range done {
			if problem := e.lacks(c, cmd); problem != "" {
				a.violated(
					cmd.order(e), cmd.FulfillmentOrderID, "%s %q was answered, and %s", cmd.Verb, cmd.ID, problem,
				)
				break
			}
		}
	}
}

// stored tells whether a transition has the command's ID.
func (e *evidence) stored(cmd Command) bool {
	o := e.orders[cmd.order(e)]
	if o == nil {
		return false
	}
	if slices.ContainsFunc(o.transitions, func(t orderTransition) bool { return t.CommandID == cmd.ID }) {
		return true
	}
	return slices.ContainsFunc(o.fos, func(fo *fulfillmentOrder) bool {
		return slices.ContainsFunc(fo.transitions, func(t transition) bool { return t.CommandID == cmd.ID })
	})
}

// lacks says what the store doesn't have of an answer; empty: it has everything.
func (e *evidence) lacks(c *received, cmd Command) string {
	orderID := c.run.orderID()
	switch {
	case orderID == 0:
		var result fulfillment.Result
		if err := json.Unmarshal(c.answer, &result); err != nil {
			return fmt.Sprintf("its answer can't be read: %v", err)
		}
		return e.lacksResult(c, cmd.ID, result)
	case c.name == temporalio.EditOrderUpdate:
		return e.lacksOrderTransition(orderID, cmd.ID, fulfillment.OrderKindEdited)
	case c.name == temporalio.UpdateOrderUpdate:
		return e.lacksUpdate(c, orderID, cmd.ID)
	case c.name == temporalio.CloseOrderUpdate:
		return e.lacksClosing(c, orderID, cmd.ID, fulfillment.OrderKindClosed)
	case c.name == temporalio.OpenOrderUpdate:
		return e.lacksClosing(c, orderID, cmd.ID, fulfillment.OrderKindOpened)
	case c.name == temporalio.CancelOrderUpdate:
		return e.lacksCancellation(c, orderID, cmd.ID)
	}
	var answer temporalio.JointAnswer
	if err := json.Unmarshal(c.answer, &answer); err != nil || len(answer.Results) == 0 {
		return fmt.Sprintf("its answer %s can't be read: %v", brief(string(c.answer)), err)
	}
	for n, result := range answer.Results {
		if problem := e.lacksResult(c, fulfillment.JointCommandID(cmd.ID, n), result); problem != "" {
			return problem
		}
	}
	return ""
}

// lacksResult looks for one result. The transition that it names holds the command's ID and the very same result,
// unless the command did nothing: then it tells where the fulfillment order stood.
func (e *evidence) lacksResult(c *received, commandID string, result fulfillment.Result) string {
	fo := e.fos[result.FulfillmentOrderID]
	if e.lost.transition(result.FulfillmentOrderID, result.Sequence) && (fo == nil || fo.at(result.Sequence) == nil) {
		return ""
	}
	if fo == nil {
		return fmt.Sprintf("the store has no fulfillment order %d, which answered", result.FulfillmentOrderID)
	}
	t := fo.at(result.Sequence)
	switch {
	case t == nil:
		return fmt.Sprintf(
			"the answer is transition %d of fulfillment order %d, which is not there", result.Sequence, fo.ID,
		)
	case t.CommandID == commandID && (t.Result == nil || *t.Result != result):
		return fmt.Sprintf("transition %d of fulfillment order %d has another answer than was given", t.Sequence, fo.ID)
	case t.CommandID == commandID:
		return ""
	case !slices.Contains(mayDoNothing, c.name):
		return fmt.Sprintf(
			"transition %d of fulfillment order %d is not of it but of %q", t.Sequence, fo.ID, t.CommandID,
		)
	case t.After.Status != result.Status || t.After.RequestStatus != result.RequestStatus:
		return fmt.Sprintf(
			"fulfillment order %d was %s/%s then, not %s/%s as was answered", fo.ID, t.After.Status,
			t.After.RequestStatus, result.Status, result.RequestStatus,
		)
	}
	return ""
}

func (e *evidence) lacksOrderTransition(orderID fulfillment.ID, commandID string, kind fulfillment.OrderKind) string {
	if o := e.orders[orderID]; o != nil {
		for _, t := range o.transitions {
			if t.Kind == kind && t.CommandID == commandID {
				return ""
			}
		}
	}
	return fmt.Sprintf("order %d has no transition %s with its ID", orderID, kind)
}

// lacksUpdate: an update that changes nothing leaves no transition.
func (e *evidence) lacksUpdate(c *received, orderID fulfillment.ID, commandID string) string {
	var answer fulfillment.OrderUpdated
	if err := json.Unmarshal(c.answer, &answer); err != nil {
		return fmt.Sprintf("its answer can't be read: %v", err)
	}
	if len(answer.Changed) == 0 {
		return ""
	}
	return e.lacksOrderTransition(orderID, commandID, fulfillment.OrderKindUpdated)
}

// lacksClosing: what changes nothing leaves no transition.
func (e *evidence) lacksClosing(
	c *received, orderID fulfillment.ID, commandID string, kind fulfillment.OrderKind,
) string {
	var answer fulfillment.OrderClosed
	if err := json.Unmarshal(c.answer, &answer); err != nil {
		return fmt.Sprintf("its answer can't be read: %v", err)
	}
	if !answer.Changed {
		return ""
	}
	return e.lacksOrderTransition(orderID, commandID, kind)
}

// lacksCancellation: an order that a fulfillment order's refusal keeps alive was answered, but not cancelled.
func (e *evidence) lacksCancellation(c *received, orderID fulfillment.ID, commandID string) string {
	var answer fulfillment.OrderCancelled
	if err := json.Unmarshal(c.answer, &answer); err != nil {
		return fmt.Sprintf("its answer can't be read: %v", err)
	}
	for _, of := range answer.FulfillmentOrders {
		fo := e.fos[of.FulfillmentOrderID]
		if fo == nil {
			return fmt.Sprintf("the store has no fulfillment order %d, which answered", of.FulfillmentOrderID)
		}
		if of.Outcome == fulfillment.CancelOutcomeCancelled && !fo.Snapshot.OrderCancelled {
			return fmt.Sprintf("fulfillment order %d is not cancelled with its order", fo.ID)
		}
	}
	if slices.ContainsFunc(answer.FulfillmentOrders, func(of fulfillment.CancelledFulfillmentOrder) bool {
		return of.Outcome == fulfillment.CancelOutcomeRefused
	}) {
		return ""
	}
	return e.lacksOrderTransition(orderID, commandID, fulfillment.OrderKindCancelled)
}
