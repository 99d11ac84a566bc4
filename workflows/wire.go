package workflows

import (
	"errors"
	"reflect"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"packhorse/activities"
	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
)

// activity and providers are only for their methods' names; nothing is called on them here.
var (
	activity  *activities.Activities
	providers *activities.Providers
	minter    fulfillment.Minter
)

// checkedInput is the patch with which what arrives began to be read strictly wherever it is read, made tidy, and
// checked by [fulfillment.Admit]: before, only the validators of updates were strict, and texts were taken with their
// blanks. Version 2 also refuses messages that were damaged on their way, an empty list of holds, and a deadline before
// a scheduled fulfillment order opens, and leaves empty tracking numbers out. It is asked only where that makes a
// difference.
const checkedInput = "checked-input"

// strictness says whether a payload may have fields that the command does not know.
type strictness int

const (
	lenient strictness = iota // what was taken before it was checked
	checked                   // with the checks of before, see [fulfillment.AdmitAsBefore]
	strict                    // a misspelt field is refused, and so is what no state could make sense of
)

// dataOf is the JSON of what was sent; nil: nothing was.
func dataOf(body converter.RawValue) []byte {
	if p := body.Payload(); p != nil {
		return p.GetData()
	}
	return nil
}

// decode reads a command from an update or a signal, and gives it this command ID if it has none.
func decode(
	ctx workflow.Context, verb fulfillment.Verb, body converter.RawValue, commandID string, s strictness,
) (fulfillment.Command, *fulfillment.Error) {
	cmd, refused := fulfillment.DecodeCommand(verb, dataOf(body), s > lenient)
	switch {
	case refused != nil:
	case s == checked:
		refused = fulfillment.AdmitAsBefore(cmd, workflow.Now(ctx))
	case s == strict:
		refused = fulfillment.Admit(cmd, workflow.Now(ctx))
	}
	if refused != nil {
		return nil, refused
	}
	if meta := cmd.Envelope(); meta.CommandID == "" {
		meta.CommandID = commandID
	}
	return cmd, nil
}

// read is decode for what is being handled. Runs that took it otherwise before go on like that until they continue as
// new: a signal with a field that the code doesn't know was taken without it.
func read(
	ctx workflow.Context, verb fulfillment.Verb, body converter.RawValue, commandID string,
) (fulfillment.Command, *fulfillment.Error) {
	cmd, refused := decode(ctx, verb, body, commandID, strict)
	before, unreadable := decode(ctx, verb, body, commandID, lenient)
	if refused == nil && fulfillment.NamesParts(cmd) && !inParts(ctx) {
		if workflow.GetVersion(ctx, checkedInput, workflow.DefaultVersion, 2) == workflow.DefaultVersion {
			fulfillment.DropParts(before)
			return before, nil
		}
		return nil, noParts
	}
	switch {
	case refused != nil && unreadable != nil, refused == nil && unreadable == nil && reflect.DeepEqual(cmd, before):
		return cmd, refused
	}
	switch workflow.GetVersion(ctx, checkedInput, workflow.DefaultVersion, 2) {
	case workflow.DefaultVersion:
		return before, unreadable
	case 1:
		return decode(ctx, verb, body, commandID, checked)
	}
	return cmd, refused
}

// noParts is what a run says that began before a service could answer for some of the units.
var noParts = &fulfillment.Error{
	Code:    fulfillment.CodeInvalid,
	Message: "The fulfillment order is older than answers for some of the units: answer for all of them.",
}

// mint makes new IDs for a caller that sent none.
func mint(ctx workflow.Context) (fulfillment.ID, error) {
	var id fulfillment.ID
	err := workflow.SideEffect(ctx, func(workflow.Context) any { return minter.Mint() }).Get(&id)
	return id, err
}

// mintFirst makes new IDs when there is no first one.
func mintFirst(ctx workflow.Context, first *fulfillment.ID) (err error) {
	if *first == 0 {
		*first, err = mint(ctx)
	}
	return err
}

const (
	localBudget   = 3 * time.Second  // a local activity blocks its workflow task: past this it becomes a normal one
	commitTimeout = 15 * time.Second // of one attempt as a normal activity
)

// local runs a short activity that only touches the store: inside the workflow task if that is quick, else as a
// normal activity that is retried for ever. An answer of the domain or the store ends it either way. The result goes
// to out unless that is nil.
func local(ctx workflow.Context, what string, fn, arg, out any) error {
	return localElse(ctx, what, fn, arg, arg, out)
}

// localElse is local with another argument for the normal activity.
func localElse(ctx workflow.Context, what string, fn, arg, otherwise, out any) error {
	err := workflow.ExecuteLocalActivity(workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		ScheduleToCloseTimeout: localBudget,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: 50 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: time.Second,
		},
		Summary: what,
	}), fn, spread(arg)...).Get(ctx, out)
	if err == nil || isAnswer(err) {
		return err
	}
	err = workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: commitTimeout,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: 200 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: 5 * time.Second,
		},
		Summary: what,
	}), fn, spread(otherwise)...).Get(ctx, out)
	return answerOf(err)
}

// several are the arguments of an activity that takes more than one. A worker of before leaves the later ones out, and
// does without them.
type several []any

func spread(arg any) []any {
	if args, ok := arg.(several); ok {
		return args
	}
	return []any{arg}
}

// answerOf is an answer of the store or the domain without the activity around it, and any other error as it is.
// Whoever asked reads its code at the top, whichever way it took.
func answerOf(err error) error {
	var app *temporal.ApplicationError
	if errors.As(err, &app) && app.NonRetryable() {
		return app
	}
	return err
}

// isAnswer tells an answer of the store or the domain from infrastructure that failed.
func isAnswer(err error) bool {
	var app *temporal.ApplicationError
	return errors.As(err, &app) && app.NonRetryable()
}

func isStale(err error) bool   { return hasType(err, activities.ErrorStale) }
func isIDTaken(err error) bool { return hasType(err, activities.ErrorIDTaken) }

// isUnstorable tells that the database refuses a commit for good.
func isUnstorable(err error) bool { return hasType(err, string(fulfillment.CodeInternal)) }

// isInTheWay tells that a commit takes a shipment back of which units come back.
func isInTheWay(err error) bool { return hasType(err, string(returns.CodeHasReturns)) }

func isNotFound(err error) bool { return hasType(err, activities.ErrorNotFound) }

func hasType(err error, name string) bool {
	var app *temporal.ApplicationError
	return errors.As(err, &app) && app.Type() == name
}
