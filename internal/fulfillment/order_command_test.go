package fulfillment_test

import (
	"encoding/json"
	"slices"
	"testing"

	"packhorse/internal/fulfillment"
)

func TestCheckCancelOrder(t *testing.T) {
	t.Parallel()
	at := orderTime
	units := []fulfillment.FulfillmentLine{{LineItemID: 11, Quantity: 1}}
	for name, c := range map[string]struct {
		view    fulfillment.OrderView
		message string // empty: allowed
		code    fulfillment.Code
	}{
		"nothing shipped": {fulfillment.OrderView{}, "", ""},
		"shipments taken back": {
			fulfillment.OrderView{Fulfillments: []fulfillment.FulfillmentView{{CancelledAt: &at, Lines: units}}}, "", "",
		},
		"service is at work": {fulfillment.OrderView{FulfillmentOrders: []fulfillment.FulfillmentOrderView{
			openOrder(fulfillment.StatusInProgress, fulfillment.RequestAccepted)}}, "", ""},
		"shipped": {fulfillment.OrderView{
			Fulfillments: []fulfillment.FulfillmentView{{CancelledAt: &at, Lines: units}, {Lines: units}},
		},
			"Cannot cancel an order that has outstanding fulfillments", fulfillment.CodeOrderShipped},
		"already cancelled": {fulfillment.OrderView{
			Cancelled: true, Fulfillments: []fulfillment.FulfillmentView{{Lines: units}},
		},
			"Cannot cancel an order that has already been canceled", fulfillment.CodeOrderCancelled},
		"returned": {fulfillment.OrderView{Lines: []fulfillment.OrderLineView{{Ordered: 1, Returned: 1}}},
			"Cannot cancel an order that has returns", fulfillment.CodeInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused := fulfillment.CheckCancelOrder(c.view)
			switch {
			case c.message == "":
				if refused != nil {
					t.Errorf("refused: %v", refused)
				}
			case refused == nil || refused.Message != c.message || refused.Code != c.code ||
				!slices.Equal(refused.Field, []string{"orderId"}):
				t.Errorf("got %+v, want %q on orderId", refused, c.message)
			}
		})
	}
}

// Callers in other languages write these commands by hand.
func TestOrderCommandsAsJSON(t *testing.T) {
	t.Parallel()
	for want, value := range map[string]any{
		`{"commandId":"c","orderId":"5","reason":"fraud"}`: fulfillment.CancelOrder{
			Meta: fulfillment.Meta{CommandID: "c"}, OrderID: 5, Reason: "fraud",
		},
		`{"orderId":"5","add":[{"title":"Mug","quantity":1}],"setQuantities":[{"id":"11","quantity":0}]}`: fulfillment.EditOrder{OrderID: 5,
			Add: []fulfillment.LineItem{{Title: "Mug", Quantity: 1}}, SetQuantities: []fulfillment.Quantity{{ID: 11}}},
		`{"orderId":"5","fulfillmentOrders":[{"fulfillmentOrderId":"7","outcome":"REFUSED","error":{"code":"INVALID_STATE","message":"m"}}]}`: fulfillment.OrderCancelled{
			OrderID: 5, FulfillmentOrders: []fulfillment.CancelledFulfillmentOrder{{FulfillmentOrderID: 7,
				Outcome: fulfillment.CancelOutcomeRefused,
				Error:   &fulfillment.Error{Code: fulfillment.CodeInvalidState, Message: "m"}}}},
		`{"orderId":"5","added":["8"],"lowered":[{"fulfillmentOrderId":"7","outcome":"CANCELLED"}]}`: fulfillment.OrderEdited{OrderID: 5, Added: []fulfillment.ID{8},
			Lowered: []fulfillment.CancelledFulfillmentOrder{
				{FulfillmentOrderID: 7, Outcome: fulfillment.CancelOutcomeCancelled},
			}},
	} {
		got, err := json.Marshal(value)
		if err != nil || string(got) != want {
			t.Errorf("got  %s, %v\nwant %s", got, err, want)
		}
	}
}
