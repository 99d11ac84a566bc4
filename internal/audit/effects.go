package audit

import (
	"fmt"
	"slices"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider/simulated"
)

// checkEffectsOnce looks for effects that the provider did more than once, and for two requests of one fulfillment
// order that both stand there.
func checkEffectsOnce(e *evidence, a *Assertion) {
	a.Checked += len(e.effects)
	for _, doubled := range simulated.Doubled(e.effects) {
		orderID, id := e.orderOf(doubled.FulfillmentOrderID), doubled.FulfillmentOrderID
		if doubled.Effects > 1 {
			a.violated(
				orderID, id, "%s %s happened %d times (called %d times)", doubled.Kind, doubled.Key, doubled.Effects,
				doubled.Calls,
			)
			continue
		}
		if e.lost.fulfillmentOrder(doubled.FulfillmentOrderID) {
			continue // What came between its requests is lost, too.
		}
		if earlier := e.standing(doubled); earlier != "" {
			a.violated(orderID, id, "request %s was accepted while %s stood", doubled.Key, earlier)
		}
	}
}

// endsRequest are the transitions by which a request that was accepted ends without a call to the provider: its service
// gave it up or stopped, or what it had shipped was taken back.
var endsRequest = []fulfillment.Kind{fulfillment.KindIncomplete, fulfillment.KindRejected,
	fulfillment.KindCancellationAccepted,
	fulfillment.KindFulfillmentCancelled}

// standing is the key of an earlier request that was accepted, and that nothing ended before this one.
func (e *evidence) standing(later simulated.Effect) string {
	fo, sequence := e.intentOf(later.Key)
	if fo == nil {
		return "another"
	}
	for _, earlier := range e.effects {
		of, since := e.intentOf(earlier.Key)
		if of != fo || since >= sequence || earlier.Kind != simulated.KindCreate ||
			earlier.Answer.Outcome != fulfillment.OutcomeAccepted || e.ended(earlier.Key) {
			continue
		}
		ended := slices.ContainsFunc(fo.transitions, func(t transition) bool {
			return t.Sequence > since && t.Sequence < sequence && slices.Contains(endsRequest, t.Kind)
		})
		if !ended {
			return earlier.Key
		}
	}
	return ""
}

// ended tells whether the provider itself ended a request.
func (e *evidence) ended(key string) bool {
	return slices.ContainsFunc(e.effects, func(effect simulated.Effect) bool {
		return effect.RequestKey == key && effect.Answer.Outcome != fulfillment.OutcomeRejected
	})
}

// intends are the kinds of transitions that ask for each kind of effect.
var intends = map[simulated.Kind][]fulfillment.Kind{
	simulated.KindCreate:   {fulfillment.KindRequested},
	simulated.KindCancel:   {fulfillment.KindCancellationRequested},
	simulated.KindWithdraw: {fulfillment.KindCancelled, fulfillment.KindUnitsCancelled, fulfillment.KindAcceptOverdue},
}

// checkEffectsIntended looks for the transition that asked for each effect.
func checkEffectsIntended(e *evidence, a *Assertion) {
	for _, effect := range e.effects {
		a.Checked++
		if problem := e.unintended(effect); problem != "" {
			a.violated(
				e.orderOf(effect.FulfillmentOrderID), effect.FulfillmentOrderID, "%s %s happened, and %s", effect.Kind,
				effect.Key, problem,
			)
		}
	}
}

func (e *evidence) unintended(effect simulated.Effect) string {
	if e.lost.key(effect.Key) {
		return ""
	}
	fo, sequence := e.intentOf(effect.Key)
	switch of, _, _ := fulfillment.ParseEffectKey(effect.Key); {
	case of == 0:
		return "its key is of no fulfillment order"
	case of != effect.FulfillmentOrderID:
		return fmt.Sprintf("its key is of fulfillment order %d", of)
	case fo == nil:
		return "its key is of no fulfillment order in the store"
	}
	t := fo.at(sequence)
	switch {
	case t == nil:
		return fmt.Sprintf("the store has no transition %d that asked for it", sequence)
	case !slices.Contains(intends[effect.Kind], t.Kind):
		return fmt.Sprintf("transition %d is %s, which doesn't ask for it", sequence, t.Kind)
	}
	if effect.RequestKey == "" || e.lost.key(effect.RequestKey) {
		return ""
	}
	of, since := e.intentOf(effect.RequestKey)
	if request := fo.at(since); of != fo || since >= sequence || request == nil ||
		request.Kind != fulfillment.KindRequested {
		return fmt.Sprintf("it is about request %s, which there never was", effect.RequestKey)
	}
	return ""
}

// intentOf reads a key such as "fulfillment-order/7#3": the fulfillment order, nil if the store doesn't have it, and
// the transition that asked for the effect.
func (e *evidence) intentOf(key string) (*fulfillmentOrder, int64) {
	id, sequence, _ := fulfillment.ParseEffectKey(key)
	return e.fos[id], sequence
}

// keyOf is the key of the effect that a transition asked for.
func keyOf(t transition) string {
	return fulfillment.EffectKey(t.FulfillmentOrderID, t.Sequence)
}
