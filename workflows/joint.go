package workflows

import (
	"encoding/json"
	"fmt"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"packhorse/activities"
	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// takeJointCommands registers the updates by which an order commands several of its fulfillment orders at once, named
// by [fulfillment.JointVerbs]. A batch that concerns several orders is sent to one of them.
func (d *orderDesk) takeJointCommands(ctx workflow.Context) error {
	for _, verb := range fulfillment.JointVerbs {
		err := workflow.SetUpdateHandlerWithOptions(ctx, string(verb),
			func(ctx workflow.Context, body converter.RawValue) (temporalio.JointAnswer, error) {
				return d.carryOutJointly(goingOn(ctx), verb, body)
			},
			workflow.UpdateHandlerOptions{Validator: func(ctx workflow.Context, body converter.RawValue) error {
				_, err := decodeJoint(ctx, verb, body, strict)
				return err
			}})
		if err != nil {
			return err
		}
	}
	return nil
}

// carryOutJointly carries out a command on several fulfillment orders, all or nothing: each one that it would change is
// reserved, by ID; one transaction commits what becomes of all of them; then each goes on from there. What was decided
// on may have changed before everyone was reserved: then it starts over. Whatever dies on the way, this goes on where
// it was, and a reservation that hears nothing ends by itself.
func (d *orderDesk) carryOutJointly(
	ctx workflow.Context, verb fulfillment.Verb, body converter.RawValue,
) (temporalio.JointAnswer, error) {
	cmd, err := d.readJoint(ctx, verb, body)
	if err != nil {
		return temporalio.JointAnswer{}, err
	}
	by := reservationName(ctx, verb)
	if err := d.enter(ctx, string(verb)); err != nil {
		return temporalio.JointAnswer{}, err
	}
	defer d.leave(ctx)
	for try := 1; ; try++ {
		command, err := json.Marshal(cmd)
		if err != nil {
			return temporalio.JointAnswer{}, err
		}
		in := activities.JointInput{Verb: verb, Command: command, Now: workflow.Now(ctx).UTC()}
		var plan activities.JointPlan
		err = local(ctx, "plan "+string(verb), activity.PlanJoint, in, &plan)
		switch {
		case isIDTaken(err): // By a sender that gave IDs of its own.
			if cmd.Envelope().FirstID, err = mint(ctx); err != nil {
				return temporalio.JointAnswer{}, err
			}
			continue
		case err != nil:
			return temporalio.JointAnswer{}, err
		}
		d.hasOwn(plan.New)
		if plan.Repeated { // Whoever carried it out may have died before these were started.
			return temporalio.JointAnswer{Results: plan.Results}, startFulfillmentOrders(ctx, plan.New)
		}
		r := activities.ReservationInput{FulfillmentOrderIDs: plan.Participants, By: fmt.Sprintf("%s/%d", by, try)}
		if err := askAll(ctx, "reserve", activity.Reserve, r, &in.Reservations); err != nil {
			return temporalio.JointAnswer{}, d.abort(ctx, r, err)
		}
		in.Now, in.Reserved = workflow.Now(ctx).UTC(), plan.Participants
		var done activities.JointCommitted
		err = local(ctx, "commit "+string(verb), activity.CommitJoint, in, &done)
		switch {
		case isStale(err):
			if err := d.abort(ctx, r, nil); err != nil {
				return temporalio.JointAnswer{}, err
			}
			if err := workflow.Sleep(ctx, pauseBefore(try)); err != nil {
				return temporalio.JointAnswer{}, err
			}
			continue
		case isIDTaken(err): // By a sender that gave IDs of its own.
			if err := d.abort(ctx, r, nil); err != nil {
				return temporalio.JointAnswer{}, err
			}
			if cmd.Envelope().FirstID, err = mint(ctx); err != nil {
				return temporalio.JointAnswer{}, err
			}
			continue
		case err != nil:
			return temporalio.JointAnswer{}, d.abort(ctx, r, err)
		}
		d.hasOwn(done.New)
		if err := startFulfillmentOrders(ctx, done.New); err != nil {
			return temporalio.JointAnswer{}, err
		}
		r.Done, r.Versions = fulfillment.JointAnswers(cmd, done.Results), done.Versions
		return temporalio.JointAnswer{Results: done.Results}, askAll(ctx, "apply", activity.Apply, r, nil)
	}
}

// pauseBefore keeps a joint command that met others from meeting them again at once.
func pauseBefore(try int) time.Duration {
	return min(time.Duration(try)*50*time.Millisecond, 2*time.Second)
}

// abort ends the reservations of a try that came to nothing, and returns why.
func (d *orderDesk) abort(ctx workflow.Context, r activities.ReservationInput, why error) error {
	if err := askAll(ctx, "abort", activity.Abort, r, nil); err != nil {
		return err
	}
	return why
}

// readJoint reads a joint command and fills in its command ID and new IDs.
func (d *orderDesk) readJoint(
	ctx workflow.Context, verb fulfillment.Verb, body converter.RawValue,
) (fulfillment.Joint, error) {
	cmd, err := decodeJoint(ctx, verb, body, strict)
	if err != nil { // It was taken before there was a rule against it.
		if cmd, err = decodeJoint(ctx, verb, body, lenient); err != nil {
			return nil, err
		}
	}
	d.fill(ctx, cmd.Envelope())
	return cmd, mintFirst(ctx, &cmd.Envelope().FirstID)
}

// reservationName names the joint command of the present update among the reservations, see [temporalio.Reservation].
func reservationName(ctx workflow.Context, verb fulfillment.Verb) string {
	run := workflow.GetInfo(ctx).WorkflowExecution
	return fmt.Sprintf("%s of %s/%s/%s", verb, run.ID, run.RunID, workflow.GetCurrentUpdateInfo(ctx).ID)
}

func decodeJoint(
	ctx workflow.Context, verb fulfillment.Verb, body converter.RawValue, s strictness,
) (fulfillment.Joint, error) {
	cmd, refused := fulfillment.DecodeJoint(verb, dataOf(body), s == strict)
	if refused == nil && s == strict {
		refused = fulfillment.Admit(cmd, workflow.Now(ctx))
	}
	if refused != nil {
		return nil, temporalio.RefusalError(refused)
	}
	return cmd, nil
}

// askAll is a normal activity: it waits for other workflows.
func askAll(ctx workflow.Context, what string, fn any, r activities.ReservationInput, answer any) error {
	if len(r.FulfillmentOrderIDs) == 0 { // Nothing changes, as when a shipment is taken back once more.
		return nil
	}
	return answerOf(workflow.ExecuteActivity(
		waiting(ctx, what+" "+temporalio.Count(len(r.FulfillmentOrderIDs), "fulfillment order")), fn, r,
	).Get(ctx, answer))
}
