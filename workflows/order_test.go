package workflows_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"go.temporal.io/api/serviceerror"

	"packhorse/activities"
	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
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
	cancelled, err := s.Command.CancelOrder(
		t.Context(), fulfillment.CancelOrder{OrderID: created.OrderID, Reason: "customer changed their mind"},
	)
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
	if fo := s.Load(served); fo.Status != fulfillment.StatusClosed ||
		fo.RequestStatus != fulfillment.RequestCancellationAccepted {
		t.Errorf("the service's one is %s/%s, want CLOSED/CANCELLATION_ACCEPTED", fo.Status, fo.RequestStatus)
	}
	_, err = s.Command.CancelOrder(t.Context(), fulfillment.CancelOrder{OrderID: created.OrderID})
	if refused, ok := fulfillment.AsError(err); !ok ||
		refused.Message != "Cannot cancel an order that has already been canceled" {
		t.Errorf("the second cancellation gave %v", err)
	}
	replays(t, s, temporalio.OrderID(created.OrderID))
}

// TestCancelOrderIsWhole: where a service has refused to stop, nothing of the order is cancelled.
func TestCancelOrderIsWhole(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	north := s.Service(fulfillment.Service{Name: "North", Provider: "manual"})
	created, err := s.Command.CreateOrder(t.Context(), fulfillment.Order{LineItems: []fulfillment.LineItem{
		{Title: "Lantern", Quantity: 2, LocationID: s.Warehouse("Berlin").ID},
		{Title: "Canoe", Quantity: 1, LocationID: north.LocationID},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range created.FulfillmentOrderIDs {
		if s.Load(id).AssignedLocation.AtService() {
			s.Send(id, &fulfillment.SubmitFulfillmentRequest{})
			s.Send(id, &fulfillment.AcceptFulfillmentRequest{})
			s.Send(id, &fulfillment.SubmitCancellationRequest{})
			s.Send(id, &fulfillment.RejectCancellationRequest{})
		}
	}
	_, err = s.Command.CancelOrder(t.Context(), fulfillment.CancelOrder{OrderID: created.OrderID})
	if refused, ok := fulfillment.AsError(err); !ok || refused.Code != fulfillment.CodeInvalidState {
		t.Errorf("the cancellation gave %v", err)
	}
	for _, id := range created.FulfillmentOrderIDs {
		if fo := s.Load(id); fo.Status == fulfillment.StatusClosed || fo.RemainingUnits() == 0 || fo.OrderCancelled {
			t.Errorf("%d is %s with %d units", id, fo.Status, fo.RemainingUnits())
		}
	}
	order, err := s.Store.Order(t.Context(), created.OrderID)
	if err != nil || order.CancelledAt != nil {
		t.Errorf("the order is cancelled at %v, %v", order.CancelledAt, err)
	}
}

func TestCancelOrderWithFulfillments(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	s.Send(id, &fulfillment.CreateFulfillment{})
	_, err := s.Command.CancelOrder(t.Context(), fulfillment.CancelOrder{OrderID: s.Load(id).OrderID})
	if refused, ok := fulfillment.AsError(err); !ok ||
		refused.Message != "Cannot cancel an order that has outstanding fulfillments" {
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

// TestEditOrderRaises raises quantities, also of a line that is shipped and of one that was taken out: what is more is
// shipped in a fulfillment order of its own, which the answer names.
func TestEditOrderRaises(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 2)
	fo := s.Load(id)
	s.Send(id, &fulfillment.CreateFulfillment{})
	edit := func(commandID string, quantity int) (fulfillment.OrderEdited, error) {
		c := fulfillment.EditOrder{
			OrderID:       fo.OrderID,
			SetQuantities: []fulfillment.Quantity{{ID: fo.Lines[0].LineItemID, Quantity: quantity}},
		}
		c.CommandID = commandID
		return s.Command.EditOrder(t.Context(), c)
	}
	edited, err := edit("up", 5)
	if err != nil || len(edited.FulfillmentOrderIDs) != 1 {
		t.Fatalf("%+v, %v", edited, err)
	}
	made := s.Load(edited.FulfillmentOrderIDs[0])
	if made.Status != fulfillment.StatusOpen || made.RemainingUnits() != 3 ||
		made.Lines[0].LineItemID != fo.Lines[0].LineItemID ||
		!slices.Equal(edited.WorkflowIDs, []string{temporalio.FulfillmentOrderID(made.ID)}) {
		t.Errorf("made %+v, named %+v", made, edited)
	}
	again, err := edit("up", 5)
	if err != nil || !slices.Equal(again.FulfillmentOrderIDs, edited.FulfillmentOrderIDs) {
		t.Errorf("the same again: %+v, %v", again, err)
	}
	if _, err := edit("down", 2); err != nil {
		t.Fatal(err)
	}
	if _, err := edit("too far down", 1); err == nil {
		t.Error("a shipped unit was taken out")
	}
	last, err := edit("up again", 3)
	if err != nil || len(last.FulfillmentOrderIDs) != 1 {
		t.Fatalf("%+v, %v", last, err)
	}
	s.Send(last.FulfillmentOrderIDs[0], &fulfillment.CreateFulfillment{})
	order, err := s.Store.Order(t.Context(), fo.OrderID)
	if err != nil {
		t.Fatal(err)
	}
	// 2 at first, 3 more, which were taken out, and 1 more.
	if got := order.LineItems[0].Quantity; got != 6 || order.CurrentQuantities[0].Quantity != 3 ||
		order.DisplayFulfillmentStatus != fulfillment.OrderFulfilled {
		t.Errorf("%d were ever ordered, %v now, %s", got, order.CurrentQuantities, order.DisplayFulfillmentStatus)
	}
	whole(t, s, fo.OrderID)
	replays(t, s, temporalio.OrderID(fo.OrderID))
}

func TestSameOrderTwice(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	order := fulfillment.Order{
		SourceIdentifier: "shop-77",
		LineItems:        []fulfillment.LineItem{{Title: "Blanket", Quantity: 1, LocationID: s.Warehouse("Berlin").ID}},
	}
	first, err := s.Command.CreateOrder(t.Context(), order)
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Command.CreateOrder(t.Context(), order)
	if err != nil {
		t.Fatal(err)
	}
	if !again.Repeated || again.OrderID != first.OrderID || len(again.FulfillmentOrderIDs) != 1 ||
		again.FulfillmentOrderIDs[0] != first.FulfillmentOrderIDs[0] {
		t.Errorf("the second time gave %+v, the first time %+v", again, first)
	}
}

func TestOtherOrderWithSameID(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	berlin := s.Warehouse("Berlin").ID
	order := func(id fulfillment.ID, source string, quantity int) fulfillment.Order {
		return fulfillment.Order{
			ID: id, SourceIdentifier: source,
			LineItems: []fulfillment.LineItem{{Title: "Blanket", Quantity: quantity, LocationID: berlin}},
		}
	}
	if _, err := s.Command.CreateOrder(t.Context(), order(7, "shop-7", 1)); err != nil {
		t.Fatal(err)
	}
	for name, other := range map[string]fulfillment.Order{
		"other lines": order(7, "shop-7", 2), "other ID": order(8, "shop-7", 1),
	} {
		_, err := s.Command.CreateOrder(t.Context(), other)
		if refused, ok := fulfillment.AsError(err); !ok || refused.Code != fulfillment.CodeOrderExists {
			t.Errorf("%s: got %v, want a refusal with code %s", name, err, fulfillment.CodeOrderExists)
		}
	}
}

// TestEditOrderIsWhole refuses lines that nobody can ship before it lowers anything, and knows an edit again.
func TestEditOrderIsWhole(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	location, err := s.Store.AddLocation(
		t.Context(), fulfillment.Location{Name: "Berlin", Active: true, SKUs: []string{"BLANKET"}},
	)
	if err != nil {
		t.Fatal(err)
	}
	id := s.Order(location.ID, 5)
	fo := s.Load(id)
	edit := func(commandID string, quantity int, add ...fulfillment.LineItem) (fulfillment.OrderEdited, error) {
		c := fulfillment.EditOrder{
			OrderID:       fo.OrderID,
			SetQuantities: []fulfillment.Quantity{{ID: fo.Lines[0].LineItemID, Quantity: quantity}}, Add: add,
		}
		c.CommandID = commandID
		return s.Command.EditOrder(t.Context(), c)
	}
	_, err = edit("one", 3, fulfillment.LineItem{Title: "Moon", SKU: "MOON", Quantity: 1})
	if refused, ok := fulfillment.AsError(err); !ok || refused.Code != fulfillment.CodeUnroutable {
		t.Errorf("got %v, want a refusal with code %s", err, fulfillment.CodeUnroutable)
	}
	if units := s.Load(id).RemainingUnits(); units != 5 {
		t.Errorf("a refused edit left %d of 5 units", units)
	}
	first, err := edit("two", 3, fulfillment.LineItem{Title: "Blanket", SKU: "BLANKET", Quantity: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := edit("three", 2); err != nil {
		t.Fatal(err)
	}
	again, err := edit("two", 3, fulfillment.LineItem{Title: "Blanket", SKU: "BLANKET", Quantity: 1})
	if err != nil || len(again.Added) != 1 || again.Added[0] != first.Added[0] {
		t.Errorf("the repeated edit gave %+v and %v, the first one %+v", again, err, first)
	}
	if units := s.Load(id).RemainingUnits(); units != 2 {
		t.Errorf("%d units after the repeated edit, want 2", units)
	}
}

// TestRepeatedCancelOrder repeats a cancellation after another command has taken its run's place.
func TestRepeatedCancelOrder(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	cancel := fulfillment.CancelOrder{OrderID: s.Load(id).OrderID}
	cancel.CommandID = "cancel"
	first, err := s.Command.CancelOrder(t.Context(), cancel)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Command.CancelOrder(t.Context(), fulfillment.CancelOrder{OrderID: cancel.OrderID}); err == nil {
		t.Error("another cancellation succeeded")
	}
	again, err := s.Command.CancelOrder(t.Context(), cancel)
	if err != nil || len(again.FulfillmentOrders) != 1 || again.FulfillmentOrders[0] != first.FulfillmentOrders[0] {
		t.Errorf("repeated: %+v and %v, first %+v", again, err, first)
	}
}

// TestCancelOrderWhileShipping lets a shipment and a cancellation of the order race: whoever wins, an order that
// counts as cancelled has no shipment.
func TestCancelOrderWhileShipping(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	berlin := s.Warehouse("Berlin").ID
	for range 5 {
		id := s.Order(berlin, 2)
		orderID := s.Load(id).OrderID
		shipped := make(chan error, 1)
		go func() {
			_, err := s.Command.Send(t.Context(), id, &fulfillment.CreateFulfillment{})
			shipped <- err
		}()
		cancelled, err := s.Command.CancelOrder(t.Context(), fulfillment.CancelOrder{OrderID: orderID})
		if _, refused := fulfillment.AsError(err); err != nil && !refused {
			t.Fatal(err)
		}
		if _, refused := fulfillment.AsError(<-shipped); refused == s.Load(id).Shipped() {
			t.Errorf("shipping was refused: %t, but units are shipped: %t", refused, !refused)
		}
		order, err := s.Store.Order(t.Context(), orderID)
		if err != nil {
			t.Fatal(err)
		}
		if order.CancelledAt != nil && s.Load(id).Shipped() {
			t.Errorf("the order is cancelled, and shipped: %+v", cancelled.FulfillmentOrders)
		}
	}
}

// TestCreateOrderOfBefore gives an order to the activity in both of its ways: runs of before start what the order
// became themselves.
func TestCreateOrderOfBefore(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	conn := database(t, s)
	host := &activities.Activities{Store: s.Store, Workflows: s.Updates}
	berlin, hamburg := s.Warehouse("Berlin").ID, s.Warehouse("Hamburg").ID
	order := func() *fulfillment.Order { // The activity completes it.
		return &fulfillment.Order{ID: 4711, Name: "#1", CommandID: "c", FirstID: 1 << 40,
			LineItems: []fulfillment.LineItem{
				{
					Title: "Blanket", Quantity: 1, LocationID: berlin,
				}, {Title: "Saddle", Quantity: 1, LocationID: hamburg}}}
	}
	now := time.Now().UTC()
	left, err := host.CreateOrder(t.Context(), activities.CreateOrderInput{Order: order(), Now: now})
	if err != nil || len(left.FulfillmentOrders) != 2 || left.Started {
		t.Fatalf("%v, %+v", err, left)
	}
	for _, fo := range left.FulfillmentOrders {
		_, err := s.Temporal.DescribeWorkflowExecution(t.Context(), temporalio.FulfillmentOrderID(fo.ID), "")
		if !errors.As(err, new(*serviceerror.NotFound)) {
			t.Errorf("%s was started: %v", temporalio.FulfillmentOrderID(fo.ID), err)
		}
	}
	for range 2 { // The second time, they have been started, and nobody would ship it any more.
		created, err := host.CreateOrder(
			t.Context(), activities.CreateOrderInput{Order: order(), Now: now.Add(time.Second), Start: true},
		)
		if err != nil || !created.Started || len(created.FulfillmentOrders) != 2 {
			t.Fatalf("%v, %+v", err, created)
		}
		for i, fo := range left.FulfillmentOrders {
			if got := created.FulfillmentOrders[i]; got.ID != fo.ID || got.AssignedLocation != fo.AssignedLocation {
				t.Errorf("%d at %+v, want %d at %+v", got.ID, got.AssignedLocation, fo.ID, fo.AssignedLocation)
			}
			if state := s.State(fo.ID); state.Sequence != 1 || !state.CreatedAt.Equal(now) {
				t.Errorf("%d lives as %d of %v, want the first of %v", fo.ID, state.Sequence, state.CreatedAt, now)
			}
		}
		if _, err := conn.Exec(t.Context(), "UPDATE locations SET active = false"); err != nil {
			t.Fatal(err)
		}
	}
	other := order()
	other.ID, other.LineItems[0].Quantity = 4712, 2
	_, err = host.CreateOrder(t.Context(), activities.CreateOrderInput{Order: other, Now: now, Start: true})
	if refused, ok := temporalio.Refusal(err); !ok || refused.Code != fulfillment.CodeUnroutable {
		t.Errorf("%v, want an order refused that nobody ships", err)
	}
}
