package workflows

import (
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"packhorse/activities"
	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// workflowLogger is the replay-safe logger of the SDK.
type workflowLogger interface {
	Warn(msg string, keyvals ...any)
}

// inbox is the signals of one verb.
type inbox struct {
	verb    fulfillment.Verb
	channel workflow.ReceiveChannel
}

// takeCommands registers every command as an update and as a signal. It must not block: updates that arrive with the
// start are delivered as soon as it returns.
func (l *life) takeCommands(ctx workflow.Context) error {
	for _, verb := range fulfillment.Verbs() {
		err := workflow.SetUpdateHandlerWithOptions(ctx, string(verb),
			func(ctx workflow.Context, body converter.RawValue) (fulfillment.Result, error) {
				return l.handle(goingOn(ctx), verb, body)
			},
			workflow.UpdateHandlerOptions{Validator: func(ctx workflow.Context, body converter.RawValue) error {
				return l.validate(ctx, verb, body)
			}})
		if err != nil {
			return err
		}
		l.inbox = append(l.inbox, inbox{verb, workflow.GetSignalChannel(ctx, string(verb))})
	}
	return workflow.SetQueryHandler(
		ctx, temporalio.StateQuery, func() (*fulfillment.FulfillmentOrder, error) { return l.fo, nil },
	)
}

// firstTask is how long the history is in the first task of a run: it started, and the task was scheduled and started.
const firstTask = 3

// validate refuses a command before it leaves a trace in the history. It must not change anything.
//
// The first task of a run refuses nothing: the handler does. A task with nothing but refusals leaves no trace, and a
// server that had it in hand when it was about to schedule the first task of a child schedules no other: the run would
// not be there for anyone who looks, and the next command would wait for a worker that forgot it.
func (l *life) validate(ctx workflow.Context, verb fulfillment.Verb, body converter.RawValue) error {
	if workflow.GetInfo(ctx).GetCurrentHistoryLength() <= firstTask {
		return nil
	}
	cmd, err := decode(ctx, verb, body, workflow.GetCurrentUpdateInfo(ctx).ID, strict)
	if err != nil {
		return temporalio.RefusalError(err)
	}
	if l.isOver(cmd) || len(l.pending) > maxWaiting {
		return temporalio.RefusalError(&fulfillment.Error{Code: fulfillment.CodeUnavailable,
			Message: "The fulfillment order can't take a command at this moment. Send it again with the same " +
				"command ID."})
	}
	if l.fo == nil { // The snapshot is being loaded; the handler waits for it and decides.
		return nil
	}
	if l.missing {
		return l.notThere()
	}
	if move, ok := cmd.(*fulfillment.Move); ok && move.Location == nil { // Looked up by the handler.
		move.Location = &fulfillment.AssignedLocation{LocationID: move.NewLocationID}
	}
	if !l.stored() || !l.free() { // Only the handler can wait for what the answer depends on.
		return nil
	}
	env := fulfillment.Env{Now: workflow.Now(ctx).UTC(), IDs: fulfillment.NewIDs(1)}
	if _, err := l.fo.Decide(cmd, env); err != nil {
		return refusalOf(err)
	}
	return nil
}

// isOver tells whether a command is for the next run. One that leaves and has passed a command on takes others as long
// as it waits for that: the order may be in the middle of something that asks this fulfillment order first.
func (l *life) isOver(cmd fulfillment.Command) bool {
	if l.waitsToLeave() {
		return l.fo.NeedsSiblings(cmd) || l.fo.Concerned(cmd) != l.fo.ID
	}
	return l.leaving
}

// waitsToLeave tells that the next run can't begin before others have answered what this one has passed on.
func (l *life) waitsToLeave() bool { return l.leaving && l.passedOn > 0 }

// handle decides a command and answers once a commit holds what it did.
func (l *life) handle(
	ctx workflow.Context, verb fulfillment.Verb, body converter.RawValue,
) (fulfillment.Result, error) {
	cmd, refused := read(ctx, verb, body, workflow.GetCurrentUpdateInfo(ctx).ID)
	if refused != nil {
		return fulfillment.Result{}, temporalio.RefusalError(refused)
	}
	if err := workflow.Await(ctx, func() bool { return l.fo != nil }); err != nil {
		return fulfillment.Result{}, err
	}
	if l.missing {
		return fulfillment.Result{}, l.notThere()
	}
	if l.othersDecide(ctx, cmd) {
		return l.passOn(ctx, cmd)
	}
	if err := l.prepare(ctx, cmd); err != nil {
		return fulfillment.Result{}, err
	}
	for {
		if err := workflow.Await(ctx, l.mayDecide); err != nil {
			return fulfillment.Result{}, err
		}
		if l.missing { // The store was set back meanwhile.
			return fulfillment.Result{}, l.notThere()
		}
		decision, refused := l.decide(ctx, cmd, true)
		// A refusal waits like a success does: what it was decided on may turn out never to have happened.
		epoch, sequence := l.epoch, l.fo.Sequence
		if err := workflow.Await(ctx, func() bool { return l.committed >= sequence || l.epoch != epoch }); err != nil {
			return fulfillment.Result{}, err
		}
		switch {
		case l.epoch != epoch && l.parked.refuses(epoch, decision):
			return fulfillment.Result{}, refusalOf(l.parked.refused)
		case l.epoch != epoch && l.turnedDown.refuses(epoch, decision):
			return fulfillment.Result{}, refusalOf(l.turnedDown.refused)
		case l.epoch != epoch:
			continue
		case refused != nil:
			return fulfillment.Result{}, refusalOf(refused)
		}
		return decision.Result, nil
	}
}

// stored tells whether the store has everything that was decided.
func (l *life) stored() bool { return l.committed == l.fo.Sequence }

// prepare fills in what a command needs that its sender did not give: where a move or what comes back goes, and new
// IDs. IDs that are this fulfillment order's already were given before by a sender that counts for itself.
func (l *life) prepare(ctx workflow.Context, cmd fulfillment.Command) error {
	if move, ok := cmd.(*fulfillment.Move); ok {
		if err := l.locate(ctx, move); err != nil {
			return err
		}
	}
	if back, ok := cmd.(*fulfillment.CancelFulfillment); ok {
		if err := l.locateReopened(ctx, back); err != nil {
			return err
		}
	}
	meta := cmd.Envelope()
	if meta.FirstID != 0 && !l.fo.Uses(meta.FirstID) {
		return nil
	}
	id, err := mint(ctx)
	if err != nil {
		return err
	}
	meta.FirstID = id
	return nil
}

// locate looks up where a move goes to.
func (l *life) locate(ctx workflow.Context, move *fulfillment.Move) error {
	in := activities.FindLocationInput{LocationID: move.NewLocationID}
	for _, line := range l.fo.Lines {
		in.SKUs = append(in.SKUs, line.SKU)
	}
	var found activities.FoundLocation
	if err := local(ctx, "look up the location", activity.FindLocation, in, &found); err != nil {
		return err
	}
	move.Location, move.UnstockedSKUs = found.Location, found.Unstocked
	return nil
}

// outOfUse is the patch with which what comes back of a shipment goes elsewhere if its location is out of use by now.
const outOfUse = "out-of-use"

// locateReopened looks up where units go that come back when the fulfillment order is closed.
func (l *life) locateReopened(ctx workflow.Context, back *fulfillment.CancelFulfillment) error {
	again := back.Reopening(l.fo)
	if again == nil || workflow.GetVersion(ctx, outOfUse, workflow.DefaultVersion, 1) < 1 {
		return nil
	}
	var found activities.FoundLocation
	err := local(ctx, "look up where the units go", activity.Reopen, again, &found)
	back.Location = found.Location
	return err
}

// boundedState is the patch with which a command began to be refused that lets a state grow above
// [fulfillment.MaxState]. Runs that took one before go on like that until they continue as new.
const boundedState = "bounded-state"

// decide applies a command to the present state; the next commit takes what it did.
func (l *life) decide(ctx workflow.Context, cmd fulfillment.Command, answered bool) (*fulfillment.Decision, error) {
	decision, err := l.fo.Decide(cmd, l.env(ctx, cmd))
	if fulfillment.IsNoRoom(err) && workflow.GetVersion(ctx, boundedState, workflow.DefaultVersion, 1) < 1 {
		env := l.env(ctx, cmd)
		env.NoLimit = true
		decision, err = l.fo.Decide(cmd, env)
	}
	if err != nil {
		return nil, err
	}
	if decision.Unchanged() && workflow.GetVersion(ctx, remembersUnchanged, workflow.DefaultVersion, 1) < 1 {
		env := l.env(ctx, cmd)
		env.Forgetful = true
		if decision, err = l.fo.Decide(cmd, env); err != nil {
			return nil, err
		}
	}
	l.keep(cmd, decision, answered)
	return decision, nil
}

// remembersUnchanged is the patch with which a command that changes nothing became a transition: its ID was free for
// another command once the run had ended.
const remembersUnchanged = "remembers-unchanged"

func (l *life) keep(cmd fulfillment.Command, decision *fulfillment.Decision, answered bool) {
	l.fo = decision.State
	if len(decision.Transitions) > 0 {
		l.pending = append(l.pending, decided{cmd: cmd, decision: decision, answered: answered})
	}
}

// clocksAhead is the patch with which events began to be ordered without those clocks of carriers that are ahead. Runs
// in which such news hid what happened after it go on like that until they continue as new.
const clocksAhead = "clocks-ahead"

func (l *life) env(ctx workflow.Context, cmd fulfillment.Command) fulfillment.Env {
	env := fulfillment.Env{Now: workflow.Now(ctx).UTC(), IDs: fulfillment.NewIDs(cmd.Envelope().FirstID)}
	if hold, ok := cmd.(*fulfillment.PlaceHold); ok && len(hold.Lines) > 0 {
		env.StaysApart = workflow.GetVersion(ctx, jointCommands, workflow.DefaultVersion, 1) < 1
	}
	if _, ok := cmd.(*fulfillment.PlaceHold); ok && l.fo.Reports(cmd.Envelope().Actor) {
		env.NoReports = workflow.GetVersion(ctx, serviceHolds, workflow.DefaultVersion, 1) < 1
	}
	if _, ok := cmd.(*fulfillment.CreateFulfillment); ok && l.fo.HandsOver() {
		env.AwaitsDelivery = workflow.GetVersion(ctx, handedOver, workflow.DefaultVersion, 1) < 1
	}
	if event, ok := cmd.(*fulfillment.RecordEvent); ok && event.ClocksMatter(l.fo, env.Now) {
		env.TrustsClocks = workflow.GetVersion(ctx, clocksAhead, workflow.DefaultVersion, 1) < 1
	}
	if times, ok := cmd.(interface {
		OutOfOrder(fo *fulfillment.FulfillmentOrder) bool
	}); ok && times.OutOfOrder(l.fo) {
		env.AnyOrder = workflow.GetVersion(ctx, checkedInput, workflow.DefaultVersion, 2) < 2
	}
	return env
}

// serviceHolds is the patch with which a service's system could tell why it does not ship what it has accepted. Runs
// that refused such a hold before refuse it until they continue as new.
const serviceHolds = "service-holds"

// readSignals takes commands that were signalled, so many at a time. Nobody waits for an answer, so a refusal becomes a
// transition: the history says what was asked and why it did not happen.
func (l *life) readSignals(ctx workflow.Context) {
	if l.fo == nil || l.missing {
		return
	}
	read := 0
	for i := range l.inbox {
		for {
			if read == maxBatch && isBounded(ctx) {
				return
			}
			var body converter.RawValue
			if ok := l.inbox[i].channel.ReceiveAsync(&body); !ok {
				break
			}
			l.takeSignal(ctx, l.inbox[i].verb, body)
			read++
		}
	}
}

func (l *life) takeSignal(ctx workflow.Context, verb fulfillment.Verb, body converter.RawValue) {
	if preparations[verb] && workflow.GetVersion(ctx, handedOver, workflow.DefaultVersion, 1) < 1 {
		return // Nobody listened for it then.
	}
	l.signals++
	l.signalsOf[verb]++
	cmd, refused := read(ctx, verb, body, "")
	if refused == nil && l.othersDecide(ctx, cmd) {
		l.passSignalOn(ctx, cmd)
		return
	}
	if refused != nil {
		cmd = fulfillment.NewCommand(verb)
	}
	if meta := cmd.Envelope(); meta.CommandID == "" {
		meta.CommandID = l.signalID(ctx, verb)
	}
	if refused == nil {
		if err := l.prepare(ctx, cmd); err != nil {
			refused = &fulfillment.Error{Code: fulfillment.CodeUnavailable, Message: err.Error()}
		}
	}
	if err := workflow.Await(ctx, l.free); err != nil {
		return
	}
	l.decideUnanswered(ctx, cmd, refused)
}

// handedOver is the patch with which a shipment that is its own delivery ends by itself, and what is prepared for it is
// said. Runs that shipped such units before wait for news of them, also when they hear those signals again in a replay.
const handedOver = "handed-over"

var preparations = map[fulfillment.Verb]bool{
	fulfillment.VerbLineItemsPreparedForPickup: true, fulfillment.VerbLineItemsPreparedForLocalDelivery: true,
}

func (l *life) hasSignal() bool {
	if l.fo == nil || l.missing {
		return false
	}
	for i := range l.inbox {
		if l.inbox[i].channel.Len() > 0 {
			return true
		}
	}
	return false
}

func notFound(id fulfillment.ID) *fulfillment.Error {
	return &fulfillment.Error{
		Code: fulfillment.CodeNotFound, Field: []string{"id"},
		Message: "Fulfillment order " + id.String() + " does not exist.",
	}
}

func refusalOf(err error) error {
	if refused, ok := fulfillment.AsError(err); ok {
		return temporalio.RefusalError(refused)
	}
	return err
}
