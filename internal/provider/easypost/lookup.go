package easypost

import (
	"context"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// Lookup is what the ledger has of the call, with what EasyPost says of its shipments now.
func (p *Provider) Lookup(ctx context.Context, query provider.Query) ([]provider.Found, error) {
	o, err := p.defaults.merge(query.ServiceOptions)
	if err != nil {
		return nil, err
	}
	c, err := p.client(o)
	if err != nil {
		return nil, err
	}
	if query.Kind == fulfillment.EffectCancel || query.Kind == fulfillment.EffectWithdraw {
		return p.lookupCancellation(ctx, c, o, query)
	}
	call, shipments, err := p.known(ctx, c, o, query.Key, query)
	if err != nil || call.Key == "" {
		return nil, err
	}
	if call.Ended != nil {
		answer, err := p.release(ctx, c, call)
		if err != nil {
			return nil, err
		}
		return found(answer), nil
	}
	for _, sh := range shipments {
		if sh.bought() && sh.refunding() {
			return found(reject("", "EasyPost has taken the label of %s back.", sh.ID)), nil
		}
	}
	for i, sh := range shipments {
		if !sh.bought() {
			return nil, nil // What is bought of several parcels is found by the call that goes on.
		}
		parcel := &call.Parcels[i]
		if parcel.Bought {
			continue
		}
		parcel.Bought, parcel.Purchase = true, purchaseOf(sh, p.config.Now())
		ended, err := p.config.Ledger.Bought(ctx, call.Key, parcel.Number, parcel.Purchase)
		if err != nil {
			return nil, unwritten(provider.Retryable, err)
		}
		if ended != nil {
			call.Ended = ended
			answer, err := p.release(ctx, c, call)
			if err != nil {
				return nil, err
			}
			return found(answer), nil
		}
	}
	stored, err := call.options(p.defaults, o.APIKey)
	if err != nil {
		return nil, err
	}
	answer, err := p.accepted(ctx, c, stored, call, shipments)
	if err != nil {
		return nil, err
	}
	return found(answer), nil
}

func found(answer provider.Answer) []provider.Found {
	return []provider.Found{{Reference: answer.Reference, Answer: answer}}
}

// known is a call with its shipments, one for each parcel; those that are not made are empty. Without a key, nothing is
// known of it.
//
// A ledger that was set back to an older state may have lost it. Then EasyPost is asked by the reference, which it does
// not keep unique: an unbought shipment that is found so is of no use.
func (p *Provider) known(
	ctx context.Context, c client, o Options, key string, query provider.Query,
) (Call, []shipment, error) {
	call, there, err := p.config.Ledger.Find(ctx, key)
	if err != nil {
		return Call{}, nil, unwritten(provider.Retryable, err)
	}
	if !there {
		return p.recovered(ctx, c, o, key, query)
	}
	shipments := make([]shipment, len(call.Parcels))
	for i, parcel := range call.Parcels {
		if parcel.ShipmentID == "" {
			continue
		}
		sh, err := c.shipment(ctx, parcel.ShipmentID)
		if err != nil {
			return Call{}, nil, judge(opAsk, err, false).failure()
		}
		shipments[i] = sh
	}
	return call, shipments, nil
}

// recovered is a call of one parcel that the ledger lost.
func (p *Provider) recovered(
	ctx context.Context, c client, o Options, key string, query provider.Query,
) (Call, []shipment, error) {
	want := reference(key, 1, 1)
	sh, err := c.shipment(ctx, want)
	switch {
	case notFound(err), err == nil && (!sh.bought() || string(sh.Reference) != want):
		return Call{}, nil, p.lostParcels(ctx, c, o, key)
	case err != nil:
		return Call{}, nil, judge(opAsk, err, false).failure()
	}
	call := Call{
		Key: key, Kind: fulfillment.EffectRequest, FulfillmentOrderID: query.FulfillmentOrderID,
		ServiceID: query.ServiceID, CreatedAt: p.config.Now().UTC(), Parcels: []Parcel{{Number: 1}},
	}
	if sh.IsReturn {
		call.Kind = fulfillment.EffectReturn
	}
	if call.Options, err = o.stored(); err != nil {
		return Call{}, nil, refuse("options of EasyPost: %s", err)
	}
	if call, err = p.config.Ledger.Begin(ctx, call); err != nil {
		return Call{}, nil, unwritten(provider.Retryable, err)
	}
	if call.Parcels[0].ShipmentID, err = p.config.Ledger.Made(ctx, key, 1, string(sh.ID)); err != nil {
		return Call{}, nil, unwritten(provider.Retryable, err)
	}
	return call, []shipment{sh}, nil
}

// lostParcels is an error if the ledger lost a call of several parcels: nobody knows any more what is in them.
func (p *Provider) lostParcels(ctx context.Context, c client, o Options, key string) error {
	if o.MaxParcelGrams == 0 {
		return nil
	}
	want := reference(key, 1, 2)
	sh, err := c.shipment(ctx, want)
	switch {
	case notFound(err), err == nil && (!sh.bought() || string(sh.Reference) != want):
		return nil
	case err != nil:
		return judge(opAsk, err, false).failure()
	}
	return refuse("EasyPost has sold labels for %s, beginning with shipment %s, which Packhorse has forgotten: it was "+
		"set back. Refund them there, or answer for the request with them", want, sh.ID)
}

// lookupCancellation is the answer to a cancellation. Where the ledger has none, labels that are void say that one was
// accepted.
func (p *Provider) lookupCancellation(
	ctx context.Context, c client, o Options, query provider.Query,
) ([]provider.Found, error) {
	answer, there, err := p.config.Ledger.Cancellation(ctx, query.Key)
	if err != nil {
		return nil, unwritten(provider.Retryable, err)
	}
	if there {
		return found(answer), nil
	}
	call, shipments, err := p.known(ctx, c, o, query.RequestKey, query)
	if err != nil || call.Key == "" {
		return nil, err
	}
	for _, sh := range shipments {
		if !sh.bought() || !sh.refunding() {
			return nil, nil
		}
	}
	if len(shipments) == 0 {
		return nil, nil
	}
	answer, err = p.cancelled(ctx, query.Key, call)
	if err != nil {
		return nil, err
	}
	return found(answer), nil
}
