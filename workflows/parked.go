package workflows

import (
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"packhorse/internal/fulfillment"
)

// unstorable is what the database refuses for good: Packhorse itself is at fault, and no retry mends it.
type unstorable struct {
	epoch    int   // in which it was decided
	sequence int64 // of its last transition
	refused  *fulfillment.Error
	since    time.Time
}

// refuses tells whether the database refused what a handler waits for.
func (u *unstorable) refuses(epoch int, decision *fulfillment.Decision) bool {
	return u != nil && u.epoch == epoch && decision != nil && len(decision.Transitions) > 0 &&
		decision.State.Sequence <= u.sequence
}

// park drops what the database refuses, and tells whoever waits for it. Then nothing happens by itself: a deadline or a
// provider's answer would only be decided the same again, and is, once a command is committed or an operator (or the
// watch) has the run look into the store.
//
// Of several decisions only one may be at fault, so from now on each is committed by itself.
func (l *life) park(ctx workflow.Context, batch []decided, refused *fulfillment.Error) error {
	if len(batch) > 1 {
		l.oneByOne = true
		return l.reload(ctx, batch, nil)
	}
	dropped := batch[0]
	l.logger.Warn(
		"The database refuses what was decided.", "command", string(dropped.cmd.Verb()), "message", refused.Message,
	)
	l.parked = &unstorable{l.epoch, dropped.decision.State.Sequence, refused, workflow.Now(ctx).UTC()}
	if err := l.reload(ctx, nil, nil); err != nil {
		return err
	}
	if dropped.answered || isTimer(dropped.cmd) || isAnswerOf(dropped.cmd) || dropped.refusal() {
		return nil
	}
	l.decideUnanswered(ctx, dropped.cmd, refused) // A signal: its refusal is a transition.
	return nil
}

// turnDown drops what only the store could refuse, knowing what else there is of the order, and tells whoever waits for
// it. All else goes on. Of several decisions only one may be at fault, so from now on each is committed by itself.
func (l *life) turnDown(ctx workflow.Context, batch []decided, refused *fulfillment.Error) error {
	if len(batch) > 1 {
		l.oneByOne = true
		return l.reload(ctx, batch, nil)
	}
	dropped := batch[0]
	l.turnedDown = &unstorable{l.epoch, dropped.decision.State.Sequence, refused, workflow.Now(ctx).UTC()}
	if err := l.reload(ctx, nil, nil); err != nil || dropped.answered {
		return err
	}
	l.decideUnanswered(ctx, dropped.cmd, refused)
	return nil
}

func isTimer(cmd fulfillment.Command) bool {
	_, timer := cmd.(*fulfillment.Tick)
	return timer
}

func isAnswerOf(cmd fulfillment.Command) bool {
	_, answer := cmd.(*fulfillment.ProviderAnswer)
	return answer
}

// refusal tells whether all that the decision did is to note that a command was refused.
func (d decided) refusal() bool {
	return slices.ContainsFunc(
		d.decision.Transitions, func(t fulfillment.Transition) bool { return t.Kind == fulfillment.KindRefused },
	)
}

// page is what people read of it, as a line of Markdown; empty when nothing is parked.
func (u *unstorable) page() string {
	if u == nil {
		return ""
	}
	return fmt.Sprintf(
		"- **Parked** since %s, by what followed from it: %s\n", stamp(u.since), markdown(u.refused.Message),
	)
}
