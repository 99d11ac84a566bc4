// Package providertest is what every provider must pass: Run it against yours, in each form that it is used in.
package providertest

import (
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/providertest/httpfault"
)

// patience is how long a provider may take to notice that its caller has gone.
const patience = 5 * time.Second

// Suite is what a provider is tested with. New is needed.
type Suite struct {
	// New makes a provider that shares nothing with those of other tests, without any of the failures that it can
	// simulate.
	New func(t *testing.T) provider.Provider

	// Deliveries are what the system of a [provider.Receiver] sends, each another one, best recorded ones, with a
	// signature that the provider believes.
	Deliveries []provider.Delivery

	// Faulty makes a provider whose system is behind the faults ([httpfault.Faults.Wrap]), for one that talks HTTP:
	// each request that writes fails once in every way, and nothing may happen twice for it. nil: that is not tested.
	Faulty func(t *testing.T, faults *httpfault.Faults) provider.Provider

	// Lagging makes a provider whose system shows what was written only Settle later, by this clock; Settle is the
	// entry's ([provider.Entry]). nil: that is not tested.
	Lagging func(t *testing.T, clock *Clock) provider.Provider
	Settle  time.Duration
}

// Run runs the suite of a provider that is neither faulty nor lagging: see [Suite].
func Run(t *testing.T, newProvider func(t *testing.T) provider.Provider, deliveries ...provider.Delivery) {
	t.Helper()
	Suite{New: newProvider, Deliveries: deliveries}.Run(t)
}

// Run runs the suite as parallel subtests.
func (s Suite) Run(t *testing.T) {
	t.Helper()
	type check = func(*testing.T, provider.Provider)
	received := func(f func(*testing.T, provider.Provider, []provider.Delivery)) check {
		return func(t *testing.T, p provider.Provider) { f(t, p, s.Deliveries) }
	}
	for name, check := range map[string]check{
		"id_is_one":                                   testID,
		"options_have_unique_ids":                     testOptions,
		"no_settings_are_the_defaults":                testDefaults,
		"unknown_settings_are_refused":                testUnknownSettings,
		"data_of_unknown_settings_is_refused":         testUnknownData,
		"request_has_an_outcome":                      testCreate,
		"what_comes_with_an_answer_can_be_kept":       testAttachments,
		"request_with_the_same_key_has_one_effect":    testCreateTwice,
		"requests_with_other_keys_are_others":         testOtherKeys,
		"requests_at_once_with_one_key_are_one":       testCreateAtOnce,
		"request_whose_caller_is_gone_ends":           testGone,
		"request_whose_caller_was_gone_can_come_back": testComeBack,
		"cancellation_has_one_answer":                 testCancelTwice,
		"cancellation_of_nothing_is_not_accepted":     testCancelUnknown,
		"lookup_finds_what_was_created":               testLookup,
		"lookup_of_an_unknown_key_finds_nothing":      testLookupUnknown,
		"price_is_exact_decimal_text":                 testPrice,
		"return_with_the_same_key_has_one_effect":     testReturn,
		"documents_are_of_the_kind_asked_for":         testDocuments,
		"run_ends_when_it_is_told_to":                 testRunner,
		"deliveries_have_keys_of_their_own":           received(testVerify),
		"forged_deliveries_are_refused":               received(testForged),
		"malformed_deliveries_are_permanent_errors":   received(testMalformed),
		"news_told_again_is_the_same_command": func(t *testing.T, p provider.Provider) {
			testReplayed(t, p, s.New, s.Deliveries)
		},
		"same_cursor_has_the_same_news":  testPolledAgain,
		"cursor_moves_until_all_is_told": testPolledOn,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, s.New(t))
		})
	}
	t.Run("fault_has_no_second_effect", func(t *testing.T) {
		t.Parallel()
		testFaults(t, s.Faulty)
	})
	t.Run("lag_of_the_lookup_has_no_second_effect", func(t *testing.T) {
		t.Parallel()
		testSettle(t, s.Lagging, s.Settle)
	})
}

// Request is a request of two lines with this key, as the suite sends it.
func Request(key string) provider.Request {
	return provider.Request{
		Key: key, FulfillmentOrderID: fulfillment.DerivedID("fulfillment order", key), OrderID: 1, OrderName: "#1001",
		ServiceID: 7,
		Lines: []provider.RequestLine{
			{LineID: 11, LineItemID: 21, SKU: "MUG", Title: "Mug", Quantity: 2},
			{LineID: 12, LineItemID: 22, SKU: "TEE", Title: "T-shirt", Quantity: 1},
		},
		Destination: &fulfillment.Address{
			Address1: "Example Street 1", City: "Berlin", Zip: "10115", CountryCode: "DE",
		},
		DeliveryMethod: fulfillment.DeliveryShipping,
	}
}

func cancellation(request provider.Request, reference string) provider.Cancellation {
	return provider.Cancellation{
		Key: request.Key + "/cancel", RequestKey: request.Key, Reference: reference,
		FulfillmentOrderID: request.FulfillmentOrderID, ServiceID: request.ServiceID,
	}
}

func back(request provider.Request) provider.ReturnRequest {
	return provider.ReturnRequest{
		Key: request.Key + "/return", RequestKey: request.Key, FulfillmentOrderID: request.FulfillmentOrderID,
		FulfillmentID: 99,
		OrderName:     "#1001", ServiceID: 7, Lines: request.Lines[:1], PickUpFrom: request.Destination,
	}
}

// asked asks what became of the request, askedToStop of a cancellation and askedBack of a return.
func asked(r provider.Request) provider.Query {
	return provider.Query{
		Key: r.Key, Kind: fulfillment.EffectRequest, RequestKey: r.Key, FulfillmentOrderID: r.FulfillmentOrderID,
		ServiceID: r.ServiceID, ServiceOptions: r.ServiceOptions,
	}
}

func askedToStop(c provider.Cancellation) provider.Query {
	return provider.Query{
		Key: c.Key, Kind: fulfillment.EffectCancel, RequestKey: c.RequestKey, Reference: c.Reference,
		FulfillmentOrderID: c.FulfillmentOrderID, ServiceID: c.ServiceID, ServiceOptions: c.ServiceOptions,
	}
}

func askedBack(r provider.ReturnRequest, of provider.Request) provider.Query {
	return provider.Query{
		Key: r.Key, Kind: fulfillment.EffectReturn, RequestKey: of.Key, FulfillmentOrderID: r.FulfillmentOrderID,
		ServiceID: r.ServiceID, ServiceOptions: r.ServiceOptions,
	}
}
