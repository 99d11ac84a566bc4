package workflows_test

import (
	"slices"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/converter"

	"packhorse/activities"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// TestSetBackBeforeItIsHeard has the database set back when a joint command is committed, and a fulfillment order has
// not heard of that: it lists what it is told of and does not find, and goes on above it.
func TestSetBackBeforeItIsHeard(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	location := s.Warehouse("Berlin").ID
	minter := new(fulfillment.Minter)
	for name, later := range map[string]bool{"it_is_as_it_was": false, "it_has_gone_on": true} {
		t.Run(name, func(t *testing.T) {
			s := s.For(t)
			id := s.Order(location, 2)
			const by = "CreateFulfillment of a test"
			if _, err := s.Updates.Reserve(t.Context(), id, by); err != nil {
				t.Fatal(err)
			}
			told := fulfillment.Answered{CommandID: "parcel", Result: fulfillment.Result{
				FulfillmentOrderID: id, Sequence: s.Load(id).Sequence + 1, FulfillmentID: minter.Mint(),
				SiblingID: minter.Mint(),
			}}
			if later {
				if err := s.Updates.Abort(t.Context(), id, by); err != nil {
					t.Fatal(err)
				}
				s.Send(id, &fulfillment.ReportProgress{})
				s.Send(id, &fulfillment.ReportProgress{})
			}
			if err := s.Updates.Apply(t.Context(), id, by, &told); err != nil {
				t.Fatal(err)
			}
			loss, err := s.Store.LossOf(t.Context(), 0, id)
			if err != nil || loss.Kind != fulfillment.LossRestored || len(loss.Shipments) != 1 ||
				loss.Shipments[0].ID != told.Result.FulfillmentID {
				t.Errorf("what is lost is %+v (%v)", loss, err)
			}
			if !later && !slices.Equal(loss.CommandIDs, []string{"parcel"}) {
				t.Errorf("lost commands are %q", loss.CommandIDs)
			}
			loss, err = s.Store.LossOf(t.Context(), 0, told.Result.SiblingID)
			if err != nil || loss.Kind != fulfillment.LossEnded || loss.OrderID != s.Load(id).OrderID {
				t.Errorf("of what was made with it %+v is lost (%v)", loss, err)
			}
			again := s.Send(id, ship("parcel"))
			if again.Sequence <= told.Result.Sequence+1 || again.FulfillmentID == told.Result.FulfillmentID {
				t.Errorf("the command is answered %+v, and %+v was committed", again, told.Result)
			}
			replays(t, s, temporalio.FulfillmentOrderID(id))
		})
	}
}

// TestJointCommandsTellWhatTheyDid: each fulfillment order hears what was committed for it, and finds it.
func TestJointCommandsTellWhatTheyDid(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	p := newParcels(t, s, s.Warehouse("Berlin").ID, 1, 1)
	cmd := &fulfillment.Ship{Groups: []fulfillment.ShipGroup{
		{FulfillmentOrderID: p.ids[0]}, {FulfillmentOrderID: p.ids[1]},
	}}
	cmd.CommandID, cmd.FirstID = "parcel", new(fulfillment.Minter).Mint()
	results, err := s.Updates.Joint(t.Context(), p.orderID, cmd)
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, e := range history(t, s, temporalio.OrderID(p.orderID)) {
		scheduled := e.GetActivityTaskScheduledEventAttributes()
		if scheduled.GetActivityType().GetName() != "Apply" {
			continue
		}
		var in activities.ReservationInput
		if err := converter.GetDefaultDataConverter().FromPayloads(scheduled.GetInput(), &in); err != nil {
			t.Fatal(err)
		}
		for _, id := range p.ids {
			if in.Versions[id] == s.Load(id).Sequence {
				told++
			}
		}
		for n, done := range in.Done {
			if done.Result != results[n] || done.CommandID != fulfillment.JointCommandID("parcel", n) {
				t.Errorf("told is %+v, answered %+v", done, results[n])
			}
		}
	}
	if told != len(p.ids) {
		t.Errorf("%d versions were told", told)
	}
	for _, id := range p.ids {
		page, err := s.Store.Transitions(t.Context(), id, postgres.Page{})
		if err != nil || slices.ContainsFunc(page.Items, func(tr fulfillment.Transition) bool {
			return tr.Kind == fulfillment.KindRestored
		}) {
			t.Errorf("fulfillment order %d did not find what it was told: %+v (%v)", id, page.Items, err)
		}
	}
}

// TestSetBackBeforeANewRunReads has the database set back when a run has been started on what it had, and has not read
// it yet: what the run before knew is listed. A reset to the first task stands for the moment between.
func TestSetBackBeforeANewRunReads(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 2)
	setBack := s.Copy()
	parcel := s.Send(id, ship("parcel"))
	s.Send(id, &fulfillment.RecordEvent{
		FulfillmentID: parcel.FulfillmentID, Status: fulfillment.EventDelivered,
	})
	ended(t, s, id, enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED)
	run := presentRun(t, s, id)
	if _, err := s.Command.Send(t.Context(), id, ship("another parcel")); err == nil {
		t.Fatal("a fulfillment order that is closed has shipped")
	}
	if presentRun(t, s, id) == run {
		t.Fatal("the command was answered without a run")
	}
	ended(t, s, id, enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED)
	setBack()
	resetBefore(t, s, temporalio.FulfillmentOrderID(id), enumspb.EVENT_TYPE_MARKER_RECORDED)
	var loss fulfillment.Loss
	workertest.WaitFor(t, "what is lost", func() (found bool) {
		var err error
		loss, err = s.Store.LossOf(t.Context(), 0, id)
		return err == nil
	})
	if loss.Kind != fulfillment.LossRestored || len(loss.Shipments) != 1 ||
		loss.Shipments[0].ID != parcel.FulfillmentID {
		t.Errorf("what is lost is %+v", loss)
	}
	if again := s.Send(id, ship("parcel")); again.FulfillmentID == parcel.FulfillmentID {
		t.Errorf("the command is answered %+v", again)
	}
	replays(t, s, temporalio.FulfillmentOrderID(id))
}
