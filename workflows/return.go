package workflows

import (
	"encoding/json"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"packhorse/activities"
	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
	"packhorse/internal/temporalio"
)

// returnActivity is only for its methods' names; nothing is called on it here.
var returnActivity *activities.Returns

// Return is the life of one return: it takes commands one at a time, lets time pass, and ends when nothing is to come
// back any more. What a command does is decided in the transaction that writes it, see [activities.Returns]: what can
// still be returned is known only there. So this never holds anything that the store does not have, and what it shows
// is what the store had last.
//
// Its input is a [temporalio.ReturnInput]; one that can't be read is refused like any other wrong input.
func Return(ctx workflow.Context, body converter.RawValue) error {
	id, err := temporalio.ParseReturnID(workflow.GetInfo(ctx).WorkflowExecution.ID)
	if err != nil {
		return refusalOf(err)
	}
	var in temporalio.ReturnInput
	if data := dataOf(body); len(data) > 0 && json.Unmarshal(data, &in) != nil || in.ID != 0 && in.ID != id {
		return refusalOf(&fulfillment.Error{
			Code: fulfillment.CodeInvalid, Field: []string{"id"},
			Message: `The input must be left out, or be JSON with the number in the workflow ID: {"id": "` + id.String() +
				`"}.`,
		})
	}
	root := ctx
	ctx = goingOn(ctx)
	l := &returnLife{
		id: id, busy: workflow.NewMutex(ctx), logger: workflow.GetLogger(ctx), signalsOf: map[returns.Verb]int{},
		cancelRequested: func() bool { return root.Err() != nil },
	}
	if err := l.takeCommands(ctx); err != nil {
		return err
	}
	return l.live(ctx)
}

// returnLife is a return's workflow at work.
type returnLife struct {
	id        fulfillment.ID
	state     *returns.Return // as the store had it last; nil: it had none
	looked    bool            // the store was asked for it
	version   int             // grows with each look into the store, and each command
	gone      bool            // the store had it, and was set back
	leaving   bool            // this run takes no more commands: the next one does
	waiting   int             // commands that wait for their turn
	busy      workflow.Mutex  // one command at a time
	signals   []inbox         // in the order of the verbs
	signalsOf map[returns.Verb]int
	parked    *fulfillment.Error // the database refuses what is due: nothing happens by itself meanwhile
	parkedAt  time.Time          // since then
	alarm     alarm              // the timer for the next deadline
	shown     returns.Status     // search attributes as the server has them
	logger    workflowLogger     // replay-safe

	cancelRequested func() bool // tells whether somebody asked Temporal to cancel the run
	cancelShown     bool        // people are told of that

	counted, countedNoted int                // signals that were refused and are only counted; those that are noted
	lastRefused           returns.Command    // the last of them
	lastRefusal           *fulfillment.Error // why
}

// live does what is due, then waits for a command or a deadline, until the life is over.
func (l *returnLife) live(ctx workflow.Context) error {
	for {
		if !l.looked {
			if err := l.look(ctx); err != nil {
				return err
			}
		}
		if err := l.readSignals(ctx); err != nil {
			return err
		}
		if err := l.letTimePass(ctx); err != nil {
			return err
		}
		if err := l.show(ctx); err != nil {
			return err
		}
		switch {
		case l.over() && l.idle(ctx):
			if err := l.tellOfRefusals(ctx, true); err != nil {
				return err
			}
			if !l.idle(ctx) { // Something came meanwhile.
				continue
			}
			if l.gone {
				return l.lost()
			}
			return nil
		case l.mustContinueAsNew(ctx):
			l.leaving = true
			if l.idle(ctx) {
				return l.continueAsNew(ctx)
			}
		}
		l.setAlarm(ctx)
		version := l.version
		err := workflow.Await(ctx, func() bool {
			return l.version != version || l.hasSignal() || l.cancelRequested() != l.cancelShown && l.state != nil ||
				l.parked == nil && l.alarm.rings() ||
				(l.over() || l.leaving) && l.idle(ctx)
		})
		if err != nil {
			return err
		}
	}
}

// over tells whether nothing can happen any more by itself.
func (l *returnLife) over() bool { return l.state == nil || l.state.Finished() }

// idle tells whether nobody is waiting for this run and nothing lies unread.
func (l *returnLife) idle(ctx workflow.Context) bool {
	return workflow.AllHandlersFinished(ctx) && !l.hasSignal()
}

func (l *returnLife) mustContinueAsNew(ctx workflow.Context) bool {
	info := workflow.GetInfo(ctx)
	return l.leaving || info.GetContinueAsNewSuggested() || info.GetCurrentHistoryLength() > maxEvents
}

// continueAsNew goes on as a new run, which begins with what the store has. The short sleep is that of
// [life.continueAsNew]; what comes during it is still taken.
func (l *returnLife) continueAsNew(ctx workflow.Context) error {
	for {
		if err := workflow.Sleep(ctx, time.Millisecond); err != nil {
			return err
		}
		if err := l.tellOfRefusals(ctx, true); err != nil {
			return err
		}
		if l.idle(ctx) {
			return workflow.NewContinueAsNewError(ctx, temporalio.ReturnType, temporalio.ReturnInput{ID: l.id})
		}
		if err := l.readSignals(ctx); err != nil {
			return err
		}
		if err := workflow.Await(ctx, func() bool { return l.idle(ctx) || l.hasSignal() }); err != nil {
			return err
		}
	}
}

// look asks the store for the return. It wins, whatever this run has seen: the database may have been set back.
func (l *returnLife) look(ctx workflow.Context) error {
	if err := l.busy.Lock(ctx); err != nil {
		return err
	}
	defer l.busy.Unlock()
	return l.lookNow(ctx)
}

// lookNow is look for whoever has the turn.
func (l *returnLife) lookNow(ctx workflow.Context) error {
	var state *returns.Return
	if err := local(ctx, "load the snapshot", returnActivity.LoadReturn, l.id, &state); err != nil {
		return err
	}
	if state == nil && l.state != nil {
		l.gone = true
		workflow.SetCurrentDetails(ctx, "**Lost.** "+lostReturn(l.id)+pageEnd)
		l.logger.Warn("A return is lost: the database was set back to a time before it was made.",
			"return", l.id.String(), "order", l.state.OrderID.String())
	}
	l.adopt(state)
	return nil
}

// adopt makes what the store has the present state.
func (l *returnLife) adopt(state *returns.Return) {
	l.state, l.looked, l.parked = state, true, nil
	l.gone = l.gone && state == nil
	l.version++
}

func lostReturn(id fulfillment.ID) string {
	return "The database was set back to a time before return " + id.String() + " was made, and does not have it any " +
		"more. Make it again: what was shipped, and did not come back, can be returned."
}

// lost is how the run of a return ends that the store does not have any more.
func (l *returnLife) lost() error {
	return temporal.NewApplicationErrorWithOptions(
		lostReturn(l.id), temporalio.LostType, temporal.ApplicationErrorOptions{NonRetryable: true},
	)
}

// timeOfTurn is for a command that is decided at the time of its turn.
var timeOfTurn time.Time

// carryOut has a command decided and written, whoever sent it, when it is its turn.
func (l *returnLife) carryOut(ctx workflow.Context, cmd returns.Command, now time.Time) (returns.Result, error) {
	l.waiting++
	err := l.busy.Lock(ctx)
	l.waiting--
	if err != nil {
		return returns.Result{}, err
	}
	defer l.busy.Unlock()
	if now.IsZero() {
		now = workflow.Now(ctx).UTC()
	}
	body, err := json.Marshal(cmd)
	if err != nil {
		return returns.Result{}, err
	}
	in := activities.ReturnCommand{ID: l.id, Verb: cmd.Verb(), Body: body, Now: now}
	var done activities.ReturnCommanded
	err = local(ctx, "carry out "+string(cmd.Verb()), returnActivity.CommandReturn, in, &done)
	switch {
	case err == nil:
		l.adopt(done.State)
	case isNotFound(err) && l.state != nil: // Perhaps it is the return that is not found.
		if err := l.lookNow(ctx); err != nil {
			return returns.Result{}, err
		}
	}
	return done.Result, answerOf(err)
}

// letTimePass does what is due. The timer may fire a little before the clock of the workflow shows its time.
func (l *returnLife) letTimePass(ctx workflow.Context) error {
	now := workflow.Now(ctx).UTC()
	if l.alarm.rings() {
		if l.alarm.at.After(now) {
			now = l.alarm.at
		}
		l.alarm.cancel()
		l.alarm = alarm{}
	}
	if l.state == nil || l.parked != nil {
		return nil
	}
	at, _, ok := l.state.NextDeadline()
	if !ok || at.After(now) {
		return nil
	}
	_, err := l.carryOut(ctx, &returns.Tick{}, now)
	refused, is := temporalio.Refusal(err)
	if is {
		l.logger.Warn("A deadline was refused.", "return", l.id.String(), "code", string(refused.Code))
		l.parked, l.parkedAt = refused, now
		return nil
	}
	return err
}

// setAlarm makes the timer agree with the state.
func (l *returnLife) setAlarm(ctx workflow.Context) {
	var at time.Time
	var what string
	ok := false
	if l.state != nil && l.parked == nil && !l.leaving {
		at, what, ok = l.state.NextDeadline()
	}
	l.alarm.set(ctx, at, what, ok)
}

// show lets people see where the return stands.
func (l *returnLife) show(ctx workflow.Context) error {
	if l.state == nil {
		return nil
	}
	workflow.SetCurrentDetails(ctx, l.page())
	l.cancelShown = l.cancelRequested()
	if l.shown == "" {
		status, _ := workflow.GetTypedSearchAttributes(ctx).GetKeyword(temporalio.ReturnStatus)
		l.shown = returns.Status(status)
	}
	if l.shown == l.state.Status {
		return nil
	}
	l.shown = l.state.Status
	return workflow.UpsertTypedSearchAttributes(ctx, temporalio.ReturnAttributes(l.state)...)
}
