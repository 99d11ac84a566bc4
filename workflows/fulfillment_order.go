package workflows

import (
	"encoding/json"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"packhorse/activities"
	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
)

// FulfillmentOrder is the life of one fulfillment order: it takes commands, lets time pass, calls the provider,
// commits every transition before anyone is answered, and ends when the units are delivered or have gone elsewhere.
//
// Its input is a [temporalio.FulfillmentOrderInput]; one that can't be read is refused like any other wrong input.
func FulfillmentOrder(ctx workflow.Context, body converter.RawValue) error {
	var in temporalio.FulfillmentOrderInput
	if data := dataOf(body); len(data) > 0 && json.Unmarshal(data, &in) != nil {
		return refusalOf(&fulfillment.Error{
			Code: fulfillment.CodeInvalid, Message: `The input can't be read: it must be JSON such as {"id": "4711"}.`,
		})
	}
	if err := check(ctx, &in); err != nil {
		return err
	}
	root := ctx
	ctx = goingOn(ctx)
	life := newLife(ctx, in)
	life.cancelRequested = func() bool { return root.Err() != nil }
	if err := life.takeCommands(ctx); err != nil {
		return err
	}
	if err := life.takeReservations(ctx); err != nil {
		return err
	}
	if err := life.takeRefreshes(ctx); err != nil {
		return err
	}
	if err := life.load(ctx, in); err != nil {
		return err
	}
	return life.live(ctx)
}

// check refuses to live another fulfillment order than the one that the workflow ID names: two writers would call its
// provider.
func check(ctx workflow.Context, in *temporalio.FulfillmentOrderInput) error {
	info := workflow.GetInfo(ctx)
	id, err := temporalio.ParseFulfillmentOrderID(info.WorkflowExecution.ID)
	if err != nil {
		return refusalOf(err)
	}
	if in.ID == 0 {
		in.ID = id
	}
	if in.ID != id || in.State != nil && in.State.ID != id {
		return refusalOf(&fulfillment.Error{Code: fulfillment.CodeInvalid, Field: []string{"id"},
			Message: "The fulfillment order's id must be the number in its workflow ID " +
				temporalio.FulfillmentOrderID(id) + "."})
	}
	if in.State != nil && (info.ParentWorkflowExecution == nil && info.ContinuedExecutionRunID == "" ||
		stateIsAsked(ctx)) {
		in.State = nil
	}
	return nil
}

// stateFromStore is the patch with which no run believes a state that it is handed: it asks the store, which is the
// only one to know. Whoever may start a workflow, of whatever type, can start this one as its child or continue as it,
// and hand it anything. Runs that began with a state before go on from it.
const stateFromStore = "state-from-store"

// stateIsAsked tells whether a run reads its state from the store, and hands none on.
func stateIsAsked(ctx workflow.Context) bool {
	return workflow.GetVersion(ctx, stateFromStore, workflow.DefaultVersion, 1) >= 1
}

// life is a fulfillment order's workflow at work.
type life struct {
	fo            *fulfillment.FulfillmentOrder // as decided; runs ahead of the store by the pending decisions
	committed     int64                         // the sequence that the store has
	inStore       *fulfillment.FulfillmentOrder // the last state that was committed, as far as this run knows
	pending       []decided                     // decisions that no commit holds yet, oldest first
	epoch         int                           // grows when the store turned out to be ahead: all decide again
	missing       bool                          // the store has no such fulfillment order
	gone          bool                          // the store had it, and was set back
	restored      bool                          // the store was set back, and this goes on from what it has
	leaving       bool                          // this run takes no more commands: the next one does
	reservedBy    string                        // the joint command that reserved this: nothing is decided meanwhile
	reserving     []string                      // joint commands that wait for their turn
	passedOn      int                           // commands that the order decides
	signals       int                           // that this run has taken
	signalsOf     map[fulfillment.Verb]int      // of them, with this verb
	tally         tally                         // of them, those that were refused and are only counted
	inherited     []string                      // keys of effects that an earlier run or try may have called already
	refusedBefore []string                      // signals that were refused in a task that was lost, by command ID
	parked        *unstorable                   // what the database refused: nothing happens by itself meanwhile
	turnedDown    *unstorable                   // what the store refused last, and nothing else
	oneByOne      bool                          // each decision is committed by itself
	reset         bool                          // an operator sent the run back: what it does may have been done before

	cancelRequested func() bool // tells whether somebody asked Temporal to cancel the run
	cancelNoted     bool        // that is recorded

	inbox  []inbox               // signals, in the order of the verbs
	calls  []call                // provider calls under way
	alarm  alarm                 // the timer for the next deadline
	shown  temporalio.Searchable // search attributes as the server has them
	logger workflowLogger        // replay-safe
}

// decided is one decision on its way into the store.
type decided struct {
	cmd      fulfillment.Command
	decision *fulfillment.Decision
	answered bool // an update's handler waits for it, and decides again itself if the store was ahead
	tells    bool // it only tells how many signals were refused, which is found out again
}

func newLife(ctx workflow.Context, in temporalio.FulfillmentOrderInput) *life {
	info := workflow.GetInfo(ctx)
	l := &life{
		reset: info.OriginalRunID != info.WorkflowExecution.RunID, logger: workflow.GetLogger(ctx),
		signalsOf: map[fulfillment.Verb]int{},
	}
	if in.State != nil {
		l.adopt(in.State, in.Answered)
	}
	if !in.Resumed {
		l.inherited = nil // Nobody can have called for a fulfillment order that has just been made.
	}
	return l
}

// adopt makes a committed state the present one. Its effects may have been called before.
func (l *life) adopt(state *fulfillment.FulfillmentOrder, answered []fulfillment.Answered) {
	state.Abridge()
	l.fo = state
	l.fo.Recent = answered
	l.committed, l.inStore = state.Sequence, state
	for i := range state.Effects {
		l.inherited = append(l.inherited, state.Effects[i].Key)
	}
}

// live does what is due, then waits for a command, a deadline or an answer, until the life is over.
func (l *life) live(ctx workflow.Context) error {
	for {
		if err := workflow.Await(ctx, l.free); err != nil {
			return err
		}
		if l.gone {
			return l.end(ctx)
		}
		epoch := l.epoch
		l.readSignals(ctx)
		l.noteCancelRequest(ctx)
		if l.parked == nil {
			l.readAnswers(ctx)
			l.letTimePass(ctx)
		}
		l.tellOfRefusals(ctx, l.leaving || l.over())
		if len(l.pending) > 0 {
			if err := l.commit(ctx); err != nil {
				return err
			}
			continue
		}
		if l.missing {
			return l.end(ctx)
		}
		if l.hasSignal() && isBounded(ctx) {
			if err := breathe(ctx); err != nil {
				return err
			}
			continue
		}
		if l.parked == nil {
			l.callProviders(ctx)
		}
		if err := l.show(ctx); err != nil {
			return err
		}
		switch {
		case l.over():
			if l.idle(ctx) {
				return nil
			}
		case l.mustContinueAsNew(ctx):
			l.leaving = true
			if l.idle(ctx) {
				return l.continueAsNew(ctx)
			}
		}
		if !l.over() && l.parked == nil {
			// A timer that is left behind ends with the run; to cancel it would be one more event.
			l.setAlarm(ctx)
		}
		if err := workflow.Await(ctx, func() bool { return l.hasWork(ctx, epoch) }); err != nil {
			return err
		}
	}
}

// over tells whether nothing can happen any more by itself.
func (l *life) over() bool { return len(l.calls) == 0 && l.fo.Finished() }

// idle tells whether nobody is waiting for this run and nothing lies unread.
func (l *life) idle(ctx workflow.Context) bool {
	return workflow.AllHandlersFinished(ctx) && !l.hasSignal() && len(l.pending) == 0 && l.free() && l.passedOn == 0
}

// hasWork is the condition that ends a wait: also that the store was ahead since this epoch. It only looks.
func (l *life) hasWork(ctx workflow.Context, epoch int) bool {
	if !l.free() {
		return false
	}
	if l.epoch != epoch || len(l.pending) > 0 || l.hasSignal() || l.hasCancelRequest() {
		return true
	}
	if l.parked == nil && (l.hasAnswer() || l.alarm.rings()) {
		return true
	}
	return (l.leaving || l.over()) && l.idle(ctx)
}

// end answers whoever still waits, then closes: there is nothing to live.
func (l *life) end(ctx workflow.Context) error {
	err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
	if err == nil && l.gone {
		err = lost(l.fo)
	}
	return err
}

const (
	// maxEvents keeps histories far below the server's limits, and replays short.
	maxEvents = 2000
	// maxWaiting is how many commands may wait for commits before more are asked to come again: each keeps a state.
	maxWaiting = 500
)

// mustContinueAsNew waits for provider calls under way, which cost no events however long they are retried: the next
// run would call again while the first call may still be on its way. Only a history that nears the server's limit can't
// wait.
func (l *life) mustContinueAsNew(ctx workflow.Context) bool {
	info := workflow.GetInfo(ctx)
	long := info.GetContinueAsNewSuggested() || info.GetCurrentHistoryLength() > maxEvents
	return l.leaving || (long || l.restored) && (len(l.calls) == 0 || info.GetCurrentHistoryLength() > 5*maxEvents)
}

// continueAsNew goes on as a new run, which begins with what the store has: all of it is there. The short sleep puts it
// into a later workflow task than the last answer: the server may drop an answer that is given in the very task that
// continues as new.
func (l *life) continueAsNew(ctx workflow.Context) error {
	if err := workflow.Sleep(ctx, time.Millisecond); err != nil {
		return err
	}
	for { // More may come while a commit waits for the store.
		l.readSignals(ctx)
		l.tellOfRefusals(ctx, true)
		var err error
		switch {
		case len(l.pending) > 0:
			err = l.commit(ctx)
		case l.hasSignal() && isBounded(ctx):
			err = breathe(ctx)
		default:
			return l.nextRun(ctx)
		}
		if err != nil {
			return err
		}
		if l.gone {
			return l.end(ctx)
		}
	}
}

// nextRun is the end of this run, and the beginning of the next one.
func (l *life) nextRun(ctx workflow.Context) error {
	next := temporalio.FulfillmentOrderInput{ID: l.fo.ID, Resumed: true, Knew: l.inStore.Sequence}
	if !stateIsAsked(ctx) {
		next.State, next.Answered = l.fo, l.fo.Recent
	}
	return workflow.NewContinueAsNewError(ctx, temporalio.FulfillmentOrderType, next)
}

// load reads the snapshot, unless the run believes the one that it was handed. The store may have been set back since
// the run before: what that one knew is asked of it, and not handed on, because anyone can write it.
func (l *life) load(ctx workflow.Context, in temporalio.FulfillmentOrderInput) error {
	if l.fo != nil {
		return nil
	}
	info := workflow.GetInfo(ctx)
	ask := activities.LoadInput{ID: in.ID, Begins: info.OriginalRunID, After: in.After, Knew: in.Knew}
	if in.Knew > 0 && info.ContinuedExecutionRunID != "" {
		ask.After = info.ContinuedExecutionRunID
	}
	loaded, err := l.read(ctx, ask)
	switch {
	case isNotFound(err):
		l.missing = true
		l.fo = &fulfillment.FulfillmentOrder{ID: in.ID, Status: fulfillment.StatusClosed}
		return nil
	case err != nil:
		return err
	case loaded.Gone:
		l.adopt(loaded.State, nil)
		l.lose(ctx)
		return nil
	}
	l.adopt(loaded.State, loaded.Answered)
	l.refusedBefore = loaded.Refused
	return nil
}
