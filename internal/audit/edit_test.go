package audit

import (
	"testing"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/worker/workertest"
)

// TestEditAfterUnitsWereCancelled: an edit that ships units anew which somebody cancelled, and no edit took away,
// orders them anew: what was ordered is what its fulfillment orders add up to.
func TestEditAfterUnitsWereCancelled(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	fo := s.Load(s.Order(s.Warehouse("Berlin").ID, 4))
	line := fo.Lines[0].LineItemID
	s.Send(fo.ID, &fulfillment.CancelUnits{LineItems: []fulfillment.Quantity{{ID: line, Quantity: 3}}})
	if _, err := s.Command.EditOrder(t.Context(), fulfillment.EditOrder{
		OrderID: fo.OrderID, SetQuantities: []fulfillment.Quantity{{ID: line, Quantity: 2}},
	}); err != nil {
		t.Fatal(err)
	}
	order, err := s.Store.Order(t.Context(), fo.OrderID)
	if err != nil {
		t.Fatal(err)
	}
	if l := order.LineItems[0]; l.Quantity != 5 {
		t.Errorf("%d units were ordered, want 4 and one more", l.Quantity)
	}
	report, err := Check(t.Context(), Sources{
		Database: devstacktest.Pool(t, string(s.Settings.Database.URL)), Store: s.Store, Temporal: s.Temporal,
		Namespace: s.Settings.Temporal.Namespace, Ledger: s.Ledger(),
	}, Witness{})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range report.Violations() {
		t.Errorf("order %d, fulfillment order %d: %s", v.OrderID, v.FulfillmentOrderID, v.What)
	}
}
