package fulfillment_test

import (
	"testing"

	"packhorse/internal/fulfillment"
)

// TestDeliveryMethodOfLines: a line says how it reaches the customer, and then whether it needs shipping; else the
// order says it for what needs shipping.
func TestDeliveryMethodOfLines(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	for name, test := range map[string]struct {
		order, line fulfillment.DeliveryMethodType
		ships       *bool
		want        fulfillment.DeliveryMethodType
		refused     string
	}{
		"nothing said":      {want: fulfillment.DeliveryShipping},
		"the order says it": {order: fulfillment.DeliveryLocal, want: fulfillment.DeliveryLocal},
		"the line knows better": {
			order: fulfillment.DeliveryLocal, line: fulfillment.DeliveryPickUp, ships: &yes,
			want: fulfillment.DeliveryPickUp,
		},
		"digital":                {order: fulfillment.DeliveryPickUp, ships: &no, want: fulfillment.DeliveryNone},
		"digital, said twice":    {line: fulfillment.DeliveryNone, ships: &no, want: fulfillment.DeliveryNone},
		"NONE needs no shipping": {line: fulfillment.DeliveryNone, want: fulfillment.DeliveryNone},
		"digital, but picked up": {
			line: fulfillment.DeliveryPickUp, ships: &no,
			refused: "must be NONE, or left out: the line needs no shipping (is PICK_UP)",
		},
		"shipped, but goes nowhere": {
			line: fulfillment.DeliveryNone, ships: &yes, refused: "must not be NONE: the line needs shipping",
		},
		"unknown": {
			line:    "PIGEON",
			refused: `must be one of SHIPPING, PICK_UP, NONE, RETAIL, LOCAL or PICKUP_POINT (is "PIGEON")`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := &fulfillment.Order{ID: 1, DeliveryMethod: test.order, LineItems: []fulfillment.LineItem{
				{Title: "Lamp", Quantity: 1, DeliveryMethod: test.line, RequiresShipping: test.ships}}}
			err := o.Complete(orderTime)
			switch {
			case err != nil && err.Error() != "lineItems[0].deliveryMethod: "+test.refused, err == nil && test.refused != "":
				t.Fatalf("got %v, want %q", err, test.refused)
			case err != nil:
				return
			}
			got := o.DeliveryMethodOf(o.LineItems[0])
			if got != test.want || o.LineItems[0].Ships() != (test.want != fulfillment.DeliveryNone) {
				t.Errorf("goes by %s and ships is %t, want %s", got, o.LineItems[0].Ships(), test.want)
			}
		})
	}
}
