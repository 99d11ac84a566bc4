package provider_test

import (
	"context"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// shelf is a provider's system that can be looked into: answers by key.
type shelf struct {
	plain
	has map[string]fulfillment.Outcome
}

func (s shelf) Lookup(_ context.Context, q provider.Query) ([]provider.Found, error) {
	if outcome, ok := s.has[q.Key]; ok {
		return []provider.Found{{Reference: "R", Answer: provider.Answer{Outcome: outcome}}}, nil
	}
	return nil, nil
}

// TestSettle is what is done about calls of a time that the database has lost, before one is sent.
func TestSettle(t *testing.T) {
	t.Parallel()
	const lost, stop = "fulfillment-order/1#2", "fulfillment-order/1#3"
	request := func(key string, quantity int, articles ...string) fulfillment.Asked {
		fo := &fulfillment.FulfillmentOrder{}
		for _, sku := range articles {
			fo.Lines = append(fo.Lines, fulfillment.Line{SKU: sku, Remaining: quantity})
		}
		return fo.Call(fulfillment.Effect{Key: key, Kind: fulfillment.EffectRequest, Provider: "plain"})
	}
	cancel := func(key string) fulfillment.Asked {
		return fulfillment.Asked{Key: key, Kind: fulfillment.EffectCancel, Provider: "plain", For: lost}
	}
	now := request("fulfillment-order/9#102", 1, "A", "B")
	of := func(calls ...fulfillment.Asked) (all []fulfillment.LostCall) {
		for _, call := range calls {
			all = append(all, fulfillment.LostCall{FulfillmentOrderID: 1, Call: call})
		}
		return all
	}
	accepted := map[string]fulfillment.Outcome{lost: fulfillment.OutcomeAccepted}
	claimed := of(request(lost, 1, "A", "B"))
	claimed[0].ClaimedBy = "fulfillment-order/8#101"
	elsewhere := request(lost, 1, "A")
	elsewhere.Provider = "other"
	for name, test := range map[string]struct {
		provider provider.Provider
		calls    []fulfillment.LostCall
		call     fulfillment.Asked
		withdraw fulfillment.Outcome // what a withdrawal is answered
		want     fulfillment.Outcome // empty: it is sent
		key      string
		withdrew bool
	}{
		"nothing was lost": {provider: shelf{}, call: now},
		"the provider never heard of it": {
			provider: shelf{},
			calls:    of(request(lost, 1, "A", "B")),
			call:     now,
		},
		"the same stands": {
			provider: shelf{has: accepted},
			calls:    of(request(lost, 1, "B", "A")),
			call:     now,
			want:     fulfillment.OutcomeAccepted, key: lost,
		},
		"it was taken for another one": {provider: shelf{has: accepted}, calls: claimed, call: now},
		"it was rejected": {
			provider: shelf{has: map[string]fulfillment.Outcome{lost: fulfillment.OutcomeRejected}},
			calls:    of(request(lost, 1, "A", "B")),
			call:     now,
		},
		"it was ended in the lost time": {
			provider: shelf{has: map[string]fulfillment.Outcome{
				lost: fulfillment.OutcomeAccepted, stop: fulfillment.OutcomeAccepted,
			}},
			calls: of(cancel(stop), request(lost, 1, "A", "B")),
			call:  now,
		},
		"other articles": {
			provider: shelf{has: accepted},
			calls:    of(request(lost, 1, "C")),
			call:     now,
		},
		"other units, withdrawn": {
			provider: shelf{has: accepted},
			calls:    of(request(lost, 1, "A")),
			call:     now,
			withdraw: fulfillment.OutcomeAccepted, withdrew: true,
		},
		"other units that the service ships": {
			provider: shelf{has: accepted},
			calls:    of(request(lost, 1, "A")),
			call:     now,
			withdraw: fulfillment.OutcomeRejected,
			want:     fulfillment.OutcomeParked, withdrew: true,
		},
		"nobody can look up": {
			provider: plain{},
			calls:    of(request(lost, 1, "A", "B")),
			call:     now,
			want:     fulfillment.OutcomeParked,
		},
		"another provider was asked": {
			provider: shelf{has: accepted},
			calls:    of(elsewhere),
			call:     now,
			want:     fulfillment.OutcomeParked,
		},
		"a cancellation that was made already": {
			provider: shelf{has: map[string]fulfillment.Outcome{stop: fulfillment.OutcomeAccepted}},
			calls:    of(cancel(stop)),
			call:     cancel("fulfillment-order/1#105"),
			want:     fulfillment.OutcomeAccepted, key: stop,
		},
		"a cancellation that was refused": {
			provider: shelf{has: map[string]fulfillment.Outcome{stop: fulfillment.OutcomeRejected}},
			calls:    of(cancel(stop)),
			call:     cancel("fulfillment-order/1#105"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withdrew := false
			settles := provider.Lost{
				Calls: test.calls,
				Claim: func(context.Context, string) (bool, error) { return true, nil },
				Withdraw: func(context.Context, fulfillment.LostCall, string) (provider.Answer, error) {
					withdrew = true
					return provider.Answer{Outcome: test.withdraw}, nil
				},
			}
			answer, key, found, err := settles.Settle(t.Context(), test.provider, test.call)
			if err != nil || found != (test.want != "") || answer.Outcome != test.want || key != test.key ||
				withdrew != test.withdrew {
				t.Errorf("%+v, key %q, found %v, withdrew %v, %v", answer, key, found, withdrew, err)
			}
		})
	}
}
