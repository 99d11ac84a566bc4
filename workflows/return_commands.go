package workflows

import (
	"encoding/json"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"packhorse/activities"
	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
	"packhorse/internal/temporalio"
)

// takeCommands registers every command as an update and as a signal, the look into the store, and the query. It must
// not block: updates that arrive with the start are delivered as soon as it returns.
func (l *returnLife) takeCommands(ctx workflow.Context) error {
	for _, verb := range returns.Verbs() {
		err := workflow.SetUpdateHandlerWithOptions(ctx, string(verb),
			func(ctx workflow.Context, body converter.RawValue) (returns.Result, error) {
				return l.handle(goingOn(ctx), verb, body)
			},
			workflow.UpdateHandlerOptions{Validator: func(ctx workflow.Context, body converter.RawValue) error {
				return l.validate(ctx, verb, body)
			}})
		if err != nil {
			return err
		}
		l.signals = append(l.signals, inbox{verb, workflow.GetSignalChannel(ctx, string(verb))})
	}
	err := workflow.SetUpdateHandlerWithOptions(ctx, temporalio.RefreshUpdate,
		func(ctx workflow.Context) error { return l.look(goingOn(ctx)) },
		workflow.UpdateHandlerOptions{Validator: func(workflow.Context) error { return l.mayTake() }})
	if err != nil {
		return err
	}
	return workflow.SetQueryHandler(
		ctx, temporalio.StateQuery, func() (*returns.Return, error) { return l.state, nil },
	)
}

// readReturnCommand reads a command from an update or a signal, and gives it this command ID if it has none.
func readReturnCommand(
	ctx workflow.Context, verb returns.Verb, body converter.RawValue, commandID string,
) (returns.Command, *fulfillment.Error) {
	cmd, refused := returns.DecodeCommand(verb, dataOf(body), true)
	if refused == nil {
		refused = returns.Admit(cmd, workflow.Now(ctx))
	}
	if refused != nil {
		return nil, refused
	}
	if meta := cmd.Envelope(); meta.CommandID == "" {
		meta.CommandID = commandID
	}
	return cmd, nil
}

// mayTake turns a command away when the next run is to take it, or when too many wait.
func (l *returnLife) mayTake() error {
	if l.leaving || l.waiting > maxWaiting {
		return temporalio.RefusalError(&fulfillment.Error{Code: fulfillment.CodeUnavailable,
			Message: "The return can't take a command at this moment. Send it again with the same command ID."})
	}
	return nil
}

// validate refuses a command that can't be read before it leaves a trace in the history. The first task of a run
// refuses nothing, as that of a fulfillment order: see [life.validate].
func (l *returnLife) validate(ctx workflow.Context, verb returns.Verb, body converter.RawValue) error {
	if workflow.GetInfo(ctx).GetCurrentHistoryLength() <= firstTask {
		return nil
	}
	if _, refused := readReturnCommand(ctx, verb, body, ""); refused != nil {
		return temporalio.RefusalError(refused)
	}
	return l.mayTake()
}

// handle answers a command once a commit holds what it did.
func (l *returnLife) handle(
	ctx workflow.Context, verb returns.Verb, body converter.RawValue,
) (returns.Result, error) {
	cmd, refused := readReturnCommand(ctx, verb, body, workflow.GetCurrentUpdateInfo(ctx).ID)
	if refused != nil {
		return returns.Result{}, temporalio.RefusalError(refused)
	}
	return l.carryOut(ctx, cmd, timeOfTurn)
}

// readSignals carries signalled commands out, one after the other. Nobody waits for an answer, so a refusal is noted in
// the history: one by one up to a number, then how many there were.
func (l *returnLife) readSignals(ctx workflow.Context) error {
	for i := range l.signals {
		in := &l.signals[i]
		for {
			var body converter.RawValue
			if ok := in.channel.ReceiveAsync(&body); !ok {
				break
			}
			if err := l.takeSignal(ctx, in.verb, body); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *returnLife) takeSignal(ctx workflow.Context, verb returns.Verb, body converter.RawValue) error {
	l.signalsOf[verb]++
	id := fulfillment.SignalID(workflow.GetInfo(ctx).OriginalRunID, verb, l.signalsOf[verb])
	cmd, refused := readReturnCommand(ctx, verb, body, id)
	if refused == nil {
		_, err := l.carryOut(ctx, cmd, timeOfTurn)
		if err == nil {
			return nil
		}
		var is bool
		if refused, is = temporalio.Refusal(err); !is {
			return err
		}
	}
	l.logger.Warn("Refused a signalled command.", "return", l.id.String(), "command", string(verb), "code",
		string(refused.Code))
	if cmd == nil {
		cmd = returns.NewCommand(verb)
		cmd.Envelope().CommandID = id
	}
	return l.refuse(ctx, cmd, refused)
}

// refuse notes that a signal was refused, or counts it.
func (l *returnLife) refuse(ctx workflow.Context, cmd returns.Command, refused *fulfillment.Error) error {
	if l.state == nil {
		return nil
	}
	if l.state.HasRefusedMany() {
		l.counted++
		l.lastRefused, l.lastRefusal = cmd, refused
		return l.tellOfRefusals(ctx, false)
	}
	return l.noteRefusal(ctx, cmd, returns.SignalRefusal{
		Refused: refused, Run: workflow.GetInfo(ctx).OriginalRunID,
	})
}

// tellOfRefusals notes how many signals were refused that are only counted: each time that they have doubled, and when
// the run ends.
func (l *returnLife) tellOfRefusals(ctx workflow.Context, ends bool) error {
	more := l.counted - l.countedNoted
	if l.state == nil || more == 0 || more < l.state.Refusals.Total && !ends {
		return nil
	}
	l.countedNoted = l.counted
	return l.noteRefusal(ctx, l.lastRefused, returns.SignalRefusal{
		Refused: l.lastRefusal, Run: workflow.GetInfo(ctx).OriginalRunID, Counted: l.counted,
	})
}

func (l *returnLife) noteRefusal(ctx workflow.Context, cmd returns.Command, refusal returns.SignalRefusal) error {
	if err := l.busy.Lock(ctx); err != nil {
		return err
	}
	defer l.busy.Unlock()
	body, err := json.Marshal(cmd)
	if err != nil {
		return err
	}
	in := activities.ReturnCommand{
		ID: l.id, Verb: cmd.Verb(), Body: body, Now: workflow.Now(ctx).UTC(), Refusal: &refusal,
	}
	var done activities.ReturnCommanded
	err = local(ctx, "note a refused "+string(cmd.Verb()), returnActivity.RefuseReturn, in, &done)
	if err == nil && done.State != nil {
		l.adopt(done.State)
	}
	if refused, is := temporalio.Refusal(err); is { // Of the database, for good: there is nobody to tell.
		l.logger.Warn("A refusal can't be noted.", "return", l.id.String(), "code", string(refused.Code))
		return nil
	}
	return err
}

func (l *returnLife) hasSignal() bool {
	for i := range l.signals {
		if l.signals[i].channel.Len() > 0 {
			return true
		}
	}
	return false
}
