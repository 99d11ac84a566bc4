package activities

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// ReturnStore is the book as the activities of returns need it: a *postgres.Store.
type ReturnStore interface {
	// Return reads the snapshot of a return.
	Return(ctx context.Context, id fulfillment.ID) (*returns.Return, error)
	// CommandReturn decides a command and writes what it does, in one transaction, once: a command that was answered
	// before is answered the same again.
	CommandReturn(
		ctx context.Context, id fulfillment.ID, cmd returns.Command, now time.Time,
	) (*returns.Decision, error)
	// RefuseReturn notes that a command was refused that nobody waits for, once.
	RefuseReturn(
		ctx context.Context, id fulfillment.ID, cmd returns.Command, refused returns.SignalRefusal, now time.Time,
	) (*returns.Decision, error)
}

// Returns is the activities of returns; its methods are registered on the task queue "packhorse".
type Returns struct {
	Store ReturnStore

	minter fulfillment.Minter
}

// ReturnCommand is a command on a return, and the time at which it is decided.
type ReturnCommand struct {
	ID   fulfillment.ID  `json:"id"`
	Verb returns.Verb    `json:"command"`
	Body json.RawMessage `json:"body"` // of the command
	Now  time.Time       `json:"now"`
	// Refusal is of a command that was refused and that nobody waits for; of all others it is missing.
	Refusal *returns.SignalRefusal `json:"refusal,omitempty"`
}

// ReturnCommanded is what became of a command: the return as the store has it now, and the answer.
type ReturnCommanded struct {
	State  *returns.Return `json:"state"`
	Result returns.Result  `json:"result"`
}

// idTries is how often new IDs are minted that turn out to be something else's.
const idTries = 5

// CommandReturn decides a command in the transaction that writes what it does. A try that comes again after its commit
// finds the answer there, by the command ID.
func (a *Returns) CommandReturn(ctx context.Context, in ReturnCommand) (ReturnCommanded, error) {
	cmd, err := in.command()
	if err != nil {
		return ReturnCommanded{}, asApplicationError(err)
	}
	_, opens := cmd.(returns.Opening)
	for try := 1; ; try++ {
		cmd.Envelope().FirstID = in.ID
		if !opens {
			cmd.Envelope().FirstID = a.minter.Mint()
		}
		decision, err := a.Store.CommandReturn(ctx, in.ID, cmd, in.Now)
		switch {
		case errors.Is(err, fulfillment.ErrIDTaken) && opens:
			err = &fulfillment.Error{
				Code: fulfillment.CodeIdempotencyConflict,
				Message: "The ID " + in.ID.String() + " is something else's: send it with another " +
					"command ID.",
			}
		case errors.Is(err, fulfillment.ErrIDTaken) && try < idTries:
			continue
		case err == nil:
			return ReturnCommanded{State: decision.State, Result: decision.Result}, nil
		}
		return ReturnCommanded{}, asApplicationError(err)
	}
}

func (in *ReturnCommand) command() (returns.Command, error) {
	if in.Verb == returns.VerbTick {
		return &returns.Tick{Meta: fulfillment.Meta{Actor: fulfillment.System}}, nil
	}
	cmd, refused := returns.DecodeCommand(in.Verb, in.Body, false)
	if refused != nil {
		return nil, refused
	}
	return cmd, nil
}

// RefuseReturn notes that a signalled command was refused. The answer has no state when there is no such return.
func (a *Returns) RefuseReturn(ctx context.Context, in ReturnCommand) (ReturnCommanded, error) {
	cmd, err := in.command()
	if err != nil {
		return ReturnCommanded{}, asApplicationError(err)
	}
	decision, err := a.Store.RefuseReturn(ctx, in.ID, cmd, *in.Refusal, in.Now)
	if err != nil {
		return ReturnCommanded{}, asApplicationError(err)
	}
	return ReturnCommanded{State: decision.State, Result: decision.Result}, nil
}

// LoadReturn reads a return; nil: the store does not have it.
func (a *Returns) LoadReturn(ctx context.Context, id fulfillment.ID) (*returns.Return, error) {
	r, err := a.Store.Return(ctx, id)
	if errors.Is(err, fulfillment.ErrNotFound) {
		return nil, nil
	}
	return r, asApplicationError(err)
}
