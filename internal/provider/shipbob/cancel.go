package shipbob

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// cancelled is ShipBob's answer to a cancellation. Its HTTP status is 200 whatever the verdict.
type cancelled struct {
	Status  text             `json:"status"`
	Results list[stopResult] `json:"canceled_shipment_results"`
}

type stopResult struct {
	ShipmentID text `json:"shipment_id"`
	IsSuccess  text `json:"is_success"`
	Reason     text `json:"reason"`
}

// Cancel asks ShipBob to cancel the order.
func (p *Provider) Cancel(ctx context.Context, c provider.Cancellation) (provider.Answer, error) {
	a, err := p.open(c.ServiceOptions)
	if err != nil {
		return provider.Answer{}, err
	}
	id := text(c.Reference)
	if !id.digits() {
		orders, err := a.byReference(ctx, c.RequestKey, false)
		switch {
		case err != nil:
			return provider.Answer{}, before(err)
		case len(orders) == 0 && c.Withdraw:
			return p.neverThere(ctx, a, provider.PathKey(c.RequestKey))
		case len(orders) == 0:
			return provider.Answer{Outcome: fulfillment.OutcomeRejected, Message: "ShipBob knows no such order."}, nil
		case len(orders) > 1:
			return severalOrders(orders), nil
		}
		id = orders[0].ID
	}
	reference := provider.PathKey(c.RequestKey)
	if err := p.marks.set(ctx, reference, stopping); err != nil {
		return provider.Answer{}, err
	}
	answer, err := a.cancel(ctx, id)
	if err == nil && answer.Outcome == fulfillment.OutcomeRejected {
		err = after(p.marks.unset(ctx, reference, stopping))
	}
	return answer, err
}

// neverThere is the answer to a withdrawal of what ShipBob does not have: the request was never sent, or not taken, or
// the order is not in the list yet. It is looked for as long as the list may lag behind; then there is nothing to ship.
func (p *Provider) neverThere(ctx context.Context, a *account, reference string) (provider.Answer, error) {
	if err := p.marks.set(ctx, reference, stopping); err != nil {
		return provider.Answer{}, err
	}
	age, err := p.marks.age(ctx, reference, stopping)
	switch {
	case err != nil:
		return provider.Answer{}, err
	case age < a.settle:
		return provider.Answer{}, &provider.Error{
			Class: provider.Retryable, RetryAfter: a.settle - age,
			Message: "ShipBob does not find the order that is to be withdrawn; its list may lag behind",
		}
	}
	return provider.Answer{Outcome: fulfillment.OutcomeAccepted, Message: "ShipBob has no such order."}, nil
}

// cancel asks for it, and reads the verdict.
func (a *account) cancel(ctx context.Context, id text) (provider.Answer, error) {
	var verdict cancelled
	err := a.do(ctx, call{
		what: "cancel the order", method: http.MethodPost, path: "/order/" + string(id) + ":cancel", effect: true,
	}, &verdict)
	switch {
	case refusedWith(err, http.StatusNotFound) != nil:
		return provider.Answer{
			Outcome: fulfillment.OutcomeRejected, Reference: string(id), Message: "ShipBob knows no such order.",
		}, nil
	case refusedWith(err, notTaken...) != nil:
		return a.notStopped(ctx, id, "ShipBob refused to cancel the order: "+refusedWith(err, notTaken...).Error())
	case err != nil:
		return provider.Answer{}, err
	}
	return a.verdict(ctx, id, verdict)
}

// verdict is what the body says: the order is cancelled, or nothing of it, or some of its shipments.
func (a *account) verdict(ctx context.Context, id text, c cancelled) (provider.Answer, error) {
	stopped, going := c.sides()
	status := c.Status.key()
	switch {
	case status == "success" && len(going) == 0:
		return provider.Answer{Outcome: fulfillment.OutcomeAccepted, Reference: string(id)}, nil
	case status == "failure" && len(stopped) == 0:
		return a.notStopped(ctx, id, "ShipBob did not cancel the order"+because(going))
	case len(stopped) > 0 && len(going) > 0, status == "partialsuccess":
		return a.partlyStopped(ctx, id, c)
	}
	// Nothing that means anything: what is there says it.
	return a.notStopped(ctx, id, "ShipBob does not say that it cancelled the order"+because(going))
}

// sides are the shipments that were stopped, and those that go on with the reason.
func (c cancelled) sides() (stopped, going []string) {
	for _, r := range c.Results {
		switch {
		case r.IsSuccess == "true":
			stopped = append(stopped, string(r.ShipmentID))
		case r.Reason != "":
			going = append(going, string(r.ShipmentID)+" ("+short(string(r.Reason))+")")
		default:
			going = append(going, string(r.ShipmentID))
		}
	}
	return stopped, going
}

func because(going []string) string {
	if len(going) == 0 {
		return "."
	}
	return ": these shipments go on: " + listed(going) + "."
}

// partlyStopped is the answer when some of the shipments are stopped, as the body says, and others go on.
func (a *account) partlyStopped(ctx context.Context, id text, c cancelled) (provider.Answer, error) {
	o, found, err := a.order(ctx, id, false)
	if err != nil || !found {
		return provider.Answer{}, &provider.Error{
			Class: provider.UnknownOutcome, RetryAfter: provider.RetryAfter(err),
			Message: "see which shipments of the order are cancelled", Cause: err,
		}
	}
	stopped, going := c.sides()
	for i := range o.Shipments {
		if slices.Contains(stopped, string(o.Shipments[i].ID)) { // The order may lag behind its cancellation.
			o.Shipments[i].Status = "Cancelled"
		}
	}
	if answer, partly := o.stopped(); partly {
		return answer, nil
	}
	return forPerson(id, stopped, going), nil
}

// forPerson is the answer when nobody can tell which units are stopped.
func forPerson(id text, stopped, going []string) provider.Answer {
	return provider.Answer{
		Outcome: fulfillment.OutcomeParked, Reference: string(id),
		Message: "ShipBob cancelled a part of order " + string(id) + ". Stopped are its shipments " + listed(stopped) +
			"; these go on: " + listed(going) + ". Decide there what becomes of the others, then answer for it.",
	}
}

// inParts is the answer when some shipments are stopped and others go on: a yes to the units of the former. Where
// ShipBob doesn't say which these are, it is for a person.
func (o order) inParts(stopped, going []string) provider.Answer {
	units, known := o.stoppedUnits()
	if !known {
		return forPerson(o.ID, stopped, going)
	}
	return provider.Answer{
		Outcome: fulfillment.OutcomeAccepted, Reference: string(o.ID), Accepted: units,
		Message: "ShipBob cancelled the shipments " + listed(stopped) + " of its order " + string(o.ID) +
			"; these go on: " + listed(going) + ".",
	}
}

// notStopped is the answer to a cancellation that ShipBob did not carry out, unless the order is cancelled already, as
// by the same cancellation before.
func (a *account) notStopped(ctx context.Context, id text, message string) (provider.Answer, error) {
	o, found, err := a.order(ctx, id, false)
	if err != nil {
		return provider.Answer{}, &provider.Error{
			Class: provider.UnknownOutcome, RetryAfter: provider.RetryAfter(err),
			Message: "see whether the order is cancelled", Cause: err,
		}
	}
	if found {
		if answer, stopped := o.stopped(); stopped {
			return answer, nil
		}
	}
	return provider.Answer{Outcome: fulfillment.OutcomeRejected, Reference: string(id), Message: message}, nil
}

// stopped is the answer to a cancellation that the order itself gives: all of it is cancelled, or a part. false: it
// goes on as if nobody had asked.
func (o order) stopped() (provider.Answer, bool) {
	if o.cancelled() {
		return provider.Answer{Outcome: fulfillment.OutcomeAccepted, Reference: string(o.ID)}, true
	}
	var stopped, going []string
	for _, s := range o.sorted() {
		if s.Status.key() == statusCancelled {
			stopped = append(stopped, string(s.ID))
		} else {
			going = append(going, string(s.ID))
		}
	}
	if len(stopped) == 0 || len(going) == 0 {
		return provider.Answer{}, false
	}
	return o.inParts(stopped, going), true
}

// order is the order with this ID; false: there is none.
func (a *account) order(ctx context.Context, id text, background bool) (order, bool, error) {
	var o order
	err := a.do(ctx, call{
		what: "read the order", method: http.MethodGet, path: "/order/" + string(id), background: background,
	}, &o)
	if refusedWith(err, http.StatusNotFound) != nil {
		return order{}, false, nil
	}
	return o, err == nil && o.ID.digits(), err
}

// Lookup is what ShipBob has of the call: the order with the key as its reference, what became of its cancellation, or
// the return.
func (p *Provider) Lookup(ctx context.Context, q provider.Query) ([]provider.Found, error) {
	a, err := p.open(q.ServiceOptions)
	if err != nil {
		return nil, err
	}
	if q.Kind == fulfillment.EffectReturn {
		return a.findReturn(ctx, q.Key)
	}
	key := q.Key
	if q.Kind == fulfillment.EffectCancel || q.Kind == fulfillment.EffectWithdraw {
		key = q.RequestKey
	}
	orders, err := a.byReference(ctx, key, false)
	if err != nil {
		return nil, err
	}
	var found []provider.Found
	for _, o := range slices.Backward(orders) { // ShipBob's newest come first.
		var answer provider.Answer
		if key == q.Key {
			if answer, err = p.answer(ctx, o); err != nil {
				return nil, err
			}
		} else {
			// It was not cancelled, or in vain, or a part was, and not because we have asked: asking again does no
			// harm.
			var stopped bool
			if answer, stopped = o.stopped(); !stopped || !o.cancelled() {
				continue
			}
		}
		found = append(found, provider.Found{Reference: strings.TrimSpace(string(o.ID)), Answer: answer})
	}
	return found, nil
}
