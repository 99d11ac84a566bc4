package workflows

import (
	"fmt"

	"go.temporal.io/sdk/workflow"

	"packhorse/activities"
	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// ServiceDeletion deletes a fulfillment service when it is told to by the update [temporalio.DeleteServiceUpdate], and
// completes when everybody who asked has an answer. It goes on when nobody waits for it any more.
func ServiceDeletion(ctx workflow.Context) error {
	root := ctx
	ctx = goingOn(ctx)
	id, err := temporalio.ParseServiceDeletionID(workflow.GetInfo(ctx).WorkflowExecution.ID)
	if err != nil {
		return refusalOf(err)
	}
	desk := &deletionDesk{
		id: id, busy: workflow.NewMutex(ctx), cancelRequested: func() bool { return root.Err() != nil },
	}
	if err := workflow.SetUpdateHandler(ctx, temporalio.DeleteServiceUpdate, desk.delete); err != nil {
		return err
	}
	return workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
}

// deletionDesk is where a service is deleted.
type deletionDesk struct {
	id   fulfillment.ID
	busy workflow.Mutex            // one request at a time
	done *temporalio.DeleteService // the request that has deleted the service

	cancelRequested func() bool // tells whether somebody asked Temporal to cancel the run
}

// delete moves what waits at the service, all or nothing, and deletes it. If something stays, the deletion is refused
// and names it. Whoever asks for the very same while it is under way gets its answer.
func (d *deletionDesk) delete(ctx workflow.Context, in temporalio.DeleteService) error {
	ctx = goingOn(ctx)
	if in.CommandID == "" { // It may be carried out more than once, and must happen once.
		in.CommandID = workflow.GetCurrentUpdateInfo(ctx).ID
	}
	in.ID = d.id
	if err := d.busy.Lock(ctx); err != nil {
		return err
	}
	defer d.busy.Unlock()
	if d.done != nil && d.done.SameAs(in) {
		return nil
	}
	if in.Transfers() {
		if err := d.transfer(ctx, in); err != nil {
			return err
		}
	}
	if err := local(ctx, "delete the service", activity.DeleteService, in.ServiceDeletion, nil); err != nil {
		return err
	}
	d.done = &in
	return nil
}

// transfer moves what waits at the service to the destination, if all of it can move.
func (d *deletionDesk) transfer(ctx workflow.Context, in temporalio.DeleteService) error {
	seen, err := d.throughout(ctx, "look whether all that waits can move", activity.SurveyTransfer, in)
	if err != nil || seen.Stays {
		return err
	}
	_, err = d.throughout(ctx, "move what waits", activity.Transfer, in)
	return err
}

// throughout has an activity go through all that waits at the service, one stretch after the other.
func (d *deletionDesk) throughout(
	ctx workflow.Context, what string, fn any, in temporalio.DeleteService,
) (stretch activities.TransferStretch, err error) {
	next := activities.TransferInput{DeleteService: in}
	for seen := 0; ; {
		stretch = activities.TransferStretch{}
		if err := workflow.ExecuteActivity(waiting(ctx, what), fn, next).Get(ctx, &stretch); err != nil {
			return stretch, answerOf(err)
		}
		seen += stretch.Seen
		page := fmt.Sprintf("The service is being deleted: %s (%d so far).", what, seen)
		if d.cancelRequested() {
			page += insteadForDeletion
		}
		workflow.SetCurrentDetails(ctx, page)
		if !stretch.More {
			return stretch, nil
		}
		next.After = stretch.After
	}
}
