package workflows

import (
	"go.temporal.io/sdk/workflow"

	"packhorse/internal/fulfillment"
)

// goingOn is a context that a cancel request of Temporal does not reach: no such request ends a life. It would leave a
// fulfillment order in the book that nobody lives, or a command half carried out, and it can't say who asked.
func goingOn(ctx workflow.Context) workflow.Context {
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	return ctx
}

// instead is what is told of a cancel request.
const instead = "A cancel request of Temporal ends no fulfillment order, so life goes on. " +
	"What to do instead: packhorse fulfillment-order cancel, or the update Cancel; " +
	"for the whole order packhorse order cancel."

// insteadForDeletion is what the run of a service's deletion tells of one, insteadForOrder that of an order.
const (
	insteadForDeletion = "\n\n**A cancel request** of Temporal was ignored: what was begun is carried out.\n"
	insteadForOrder    = insteadForDeletion + "To cancel an order: `packhorse order cancel`.\n"
)

// noteCancelRequest records once that a cancel request came, as a refused command: who asked can't be known.
func (l *life) noteCancelRequest(ctx workflow.Context) {
	if l.cancelNoted || !l.cancelRequested() || l.missing || l.fo == nil {
		return
	}
	l.cancelNoted = true
	cmd := &fulfillment.Cancel{Meta: fulfillment.Meta{
		CommandID: "cancel-request/" + workflow.GetInfo(ctx).OriginalRunID, FirstID: 1,
		Actor: fulfillment.Actor{Role: fulfillment.RoleOperator, Name: "a cancel request of Temporal"},
	}}
	l.decideUnanswered(ctx, cmd, &fulfillment.Error{Code: fulfillment.CodeInvalidState, Message: instead})
}

// hasCancelRequest tells whether one is still to be recorded.
func (l *life) hasCancelRequest() bool {
	return !l.cancelNoted && l.cancelRequested() && !l.missing && l.fo != nil
}
