package workflows_test

import (
	"context"
	"slices"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// TestOrderCommandsAfterSetBack has the database set back after commands that concern more than one fulfillment order
// were answered, and nobody has found that yet: what comes again is carried out again, for what was answered is not so
// any more.
func TestOrderCommandsAfterSetBack(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	location := s.Warehouse("Berlin").ID
	order := func() *fulfillment.OrderRecord {
		order, err := s.Store.Order(t.Context(), s.Load(s.Order(location, 2)).OrderID)
		if err != nil {
			t.Fatal(err)
		}
		return order
	}
	once := func() fulfillment.Meta {
		return fulfillment.Meta{CommandID: "once", FirstID: new(fulfillment.Minter).Mint()}
	}
	note := "Ring twice"
	cancelled, edited, updated, closed := order(), order(), order(), order()
	service := s.Service(fulfillment.Service{Name: "Northern", CallbackURL: "https://example.com"})
	deletion := temporalio.DeleteService{ServiceDeletion: fulfillment.ServiceDeletion{
		ID: service.ID, CommandID: "once", InventoryAction: fulfillment.InventoryDelete,
	}}
	cancel := fulfillment.CancelOrder{Meta: once(), OrderID: cancelled.ID, Reason: "changed mind"}
	edit := fulfillment.EditOrder{Meta: once(), OrderID: edited.ID, SetQuantities: []fulfillment.Quantity{
		{ID: edited.LineItems[0].ID, Quantity: 1},
	}}
	update := fulfillment.UpdateOrder{Meta: once(), OrderID: updated.ID}
	update.Note = &note
	same := fulfillment.UpdateOrder{Meta: once(), OrderID: closed.ID}
	same.CommandID, same.Note = "same", new("")
	put := fulfillment.CloseOrder{Meta: once(), OrderID: closed.ID}
	unchanged := func(ctx context.Context, _ *fulfillment.OrderRecord) bool {
		_, err := s.Store.UnchangedBy(ctx, closed.ID, "same")
		return err == nil
	}
	commands := []struct {
		name  string
		order fulfillment.ID
		send  func(ctx context.Context) error
		done  func(ctx context.Context, order *fulfillment.OrderRecord) bool
	}{
		{"cancel", cancelled.ID, func(ctx context.Context) error {
			_, err := s.Updates.CancelOrder(ctx, cancel)
			return err
		}, func(ctx context.Context, order *fulfillment.OrderRecord) bool {
			fos, err := s.Store.FulfillmentOrdersOf(ctx, order.ID)
			return err == nil && order.CancelledAt != nil && fos[0].Status == fulfillment.StatusClosed
		}},
		{"edit", edited.ID, func(ctx context.Context) error {
			_, err := s.Updates.EditOrder(ctx, edit)
			return err
		}, func(ctx context.Context, order *fulfillment.OrderRecord) bool {
			fos, err := s.Store.FulfillmentOrdersOf(ctx, order.ID)
			return err == nil && order.CurrentQuantities[0].Quantity == 1 && fos[0].RemainingUnits() == 1
		}},
		{"update", updated.ID, func(ctx context.Context) error {
			_, err := s.Updates.UpdateOrder(ctx, update)
			return err
		}, func(_ context.Context, order *fulfillment.OrderRecord) bool { return order.Note == note }},
		{"update that changes nothing", closed.ID, func(ctx context.Context) error {
			_, err := s.Updates.UpdateOrder(ctx, same)
			return err
		}, unchanged},
		{"close", closed.ID, func(ctx context.Context) error {
			_, err := s.Updates.CloseOrder(ctx, put)
			return err
		}, func(_ context.Context, order *fulfillment.OrderRecord) bool { return order.ClosedAt != nil }},
		{"deletion of a service", closed.ID, func(ctx context.Context) error {
			return s.Updates.DeleteService(ctx, deletion)
		}, func(ctx context.Context, _ *fulfillment.OrderRecord) bool {
			there, err := s.Store.ServicesByID(ctx, []fulfillment.ID{service.ID})
			return err == nil && there[0] == nil
		}},
	}
	setBack := s.Copy()
	for _, command := range commands {
		if err := command.send(t.Context()); err != nil {
			t.Fatalf("%s: %v", command.name, err)
		}
	}
	setBack()
	for _, command := range commands {
		t.Run(command.name, func(t *testing.T) {
			if err := command.send(t.Context()); err != nil {
				t.Fatal(err)
			}
			order, err := s.Store.Order(t.Context(), command.order)
			if err != nil {
				t.Fatal(err)
			}
			if !command.done(t.Context(), order) {
				t.Error("it is answered, and the store does not have it")
			}
			if command.order != 0 {
				replays(t, s, temporalio.OrderID(command.order))
			}
		})
	}
}

// TestSetBackAmidACommandOnAnOrder has the database set back when one of an order's fulfillment orders has given up its
// units, and the other has not been asked yet: the answer is only given when both have.
func TestSetBackAmidACommandOnAnOrder(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	locations := []fulfillment.ID{s.Warehouse("Berlin").ID, s.Warehouse("Hamburg").ID}
	for name, test := range map[string]struct {
		send func(s *workertest.Stack, order *fulfillment.OrderRecord) error
		done func(order *fulfillment.OrderRecord, fo *fulfillment.FulfillmentOrder) bool
	}{
		"cancel": {func(s *workertest.Stack, order *fulfillment.OrderRecord) error {
			cmd := fulfillment.CancelOrder{OrderID: order.ID, Reason: "changed mind"}
			cmd.CommandID, cmd.FirstID = "amid", new(fulfillment.Minter).Mint()
			_, err := s.Updates.CancelOrder(t.Context(), cmd)
			return err
		}, func(order *fulfillment.OrderRecord, fo *fulfillment.FulfillmentOrder) bool {
			return order.CancelledAt != nil && fo.Status == fulfillment.StatusClosed
		}},
		"edit": {func(s *workertest.Stack, order *fulfillment.OrderRecord) error {
			cmd := fulfillment.EditOrder{OrderID: order.ID}
			for _, line := range order.LineItems {
				cmd.SetQuantities = append(cmd.SetQuantities, fulfillment.Quantity{ID: line.ID, Quantity: 1})
			}
			cmd.CommandID, cmd.FirstID = "amid", new(fulfillment.Minter).Mint()
			_, err := s.Updates.EditOrder(t.Context(), cmd)
			return err
		}, func(order *fulfillment.OrderRecord, fo *fulfillment.FulfillmentOrder) bool {
			return order.CurrentQuantities[0].Quantity == 1 && fo.RemainingUnits() == 1
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := s.For(t)
			created, err := s.Command.CreateOrder(t.Context(), fulfillment.Order{
				LineItems: append(blankets(2, locations[0]), blankets(2, locations[1])...),
			})
			if err != nil {
				t.Fatal(err)
			}
			order, err := s.Store.Order(t.Context(), created.OrderID)
			if err != nil {
				t.Fatal(err)
			}
			// An edit takes units from the newest first.
			one, other := slices.Max(created.FulfillmentOrderIDs), slices.Min(created.FulfillmentOrderIDs)
			const by = "Merge of a test"
			if _, err := s.Updates.Reserve(t.Context(), other, by); err != nil {
				t.Fatal(err)
			}
			before := s.Load(one).Sequence
			setBack := s.Copy()
			sent := make(chan error, 1)
			go func() { sent <- test.send(s, order) }()
			s.Eventually(one, "it has given up its units", func(fo *fulfillment.FulfillmentOrder) bool {
				return fo.Sequence > before
			})
			setBack()
			if err := s.Updates.Abort(t.Context(), other, by); err != nil {
				t.Fatal(err)
			}
			if err := <-sent; err != nil {
				t.Fatal(err)
			}
			if order, err = s.Store.Order(t.Context(), created.OrderID); err != nil {
				t.Fatal(err)
			}
			for _, id := range []fulfillment.ID{one, other} {
				if fo := s.Load(id); !test.done(order, fo) {
					t.Errorf("fulfillment order %d is %s, with %d units", id, fo.Status, fo.RemainingUnits())
				}
			}
			replays(t, s, temporalio.OrderID(order.ID))
		})
	}
}

// TestSetBackAmidAJointCommand has the database set back when one of two fulfillment orders is reserved at a state that
// the store does not have any more. No number is given twice, and what is lost is found.
func TestSetBackAmidAJointCommand(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	p := newParcels(t, s, s.Warehouse("Berlin").ID, 2, 2)
	one, other := slices.Min(p.ids), slices.Max(p.ids) // They are reserved by ID.
	before := s.Load(one).Sequence
	setBack := s.Copy()
	last := s.Send(one, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther}).Sequence
	const by = "Merge of a test"
	if _, err := s.Updates.Reserve(t.Context(), other, by); err != nil {
		t.Fatal(err)
	}
	cmd := &fulfillment.SetDeadlines{FulfillmentOrderIDs: p.ids, FulfillBy: in(48 * time.Hour)}
	cmd.CommandID, cmd.FirstID = "amid", new(fulfillment.Minter).Mint()
	sent := make(chan error, 1)
	go func() {
		_, err := s.Updates.Joint(t.Context(), p.orderID, cmd)
		sent <- err
	}()
	reserved := func(id fulfillment.ID, times int) func() bool {
		return func() bool {
			return count(history(t, s, temporalio.FulfillmentOrderID(id)),
				enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED) >= times
		}
	}
	accepted := count(history(t, s, temporalio.FulfillmentOrderID(other)),
		enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED)
	workertest.WaitFor(t, "the other one to be asked", reserved(other, accepted+1))
	setBack()
	if err := s.Updates.Abort(t.Context(), other, by); err != nil {
		t.Fatal(err)
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	fo := s.Load(one)
	page, err := s.Store.Transitions(t.Context(), one, postgres.Page{})
	if err != nil {
		t.Fatal(err)
	}
	next := page.Items[before]
	if next.Kind != fulfillment.KindRestored || next.Sequence <= last {
		t.Errorf("after transition %d comes %s with number %d, and %d was given", before, next.Kind, next.Sequence, last)
	}
	if loss, err := s.Store.LossOf(t.Context(), 0, one); err != nil || loss.To != last {
		t.Errorf("what was lost is %+v (%v)", loss, err)
	}
	if fo.FulfillBy == nil || s.Load(other).FulfillBy == nil || len(fo.Holds) != 0 {
		t.Errorf("it is %+v", fo)
	}
	replays(t, s, temporalio.OrderID(p.orderID))
	replays(t, s, temporalio.FulfillmentOrderID(one))
}
