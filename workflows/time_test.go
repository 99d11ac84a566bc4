package workflows_test

import (
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/temporalio"
	"packhorse/internal/worker/workertest"
)

func in(d time.Duration) *time.Time {
	t := time.Now().Add(d).UTC()
	return &t
}

func TestScheduledOpens(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	created, err := s.Command.CreateOrder(t.Context(), fulfillment.Order{
		FulfillAt: in(time.Second),
		LineItems: []fulfillment.LineItem{{Title: "Blanket", Quantity: 1, LocationID: s.Warehouse("Berlin").ID}},
	})
	if err != nil {
		t.Fatal(err)
	}
	id := created.FulfillmentOrderIDs[0]
	if fo := s.Load(id); fo.Status != fulfillment.StatusScheduled {
		t.Fatalf("status %s, want SCHEDULED", fo.Status)
	}
	s.Eventually(id, "open", func(fo *fulfillment.FulfillmentOrder) bool { return fo.Status == fulfillment.StatusOpen })
	replays(t, s, temporalio.FulfillmentOrderID(id))
}

func TestDeadlineMissed(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	s.Send(id, &fulfillment.SetDeadline{FulfillBy: in(time.Second)})
	fo := s.Eventually(id, "late", func(fo *fulfillment.FulfillmentOrder) bool { return fo.DeadlineMissedAt != nil })
	if fo.Status != fulfillment.StatusOpen {
		t.Errorf("a missed deadline made it %s: it must stay OPEN", fo.Status)
	}
}

func TestHoldExpires(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	id := s.Order(s.Warehouse("Berlin").ID, 1)
	s.Send(id, &fulfillment.PlaceHold{Reason: fulfillment.HoldAwaitingPayment, ExpiresAt: in(time.Second)})
	s.Eventually(
		id, "open again", func(fo *fulfillment.FulfillmentOrder) bool { return fo.Status == fulfillment.StatusOpen },
	)
}

func TestAcceptPolicy(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	berlin := s.Warehouse("Berlin")
	slow := func(name string, policy fulfillment.AcceptPolicy, provider string) fulfillment.Service {
		service := fulfillment.Service{
			Name: name, Provider: provider, AcceptWithin: fulfillment.Duration(time.Second), AcceptPolicy: policy,
		}
		if provider == "simulated" {
			service.Options = map[string]any{"answer": "manual"}
		}
		return s.Service(service)
	}
	t.Run("hold", func(t *testing.T) {
		t.Parallel()
		s := s.For(t)
		id := s.Order(slow("Sleepy", fulfillment.AcceptHold, "manual").LocationID, 1)
		s.Send(id, &fulfillment.SubmitFulfillmentRequest{})
		fo := s.Eventually(
			id, "held", func(fo *fulfillment.FulfillmentOrder) bool { return fo.Status == fulfillment.StatusOnHold },
		)
		if len(fo.Holds) != 1 || fo.Holds[0].ReasonNotes == "" {
			t.Errorf("holds are %+v, want one that says why", fo.Holds)
		}
	})
	t.Run("reroute", func(t *testing.T) {
		t.Parallel()
		s := s.For(t)
		id := s.Order(slow("Drowsy", fulfillment.AcceptReroute, "simulated").LocationID, 1)
		s.Send(id, &fulfillment.SubmitFulfillmentRequest{})
		s.Eventually(id, "moved to the next location", func(fo *fulfillment.FulfillmentOrder) bool {
			return fo.AssignedLocation.LocationID == berlin.ID && fo.Status == fulfillment.StatusOpen
		})
		replays(t, s, temporalio.FulfillmentOrderID(id))
	})
	t.Run("remind", func(t *testing.T) {
		t.Parallel()
		s := s.For(t)
		id := s.Order(slow("Dozy", fulfillment.AcceptRemind, "manual").LocationID, 1)
		s.Send(id, &fulfillment.SubmitFulfillmentRequest{})
		first := s.Load(id).Sequence
		fo := s.Eventually(
			id, "reminded twice", func(fo *fulfillment.FulfillmentOrder) bool { return fo.Sequence >= first+2 },
		)
		if fo.RequestStatus != fulfillment.RequestSubmitted {
			t.Errorf("a reminder made it %s", fo.RequestStatus)
		}
	})
}
