package workflows

import (
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"packhorse/internal/fulfillment"
)

// refusedOnce is the patch with which a refused signal is recorded once, whatever tasks are lost: signals without a
// command ID are numbered verb by verb, those that the store has already are not recorded again, and after the first
// [fulfillment.MaxRefusals] they are only counted. Runs that began to do otherwise before go on like that.
const refusedOnce = "refused-once"

func refusesOnce(ctx workflow.Context) bool {
	return workflow.GetVersion(ctx, refusedOnce, workflow.DefaultVersion, 1) >= 1
}

// tally is the refused signals of this run that are only counted.
type tally struct {
	counted int
	last    fulfillment.Command
	refused *fulfillment.Error // the last one
}

// untold is what people read of those that the history doesn't tell of yet, as a line of Markdown; empty: there are
// none.
func (l *life) untold(ctx workflow.Context) string {
	if l.tally.counted == 0 {
		return ""
	}
	more := l.fo.Uncounted(workflow.GetInfo(ctx).OriginalRunID, l.tally.counted)
	if more == 0 {
		return ""
	}
	return fmt.Sprintf("- **Refused** %d more signals than the history tells of yet; the last one, %s: %s\n", more,
		l.tally.last.Verb(), markdown(l.tally.refused.Message))
}

// signalID is the command ID of the signal that was just taken: the same when a task that was lost took it before, and
// in a run that was reset.
func (l *life) signalID(ctx workflow.Context, verb fulfillment.Verb) string {
	run := workflow.GetInfo(ctx).OriginalRunID
	if refusesOnce(ctx) {
		return fulfillment.SignalID(run, verb, l.signalsOf[verb])
	}
	return fulfillment.SignalIDOfAny(run, l.signals)
}

// decideUnanswered decides a command that nobody waits for, and records a refusal, once.
func (l *life) decideUnanswered(ctx workflow.Context, cmd fulfillment.Command, refused *fulfillment.Error) {
	id := cmd.Envelope().CommandID
	place := slices.Index(l.refusedBefore, id)
	if place >= 0 && strings.HasPrefix(id, fulfillment.SignalIDPrefix(workflow.GetInfo(ctx).OriginalRunID)) {
		return
	}
	if refused == nil {
		_, err := l.decide(ctx, cmd, false)
		if err == nil {
			return
		}
		var ok bool
		if refused, ok = fulfillment.AsError(err); !ok {
			refused = &fulfillment.Error{Code: fulfillment.CodeInvalid, Message: err.Error()}
		}
	}
	if place >= 0 { // Its sender named it, and may send it again: it may be done then, or be recorded again.
		l.refusedBefore = slices.Delete(l.refusedBefore, place, place+1)
		return
	}
	l.refuse(ctx, cmd, refused)
}

// refuse records that a command was refused that nobody waits for, or counts it.
func (l *life) refuse(ctx workflow.Context, cmd fulfillment.Command, refused *fulfillment.Error) {
	once := refusesOnce(ctx)
	if once && l.fo.HasRefusedMany() {
		l.tally.counted++
		l.tally.last, l.tally.refused = cmd, refused
		return
	}
	l.logger.Warn("Refused a signalled command.", "command", string(cmd.Verb()), "code", string(refused.Code))
	if once {
		l.keep(cmd, l.fo.RefuseOne(cmd, refused, l.env(ctx, cmd)), false)
		return
	}
	l.keep(cmd, l.fo.Refuse(cmd, refused, l.env(ctx, cmd)), false)
}

// tellOfRefusals notes how many signals were refused that are only counted: each time that they have doubled, so that
// few notes tell of however many; and when the run ends, for its successor counts from nothing.
func (l *life) tellOfRefusals(ctx workflow.Context, ends bool) {
	if l.tally.counted == 0 || l.missing || l.parked != nil {
		return
	}
	run := workflow.GetInfo(ctx).OriginalRunID
	more := l.fo.Uncounted(run, l.tally.counted)
	if more == 0 || more < l.fo.Refusals.Total && !ends {
		return
	}
	l.logger.Warn("Refused more signalled commands.", "count", more, "command", string(l.tally.last.Verb()), "code",
		string(l.tally.refused.Code))
	env := l.env(ctx, l.tally.last)
	decision := l.fo.RefuseMore(l.tally.last, l.tally.refused, run, l.tally.counted, env)
	l.fo = decision.State
	l.pending = append(l.pending, decided{cmd: l.tally.last, decision: decision, tells: true})
}
