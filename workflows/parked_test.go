package workflows_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider/simulated"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// refuseKind has the database refuse transitions of this kind, as it would refuse a fault of Packhorse. The function
// that it returns mends that.
func refuseKind(t *testing.T, s *workertest.Stack, kind fulfillment.Kind) (mend func()) {
	t.Helper()
	conn := database(t, s)
	exec := func(sql string) {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	exec(fmt.Sprintf(`ALTER TABLE transitions ADD CONSTRAINT refused CHECK (kind <> '%s') NOT VALID`, kind))
	return func() { exec(`ALTER TABLE transitions DROP CONSTRAINT refused`) }
}

func isInternal(err error) bool {
	refused, ok := fulfillment.AsError(err)
	return ok && refused.Code == fulfillment.CodeInternal && !refused.Retryable()
}

func waitUntilParked(t *testing.T, s *workertest.Stack, id fulfillment.ID) {
	t.Helper()
	workertest.WaitFor(t, "the run to say that it is parked", func() bool {
		return strings.Contains(currentDetails(t, s, id), "**Parked** since")
	})
}

func TestUnstorableCommand(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	berlin := s.Warehouse("Berlin").ID
	refuseKind(t, s, fulfillment.KindHeld)

	t.Run("is_refused_and_the_run_goes_on", func(t *testing.T) {
		t.Parallel()
		s := s.For(t)
		id := s.Order(berlin, 3)
		if _, err := s.Command.Send(
			t.Context(), id, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther},
		); !isInternal(err) {
			t.Fatalf("got %v, want INTERNAL", err)
		}
		if fo := s.Load(id); fo.Sequence != 1 || fo.Status != fulfillment.StatusOpen {
			t.Errorf("it is %s at %d", fo.Status, fo.Sequence)
		}
		waitUntilParked(t, s, id)
		s.Send(id, &fulfillment.CreateFulfillment{})
		if page := currentDetails(t, s, id); strings.Contains(page, "Parked") {
			t.Errorf("after a command that was stored, the page still says:\n%s", page)
		}
	})

	t.Run("takes_no_other_with_it", func(t *testing.T) {
		t.Parallel()
		s := s.For(t)
		id := s.Order(berlin, 3)
		errs := atOnce(12, func(i int) error {
			var cmd fulfillment.Command = &fulfillment.SetDeadline{
				FulfillBy: new(time.Now().Add(time.Hour * time.Duration(i+1))),
			}
			if i%4 == 0 {
				cmd = &fulfillment.PlaceHold{Reason: fulfillment.HoldOther, Handle: fmt.Sprint(i)}
			}
			_, err := s.Command.Send(t.Context(), id, cmd)
			return err
		})
		for i, err := range errs {
			if i%4 == 0 && !isInternal(err) || i%4 != 0 && err != nil {
				t.Errorf("command %d got %v", i, err)
			}
		}
		if fo := s.Load(id); fo.Sequence != 10 {
			t.Errorf("%d transitions, want the first and nine deadlines", fo.Sequence)
		}
	})

	t.Run("that_was_signalled_is_recorded_as_refused", func(t *testing.T) {
		t.Parallel()
		s := s.For(t)
		id := s.Order(berlin, 3)
		err := s.Temporal.SignalWorkflow(t.Context(), temporalio.FulfillmentOrderID(id), "", string(
			fulfillment.VerbHold,
		),
			&fulfillment.PlaceHold{Reason: fulfillment.HoldOther})
		if err != nil {
			t.Fatal(err)
		}
		fo := s.Eventually(id, "refused", func(fo *fulfillment.FulfillmentOrder) bool { return fo.LastRefusal != nil })
		if fo.LastRefusal.Verb != fulfillment.VerbHold || fo.Sequence != 2 {
			t.Errorf("%+v at %d", fo.LastRefusal, fo.Sequence)
		}
	})
}

// TestUnstorableDeadline has nobody who could be told: the run says so, does not try again and again, and goes on when
// it is looked after.
func TestUnstorableDeadline(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	mend := refuseKind(t, s, fulfillment.KindDeadlineMissed)
	id := s.Order(s.Warehouse("Berlin").ID, 3)
	s.Send(id, &fulfillment.SetDeadline{FulfillBy: new(time.Now().Add(1500 * time.Millisecond))})
	waitUntilParked(t, s, id)
	length := historyLength(t, s, id)
	if err := s.Updates.Refresh(t.Context(), id); err != nil { // It tries again, and only once.
		t.Fatal(err)
	}
	workertest.WaitFor(t, "another try", func() bool { return historyLength(t, s, id) > length })
	waitUntilParked(t, s, id)
	if grown := historyLength(t, s, id) - length; grown > 25 {
		t.Errorf("two tries took %d events", grown)
	}
	mend()
	if err := s.Updates.Refresh(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	fo := s.Eventually(id, "late", func(fo *fulfillment.FulfillmentOrder) bool { return fo.DeadlineMissedAt != nil })
	s.Send(id, &fulfillment.CreateFulfillment{})
	if fo.Sequence != 3 {
		t.Errorf("late at %d", fo.Sequence)
	}
}

// TestUnstorableAnswer has a provider's answer that can't be stored: it is adopted later, and the provider is not
// called again for it.
func TestUnstorableAnswer(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	mend := refuseKind(t, s, fulfillment.KindAccepted)
	service := s.Service(
		fulfillment.Service{Name: "Robots", Provider: simulated.DefaultID, Options: map[string]any{"ship": false}},
	)
	id := s.Order(service.LocationID, 3)
	s.Send(id, &fulfillment.SubmitFulfillmentRequest{})
	waitUntilParked(t, s, id)
	mend()
	if err := s.Updates.Refresh(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	s.Eventually(
		id, "accepted",
		func(fo *fulfillment.FulfillmentOrder) bool { return fo.RequestStatus == fulfillment.RequestAccepted },
	)
	calledOnce(t, s)
}

func TestUnstorableJointCommand(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	berlin := s.Warehouse("Berlin").ID
	refuseKind(t, s, fulfillment.KindMerged)
	id := s.Order(berlin, 3)
	split := s.Send(id, &fulfillment.Split{Lines: []fulfillment.Quantity{{ID: s.Load(id).Lines[0].ID, Quantity: 1}}})
	_, err := s.Command.Joint(t.Context(), s.Load(id).OrderID, &fulfillment.Merge{Inputs: []fulfillment.MergeInput{{
		Intents: []fulfillment.MergeIntent{{FulfillmentOrderID: id}, {FulfillmentOrderID: split.SiblingID}},
	}}})
	if !isInternal(err) {
		t.Fatalf("got %v, want INTERNAL", err)
	}
	for _, id := range []fulfillment.ID{id, split.SiblingID} { // Nobody waits for what will not come.
		s.Send(id, &fulfillment.CreateFulfillment{})
	}
}

// TestUnstorableOrder: an order that can't be stored is not taken in, and its sender hears so at once.
func TestUnstorableOrder(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	berlin := s.Warehouse("Berlin").ID
	mend := refuseKind(t, s, fulfillment.KindCreated)
	order := fulfillment.Order{
		ID:        new(fulfillment.Minter).Mint(),
		LineItems: []fulfillment.LineItem{{Title: "Blanket", Quantity: 1, LocationID: berlin}},
	}
	if _, err := s.Command.CreateOrder(t.Context(), order); !isInternal(err) {
		t.Fatalf("got %v, want INTERNAL", err)
	}
	mend()
	created, err := s.Command.CreateOrder(t.Context(), order)
	if err != nil || created.Repeated || len(created.FulfillmentOrderIDs) != 1 {
		t.Errorf("sent again, it became %+v, %v", created, err)
	}
}

// historyLength is the number of events in the present run's history.
func historyLength(t *testing.T, s *workertest.Stack, id fulfillment.ID) int64 {
	t.Helper()
	described, err := s.Temporal.DescribeWorkflowExecution(t.Context(), temporalio.FulfillmentOrderID(id), "")
	if err != nil {
		t.Fatal(err)
	}
	return described.GetWorkflowExecutionInfo().GetHistoryLength()
}
