package shipbob_test

import (
	"reflect"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/shipbob/shipbobtest"
)

func goods(r provider.Request, lines ...provider.RequestLine) provider.ReturnRequest {
	return provider.ReturnRequest{
		Key: fulfillment.EffectKey(r.FulfillmentOrderID, 9), RequestKey: r.Key,
		FulfillmentOrderID: r.FulfillmentOrderID, FulfillmentID: 99, OrderName: r.OrderName,
		ServiceID: r.ServiceID, Lines: lines,
	}
}

func askedBack(r provider.ReturnRequest) provider.Query {
	return provider.Query{Key: r.Key, Kind: fulfillment.EffectReturn, RequestKey: r.RequestKey, ServiceID: r.ServiceID}
}

// TestReturn: goods are announced once, as the inventory that they were shipped from; a lookup says what became of
// them.
func TestReturn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := request(1)
	w.create(t, r)
	w.server.Complete(reference(r), 0, "1ZA")
	back := goods(r, r.Lines[0])
	w.server.Fail(shipbobtest.Fault{Operation: "POST /return", Do: shipbobtest.FaultReset, After: true})
	if _, err := w.CreateReturn(t.Context(), back); provider.Classify(err) != provider.UnknownOutcome {
		t.Fatalf("%v, want its outcome unknown", err)
	}
	first, err := w.CreateReturn(t.Context(), back) // 422: it is there.
	if err != nil || first.Outcome != fulfillment.OutcomeAccepted || first.Data["rma"] != provider.PathKey(back.Key) {
		t.Fatalf("%+v, %v", first, err)
	}
	if n := w.server.Returns(provider.PathKey(back.Key)); n != 1 {
		t.Errorf("%d returns, want one", n)
	}
	w.server.PutReturn(provider.PathKey(back.Key), func(r *shipbobtest.Return) {
		r.Status, r.Actions = "Completed", map[int64]map[string]int{50000: {"Restock": 1}}
	})
	found := w.lookup(t, askedBack(back))
	want := map[string]any{"RESTOCKED": 1, "MISSING": 1}
	if len(found) != 1 || found[0].Reference != first.Reference {
		t.Fatalf("%+v, want the one return", found)
	}
	got := map[string]any{}
	for name, n := range found[0].Answer.Data["dispositions"].(map[string]int) {
		got[name] = n
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the goods became %v, want %v", got, want)
	}
}

// TestReturnOfTooMuch: more than ShipBob has shipped can't come back to it.
func TestReturnOfTooMuch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := request(1)
	w.create(t, r)
	line := r.Lines[0]
	line.Quantity = 5
	for name, back := range map[string]provider.ReturnRequest{
		"more than shipped": goods(r, line),
		"unknown order":     goods(request(2), r.Lines[0]),
	} {
		answer, err := w.CreateReturn(t.Context(), back)
		if err != nil || answer.Outcome != fulfillment.OutcomeRejected {
			t.Errorf("%s: %+v, %v; want it rejected", name, answer, err)
		}
	}
}
