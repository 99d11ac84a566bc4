package workflows_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// TestPickUp: what is picked up is said to stand ready, by an update or by a signal, and its run is over when the
// customer has it: nobody waits for a delivery.
func TestPickUp(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	berlin := s.Warehouse("Berlin").ID
	for name, say := range map[string]func(workflowID string) error{
		"update": func(workflowID string) error {
			handle, err := s.Temporal.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
				WorkflowID: workflowID, UpdateName: "LineItemsPreparedForPickup",
				WaitForStage: client.WorkflowUpdateStageCompleted, Args: []any{json.RawMessage(`{}`)},
			})
			if err != nil {
				return err
			}
			return handle.Get(t.Context(), nil)
		},
		"signal": func(workflowID string) error {
			return s.Temporal.SignalWorkflow(t.Context(), workflowID, "", "LineItemsPreparedForPickup", nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := s.For(t)
			created, err := s.Command.CreateOrder(t.Context(), fulfillment.Order{LineItems: []fulfillment.LineItem{
				{Title: "Lamp", Quantity: 2, LocationID: berlin, DeliveryMethod: fulfillment.DeliveryPickUp},
			}})
			if err != nil {
				t.Fatal(err)
			}
			id := created.FulfillmentOrderIDs[0]
			if err := say(temporalio.FulfillmentOrderID(id)); err != nil {
				t.Fatal(err)
			}
			ready := s.Eventually(
				id, "ready", func(fo *fulfillment.FulfillmentOrder) bool { return fo.PreparedAt != nil },
			)
			if ready.Status != fulfillment.StatusOpen || ready.PreparedUnits() != 2 {
				t.Errorf("it is %s with %d units ready, want OPEN with 2", ready.Status, ready.PreparedUnits())
			}
			_, err = s.Command.Send(t.Context(), id, &fulfillment.LineItemsPreparedForPickup{})
			if refused, ok := fulfillment.AsError(err); !ok || refused.Code != fulfillment.CodeNothingToPrepare {
				t.Errorf("a second time: %v", err)
			}
			s.Send(id, &fulfillment.CreateFulfillment{})
			closes(t, s, temporalio.FulfillmentOrderID(id))
			shipment := s.Load(id).Fulfillments[0]
			if shipment.DisplayStatus != fulfillment.DisplayPickedUp || len(shipment.Events) != 1 ||
				shipment.Events[0].Status != fulfillment.EventReadyForPickup ||
				!shipment.Events[0].HappenedAt.Equal(*ready.PreparedAt) {
				t.Errorf("the shipment is %s with %+v", shipment.DisplayStatus, shipment.Events)
			}
			want := []string{
				fulfillment.TopicRoutingComplete, fulfillment.TopicPreparedForPickup,
				fulfillment.TopicFulfillmentCreated, fulfillment.TopicEventCreated,
			}
			if diff := cmp.Diff(want, topics(t, s, id)); diff != "" {
				t.Error(diff)
			}
			replays(t, s, temporalio.FulfillmentOrderID(id))
		})
	}
}

// topics is what others hear of a fulfillment order, in order.
func topics(t *testing.T, s *workertest.Stack, id fulfillment.ID) []string {
	t.Helper()
	rows, err := database(t, s).Query(
		t.Context(), `SELECT topic FROM events WHERE fulfillment_order_id = $1 AND topic <> ''
			ORDER BY feed_position, outbox_id`, id,
	)
	if err != nil {
		t.Fatal(err)
	}
	heard, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return heard
}
