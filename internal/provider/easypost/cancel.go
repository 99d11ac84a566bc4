package easypost

import (
	"context"
	"slices"
	"strings"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// moving are the statuses of parcels that a carrier has: their labels are not given back.
var moving = []string{
	"in_transit", "out_for_delivery", "available_for_pickup", "delivered", "return_to_sender", "failure",
}

func (s shipment) moving() bool { return slices.Contains(moving, string(s.tracker().Status)) }

// Cancel gives the labels of a request back, unless a carrier has the parcels. From then on the labels are void;
// whether the money comes back, the carrier decides days later: see [Provider.Changes].
func (p *Provider) Cancel(ctx context.Context, cancellation provider.Cancellation) (provider.Answer, error) {
	o, err := p.defaults.merge(cancellation.ServiceOptions)
	if err != nil {
		return provider.Answer{}, err
	}
	c, err := p.client(o)
	if err != nil {
		return provider.Answer{}, err
	}
	if err := ctx.Err(); err != nil {
		return provider.Answer{}, &provider.Error{Class: provider.Retryable, Message: "not sent", Cause: err}
	}
	answer, there, err := p.config.Ledger.Cancellation(ctx, cancellation.Key)
	switch {
	case err != nil:
		return provider.Answer{}, unwritten(provider.Retryable, err)
	case there:
		return answer, nil
	}
	call, shipments, err := p.known(ctx, c, o, cancellation.RequestKey, provider.Query{
		FulfillmentOrderID: cancellation.FulfillmentOrderID, ServiceID: cancellation.ServiceID,
	})
	if err != nil {
		return provider.Answer{}, err
	}
	switch {
	case call.Key == "" && cancellation.Withdraw:
		// A request of which nothing is known may be on its way: the ledger has to say that it came too late.
		call = Call{
			Key: cancellation.RequestKey, Kind: fulfillment.EffectRequest, ServiceID: cancellation.ServiceID,
			FulfillmentOrderID: cancellation.FulfillmentOrderID, CreatedAt: p.config.Now().UTC(),
		}
		if call.Options, err = o.stored(); err != nil {
			return provider.Answer{}, refuse("options of EasyPost: %s", err)
		}
		return p.withdraw(ctx, c, cancellation.Key, call)
	case call.Key == "":
		return p.decided(ctx, cancellation, reject("", "EasyPost has no label for this request."))
	case call.Ended != nil || slices.ContainsFunc(shipments, func(s shipment) bool { return !s.bought() }):
		if i := slices.IndexFunc(shipments, shipment.moving); i >= 0 && call.Ended == nil {
			return p.decided(ctx, cancellation, onItsWay(shipments[i]))
		}
		return p.withdraw(ctx, c, cancellation.Key, call)
	}
	return p.giveBack(ctx, c, cancellation, call, shipments)
}

func onItsWay(s shipment) provider.Answer {
	no := reject("", "The carrier has the parcel %s already (%s).", s.trackingCode(), s.tracker().Status)
	no.Reference = string(s.ID)
	return no
}

// decided keeps a refusal, so that the same cancellation is answered the same again.
func (p *Provider) decided(
	ctx context.Context, cancellation provider.Cancellation, answer provider.Answer,
) (provider.Answer, error) {
	counts, err := p.config.Ledger.Cancel(ctx, cancellation.Key, cancellation.RequestKey, answer, nil)
	if err != nil {
		return provider.Answer{}, unwritten(provider.Retryable, err)
	}
	return counts, nil
}

// withdraw ends a request that has not got all its labels, or ended before.
func (p *Provider) withdraw(ctx context.Context, c client, key string, call Call) (provider.Answer, error) {
	ended, err := p.config.Ledger.End(ctx, call, reject("", "The request was withdrawn before its labels were bought."))
	if err != nil {
		return provider.Answer{}, unwritten(provider.Retryable, err)
	}
	call.Ended = &ended
	if _, err := p.release(ctx, c, call); err != nil {
		return provider.Answer{}, err
	}
	return p.cancelled(ctx, key, call)
}

// cancelled keeps that a cancellation is accepted.
func (p *Provider) cancelled(ctx context.Context, key string, call Call) (provider.Answer, error) {
	answer := provider.Answer{Outcome: fulfillment.OutcomeAccepted}
	if len(call.Parcels) > 0 {
		answer.Reference = call.Parcels[0].ShipmentID
	}
	ended := reject("", "The request was cancelled, and its labels given back.")
	counts, err := p.config.Ledger.Cancel(ctx, key, call.Key, answer, &ended)
	if err != nil {
		return provider.Answer{}, unwritten(provider.Retryable, err)
	}
	return counts, nil
}

// giveBack refunds all labels of a request that has all of them.
func (p *Provider) giveBack(
	ctx context.Context, c client, cancellation provider.Cancellation, call Call, shipments []shipment,
) (provider.Answer, error) {
	for _, sh := range shipments {
		if sh.moving() && !sh.refunding() {
			return p.decided(ctx, cancellation, onItsWay(sh))
		}
	}
	var refused []string
	for i, sh := range shipments {
		why, err := p.refund(ctx, c, call.Parcels[i], sh)
		if err != nil {
			return provider.Answer{}, err
		}
		if why != "" {
			refused = append(refused, string(sh.ID)+": "+why)
		}
	}
	switch len(refused) {
	case 0:
		return p.cancelled(ctx, cancellation.Key, call)
	case len(shipments):
		no := reject("", "The label can't be given back: %s", strings.Join(refused, "; "))
		no.Reference = call.Parcels[0].ShipmentID
		return p.decided(ctx, cancellation, no)
	}
	return p.decided(ctx, cancellation, provider.Answer{
		Outcome: fulfillment.OutcomeParked, Reference: call.Parcels[0].ShipmentID,
		Message: clip("Of the parcels' labels, some are void now, and some can't be given back: "+
			strings.Join(refused, "; ")+". Settle it with the carrier, then answer the cancellation.", longestWords),
	})
}

// refund gives a label back, or says why not.
func (p *Provider) refund(ctx context.Context, c client, parcel Parcel, sh shipment) (why string, err error) {
	status := string(sh.RefundStatus)
	if status == "" || status == refundRejected {
		asked, err := c.refund(ctx, string(sh.ID))
		if err != nil {
			v := judge(opRefund, err, false)
			if v.answer == nil {
				return "", v.failure()
			}
			status, why = refundRejected, v.answer.Message
		} else {
			status = string(asked.RefundStatus)
		}
	}
	if status != parcel.RefundStatus {
		if err := p.config.Ledger.Refund(ctx, parcel.ID, status); err != nil {
			return "", unwritten(provider.Retryable, err)
		}
	}
	switch {
	case why != "" || status == refundSubmitted || status == refundDone:
	case status == refundNotApplicable:
		why = "the carrier bills what it scans, and gives nothing back"
	case status == "":
		return "", &provider.Error{
			Class: provider.Retryable, Message: "EasyPost does not say what became of the refund",
		}
	default:
		why = "the refund is " + clip(status, 50)
	}
	return why, nil
}

// giveUp ends a call that got no labels, or not all of them.
func (p *Provider) giveUp(ctx context.Context, c client, call Call, answer provider.Answer) (provider.Answer, error) {
	counts, err := p.config.Ledger.End(ctx, call, answer)
	if err != nil {
		return provider.Answer{}, unwritten(provider.UnknownOutcome, err)
	}
	call.Ended = &counts
	return p.release(ctx, c, call)
}

// release gives back whatever labels an ended call has, and is the answer that it ended with. A label that can't be
// given back does not change that: it is logged.
func (p *Provider) release(ctx context.Context, c client, call Call) (provider.Answer, error) {
	fresh, there, err := p.config.Ledger.Find(ctx, call.Key)
	if err != nil {
		return provider.Answer{}, unwritten(provider.Retryable, err)
	}
	if there {
		call.Parcels = fresh.Parcels
	}
	for _, parcel := range call.Parcels {
		if err := p.releaseParcel(ctx, c, parcel); err != nil {
			return provider.Answer{}, err
		}
	}
	return *call.Ended, nil
}

func (p *Provider) releaseParcel(ctx context.Context, c client, parcel Parcel) error {
	if parcel.ShipmentID == "" || parcel.RefundStatus == refundDone || parcel.RefundStatus == refundRejected {
		return nil
	}
	sh, err := c.shipment(ctx, parcel.ShipmentID)
	if err != nil {
		return judge(opAsk, err, false).failure()
	}
	if !sh.bought() {
		return nil
	}
	why, err := p.refund(ctx, c, parcel, sh)
	if err != nil {
		return err
	}
	if why != "" {
		p.config.Logger.WarnContext(ctx, "a label that nobody needs can't be given back; it was paid for",
			"shipment", parcel.ShipmentID, "why", why)
	}
	return nil
}
