package workflows_test

import (
	"strings"
	"testing"

	"packhorse/internal/config"
	"packhorse/internal/fulfillment"
	"packhorse/internal/worker/workertest"
)

// TestShippingRuleWaitsForNobody: nobody serves the provider that is asked for prices; the order goes where it would
// have gone without its rule, and says so.
func TestShippingRuleWaitsForNobody(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	for _, name := range []string{"First", "Second"} {
		s.Service(fulfillment.Service{Name: name, Provider: "simulated", Options: map[string]any{"price": "1"}})
	}
	s.StopWorker()
	s.Settings.Worker.Providers = config.Names{fulfillment.ManualProvider}
	s.StartWorker()
	created, err := s.Command.CreateOrder(t.Context(), fulfillment.Order{
		ShippingOption: &fulfillment.ShippingOption{Rule: fulfillment.RuleFastest}, LineItems: blankets(1, 0),
	})
	if err != nil {
		t.Fatal(err)
	}
	const why = "first of 2 locations by priority that stock all lines, since the order's shipping rule can't choose " +
		"(First: it gave no price within 8s, Second: it gave no price within 8s)"
	if at := s.Load(created.FulfillmentOrderIDs[0]).AssignedLocation; at.Name != "First" || !strings.Contains(at.Why, why) {
		t.Errorf("it is at %s: %s", at.Name, at.Why)
	}
}
