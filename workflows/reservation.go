package workflows

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"packhorse/activities"
	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// verbOf is what people are told of a reservation.
func verbOf(r temporalio.Reservation) string {
	verb, _, _ := strings.Cut(r.By, " of ")
	return temporalio.Clip(verb, 100)
}

// reservationLease is how long a fulfillment order waits to hear what became of a joint command. Then it looks into the
// store and goes on; a commit that comes later still finds it as it was reserved, or fails on its version.
const reservationLease = 20 * time.Second

func (l *life) takeReservations(ctx workflow.Context) error {
	options := workflow.UpdateHandlerOptions{Validator: l.mayReserve}
	if err := workflow.SetUpdateHandlerWithOptions(ctx, temporalio.ReserveUpdate, l.reserve, options); err != nil {
		return err
	}
	options.Validator = l.mayApply
	if err := workflow.SetUpdateHandlerWithOptions(ctx, temporalio.ApplyUpdate, l.apply, options); err != nil {
		return err
	}
	options.Validator = func(_ workflow.Context, r temporalio.Reservation) error { return named(r) }
	return workflow.SetUpdateHandlerWithOptions(ctx, temporalio.AbortUpdate, l.abort, options)
}

const (
	// ending marks the name of a reservation that ends: nobody but who ends it may.
	ending = "/ends"
	// maxReservationName is more than the longest that an order makes, of its own ID, a run's and an update's.
	maxReservationName = 4000
)

// named refuses a name that a fulfillment order has for itself while it looks into the store: whoever used it could end
// that look, or begin a second one, and what is decided meanwhile would be taken for committed.
func named(r temporalio.Reservation) error {
	if r.By != "" && r.By != temporalio.RefreshUpdate && !strings.HasSuffix(r.By, ending) &&
		len(r.By) <= maxReservationName {
		return nil
	}
	return temporalio.RefusalError(&fulfillment.Error{
		Code: fulfillment.CodeInvalid, Field: []string{"by"}, Message: fmt.Sprintf(
			"by: must name the joint command, in at most %d bytes, and neither be %s nor end in %s. Orders send this, "+
				"nobody else has to.", maxReservationName, temporalio.RefreshUpdate, ending),
	})
}

// mayReserve turns a joint command away when the next run is to take it; not one that somebody here waits for.
func (l *life) mayReserve(_ workflow.Context, r temporalio.Reservation) error {
	if err := named(r); err != nil {
		return err
	}
	if l.leaving && !l.waitsToLeave() {
		return temporalio.RefusalError(cannotReserve)
	}
	return nil
}

// mayApply turns away what the next run is to look up: this one would leave it unanswered.
func (l *life) mayApply(_ workflow.Context, r temporalio.Reservation) error {
	if err := named(r); err != nil {
		return err
	}
	if l.leaving && !l.waitsToLeave() && l.reservedBy != r.By {
		return temporalio.RefusalError(cannotRefresh)
	}
	return nil
}

var cannotReserve = &fulfillment.Error{
	Code: fulfillment.CodeUnavailable, Message: "The fulfillment order can't be reserved at this moment.",
}

// reserve answers once the store has everything that was decided, and nothing more is decided until the joint command
// is applied or aborted.
func (l *life) reserve(ctx workflow.Context, r temporalio.Reservation) error {
	ctx = goingOn(ctx)
	if err := workflow.Await(ctx, func() bool { return l.fo != nil }); err != nil {
		return err
	}
	if l.missing {
		return l.notThere()
	}
	if l.reservedBy == r.By {
		return nil
	}
	l.reserving = append(l.reserving, r.By)
	defer l.withdraw(r.By)
	waits := func() bool { return slices.Contains(l.reserving, r.By) }
	if err := workflow.Await(ctx, func() bool { return !waits() || l.reservable() }); err != nil {
		return err
	}
	if !waits() { // Aborted before its turn came.
		return temporalio.RefusalError(cannotReserve)
	}
	if r.Stored != nil && *r.Stored < l.committed {
		if err := l.catchUp(ctx, r); err != nil {
			return err
		}
		if err := workflow.Await(ctx, func() bool { return !waits() || l.reservable() }); err != nil {
			return err
		}
		if !waits() {
			return temporalio.RefusalError(cannotReserve)
		}
	}
	if l.missing { // The store was set back meanwhile.
		return l.notThere()
	}
	l.reservedBy = r.By
	workflow.Go(ctx, func(ctx workflow.Context) { l.lease(ctx, r) })
	return nil
}

// withdraw takes a joint command out of those that wait for their turn.
func (l *life) withdraw(by string) {
	l.reserving = slices.DeleteFunc(l.reserving, func(waiting string) bool { return waiting == by })
}

// free tells that no joint command has reserved the fulfillment order.
func (l *life) free() bool { return l.reservedBy == "" }

// mayDecide tells whether a command may be decided. A joint command that waits for its turn goes first: it needs a
// moment without a commit, which many callers would never leave it.
func (l *life) mayDecide() bool { return l.free() && len(l.reserving) == 0 }

// reservable tells that the store has everything, and nobody is about to change that: a joint command may have its
// turn.
func (l *life) reservable() bool { return l.free() && l.stored() && len(l.pending) == 0 }

// lease ends a reservation that nobody ends.
func (l *life) lease(ctx workflow.Context, r temporalio.Reservation) {
	ctx, cancel := workflow.WithCancel(ctx)
	defer cancel()
	timer := workflow.NewTimerWithOptions(
		ctx, reservationLease, workflow.TimerOptions{Summary: "reservation for " + verbOf(r) + " ends"},
	)
	held := func() bool { return l.reservedBy == r.By }
	if err := workflow.Await(ctx, func() bool { return !held() || timer.IsReady() }); err != nil || !held() {
		return
	}
	if err := l.catchUp(ctx, r); err != nil {
		l.logger.Warn("Can't look up what became of a joint command.", "error", err)
	}
}

// apply goes on from what the joint command has committed. When the lease has ended meanwhile, the run may have looked
// into the store before that, and must look again.
func (l *life) apply(ctx workflow.Context, r temporalio.Reservation) error {
	ctx = goingOn(ctx)
	if err := workflow.Await(ctx, func() bool { return l.fo != nil }); err != nil || l.missing {
		return err
	}
	if err := workflow.Await(ctx, func() bool { return l.reservedBy == r.By || l.reservable() }); err != nil {
		return err
	}
	return l.catchUp(ctx, r)
}

// catchUp ends a reservation with what the store has by now. Nothing is decided before that is known, and nobody else
// ends the reservation meanwhile.
func (l *life) catchUp(ctx workflow.Context, r temporalio.Reservation) error {
	l.reservedBy = r.By + ending
	defer func() { l.reservedBy = "" }()
	return l.reload(ctx, nil, r.Done)
}

// abort goes on as before.
func (l *life) abort(_ workflow.Context, r temporalio.Reservation) error {
	l.withdraw(r.By)
	if l.reservedBy == r.By {
		l.reservedBy = ""
	}
	return nil
}

// jointCommands is the patch with which fulfillment orders began to be commanded together. Runs that decided such a
// command by themselves before go on like that until they continue as new.
const jointCommands = "joint-commands"

// newsOfParts is the patch with which news of a shipment of which this fulfillment order has a part went to the owner
// of the whole. Runs that kept it with their part go on like that until they continue as new.
const newsOfParts = "news-of-parts"

// othersDecide tells whether the command is not this fulfillment order's to decide, or not alone: see passOn.
func (l *life) othersDecide(ctx workflow.Context, cmd fulfillment.Command) bool {
	if l.fo.Concerned(cmd) != l.fo.ID {
		return workflow.GetVersion(ctx, newsOfParts, workflow.DefaultVersion, 1) >= 1
	}
	return l.fo.NeedsSiblings(cmd) && workflow.GetVersion(ctx, jointCommands, workflow.DefaultVersion, 1) >= 1
}

// passOn hands a command on: to the fulfillment order that is concerned, or to the order, which reserves this one among
// others.
func (l *life) passOn(ctx workflow.Context, cmd fulfillment.Command) (fulfillment.Result, error) {
	l.passedOn++
	defer func() { l.passedOn-- }()
	ask, what, in := activity.AskOrder, "ask the order: ", activities.AskInput{
		FulfillmentOrderID: l.fo.Concerned(cmd), OrderID: l.fo.OrderID, Verb: cmd.Verb(),
	}
	var asked any = &fulfillment.Alone{FulfillmentOrderID: l.fo.ID, Command: cmd}
	if in.FulfillmentOrderID != l.fo.ID {
		ask, what, asked = activity.AskOwner, "ask the owner of the shipment: ", cmd
	}
	var err error
	if in.Command, err = json.Marshal(asked); err != nil {
		return fulfillment.Result{}, err
	}
	var result fulfillment.Result
	err = workflow.ExecuteActivity(waiting(ctx, what+string(cmd.Verb())), ask, in).Get(ctx, &result)
	return result, answerOf(err)
}

// signalIDs is the patch with which a signal that the order decides got its command ID from its place among the signals
// of the run, as others have. A minted one is another one when the run is reset, and the command was carried out again.
const signalIDs = "signal-ids"

// passSignalOn hands a signalled command on. Nobody waits for the answer, so a refusal becomes a
// transition.
func (l *life) passSignalOn(ctx workflow.Context, cmd fulfillment.Command) {
	meta := cmd.Envelope()
	if meta.CommandID == "" && workflow.GetVersion(ctx, signalIDs, workflow.DefaultVersion, 1) >= 1 {
		meta.CommandID = l.signalID(ctx, cmd.Verb())
	}
	if meta.CommandID == "" { // It may be sent more than once, and must happen once.
		id, err := mint(ctx)
		if err != nil {
			l.logger.Warn("Can't mint IDs for a signalled command.", "error", err)
			return
		}
		meta.CommandID = "signal/" + id.String()
	}
	l.passedOn++ // Now, and until there is a transition: the run must not end before.
	workflow.Go(ctx, func(ctx workflow.Context) {
		defer func() { l.passedOn-- }()
		_, err := l.passOn(ctx, cmd)
		if refused, ok := temporalio.Refusal(err); !ok {
			if err != nil { // Only an operator ends an activity that is retried for ever.
				l.logger.Warn(
					"Nobody was asked for a signalled command.", "command", string(cmd.Verb()), "error", err,
				)
			}
		} else if workflow.Await(ctx, l.free) == nil {
			l.decideUnanswered(ctx, cmd, refused)
		}
	})
}

// waiting is how an activity runs that waits for other workflows. It gives signs of life, so that another worker soon
// takes over from one that died.
func waiting(ctx workflow.Context, what string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Minute,
		HeartbeatTimeout:    activities.WaitingHeartbeat,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: 100 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: 10 * time.Second,
		},
		Summary: what,
	})
}
