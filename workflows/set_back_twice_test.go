package workflows_test

import (
	"testing"

	enumspb "go.temporal.io/api/enums/v1"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// TestSetBackTwice has the database set back once more when a fulfillment order has gone on from it as a new run, and
// before that has read it. A reset to the first task stands for the moment between: the run begins again.
func TestSetBackTwice(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	location := s.Warehouse("Berlin").ID
	before := s.Copy()
	id := s.Order(location, 2)
	setBack := s.Copy()
	parcel := s.Send(id, ship("parcel"))
	setBack()
	goesOn(t, s, id)
	knew := s.State(id).Sequence

	t.Run("what_the_run_before_knew_is_listed_again", func(t *testing.T) {
		s := s.For(t)
		setBack()
		resetBefore(t, s, temporalio.FulfillmentOrderID(id), enumspb.EVENT_TYPE_MARKER_RECORDED)
		var loss fulfillment.Loss
		workertest.WaitFor(t, "what is lost", func() (found bool) {
			var err error
			loss, err = s.Store.LossOf(t.Context(), 0, id)
			return err == nil
		})
		if loss.Kind != fulfillment.LossRestored || loss.To != knew || len(loss.Shipments) != 1 ||
			loss.Shipments[0].ID != parcel.FulfillmentID {
			t.Errorf("what is lost is %+v", loss)
		}
		again := s.Send(id, ship("parcel"))
		if again.Sequence <= knew+1 || again.FulfillmentID == parcel.FulfillmentID {
			t.Errorf("the command is answered %+v, and %d was committed", again, knew)
		}
		replays(t, s, temporalio.FulfillmentOrderID(id))
	})

	t.Run("what_is_gone_ends_and_says_so", func(t *testing.T) {
		s := s.For(t)
		workflowID := temporalio.FulfillmentOrderID(id)
		setBack()
		goesOn(t, s, id)
		before()
		resetBefore(t, s, temporalio.FulfillmentOrderID(id), enumspb.EVENT_TYPE_MARKER_RECORDED)
		ended(t, s, id, enumspb.WORKFLOW_EXECUTION_STATUS_FAILED)
		loss, err := s.Store.LossOf(t.Context(), 0, id)
		if err != nil || loss.Kind != fulfillment.LossEnded || loss.OrderID == 0 {
			t.Errorf("what is lost is %+v (%v)", loss, err)
		}
		replays(t, s, workflowID)
	})
}

// goesOn has a fulfillment order look at a database that was set back, and waits until it is another run that has read
// what that has.
func goesOn(t *testing.T, s *workertest.Stack, id fulfillment.ID) {
	t.Helper()
	run := presentRun(t, s, id)
	if err := s.Updates.Refresh(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	workertest.WaitFor(t, "the next run", func() bool { return presentRun(t, s, id) != run && s.State(id) != nil })
}
