package workflows_test

import (
	"strings"
	"testing"
	"time"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

// TestLargeStateIsWholeInTheStore has more and longer texts than a state carries. Who reads the store misses nothing.
func TestLargeStateIsWholeInTheStore(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	service := s.Service(fulfillment.Service{Name: "North", Provider: fulfillment.ManualProvider})
	id := s.Order(service.LocationID, 2)
	long := strings.Repeat("<", 4000) // 24 kB of JSON
	var requests, events []fulfillment.ID
	for range 7 {
		asked := s.Send(id, &fulfillment.SubmitFulfillmentRequest{Message: long})
		requests = append(requests, asked.RequestID)
		s.Send(id, &fulfillment.RejectFulfillmentRequest{Message: "None left."})
	}
	shipped := s.Send(id, &fulfillment.CreateFulfillment{}).FulfillmentID
	for range 14 {
		told := s.Send(id, &fulfillment.RecordEvent{
			FulfillmentID: shipped, Status: fulfillment.EventInTransit, Message: long,
		})
		events = append(events, told.EventID)
	}
	if state := s.State(id); !state.Abridged || state.Size() > 256<<10 || state.Fulfillments[0].EarlierEvents == 0 ||
		state.EarlierRequests == 0 {
		t.Errorf("the workflow's state has %d bytes, and is abridged: %t", state.Size(), state.Abridged)
	}
	found, err := s.Store.FulfillmentOrdersByPart(t.Context(), postgres.PartMerchantRequest, requests[:1])
	if err != nil || found[0] == nil || found[0].ID != id {
		t.Fatalf("the first merchant request is not found: %v, %v", found, err)
	}
	owned, err := s.Store.FulfillmentsBy(t.Context(), postgres.FulfillmentByEvent, events[:1])
	if err != nil || owned[0] == nil {
		t.Fatalf("the first event is not found: %v", err)
	}
	for name, fo := range map[string]*fulfillment.FulfillmentOrder{
		"by ID": s.Load(id), "by a request": found[0], "by an event": owned[0].Owner,
	} {
		f := fo.Fulfillments[0]
		if len(fo.MerchantRequests) != len(requests) || fo.MerchantRequests[0].Message != long ||
			len(f.Events) != len(events) || f.Events[0].ID != events[0] || f.Events[0].Message != long {
			t.Errorf("%s: %d merchant requests and %d events, want all with their messages", name,
				len(fo.MerchantRequests), len(f.Events))
		}
	}
	replays(t, s, temporalio.FulfillmentOrderID(id))
}

// TestTooLargeIsHealed has a snapshot from before states had a bound: no run could be given it.
func TestTooLargeIsHealed(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 2)
	s.StopWorker()
	terminate(t, s, id)
	conn := devstacktest.Connect(t, string(s.Settings.Database.URL))
	const inflate = `UPDATE fulfillment_orders SET snapshot = jsonb_set(snapshot, '{merchantRequests}', (
		SELECT jsonb_agg(jsonb_build_object('id', 1000 + i, 'kind', 'FULFILLMENT_REQUEST',
			'message', repeat('x', 8000), 'requestOptions', '{}'::jsonb, 'sentAt', now()))
		FROM generate_series(1, 400) i)) WHERE id = $1`
	if _, err := conn.Exec(t.Context(), inflate, id); err != nil {
		t.Fatal(err)
	}
	s.StartWorker()
	s.Send(id, &fulfillment.SetDeadline{FulfillBy: in(time.Hour)})
	if state := s.State(id); state.Size() > 256<<10 || state.EarlierRequests == 0 {
		t.Errorf("the workflow's state has %d bytes", state.Size())
	}
	run := presentRun(t, s, id)
	s.Send(id, &fulfillment.PlaceHold{Reason: fulfillment.HoldOther})
	if again := presentRun(t, s, id); again != run {
		t.Error("the run did not go on")
	}
}
