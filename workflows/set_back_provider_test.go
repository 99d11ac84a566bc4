package workflows_test

import (
	"testing"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider/simulated"
	"packhorse/internal/worker/workertest"
)

// TestLostCalls has the database set back to a time before a provider was asked. What it has of that is found before it
// is asked again.
func TestLostCalls(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	location := s.Service(
		fulfillment.Service{Name: "North", Provider: "simulated", Options: map[string]any{"ship": false}},
	).LocationID
	whole, part := s.Order(location, 3), s.Order(location, 3)
	setBack := s.Copy()
	again := fulfillment.Order{ID: fulfillment.OrderIDOf("again"), LineItems: blankets(2, location)}
	ask := func(id fulfillment.ID) {
		s.Send(id, &fulfillment.SubmitFulfillmentRequest{})
		s.Eventually(id, "accepted", func(fo *fulfillment.FulfillmentOrder) bool {
			return fo.RequestStatus == fulfillment.RequestAccepted
		})
	}
	ask(whole)
	split := s.Send(
		part, &fulfillment.Split{Lines: []fulfillment.Quantity{{ID: s.Load(part).Lines[0].ID, Quantity: 1}}},
	)
	ask(split.SiblingID)
	created, err := s.Command.CreateOrder(t.Context(), again)
	if err != nil {
		t.Fatal(err)
	}
	ask(created.FulfillmentOrderIDs[0])
	asked := s.Load(whole).RequestKey
	setBack()

	for _, id := range []fulfillment.ID{whole, part, split.SiblingID, created.FulfillmentOrderIDs[0]} {
		if err := s.Updates.Refresh(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("the_same_is_adopted", func(t *testing.T) {
		s := s.For(t)
		ask(whole)
		if fo := s.Load(whole); fo.RequestKey != asked {
			t.Errorf("the request is %s, and the provider has %s", fo.RequestKey, asked)
		}
		if effects := createdFor(t, s, whole); len(effects) != 1 {
			t.Errorf("the provider was asked for %+v", effects)
		}
		s.Send(whole, &fulfillment.SubmitCancellationRequest{})
		s.Eventually(whole, "cancelled", func(fo *fulfillment.FulfillmentOrder) bool {
			return fo.RequestStatus == fulfillment.RequestCancellationAccepted
		})
	})
	t.Run("an_order_that_is_sent_again_asks_for_nothing_twice", func(t *testing.T) {
		s := s.For(t)
		second, err := s.Command.CreateOrder(t.Context(), again)
		if err != nil {
			t.Fatal(err)
		}
		ask(second.FulfillmentOrderIDs[0])
		if effects := createdFor(t, s, second.FulfillmentOrderIDs[0]); len(effects) != 0 {
			t.Errorf("the provider was asked again for %+v", effects)
		}
	})
	t.Run("what_was_asked_for_other_units_is_withdrawn_first", func(t *testing.T) {
		s := s.For(t)
		ask(part)
		if effects := createdFor(t, s, part); len(effects) != 1 {
			t.Errorf("the provider was asked for %+v", effects)
		}
		lost := createdFor(t, s, split.SiblingID)
		for _, effect := range effectsOf(t, s) {
			if effect.Kind == simulated.KindWithdraw && len(lost) == 1 && effect.RequestKey == lost[0].Key {
				return
			}
		}
		t.Errorf("%+v still stands", lost)
	})
}

// createdFor are the requests that the simulated provider has of a fulfillment order.
func createdFor(t *testing.T, s *workertest.Stack, id fulfillment.ID) (created []simulated.Effect) {
	t.Helper()
	for _, effect := range effectsOf(t, s) {
		if effect.FulfillmentOrderID == id && effect.Kind == simulated.KindCreate {
			created = append(created, effect)
		}
	}
	return created
}

// effectsOf is what the simulated provider did.
func effectsOf(t *testing.T, s *workertest.Stack) []simulated.Effect {
	t.Helper()
	effects, err := s.Ledger().Effects(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return effects
}
