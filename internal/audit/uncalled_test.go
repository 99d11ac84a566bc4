package audit

import (
	"fmt"
	"testing"

	"packhorse/internal/fulfillment"
)

// TestRefusedUncalled: a provider that doesn't have the option that an order chose says no without being called, and
// the check finds nothing wrong with that. It does so with any other answer that the provider has never given.
func TestRefusedUncalled(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	created, err := s.Command.CreateOrder(t.Context(), fulfillment.Order{
		ShippingOption: &fulfillment.ShippingOption{ID: "nonsense"},
		LineItems: []fulfillment.LineItem{{
			Title: "Blanket", SKU: "BLANKET", Quantity: 1, LocationID: s.service("Nordlicht", nil),
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	orderID, id := created.OrderID, created.FulfillmentOrderIDs[0]
	s.saw.Orders = append(s.saw.Orders, orderID)
	s.send(id, &fulfillment.SubmitFulfillmentRequest{})
	s.Eventually(id, "rejected", func(fo *fulfillment.FulfillmentOrder) bool {
		return fo.RequestStatus == fulfillment.RequestRejected
	})
	comesToRest(t, s.on(t, string(s.Settings.Database.URL)))
	frozen := s.frozen(t)
	for name, c := range map[string]struct {
		sql  string
		want []blame
	}{
		"as_it_was": {sql: fmt.Sprintf(`UPDATE orders SET id = id WHERE id = %d`, orderID)},
		"an_option_that_there_is": {
			fmt.Sprintf(`UPDATE orders SET shipping_option = '{"id": "simulated-fulfillment"}' WHERE id = %d`, orderID),
			[]blame{{IntentsResolved, orderID, id}},
		},
		"no_option": {
			fmt.Sprintf(`UPDATE orders SET shipping_option = NULL WHERE id = %d`, orderID),
			[]blame{{IntentsResolved, orderID, id}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var found []blame
			a := newAuditor(s.broken(t, frozen, c.sql))
			report, err := a.run(t.Context(), s.saw, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, assertion := range report.Assertions {
				for _, v := range assertion.Violations {
					found = append(found, blame{assertion.Name, v.OrderID, v.FulfillmentOrderID})
				}
			}
			requireBlames(t, found, c.want...)
		})
	}
}
