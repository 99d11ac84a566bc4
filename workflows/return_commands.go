package workflows

import (
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

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

// readSignals carries signalled commands out, one after the other. Nobody waits for an answer, so the last refusal is
// told to people.
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
	l.refused = &refusedSignal{verb, workflow.Now(ctx).UTC(), refused.Message}
	l.version++
	return nil
}

func (l *returnLife) hasSignal() bool {
	for i := range l.signals {
		if l.signals[i].channel.Len() > 0 {
			return true
		}
	}
	return false
}
