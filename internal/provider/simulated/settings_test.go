package simulated_test

import (
	"strings"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/providertest"
	"packhorse/internal/provider/simulated"
)

func TestValidateOption(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		data map[string]any
		want string // part of the error; empty: valid
	}{
		"all_kinds": {data: map[string]any{"id": simulated.Option,
			"latency": map[string]any{"min": "10ms", "max": "1m30s"}, "rejectionRate": 0.5,
			"rejectionReasons": []any{"INVALID_SKU"}, "answer": "pending", "ship": false, "trackingCompany": "DHL"}},
		"unknown": {data: map[string]any{"shipp": true}, want: `there is no option "shipp": there are id, latency, `},
		"unknown_inside": {
			data: map[string]any{"latency": map[string]any{"median": "1s"}},
			want: `there is no option "latency.median": there are latency.min, latency.max`,
		},
		"unknown_option": {
			data: map[string]any{"id": "express"},
			want: `id is "express": it must be one of simulated-fulfillment, simulated-fulfillment-return`,
		},
		"rate_above_one":      {data: map[string]any{"lostAnswerRate": 1.5}, want: "lostAnswerRate is 1.5"},
		"rate_of_parts":       {data: map[string]any{"partialRate": 2}, want: "partialRate is 2"},
		"rate_below_zero":     {data: map[string]any{"jitter": -0.1}, want: "jitter is -0.1"},
		"negative_delay":      {data: map[string]any{"shipAfter": "-1s"}, want: "shipAfter is -1s: it must be between 0s and 876000h"},
		"number_for_duration": {data: map[string]any{"shipAfter": 5}, want: "shipAfter is a number: it must be a duration such as 30s"},
		"not_a_duration":      {data: map[string]any{"shipAfter": "soon"}, want: `shipAfter is "soon": it must be a duration such as 30s`},
		"max_below_min": {
			data: map[string]any{"latency": map[string]any{"min": "2s", "max": "1s"}}, want: "latency.max is 1s: it must be at least latency.min, 2s",
		},
		"unknown_answer":         {data: map[string]any{"answer": "maybe"}, want: `answer is "maybe"`},
		"unknown_reason":         {data: map[string]any{"rejectAlways": "BAD_WEATHER"}, want: `"BAD_WEATHER"`},
		"price_without_money":    {data: map[string]any{"price": "4.90"}, want: "currencyCode"},
		"currency_without_price": {data: map[string]any{"currencyCode": "EUR"}, want: "belong together"},
		"price_in_words":         {data: map[string]any{"price": "cheap", "currencyCode": "EUR"}, want: "price"},
		"all_problems_at_once":   {data: map[string]any{"jitter": 2, "answer": "no"}, want: `answer is "no": it must be one of immediate, pending, manual; jitter is 2`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProvider(t, simulated.Config{Ledger: &simulated.MemoryLedger{}})
			err := p.ValidateOption(t.Context(), test.data)
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || provider.Classify(err) != provider.Permanent {
				t.Errorf("got %v, want a permanent error with %q", err, test.want)
			}
			request := providertest.Request("a")
			request.ServiceOptions = test.data
			if _, err := p.Create(t.Context(), request); provider.Classify(err) != provider.Permanent {
				t.Errorf("a request with such settings: %v, want a permanent error", err)
			}
		})
	}
}

// What one service says must not leak into the next.
func TestServiceOptionsDoNotChangeDefaults(t *testing.T) {
	t.Parallel()
	defaults := simulated.DefaultSettings()
	defaults.RejectionRate = 1
	p := newProvider(t, simulated.Config{Ledger: &simulated.MemoryLedger{}, Defaults: &defaults})
	for key, test := range map[string]struct {
		options map[string]any
		reason  fulfillment.RejectionReason
	}{
		"own":      {map[string]any{"rejectionReasons": []any{"INVALID_SKU"}}, "INVALID_SKU"},
		"always":   {map[string]any{"rejectAlways": "PAYMENT_DECLINED"}, "PAYMENT_DECLINED"},
		"none":     {map[string]any{"rejectionReasons": []any{}}, fulfillment.RejectOther},
		"defaults": {nil, fulfillment.RejectOutOfStock},
	} {
		request := providertest.Request(key)
		request.ServiceOptions = test.options
		if answer, err := p.Create(t.Context(), request); err != nil || answer.Reason != test.reason {
			t.Errorf("%s: %+v, %v; want %s", key, answer, err, test.reason)
		}
	}
	request := providertest.Request("defaults again")
	if answer, err := p.Create(t.Context(), request); err != nil || answer.Reason != fulfillment.RejectOutOfStock {
		t.Errorf("%+v, %v; want the default reason", answer, err)
	}
}
