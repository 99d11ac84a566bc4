package workflows_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"packhorse/internal/fulfillment"
	"packhorse/internal/returns"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// shipped makes an order of so many units, and ships them.
func shipped(t *testing.T, s *workertest.Stack, units int) (*fulfillment.FulfillmentOrder, *fulfillment.Fulfillment) {
	t.Helper()
	id := s.Order(s.Warehouse("Berlin "+fulfillment.ID(time.Now().UnixNano()).String()).ID, units)
	f := s.Send(id, &fulfillment.CreateFulfillment{}).FulfillmentID
	s.Send(id, &fulfillment.RecordEvent{FulfillmentID: f, Status: fulfillment.EventDelivered})
	fo := s.Load(id)
	return fo, &fo.Fulfillments[0]
}

func back(f *fulfillment.Fulfillment, units int) returns.Opened {
	return returns.Opened{Lines: []returns.NewLine{{
		FulfillmentLineID: f.Lines[0].ID, Quantity: units, Reason: "DEFECTIVE",
	}}}
}

func begin(t *testing.T, s *workertest.Stack, order fulfillment.ID, cmd returns.Opening) *returns.Return {
	t.Helper()
	_, r, err := s.Updates.BeginReturn(t.Context(), order, cmd)
	if err != nil {
		t.Fatalf("%s: %v", cmd.Verb(), err)
	}
	return r
}

func command(t *testing.T, s *workertest.Stack, id fulfillment.ID, cmd returns.Command) *returns.Return {
	t.Helper()
	_, r, err := s.Updates.CommandReturn(t.Context(), id, cmd)
	if err != nil {
		t.Fatalf("%s: %v", cmd.Verb(), err)
	}
	return r
}

// Every command is carried out, and is in the book when it is answered.
func TestReturnLife(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	fo, f := shipped(t, s, 3)

	r := begin(t, s, fo.OrderID, &returns.Request{Opened: back(f, 2)})
	if r.Status != returns.StatusRequested || r.Units() != 2 {
		t.Fatalf("requested: %+v", r)
	}
	r = command(t, s, r.ID, &returns.Approve{})
	work := r.Work[0]
	command(t, s, r.ID, &returns.CreateDelivery{
		WorkID: work.ID, Tracking: &returns.TrackingInput{Number: "42", URL: "https://carrier.example/42"},
	})
	line := r.Lines[0].ID
	r = command(t, s, r.ID, &returns.Receive{Lines: []returns.ReceivedUnits{{ReturnLineID: line, Quantity: 2}}})
	r = command(t, s, r.ID, &returns.Process{Lines: []returns.ProcessedUnits{{ReturnLineID: line, Quantity: 1}}})
	r = command(t, s, r.ID, &returns.Dispose{Units: []returns.DisposeUnits{{
		WorkLineID: work.Lines[0].ID, Quantity: 1, Type: "RESTOCKED", LocationID: fo.AssignedLocation.LocationID,
	}}})
	r = command(t, s, r.ID, &returns.Close{})
	closes(t, s, temporalio.ReturnID(r.ID))
	r = command(t, s, r.ID, &returns.Reopen{}) // Starts it again.
	if r.Status != returns.StatusOpen || r.ProcessedUnits() != 1 || len(r.Work[0].Lines[0].Dispositions) != 1 {
		t.Errorf("at last it is %+v", r)
	}
	steps, err := s.Store.ReturnHistory(t.Context(), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, step := range steps {
		kinds = append(kinds, string(step.Kind))
	}
	want := "REQUESTED APPROVED REVERSE_DELIVERY_CREATED RECEIVED PROCESSED DISPOSED CLOSED REOPENED"
	if got := strings.Join(kinds, " "); got != want {
		t.Errorf("history is %s, want %s", got, want)
	}
	of, err := s.Store.ReturnOf(t.Context(), r.PartIDs())
	if err != nil || len(of) != len(r.PartIDs()) {
		t.Errorf("of %d parts, %d are known (%v)", len(r.PartIDs()), len(of), err)
	}
	replays(t, s, temporalio.ReturnID(r.ID))

	declined := begin(t, s, fo.OrderID, &returns.Request{Opened: back(f, 1)})
	declined = command(t, s, declined.ID, &returns.Decline{Reason: "OTHER"})
	canceled := begin(t, s, fo.OrderID, &returns.Create{Opened: back(f, 1)})
	canceled = command(t, s, canceled.ID, &returns.Cancel{})
	if declined.Status != returns.StatusDeclined || canceled.Status != returns.StatusCanceled ||
		!strings.HasSuffix(canceled.Name, "-R3") {
		t.Errorf("got %s %s, %s %s", declined.Name, declined.Status, canceled.Name, canceled.Status)
	}
	order, err := s.Store.Order(t.Context(), fo.OrderID)
	if err != nil || order.FulfillmentStatus != fulfillment.OrderStatusPartiallyReturned {
		t.Errorf("the order is %s (%v), want partially_returned", order.FulfillmentStatus, err)
	}
}

// A signal does what an update does. One that is refused is noted in the history, once, and changes nothing.
func TestReturnIsSignalled(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	fo, f := shipped(t, s, 1)
	r := begin(t, s, fo.OrderID, &returns.Request{Opened: back(f, 1)})
	signal := func(verb returns.Verb, body any) {
		t.Helper()
		if err := s.Temporal.SignalWorkflow(
			t.Context(), temporalio.ReturnID(r.ID), "", string(verb), body,
		); err != nil {
			t.Fatal(err)
		}
	}
	signal(returns.VerbClose, struct{}{})
	signal(returns.VerbApprove, map[string]int{"wrong": 1})
	signal(returns.VerbApprove, struct{}{})
	workertest.WaitFor(t, "the approval", func() bool {
		var err error
		if r, err = s.Store.Return(t.Context(), r.ID); err != nil {
			t.Fatal(err)
		}
		return r.Status == returns.StatusOpen && r.Refusals.Total == 2
	})
	steps, err := s.Store.ReturnHistory(t.Context(), r.ID)
	if err != nil || len(steps) != 4 {
		t.Errorf("the history has %d steps (%v), want 4", len(steps), err)
	}
	command(t, s, r.ID, &returns.Close{})
	closes(t, s, temporalio.ReturnID(r.ID))
	replays(t, s, temporalio.ReturnID(r.ID))
}

// Of many that want the last unit, one gets it.
func TestReturnsOfTheLastUnit(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	fo, f := shipped(t, s, 1)
	var mu sync.Mutex
	var made, refused int
	var group errgroup.Group
	for i := range 50 {
		group.Go(func() error {
			_, _, err := s.Updates.BeginReturn(t.Context(), fo.OrderID, &returns.Create{
				Meta: fulfillment.Meta{CommandID: fmt.Sprintf("return %d", i)}, Opened: back(f, 1),
			})
			mu.Lock()
			defer mu.Unlock()
			no, is := fulfillment.AsError(err)
			switch {
			case err == nil:
				made++
			case is && no.Code == returns.CodeInvalid:
				refused++
			default:
				return err
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if made != 1 || refused != 49 {
		t.Errorf("%d were made and %d refused, want 1 and 49", made, refused)
	}
	of, err := s.Store.OrderReturns(t.Context(), []fulfillment.ID{fo.OrderID})
	if err != nil || len(of[fo.OrderID]) != 1 {
		t.Errorf("the order has %d returns (%v)", len(of[fo.OrderID]), err)
	}
}

// One command that comes many times at once is one return, and everybody is told of that one.
func TestOneReturnForOneKey(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	fo, f := shipped(t, s, 1)
	results := make([]returns.Result, 50)
	var group errgroup.Group
	for i := range results {
		group.Go(func() (err error) {
			results[i], _, err = s.Updates.BeginReturn(t.Context(), fo.OrderID, &returns.Create{
				Meta: fulfillment.Meta{CommandID: "one key"}, Opened: back(f, 1),
			})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, result := range results {
		if fmt.Sprint(result) != fmt.Sprint(results[0]) {
			t.Fatalf("one was told %+v, another %+v", results[0], result)
		}
	}
	_, _, err := s.Updates.BeginReturn(t.Context(), fo.OrderID, &returns.Create{
		Meta: fulfillment.Meta{CommandID: "one key"}, Opened: back(f, 2),
	})
	if no, is := fulfillment.AsError(err); !is || no.Code != fulfillment.CodeIdempotencyConflict {
		t.Errorf("the key with another return: %v", err)
	}
}

// A shipment of which units come back is not taken back, and neither is its order; it can be once they do not.
func TestReturnStandsInTheWay(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	fo, f := shipped(t, s, 2)
	r := begin(t, s, fo.OrderID, &returns.Create{Opened: back(f, 1)})
	_, err := s.Command.Send(t.Context(), fo.ID, &fulfillment.CancelFulfillment{FulfillmentID: f.ID})
	if no, is := fulfillment.AsError(err); !is || no.Code != returns.CodeHasReturns ||
		!strings.Contains(no.Message, r.Name) {
		t.Errorf("cancel the shipment: %v", err)
	}
	_, err = s.Command.CancelOrder(t.Context(), fulfillment.CancelOrder{OrderID: fo.OrderID})
	if no, is := fulfillment.AsError(err); !is || no.Message != "Cannot cancel an order that has returns" {
		t.Errorf("cancel the order: %v", err)
	}
	s.Send(fo.ID, &fulfillment.UpdateTracking{FulfillmentID: f.ID, Tracking: fulfillment.TrackingInput{Number: "1"}})
	command(t, s, r.ID, &returns.Cancel{})
	s.Send(fo.ID, &fulfillment.CancelFulfillment{FulfillmentID: f.ID})
	if now := s.Load(fo.ID); now.Fulfillments[0].Status != fulfillment.FulfillmentCancelled {
		t.Errorf("it is %s", now.Fulfillments[0].Status)
	}
	replays(t, s, temporalio.FulfillmentOrderID(fo.ID))
}
