package fulfillment

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDecodeEvent: what was committed is read as it was decided, with the types of what it is about.
func TestDecodeEvent(t *testing.T) {
	t.Parallel()
	held := done(t, inState(ownLocation, StatusOpen, RequestUnsubmitted), &PlaceHold{Reason: HoldOther, Handle: "a"})
	step := held.Transitions[0]
	bare := Transition{FulfillmentOrderID: 1, Sequence: 9, Kind: KindOpened, At: testTime, After: step.After}
	order := &OrderTransition{
		OrderID: 2, Sequence: 3, Kind: OrderKindUpdated, At: testTime,
		Before: &OrderStatuses{OrderUnfulfilled, OrderStatusNotFulfilled}, Details: &OrderDetails{Update: 1},
	}
	for _, want := range Events(2, order, []Transition{step, bare}) {
		payload, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeEvent(payload)
		if err != nil {
			t.Fatal(err)
		}
		want.Version = EventVersion
		if diff := cmp.Diff(&want, got); diff != "" {
			t.Errorf("%s: %s", want.Kind, diff)
		}
	}
	for name, payload := range map[string]string{
		"no_object":   `7`,
		"other_state": `{"orderId":"2","fulfillmentOrderId":"1","after":[]}`,
	} {
		if e, err := DecodeEvent([]byte(payload)); err == nil {
			t.Errorf("%s is read as %+v", name, e)
		}
	}
	of, err := DecodeEvent([]byte(`{"orderId":"2","returnId":"5","after":{"status":"OPEN"}}`))
	if err != nil || of.ReturnID != 5 {
		t.Fatalf("what is about a return: %+v, %v", of, err)
	}
	if after, ok := of.After.(json.RawMessage); !ok || string(after) != `{"status":"OPEN"}` || of.Before != nil {
		t.Errorf("what is about a return: %+v", of)
	}
	if e, err := DecodeEvent([]byte(`{"kind":"FEED","details":{"after":1}}`)); err != nil || e.Details != nil {
		t.Errorf("what is about no order: %+v, %v", e, err)
	}
}
