// Package providertest is what every provider must pass: Run it against yours, in each form that it is used in.
package providertest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
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

func testID(t *testing.T, p provider.Provider) {
	if err := provider.CheckID(p.ID()); err != nil {
		t.Error(err)
	}
}

func testOptions(t *testing.T, p provider.Provider) {
	options, err := p.Options(t.Context())
	must(t, err)
	if len(options) == 0 {
		t.Error("there are no options")
	}
	seen := make(map[string]bool)
	for _, o := range options {
		if o.ID == "" || o.Name == "" || seen[o.ID] {
			t.Errorf("option %+v: it needs an ID of its own and a name", o)
		}
		seen[o.ID] = true
		if err := p.ValidateOption(t.Context(), o.Data); err != nil {
			t.Errorf("option %s is invalid as it is listed: %v", o.ID, err)
		}
	}
}

func testDefaults(t *testing.T, p provider.Provider) {
	for _, data := range []map[string]any{nil, {}} {
		if err := p.ValidateOption(t.Context(), data); err != nil {
			t.Errorf("ValidateOption(%v): %v", data, err)
		}
	}
}

// rubbish is settings that no provider has.
var rubbish = []map[string]any{
	{"no such setting": true},
	{"noSuchSetting": map[string]any{"a": []any{1, "b", nil}}},
	{"noSuchSetting": func() {}},
}

func testUnknownSettings(t *testing.T, p provider.Provider) {
	for _, data := range rubbish {
		requirePermanent(t, p.ValidateOption(t.Context(), data))
	}
	err := p.ValidateOption(t.Context(), rubbish[0])
	if err == nil || !strings.Contains(err.Error(), "no such setting") {
		t.Errorf("the error %q doesn't name the setting", err)
	}
}

func testUnknownData(t *testing.T, p provider.Provider) {
	_, err := p.ValidateData(t.Context(), rubbish[0], nil, provider.Context{})
	requirePermanent(t, err)
	chosen := map[string]any{"pickupPoint": "42"}
	got, err := p.ValidateData(t.Context(), nil, chosen, provider.Context{CurrencyCode: "EUR"})
	if err != nil {
		requireClass(t, err)
	} else if got["pickupPoint"] != "42" {
		t.Errorf("the customer's choice became %v", got)
	}
}

func testCreate(t *testing.T, p provider.Provider) {
	answer := create(t, p, Request("a"))
	requireOutcome(t, answer)
	requireParts(t, Request("a"), answer)
}

func testAttachments(t *testing.T, p provider.Provider) {
	request := Request("a")
	answers := []provider.Answer{create(t, p, request)}
	cancelled, err := p.Cancel(t.Context(), cancellation(request, answers[0].Reference))
	must(t, err)
	answers = append(answers, cancelled)
	if returner, ok := p.(provider.Returner); ok {
		returned, err := returner.CreateReturn(t.Context(), back(request))
		must(t, err)
		answers = append(answers, returned)
	}
	for _, answer := range answers {
		requireKept(t, answer)
	}
}

func testCreateTwice(t *testing.T, p provider.Provider) {
	first := create(t, p, Request("a"))
	if !repeats(p) {
		t.Skip("the provider does not say that it can be called twice")
	}
	requireSame(t, first, create(t, p, Request("a")))
	requireFound(t, p, asked(Request("a")), 1)
}

func testOtherKeys(t *testing.T, p provider.Provider) {
	a, b := create(t, p, Request("a")), create(t, p, Request("b"))
	if a.Reference != "" && a.Reference == b.Reference {
		t.Errorf("two requests have the same reference %s", a.Reference)
	}
}

func testCreateAtOnce(t *testing.T, p provider.Provider) {
	if !repeats(p) {
		t.Skip("the provider does not say that it can be called twice")
	}
	answers := make([]provider.Answer, 8)
	errs := make([]error, len(answers))
	var group sync.WaitGroup
	for i := range answers {
		group.Go(func() { answers[i], errs[i] = p.Create(t.Context(), Request("a")) })
	}
	group.Wait()
	must(t, errors.Join(errs...))
	for _, a := range answers {
		requireSame(t, answers[0], a)
	}
	requireFound(t, p, asked(Request("a")), 1)
}

func testGone(t *testing.T, p provider.Provider) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	began := time.Now()
	_, err := p.Create(ctx, Request("a"))
	if err == nil {
		t.Error("a request whose caller is gone was answered")
	}
	requireClass(t, err)
	_, err = p.Cancel(ctx, cancellation(Request("a"), ""))
	requireClass(t, err)
	if took := time.Since(began); took > patience {
		t.Errorf("it took %s", took)
	}
}

func testComeBack(t *testing.T, p provider.Provider) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _ = p.Create(ctx, Request("a"))
	if !repeats(p) {
		t.Skip("the provider does not say that it can be called twice")
	}
	requireOutcome(t, create(t, p, Request("a")))
	requireFound(t, p, asked(Request("a")), 1)
}

func testCancelTwice(t *testing.T, p provider.Provider) {
	request := Request("a")
	c := cancellation(request, create(t, p, request).Reference)
	first, err := p.Cancel(t.Context(), c)
	must(t, err)
	requireOutcome(t, first)
	if !repeats(p) {
		return
	}
	second, err := p.Cancel(t.Context(), c)
	must(t, err)
	requireSame(t, first, second)
}

func testCancelUnknown(t *testing.T, p provider.Provider) {
	answer, err := p.Cancel(t.Context(), cancellation(Request("never sent"), "no such reference"))
	if err != nil {
		requirePermanent(t, err)
		return
	}
	requireOutcome(t, answer)
	if answer.Outcome == fulfillment.OutcomeAccepted {
		t.Error("a cancellation of nothing was accepted")
	}
}

func testLookup(t *testing.T, p provider.Provider) {
	finder := capability[provider.Finder](t, p)
	request := Request("a")
	created := create(t, p, request)
	create(t, p, Request("b"))
	found, err := finder.Lookup(t.Context(), asked(request))
	must(t, err)
	if len(found) != 1 {
		t.Fatalf("found %d, want 1", len(found))
	}
	if found[0].Reference != created.Reference {
		t.Errorf("found reference %q, created %q", found[0].Reference, created.Reference)
	}
	requireSame(t, created, found[0].Answer)

	cancelled, err := p.Cancel(t.Context(), cancellation(request, created.Reference))
	must(t, err)
	found, err = finder.Lookup(t.Context(), askedToStop(cancellation(request, created.Reference)))
	must(t, err)
	if len(found) != 1 {
		t.Fatalf("found %d cancellations, want 1", len(found))
	}
	requireSame(t, cancelled, found[0].Answer)
}

func testLookupUnknown(t *testing.T, p provider.Provider) {
	capability[provider.Finder](t, p)
	requireFound(t, p, asked(Request("never sent")), 0)
}

func testPrice(t *testing.T, p provider.Provider) {
	pricer := capability[provider.Pricer](t, p)
	options, err := p.Options(t.Context())
	must(t, err)
	for _, o := range options {
		r := Request("a")
		price, err := pricer.Price(t.Context(), o.Data, nil, provider.Context{
			OrderID: r.OrderID, Destination: r.Destination, CurrencyCode: "EUR", Lines: r.Lines,
		})
		switch {
		case err != nil:
			requireClass(t, err)
			if pricer.CanPrice(t.Context(), o.Data) {
				t.Errorf("option %s can be priced, but: %v", o.ID, err)
			}
		case !decimal(price.Amount) || len(price.CurrencyCode) != 3:
			t.Errorf("option %s: %+v is not a price", o.ID, price)
		}
	}
}

func testReturn(t *testing.T, p provider.Provider) {
	returner := capability[provider.Returner](t, p)
	request := Request("a")
	create(t, p, request)
	back := back(request)
	first, err := returner.CreateReturn(t.Context(), back)
	must(t, err)
	requireOutcome(t, first)
	if repeats(p) {
		second, err := returner.CreateReturn(t.Context(), back)
		must(t, err)
		requireSame(t, first, second)
		requireFound(t, p, askedBack(back, request), 1)
	}
}

func testDocuments(t *testing.T, p provider.Provider) {
	documenter := capability[provider.Documenter](t, p)
	query := asked(Request("a"))
	reference := create(t, p, Request("a")).Reference
	for _, kind := range []fulfillment.DocumentKind{
		fulfillment.DocumentLabel, fulfillment.DocumentInvoice, fulfillment.DocumentReturn,
	} {
		for _, of := range []string{reference, "no such reference"} {
			query.Reference = of
			documents, err := documenter.Documents(t.Context(), query, kind)
			if err != nil {
				requireClass(t, err)
			}
			for _, d := range documents {
				if d.Kind != kind || d.Name == "" || d.ContentType == "" || (d.URL == "") == (len(d.Content) == 0) {
					t.Errorf("%s of %q: %s", kind, of, describe(d))
				}
			}
		}
	}
}

func describe(d provider.Document) string {
	return fmt.Sprintf(
		"kind %q, name %q, type %q, URL %q, %d bytes", d.Kind, d.Name, d.ContentType, d.URL, len(d.Content),
	)
}
