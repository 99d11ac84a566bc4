package workflows_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// ship is a command that a caller may send again.
func ship(commandID string) *fulfillment.CreateFulfillment {
	return &fulfillment.CreateFulfillment{Meta: fulfillment.Meta{CommandID: commandID}}
}

// TestSetBack has the database set back to an older state, and Temporal kept.
func TestSetBack(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	location := s.Warehouse("Berlin").ID
	worked, shipped, closed := s.Order(location, 2), s.Order(location, 2), s.Order(location, 2)
	sentTwice := s.Order(location, 2)
	s.Send(worked, &fulfillment.ReportProgress{})
	before := s.Load(worked)
	setBack := s.Copy()

	s.Send(worked, &fulfillment.SetDeadline{FulfillBy: in(time.Hour)})
	s.Send(worked, &fulfillment.SetDeadline{FulfillBy: in(2 * time.Hour)})
	parcel := s.Send(shipped, ship("parcel"))
	s.Send(closed, &fulfillment.Cancel{})
	ended(t, s, closed, enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED)
	gone, shippedGone := s.Order(location, 2), s.Order(location, 2)
	s.Send(sentTwice, ship("parcel"))
	s.Send(shippedGone, ship("parcel"))
	last := s.Send(gone, &fulfillment.SetDeadline{FulfillBy: in(time.Hour)})
	knew := map[fulfillment.ID]int64{}
	for _, id := range []fulfillment.ID{worked, shipped, closed} {
		knew[id] = s.State(id).Sequence
	}
	setBack()

	t.Run("the_next_command_is_decided_on_what_the_database_has", func(t *testing.T) {
		s := s.For(t)
		result := s.Send(worked, &fulfillment.SetDeadline{FulfillBy: in(3 * time.Hour)})
		if result.Sequence <= knew[worked]+1 {
			t.Errorf("the command made transition %d, and %d was committed before", result.Sequence, knew[worked])
		}
		page, err := s.Store.Transitions(t.Context(), worked, postgres.Page{})
		if err != nil {
			t.Fatal(err)
		}
		next := page.Items[before.Sequence]
		if d := next.Details; next.Kind != fulfillment.KindRestored || d == nil || d.SetBack == nil ||
			d.SetBack.From != before.Sequence || d.SetBack.To != knew[worked] || next.Before != before.Summary() {
			t.Errorf("after transition %d comes %+v", before.Sequence, next)
		}
		if has, is := s.Load(worked), s.State(worked); is.Sequence != has.Sequence || !is.FulfillBy.Equal(*has.FulfillBy) {
			t.Errorf("the workflow is at %d, the store at %d", is.Sequence, has.Sequence)
		}
		replays(t, s, temporalio.FulfillmentOrderID(worked))
	})

	t.Run("a_command_that_was_lost_is_carried_out_again", func(t *testing.T) {
		s := s.For(t)
		if err := s.Updates.Refresh(t.Context(), shipped); err != nil {
			t.Fatal(err)
		}
		again := s.Send(shipped, ship("parcel"))
		if fo := s.Load(shipped); len(fo.Fulfillments) != 1 || fo.Fulfillments[0].ID != again.FulfillmentID {
			t.Errorf("the answer is shipment %d, the store has %+v", again.FulfillmentID, fo.Fulfillments)
		}
		if again.FulfillmentID == parcel.FulfillmentID || again.Sequence <= parcel.Sequence {
			t.Errorf("the answer is %+v, as of what was lost: %+v", again, parcel)
		}
		loss, err := s.Store.LossOf(t.Context(), 0, shipped)
		if err != nil || loss.Kind != fulfillment.LossRestored || len(loss.Shipments) != 1 ||
			loss.Shipments[0].ID != parcel.FulfillmentID || !slices.Equal(loss.CommandIDs, []string{"parcel"}) {
			t.Errorf("what was lost is %+v (%v)", loss, err)
		}
	})

	t.Run("a_refusal_of_before_is_none", func(t *testing.T) {
		s := s.For(t)
		sent := s.Send(sentTwice, ship("another parcel"))
		if fo := s.Load(sentTwice); len(fo.Fulfillments) != 1 || fo.Fulfillments[0].ID != sent.FulfillmentID {
			t.Errorf("the answer is shipment %d, the store has %+v", sent.FulfillmentID, fo.Fulfillments)
		}
	})

	t.Run("nor_is_one_by_what_is_gone", func(t *testing.T) {
		_, err := s.Command.Send(t.Context(), shippedGone, ship("another parcel"))
		if refused, ok := fulfillment.AsError(err); !ok || refused.Code != fulfillment.CodeNotFound {
			t.Errorf("the command is answered %v", err)
		}
	})

	t.Run("a_closed_one_goes_on_above_what_its_run_knew", func(t *testing.T) {
		s := s.For(t)
		result := s.Send(closed, &fulfillment.SetDeadline{FulfillBy: in(time.Hour)})
		if result.Sequence <= knew[closed]+1 {
			t.Errorf("the command made transition %d, and %d was committed before", result.Sequence, knew[closed])
		}
		replays(t, s, temporalio.FulfillmentOrderID(closed))
	})

	t.Run("one_that_is_gone_ends_and_says_so", func(t *testing.T) {
		s := s.For(t)
		workflowID := temporalio.FulfillmentOrderID(gone)
		_, err := s.Command.Send(t.Context(), gone, &fulfillment.SetDeadline{FulfillBy: in(2 * time.Hour)})
		if refused, ok := fulfillment.AsError(err); !ok || refused.Code != fulfillment.CodeNotFound {
			t.Errorf("the command is answered %v", err)
		}
		ended(t, s, gone, enumspb.WORKFLOW_EXECUTION_STATUS_FAILED)
		err = s.Temporal.GetWorkflow(t.Context(), workflowID, "").Get(t.Context(), nil)
		if err == nil || !strings.Contains(err.Error(), "Send order") {
			t.Errorf("the run ended with %v", err)
		}
		loss, err := s.Store.LossOf(t.Context(), 0, gone)
		if err != nil || loss.Kind != fulfillment.LossEnded || loss.To != last.Sequence {
			t.Errorf("what was lost is %+v (%v)", loss, err)
		}
		replays(t, s, workflowID)
	})
}

// ended waits until the last run of a fulfillment order has ended like this.
func ended(t *testing.T, s *workertest.Stack, id fulfillment.ID, status enumspb.WorkflowExecutionStatus) {
	t.Helper()
	workertest.WaitFor(t, "the end of the run: "+status.String(), func() bool {
		described, err := s.Temporal.DescribeWorkflowExecution(t.Context(), temporalio.FulfillmentOrderID(id), "")
		if err != nil {
			t.Fatal(err)
		}
		return described.WorkflowExecutionInfo.Status == status
	})
}

// TestLostOrders has the database set back to a time before orders were made: they can be sent again, by every
// entrance.
func TestLostOrders(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	location := s.Warehouse("Berlin").ID
	setBack := s.Copy()
	orders := map[string]fulfillment.Order{}
	for _, entrance := range []string{"client", "raw start", "with its first IDs"} {
		order := fulfillment.Order{
			ID: fulfillment.OrderIDOf(entrance), SourceIdentifier: entrance, LineItems: blankets(2, location),
		}
		if entrance == "with its first IDs" {
			order.FirstID = new(fulfillment.Minter).Mint()
		}
		if _, err := s.Command.CreateOrder(t.Context(), order); err != nil {
			t.Fatal(err)
		}
		orders[entrance] = order
	}
	setBack()

	for entrance, order := range orders {
		t.Run(entrance, func(t *testing.T) {
			s := s.For(t)
			if entrance == "raw start" {
				run, err := s.Temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
					ID: temporalio.OrderID(order.ID), TaskQueue: temporalio.TaskQueue,
				}, temporalio.OrderType, order)
				if err == nil {
					err = run.Get(t.Context(), nil)
				}
				if err != nil {
					t.Fatal(err)
				}
			} else {
				created, err := s.Command.CreateOrder(t.Context(), order)
				if err != nil || created.Repeated {
					t.Fatalf("the order is answered %+v, %v", created, err)
				}
			}
			fos, err := s.Store.FulfillmentOrdersOf(t.Context(), order.ID)
			if err != nil || len(fos) != 1 {
				t.Fatalf("the order has %d fulfillment orders (%v)", len(fos), err)
			}
			s.Send(fos[0].ID, &fulfillment.CreateFulfillment{})
			if again, err := s.Command.CreateOrder(t.Context(), order); err != nil || !again.Repeated {
				t.Errorf("the order once more is answered %+v, %v", again, err)
			}
		})
	}
}
