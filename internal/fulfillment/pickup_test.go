package fulfillment_test

import (
	"testing"

	"packhorse/internal/fulfillment"
)

func TestPreparedForPickup(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		method    fulfillment.DeliveryMethodType
		status    fulfillment.Status
		remaining int
		want      fulfillment.Code // "": it can be said
	}{
		"open":          {fulfillment.DeliveryPickUp, fulfillment.StatusOpen, 2, ""},
		"in_progress":   {fulfillment.DeliveryPickUp, fulfillment.StatusInProgress, 2, ""},
		"nothing_left":  {fulfillment.DeliveryPickUp, fulfillment.StatusOpen, 0, fulfillment.CodeNothingToPrepare},
		"to_be_shipped": {fulfillment.DeliveryShipping, fulfillment.StatusOpen, 2, fulfillment.CodePickupInvalid},
		"on_hold":       {fulfillment.DeliveryPickUp, fulfillment.StatusOnHold, 2, fulfillment.CodePickupInvalid},
		"closed":        {fulfillment.DeliveryPickUp, fulfillment.StatusClosed, 0, fulfillment.CodePickupInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fo := &fulfillment.FulfillmentOrder{ID: 7, DeliveryMethod: test.method, Status: test.status,
				Lines: []fulfillment.Line{{Total: 2, Remaining: test.remaining}}}
			refused := fo.PreparedForPickup()
			if refused == nil && test.want != "" || refused != nil && refused.Code != test.want {
				t.Errorf("got %v, want %q", refused, test.want)
			}
		})
	}
}
