package workflows_test

import (
	"slices"
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/worker/workertest"
)

// TestFulfillmentNames are numbered over the whole order, whichever fulfillment order ships.
func TestFulfillmentNames(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	created, err := s.Command.CreateOrder(t.Context(), fulfillment.Order{Name: "#77", LineItems: []fulfillment.LineItem{
		{Title: "Blanket", Quantity: 2, LocationID: s.Warehouse("Berlin").ID},
		{Title: "Saddle", Quantity: 1, LocationID: s.Warehouse("Hamburg").ID},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range created.FulfillmentOrderIDs {
		s.Send(
			id,
			&fulfillment.CreateFulfillment{Lines: []fulfillment.Quantity{{ID: s.Load(id).Lines[0].ID, Quantity: 1}}},
		)
	}
	for _, id := range created.FulfillmentOrderIDs {
		if s.Load(id).RemainingUnits() > 0 {
			s.Send(id, &fulfillment.CreateFulfillment{})
		}
	}
	fos, err := s.Store.FulfillmentOrdersOf(t.Context(), created.OrderID)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, fo := range fos {
		for _, f := range fo.Fulfillments {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	if want := []string{"#77-F1", "#77-F2", "#77-F3"}; !slices.Equal(names, want) {
		t.Errorf("names are %v, want %v", names, want)
	}
}
