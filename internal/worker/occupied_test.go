package worker_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/update"
	"packhorse/internal/worker/workertest"
)

// A run of somebody else's that sits on a workflow ID of ours is named, with what to do, to whoever needs the ID; and
// the same goes through once it has ended.
func TestOccupiedIDIsNamed(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	shelf := s.Warehouse("Shelf")
	id := s.Order(shelf.ID, 2)
	fo := s.Load(id)

	occupy := func(t *testing.T, workflowID, workflowType, queue string) (end func()) {
		t.Helper()
		options := client.StartWorkflowOptions{ID: workflowID, TaskQueue: queue}
		run, err := s.Temporal.ExecuteWorkflow(t.Context(), options, workflowType)
		if err != nil {
			t.Fatal(err)
		}
		return func() {
			t.Helper()
			if err := s.Temporal.TerminateWorkflow(t.Context(), workflowID, run.GetRunID(), "test"); err != nil {
				t.Fatal(err)
			}
		}
	}
	named := func(t *testing.T, workflowID, workflowType, queue string, try func() error) {
		t.Helper()
		began := time.Now()
		err := try()
		refused, ok := fulfillment.AsError(err)
		if !ok || refused.Code != fulfillment.CodeUnavailable {
			t.Fatalf("got %T %v", err, err)
		}
		for _, want := range []string{
			workflowID, `"` + workflowType + `"`, `"` + queue + `"`, "temporal workflow terminate", "send the same again",
		} {
			if !strings.Contains(refused.Message, want) {
				t.Errorf("%q does not have %s", refused.Message, want)
			}
		}
		if waited, ok := errors.AsType[*update.Unanswered](err); !ok {
			t.Errorf("it is a %T", err)
		} else if step, _ := waited.WhatToDo(); !strings.Contains(step, "terminate --workflow-id "+workflowID) {
			t.Errorf("what to do is %q", step)
		}
		if took := time.Since(began); took > 15*time.Second {
			t.Errorf("it took %v", took)
		}
	}

	t.Run("of_a_fulfillment_order", func(t *testing.T) {
		workflowID := temporalio.FulfillmentOrderID(id)
		if err := s.Temporal.TerminateWorkflow(t.Context(), workflowID, "", "test"); err != nil {
			t.Fatal(err)
		}
		hold := &fulfillment.PlaceHold{Reason: "OTHER"}
		send := func() error {
			_, err := s.Command.Send(t.Context(), id, hold)
			return err
		}
		// Another type that our own worker doesn't know, or one of ours on a queue that nobody takes from.
		for _, other := range []struct{ workflowType, queue string }{
			{"Squatter", "elsewhere"}, {temporalio.FulfillmentOrderType, "elsewhere"},
		} {
			end := occupy(t, workflowID, other.workflowType, other.queue)
			named(t, workflowID, other.workflowType, other.queue, send)
			end()
		}
		if err := send(); err != nil {
			t.Errorf("once the ID is free: %v", err)
		}
	})
	t.Run("of_an_order", func(t *testing.T) {
		order := fulfillment.Order{ID: new(fulfillment.Minter).Mint(), LineItems: []fulfillment.LineItem{{
			SKU: "KETTLE", Title: "Kettle", Quantity: 1, LocationID: shelf.ID,
		}}}
		workflowID := temporalio.OrderID(order.ID)
		create := func() error {
			_, err := s.Command.CreateOrder(t.Context(), order)
			return err
		}
		end := occupy(t, workflowID, "Squatter", "elsewhere")
		named(t, workflowID, "Squatter", "elsewhere", create)
		end()
		if err := create(); err != nil {
			t.Errorf("once the ID is free: %v", err)
		}
	})
	// Whoever looks after subscriptions and services is told, and not who makes one: that goes on when the ID is free.
	for _, lasting := range []struct {
		name       string
		workflowID func(fulfillment.ID) string
		start      func(context.Context, fulfillment.ID) error
	}{
		{"of_a_webhook_subscription", temporalio.WebhookSubscriptionID, s.Command.Deliver},
		{"of_a_service", temporalio.ServiceCallbacksID, s.Command.Call},
	} {
		t.Run(lasting.name, func(t *testing.T) {
			id := new(fulfillment.Minter).Mint()
			workflowID := lasting.workflowID(id)
			end := occupy(t, workflowID, "Squatter", "elsewhere")
			err := lasting.start(t.Context(), id)
			if occupied, ok := errors.AsType[*temporalio.OccupiedError](err); !ok || occupied.Type != "Squatter" ||
				occupied.WorkflowID != workflowID {
				t.Errorf("got %T %v", err, err)
			}
			end()
			if err := lasting.start(t.Context(), id); err != nil {
				t.Errorf("once the ID is free: %v", err)
			}
		})
	}
	t.Run("of_an_order_that_is_commanded", func(t *testing.T) {
		workflowID := temporalio.OrderID(fo.OrderID)
		cancel := func() error {
			_, err := s.Command.CancelOrder(t.Context(), fulfillment.CancelOrder{OrderID: fo.OrderID})
			return err
		}
		end := occupy(t, workflowID, "Squatter", "elsewhere")
		named(t, workflowID, "Squatter", "elsewhere", cancel)
		end()
		if err := cancel(); err != nil {
			t.Errorf("once the ID is free: %v", err)
		}
	})
}
