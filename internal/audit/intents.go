package audit

import (
	"slices"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider/simulated"
)

// checkIntentsResolved follows every effect that a transition asked for to its end: the provider answered, or the
// fulfillment order went on without it before it was called. An effect that is parked waits for a person.
func checkIntentsResolved(e *evidence, a *Assertion) {
	for _, id := range e.foIDs {
		fo := e.fos[id]
		for _, effect := range fo.Snapshot.Effects {
			a.Checked++
			since := effect.Since.Format(clock)
			switch {
			case effect.Status == fulfillment.EffectParked:
				a.violated(
					fo.OrderID, id, "%s %s is PARKED since %s: %s", effect.Kind, effect.Key, since, effect.Problem,
				)
			case effect.Status != fulfillment.EffectWaiting:
				a.underWay(
					fo.OrderID, id, "%s %s is %s since %s: %s", effect.Kind, effect.Key, effect.Status, since,
					effect.Problem,
				)
			case !e.unread && fo.simulated(effect.Key) && e.ledger[effect.Key] == nil &&
				e.lost.claimed[effect.Key] == "":
				a.violated(fo.OrderID, id, "%s %s waits for an answer since %s; the provider has never heard of it",
					effect.Kind, effect.Key, since)
			}
		}
		for _, t := range fo.transitions {
			kind := intent(t)
			if kind == "" ||
				slices.ContainsFunc(
					fo.Snapshot.Effects, func(effect fulfillment.Effect) bool { return effect.Key == keyOf(t) },
				) {
				continue
			}
			a.Checked++
			if problem := e.unresolved(fo, t, kind); problem != "" {
				a.violated(
					fo.OrderID, id, "transition %d (%s) asked for %s %s: %s", t.Sequence, t.Kind, kind, keyOf(t),
					problem,
				)
			}
		}
	}
}

// simulated tells whether an effect was asked of the simulated provider.
func (fo *fulfillmentOrder) simulated(key string) bool {
	return slices.ContainsFunc(fo.transitions, func(t transition) bool { return t.Simulated && keyOf(t) == key })
}

// intent is the effect that a transition asked the simulated provider for; empty: none. An overdue answer leads to a
// withdrawal only by some policies, and is left out.
func intent(t transition) simulated.Kind {
	if !t.Simulated {
		return ""
	}
	asked := t.Before != nil && (t.Before.RequestStatus == fulfillment.RequestSubmitted ||
		t.Kind == fulfillment.KindCancelled && t.Before.RequestStatus == fulfillment.RequestCancellationRequested)
	switch {
	case t.Kind == fulfillment.KindRequested:
		return simulated.KindCreate
	case t.Kind == fulfillment.KindCancellationRequested:
		return simulated.KindCancel
	case (t.Kind == fulfillment.KindCancelled || t.Kind == fulfillment.KindUnitsCancelled) && asked:
		return simulated.KindWithdraw
	}
	return ""
}

// answersOf are the transitions that only a provider's answer makes, when they have the command ID of one.
var answersOf = []fulfillment.Kind{fulfillment.KindAccepted, fulfillment.KindRejected,
	fulfillment.KindCancellationAccepted,
	fulfillment.KindCancellationRejected, fulfillment.KindTakenBack, fulfillment.KindProviderPending}

// unresolved says what is wrong with an effect that the fulfillment order doesn't wait for any more.
func (e *evidence) unresolved(fo *fulfillmentOrder, t transition, kind simulated.Kind) string {
	key := keyOf(t)
	_, taken := e.lost.claimed[key] // What the provider had of a time that was lost.
	happened := e.unread || taken || e.ledger[key] != nil
	answered := slices.ContainsFunc(fo.transitions, func(answer transition) bool {
		return fulfillment.IsAnswerTo(key, answer.CommandID) && slices.Contains(answersOf, answer.Kind)
	})
	s := fo.Snapshot
	if problem := e.otherParts(fo, key); problem != "" {
		return problem
	}
	switch {
	case answered && !happened && !e.refusedUncalled(fo, key, kind):
		return "the provider's answer is in the history, and the provider has never heard of it"
	case kind == simulated.KindWithdraw && !happened:
		return "the provider was never asked, and nothing waits for it any more"
	case kind == simulated.KindCreate && s.Status != fulfillment.StatusClosed &&
		s.RequestStatus == fulfillment.RequestSubmitted && s.RequestKey == key:
		return "the request is not answered, and nothing waits for the answer any more"
	case kind == simulated.KindCancel && s.Status != fulfillment.StatusClosed &&
		s.RequestStatus == fulfillment.RequestCancellationRequested &&
		!slices.ContainsFunc(fo.transitions, func(later transition) bool {
			return later.Sequence > t.Sequence && later.Kind == fulfillment.KindCancellationRequested
		}):
		return "the cancellation request is not answered, and nothing waits for the answer any more"
	}
	return ""
}

// refusedUncalled tells whether the answer to a request is a no for which the provider was not called: it doesn't have
// the option that the order chose.
func (e *evidence) refusedUncalled(fo *fulfillmentOrder, key string, kind simulated.Kind) bool {
	o := e.orders[fo.OrderID]
	if kind != simulated.KindCreate || o == nil || o.Option == "" || simulated.HasOption(o.Option) {
		return false
	}
	return !slices.ContainsFunc(fo.transitions, func(answer transition) bool {
		return fulfillment.IsAnswerTo(key, answer.CommandID) && slices.Contains(answersOf, answer.Kind) &&
			answer.Kind != fulfillment.KindRejected
	})
}

// clock is how times are told.
const clock = "15:04:05.000"
