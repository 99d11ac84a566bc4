package watch_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/temporalio"
	"packhorse/internal/watch"
	"packhorse/internal/worker/workertest"
)

// compares has a watch look whether the database was set back.
func compares(t *testing.T, w *watch.Watch) {
	t.Helper()
	if err := w.Compare(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// sequenced waits until every event has its position, and tells the newest one: nobody writes any more, then.
func sequenced(t *testing.T, s *workertest.Stack) (newest int64) {
	t.Helper()
	workertest.WaitFor(t, "everything in the feed", func() bool {
		waiting, _, err := s.Store.FeedWaiting(t.Context())
		if err != nil || waiting > 0 {
			return false
		}
		page, err := s.Store.Feed(t.Context(), postgres.FeedQuery{Limit: 1})
		newest = page.Newest
		return err == nil
	})
	return newest
}

// TestSetBackIsFound has the database set back to an older state. Without a command, every workflow goes on from what
// the database has, and what is gone is noted.
func TestSetBackIsFound(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	location := s.Warehouse("Berlin").ID
	idle, worked, closed := s.Order(location, 1), s.Order(location, 1), s.Order(location, 1)
	w := watchOver(t, s)
	compares(t, w)
	sequenced(t, s) // A feed that has lost everything has nothing to go on after.
	setBack := s.Copy()

	deadline := time.Now().Add(time.Hour)
	s.Send(worked, &fulfillment.SetDeadline{FulfillBy: &deadline})
	s.Send(closed, &fulfillment.Cancel{})
	workertest.WaitFor(t, "the end of the run", func() bool { return !running(t, s, closed) })
	gone, over := s.Order(location, 1), s.Order(location, 1)
	s.State(gone) // It has loaded its snapshot then.
	order := s.Load(over).OrderID
	s.Send(over, &fulfillment.Cancel{})
	workertest.WaitFor(t, "the end of the run", func() bool { return !running(t, s, over) })
	knew := map[fulfillment.ID]int64{worked: s.State(worked).Sequence, closed: s.State(closed).Sequence}
	compares(t, w)
	if n, err := s.Store.SetBacks(t.Context()); err != nil || n != 0 {
		t.Errorf("the database was set back %d times (%v), it was not", n, err)
	}
	untouched := events(t, s, idle)
	heard := sequenced(t, s) // by readers of the feed
	setBack()
	compares(t, w)

	if n, err := s.Store.SetBacks(t.Context()); err != nil || n != 1 {
		t.Errorf("the database was set back %d times (%v), it was once", n, err)
	}
	for id, sequence := range knew {
		if fo := s.Load(id); fo.Sequence <= sequence || fo.FulfillBy != nil || fo.Status != fulfillment.StatusOpen {
			t.Errorf("fulfillment order %d is at %d (%s), and %d was committed", id, fo.Sequence, fo.Status, sequence)
		}
		if !running(t, s, id) || s.State(id).Sequence != s.Load(id).Sequence {
			t.Errorf("the workflow of %d does not go on from what the database has", id)
		}
	}
	workertest.WaitFor(t, "the end of what is gone", func() bool { return !running(t, s, gone) })
	for _, id := range []fulfillment.ID{gone, over} {
		if loss, err := s.Store.LossOf(t.Context(), 0, id); err != nil || loss.Kind != fulfillment.LossEnded {
			t.Errorf("fulfillment order %d is gone: %+v (%v)", id, loss, err)
		}
	}
	if loss, err := s.Store.LossOf(t.Context(), order, 0); err != nil || loss.Kind != fulfillment.LossOrder ||
		loss.OrderName == "" {
		t.Errorf("order %d is gone: %+v (%v)", order, loss, err)
	}
	feed, err := s.Store.Feed(t.Context(), postgres.FeedQuery{After: heard})
	if err != nil || feed.Entries[0].Position <= heard || feed.Entries[0].OrderID != 0 ||
		!strings.Contains(string(feed.Entries[0].Event), fulfillment.FeedSetBackKind) {
		t.Errorf("whoever has read until %d goes on with %+v, %v", heard, feed.Entries, err)
	}
	if after := events(t, s, idle); after != untouched {
		t.Errorf("one that has lost nothing has %d events, and had %d", after, untouched)
	}
	compares(t, w)
	if n, err := s.Store.SetBacks(t.Context()); err != nil || n != 1 {
		t.Errorf("the database was set back %d times (%v), it was once", n, err)
	}
}

// TestSetBackBehindARunThatFoundNothing has a command come to what is gone, before anybody has looked: the run that it
// begins finds nothing, and ends. What the run before knew is noted all the same.
func TestSetBackBehindARunThatFoundNothing(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	location := s.Warehouse("Berlin").ID
	w := watchOver(t, s)
	compares(t, w)
	setBack := s.Copy()
	id := s.Order(location, 1)
	knew := s.Send(id, &fulfillment.Cancel{}).Sequence
	workertest.WaitFor(t, "the end of the run", func() bool { return !running(t, s, id) })
	compares(t, w)
	setBack()
	run, err := s.Temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: temporalio.FulfillmentOrderID(id), TaskQueue: temporalio.TaskQueue,
	}, temporalio.FulfillmentOrderType, temporalio.FulfillmentOrderInput{ID: id})
	if err == nil {
		err = run.Get(t.Context(), nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	workertest.WaitFor(t, "the list of runs", func() bool {
		state, err := s.Updates.Knew(t.Context(), id)
		return err == nil && state != nil
	})
	compares(t, w)
	if loss, err := s.Store.LossOf(t.Context(), 0, id); err != nil || loss.Kind != fulfillment.LossEnded ||
		loss.To < knew {
		t.Errorf("the fulfillment order is gone: %+v (%v)", loss, err)
	}
}

// TestSetBackBeforeTheMark has the database set back to a time before it had a mark.
func TestSetBackBeforeTheMark(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	setBack := s.Copy()
	w := watchOver(t, s)
	compares(t, w)
	deadline := time.Now().Add(time.Hour)
	knew := s.Send(id, &fulfillment.SetDeadline{FulfillBy: &deadline})
	setBack()
	compares(t, w)
	if fo := s.Load(id); fo.Sequence <= knew.Sequence || fo.FulfillBy != nil {
		t.Errorf("the fulfillment order is at %d, and %d was committed", fo.Sequence, knew.Sequence)
	}
}

func running(t *testing.T, s *workertest.Stack, id fulfillment.ID) bool {
	t.Helper()
	described, err := s.Temporal.DescribeWorkflowExecution(t.Context(), "fulfillment-order/"+id.String(), "")
	if err != nil {
		t.Fatal(err)
	}
	return described.WorkflowExecutionInfo.CloseTime == nil
}

// TestWhatWasGoneIsListedAgain has the database set back once more, after what was gone has been listed: the list is
// lost, and made anew from the run that ended, although the fulfillment order is there again.
func TestWhatWasGoneIsListedAgain(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	location := s.Warehouse("Berlin").ID
	w := watchOver(t, s)
	compares(t, w)
	setBack := s.Copy()
	id := s.Order(location, 1)
	knew := s.State(id).Sequence
	there := s.Copy()
	listed := func(status string) func() bool {
		return func() bool {
			page, err := s.Temporal.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{
				Query: "WorkflowId = '" + temporalio.FulfillmentOrderID(id) + "' AND ExecutionStatus = '" + status + "'",
			})
			return err == nil && len(page.GetExecutions()) == 1
		}
	}
	workertest.WaitFor(t, "the list of runs", listed("Running"))
	compares(t, w)
	setBack()
	compares(t, w)
	workertest.WaitFor(t, "the end of what is gone", listed("Failed"))
	compares(t, w)
	there()
	if _, err := s.Store.LossOf(t.Context(), 0, id); !errors.Is(err, fulfillment.ErrNotFound) {
		t.Fatalf("the list is not lost: %v", err)
	}
	compares(t, w)
	if loss, err := s.Store.LossOf(t.Context(), 0, id); err != nil || loss.Kind != fulfillment.LossEnded ||
		loss.To != knew {
		t.Errorf("the fulfillment order is gone: %+v (%v)", loss, err)
	}
}

// TestWhatAnOrderBecameIsListed has the database set back after an edit has made a fulfillment order whose own workflow
// can tell nothing of it: the order's can.
func TestWhatAnOrderBecameIsListed(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	location := s.Warehouse("Berlin").ID
	order := s.Load(s.Order(location, 1)).OrderID
	w := watchOver(t, s)
	compares(t, w)
	setBack := s.Copy()
	edit := fulfillment.EditOrder{OrderID: order, Add: []fulfillment.LineItem{{
		Title: "Blanket", Quantity: 1, LocationID: location,
	}}}
	edit.CommandID, edit.FirstID = "more", new(fulfillment.Minter).Mint()
	edited, err := s.Updates.EditOrder(t.Context(), edit)
	if err != nil || len(edited.FulfillmentOrderIDs) != 1 {
		t.Fatalf("the edit is answered %+v, %v", edited, err)
	}
	id := edited.FulfillmentOrderIDs[0]
	runs := func(workflowID, status string) func() bool {
		return func() bool {
			page, err := s.Temporal.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{
				Query: "WorkflowId = '" + workflowID + "'" + status,
			})
			return err == nil && (len(page.GetExecutions()) > 0) == (status != "")
		}
	}
	workertest.WaitFor(t, "the run of the order in the list",
		runs(temporalio.OrderID(order), " AND ExecutionStatus = 'Completed'"))
	_, err = s.Temporal.WorkflowService().DeleteWorkflowExecution(
		t.Context(), &workflowservice.DeleteWorkflowExecutionRequest{
			Namespace:         s.Settings.Temporal.Namespace,
			WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: temporalio.FulfillmentOrderID(id)},
		})
	if err != nil {
		t.Fatal(err)
	}
	workertest.WaitFor(t, "the end of the run", runs(temporalio.FulfillmentOrderID(id), ""))
	compares(t, w)
	setBack()
	compares(t, w)
	loss, err := s.Store.LossOf(t.Context(), order, id)
	if err != nil || loss.Kind != fulfillment.LossEnded || loss.OrderName == "" {
		t.Errorf("what the order had become is gone: %+v (%v)", loss, err)
	}
}

// TestComparedWithThisServer: nobody knows whether the database was set back, until a watch has compared it with what
// Temporal has kept since its server was started.
func TestComparedWithThisServer(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	var server string
	if err := devstacktest.Connect(t, string(s.Settings.Database.URL)).
		QueryRow(t.Context(), `SELECT pg_postmaster_start_time()::text`).Scan(&server); err != nil {
		t.Fatal(err)
	}
	w := watchOver(t, s)
	knows := func(when, server string, want bool) {
		t.Helper()
		if err := w.Compared(t.Context(), server); (err == nil) != want {
			t.Errorf("%s: %v", when, err)
		}
	}
	knows("before there is a mark", server, true)
	compares(t, w)
	setBack := s.Copy()
	s.Order(s.Warehouse("Berlin").ID, 1)
	compares(t, w)
	knows("while all goes on", server, true)
	knows("on a server that was started at another time", "2026-01-02 03:04:05.6+00", false)
	sequenced(t, s)
	setBack()
	knows("after it was set back", server, false)
	compares(t, w)
	knows("after that was found", server, true)
}

// TestMarkGoesOnWhileWorkflowsGoBack: what is written while a set-back is being dealt with is marked as well, so that
// another one is found.
func TestMarkGoesOnWhileWorkflowsGoBack(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	database := devstacktest.Connect(t, string(s.Settings.Database.URL))
	marked := func() (mark int64) {
		if err := database.QueryRow(t.Context(), `SELECT mark FROM database_mark`).Scan(&mark); err != nil {
			t.Fatal(err)
		}
		return mark
	}
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	w := watchOver(t, s)
	compares(t, w)
	setBack := s.Copy()
	deadline := time.Now().Add(time.Hour)
	s.Send(id, &fulfillment.SetDeadline{FulfillBy: &deadline})
	compares(t, w)
	before := marked()
	sequenced(t, s)
	setBack()
	s.StopWorker() // Nobody can ask the workflow.
	compared := make(chan error, 1)
	go func() { compared <- w.Compare(t.Context()) }()
	workertest.WaitFor(t, "another mark than that of the set-back", func() bool { return marked() > before+1 })
	select {
	case err := <-compared:
		t.Errorf("it is dealt with already: %v", err)
	default:
	}
	s.StartWorker()
	<-compared
}
