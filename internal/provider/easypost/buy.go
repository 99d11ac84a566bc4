package easypost

import (
	"context"
	"time"

	"packhorse/internal/provider"
)

// buyAll buys the labels that are not bought yet. All rates are chosen before the first one is bought, so that an order
// which can't go as a whole costs nothing. The answer is a rejection, or how the call ended meanwhile.
func (p *Provider) buyAll(
	ctx context.Context, c client, s sending, call *Call, shipments []shipment,
) (*provider.Answer, error) {
	chosen := make([]rate, len(shipments))
	for i, sh := range shipments {
		if sh.bought() {
			continue
		}
		rates := sh.Rates
		if p.config.Now().Sub(call.CreatedAt) > freshRates {
			fresh, err := c.rerate(ctx, string(sh.ID))
			if err != nil {
				v := judge(opAsk, err, s.abroad())
				return v.answer, v.failure()
			}
			rates = fresh
		}
		var why string
		var err error
		if chosen[i], why, err = s.options.choose(rates); err != nil {
			return nil, err
		}
		if why != "" {
			if words := carriersWords(sh); words != "" {
				why += " (" + words + ")"
			}
			no := reject(unserved(s.abroad()), "The parcel can't be sent: %s.", why)
			return &no, nil
		}
	}
	for i := range shipments {
		parcel := &call.Parcels[i]
		if !shipments[i].bought() {
			bought, no, err := p.buy(ctx, c, shipments[i], chosen[i], s.abroad())
			if err != nil || no != nil {
				return no, err
			}
			shipments[i] = bought
		}
		if parcel.Bought {
			continue
		}
		parcel.Bought, parcel.Purchase = true, purchaseOf(shipments[i], p.config.Now())
		ended, err := p.config.Ledger.Bought(ctx, call.Key, parcel.Number, parcel.Purchase)
		if err != nil {
			return nil, unwritten(provider.UnknownOutcome, err)
		}
		if ended != nil { // It was withdrawn while the label was bought.
			return ended, nil
		}
	}
	return nil, nil
}

// The pauses while EasyPost is about to sell a label to somebody else with the same key.
const (
	firstPause = 100 * time.Millisecond
	lastPause  = 2 * time.Second
)

// buy buys a shipment's label. Whenever it is not sure what became of it, the shipment is looked at.
func (p *Provider) buy(
	ctx context.Context, c client, of shipment, chosen rate, abroad bool,
) (shipment, *provider.Answer, error) {
	bought, err := c.buy(ctx, string(of.ID), string(chosen.ID))
	if err == nil && bought.bought() && bought.ID == of.ID {
		return bought, nil, nil
	}
	v := verdict{look: true}
	if err != nil {
		v = judge(opBuy, err, abroad)
	}
	if v.err != nil && v.err.Class == provider.Retryable {
		return shipment{}, nil, v.err // It did not come to a purchase.
	}
	for pause := firstPause; ; pause *= 2 {
		now, lookErr := c.shipment(ctx, string(of.ID))
		switch {
		case lookErr != nil:
			return shipment{}, nil, &provider.Error{
				Class: provider.UnknownOutcome, RetryAfter: retryAfterOf(lookErr),
				Message: "the label may be bought, and the shipment can't be looked at", Cause: lookErr,
			}
		case now.bought():
			return now, nil, nil
		case !v.look:
			return shipment{}, v.answer, v.failure()
		case pause > lastPause || !sleep(ctx, pause):
			return shipment{}, nil, &provider.Error{
				Class: provider.UnknownOutcome, Message: "EasyPost is selling the label, and has not done so yet",
			}
		}
	}
}

func retryAfterOf(err error) time.Duration {
	if v := judge(opAsk, err, false); v.err != nil {
		return v.err.RetryAfter
	}
	return 0
}

// sleep waits; false: the context ended before.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// purchaseOf is what the ledger keeps of a label.
func purchaseOf(s shipment, now time.Time) Purchase {
	at := moment(s.label().CreatedAt)
	if at.IsZero() {
		at = now.UTC().Truncate(time.Second)
	}
	carrier := string(s.selected().Carrier)
	if carrier == "" {
		carrier = string(s.tracker().Carrier)
	}
	return Purchase{
		TrackingCode: s.trackingCode(), TrackingURL: webAddress(string(s.tracker().PublicURL)), Carrier: carrier,
		At: at,
	}
}
