package workflows

import (
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"packhorse/activities"
	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// call is a provider call under way.
type call struct {
	key       string
	commandID string // of the answer
	kind      fulfillment.EffectKind
	answer    workflow.Future
}

const (
	providerTimeout  = 30 * time.Second // of one attempt; past it the outcome is unknown, and the next looks first
	providerMaxPause = 5 * time.Minute
)

// callProviders starts a call for every effect whose intent is committed and that is not under way. The activity is
// retried for ever: a provider that is down is waited for, and shown.
//
// After the store was set back, the next run calls: what this one has called for is not waited for any more, and may be
// on its way.
func (l *life) callProviders(ctx workflow.Context) {
	if l.restored {
		return
	}
	for _, effect := range l.fo.DueEffects() {
		// A provider that is to forget a request must have heard of it: it could arrive after its own withdrawal.
		if l.calling(effect.Key) || l.calling(effect.For) {
			continue
		}
		l.calls = append(l.calls, call{effect.Key, effect.AnswerID(), effect.Kind, l.bringAbout(ctx, effect)})
	}
}

// bringAbout starts the activity that an effect stands for.
func (l *life) bringAbout(ctx workflow.Context, effect fulfillment.Effect) workflow.Future {
	retry := &temporal.RetryPolicy{
		InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: providerMaxPause,
	}
	switch effect.Kind {
	case fulfillment.EffectReroute:
		return workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
			StartToCloseTimeout: commitTimeout,
			RetryPolicy:         retry,
			Summary:             "find the next location",
		}), activity.Reroute, l.fo)
	case fulfillment.EffectFold:
		return workflow.ExecuteActivity(waiting(ctx, "take back what was not held"), activity.FoldBack,
			activities.FoldBackInput{FulfillmentOrderID: l.fo.ID, OrderID: l.fo.OrderID, Effect: effect})
	}
	return workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           provider.TaskQueue(effect.Provider),
		StartToCloseTimeout: providerTimeout,
		RetryPolicy:         retry,
		Summary:             string(effect.Kind) + " at " + effect.Provider,
	}), providers.CallProvider, activities.ProviderCall{
		Effect: effect, State: l.fo, LookFirst: l.mayHaveBeenCalled(effect),
	})
}

// mayHaveBeenCalled tells whether the provider is to be asked for the key before it is called.
func (l *life) mayHaveBeenCalled(effect fulfillment.Effect) bool {
	return l.reset || effect.Status == fulfillment.EffectUnknown || slices.Contains(l.inherited, effect.Key)
}

func (l *life) calling(key string) bool {
	return slices.ContainsFunc(l.calls, func(c call) bool { return c.key == key })
}

// awaits tells whether the effect is still outstanding.
func (l *life) awaits(key string) bool {
	return slices.ContainsFunc(l.fo.Effects, func(e fulfillment.Effect) bool { return e.Key == key })
}

func (l *life) hasAnswer() bool {
	return slices.ContainsFunc(l.calls, func(c call) bool { return c.answer.IsReady() })
}

// readAnswers decides what the providers said.
func (l *life) readAnswers(ctx workflow.Context) {
	var open []call
	for _, c := range l.calls {
		if !c.answer.IsReady() {
			open = append(open, c)
			continue
		}
		if c.kind == fulfillment.EffectFold && !l.awaits(c.key) {
			continue // It came back, and the effect was dropped with it.
		}
		answer := l.answerOf(ctx, c)
		if answer.Accepted != nil && !inParts(ctx) {
			answer.Accepted = nil
		}
		id, err := mintFor(ctx, c.kind, answer)
		if err != nil {
			open = append(open, c)
			continue
		}
		answer.FirstID = id
		l.decideUnanswered(ctx, answer, nil)
	}
	l.calls = open
}

func (l *life) answerOf(ctx workflow.Context, c call) *fulfillment.ProviderAnswer {
	answer := &fulfillment.ProviderAnswer{Meta: fulfillment.Meta{Actor: fulfillment.System}, Key: c.key}
	var err error
	switch c.kind {
	case fulfillment.EffectReroute:
		var found activities.FoundLocation
		err = c.answer.Get(ctx, &found)
		answer.Outcome, answer.Location = fulfillment.OutcomeAccepted, found.Location
	case fulfillment.EffectFold:
		err = c.answer.Get(ctx, nil)
		answer.Outcome = fulfillment.OutcomeAccepted
	default:
		err = c.answer.Get(ctx, answer)
	}
	if err != nil { // Only an operator ends a call that is retried for ever: by cancelling or failing the activity.
		answer.Outcome, answer.Message = fulfillment.OutcomeParked, err.Error()
	}
	answer.CommandID = c.commandID
	return answer
}

// partialAnswers is the patch with which a service may answer for some of the units. Runs that took such an answer
// before took it for one that is about all of them, if it was a provider's, or didn't read it, if it was a signal.
const partialAnswers = "partial-answers"

func inParts(ctx workflow.Context) bool {
	return workflow.GetVersion(ctx, partialAnswers, workflow.DefaultVersion, 1) >= 1
}

// mintFor makes IDs for what an answer brings about: only what follows a withdrawal or a re-route, and an answer for
// some of the units, makes new things.
func mintFor(
	ctx workflow.Context, kind fulfillment.EffectKind, answer *fulfillment.ProviderAnswer,
) (fulfillment.ID, error) {
	if kind != fulfillment.EffectWithdraw && kind != fulfillment.EffectReroute && len(answer.Accepted) == 0 {
		return 1, nil
	}
	return mint(ctx)
}
