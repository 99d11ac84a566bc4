package workflows_test

import (
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/worker/workertest"
	"packhorse/workflows"
)

func TestCancelOrder(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	berlin := s.Warehouse("Berlin")
	north := s.Service(fulfillment.Service{Name: "North", Provider: "manual"})
	created, err := s.Command.CreateOrder(t.Context(), fulfillment.Order{LineItems: []fulfillment.LineItem{
		{Title: "Blanket", Quantity: 2, LocationID: berlin.ID},
		{Title: "Saddle", Quantity: 1, LocationID: north.LocationID},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var own, served fulfillment.ID
	for _, id := range created.FulfillmentOrderIDs {
		if s.Load(id).AssignedLocation.AtService() {
			served = id
		} else {
			own = id
		}
	}
	s.Send(served, &fulfillment.SubmitFulfillmentRequest{})
	s.Send(served, &fulfillment.AcceptFulfillmentRequest{})
	cancelled, err := s.Command.CancelOrder(t.Context(), fulfillment.CancelOrder{OrderID: created.OrderID, Reason: "customer changed their mind"})
	if err != nil {
		t.Fatal(err)
	}
	outcomes := map[fulfillment.ID]fulfillment.CancelOutcome{}
	for _, fo := range cancelled.FulfillmentOrders {
		outcomes[fo.FulfillmentOrderID] = fo.Outcome
	}
	if outcomes[own] != fulfillment.CancelOutcomeCancelled || outcomes[served] != fulfillment.CancelOutcomeRequested {
		t.Errorf("outcomes are %v, want the own one cancelled and the service asked", outcomes)
	}
	if fo := s.Load(own); fo.Status != fulfillment.StatusClosed || fo.RemainingUnits() != 0 {
		t.Errorf("own one is %s with %d units, want CLOSED with none", fo.Status, fo.RemainingUnits())
	}
	s.Send(served, &fulfillment.AcceptCancellationRequest{})
	if fo := s.Load(served); fo.Status != fulfillment.StatusClosed || fo.RequestStatus != fulfillment.RequestCancellationAccepted {
		t.Errorf("the service's one is %s/%s, want CLOSED/CANCELLATION_ACCEPTED", fo.Status, fo.RequestStatus)
	}
	_, err = s.Command.CancelOrder(t.Context(), fulfillment.CancelOrder{OrderID: created.OrderID})
	if refused, ok := fulfillment.AsError(err); !ok || refused.Message != "Cannot cancel an order that has already been canceled" {
		t.Errorf("the second cancellation gave %v", err)
	}
	replays(t, s, workflows.OrderID(created.OrderID))
}

func TestCancelOrderWithFulfillments(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	s.Send(id, &fulfillment.CreateFulfillment{})
	_, err := s.Command.CancelOrder(t.Context(), fulfillment.CancelOrder{OrderID: s.Load(id).OrderID})
	if refused, ok := fulfillment.AsError(err); !ok || refused.Message != "Cannot cancel an order that has outstanding fulfillments" {
		t.Errorf("got %v, want Shopify's refusal", err)
	}
}

func TestEditOrder(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 3)
	fo := s.Load(id)
	edited, err := s.Command.EditOrder(t.Context(), fulfillment.EditOrder{
		OrderID:       fo.OrderID,
		Add:           []fulfillment.LineItem{{Title: "Bridle", Quantity: 1}},
		SetQuantities: []fulfillment.Quantity{{ID: fo.Lines[0].LineItemID, Quantity: 1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if units := s.Load(id).TotalUnits(); units != 1 {
		t.Errorf("%d units left after lowering to 1", units)
	}
	if len(edited.Added) != 1 || s.Load(edited.Added[0]).Status != fulfillment.StatusOpen {
		t.Errorf("the added line became %v, want one open fulfillment order", edited.Added)
	}
	s.Send(edited.Added[0], &fulfillment.CreateFulfillment{})
}

func TestSameOrderTwice(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	order := fulfillment.Order{SourceIdentifier: "shop-77", LineItems: []fulfillment.LineItem{{Title: "Blanket", Quantity: 1, LocationID: s.Warehouse("Berlin").ID}}}
	first, err := s.Command.CreateOrder(t.Context(), order)
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Command.CreateOrder(t.Context(), order)
	if err != nil {
		t.Fatal(err)
	}
	if !again.Repeated || again.OrderID != first.OrderID || len(again.FulfillmentOrderIDs) != 1 || again.FulfillmentOrderIDs[0] != first.FulfillmentOrderIDs[0] {
		t.Errorf("the second time gave %+v, the first time %+v", again, first)
	}
}
