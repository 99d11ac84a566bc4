package audit

import (
	"slices"
	"strings"
	"testing"
	"time"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/fulfillment"
	"packhorse/internal/worker/workertest"
)

// TestLost audits a store that was set back and has recovered: nothing is wrong, and what was lost is listed with what
// the provider has of it.
func TestLost(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	own := s.Warehouse("Berlin").ID
	location := s.Service(
		fulfillment.Service{Name: "North", Provider: "simulated", Options: map[string]any{"ship": false}},
	).LocationID
	asked, shipped := s.Order(location, 1), s.Order(own, 1)
	setBack := s.Copy()
	ask := func(id fulfillment.ID) {
		s.Send(id, &fulfillment.SubmitFulfillmentRequest{})
		s.Eventually(id, "accepted", func(fo *fulfillment.FulfillmentOrder) bool {
			return fo.RequestStatus == fulfillment.RequestAccepted
		})
	}
	ask(asked)
	parcel := s.Send(shipped, &fulfillment.CreateFulfillment{}).FulfillmentID
	gone := s.Order(location, 1)
	ask(gone)
	order := s.Load(gone).OrderID
	// A shipment that nobody but the provider knows of: its workflow task was lost, and then the database was set back.
	const unheard = 4711
	key := s.Load(asked).RequestKey
	if _, err := devstacktest.Pool(t, string(s.Settings.Database.URL)).Exec(t.Context(), `
INSERT INTO simulated_provider.schedule (key, fulfillment_order_id, service_id, fulfillment_id, due_at, action, done_at,
	outcome) VALUES ($1, $2, 0, $3, now(), '{}', now(), 'done')`, key, asked, unheard); err != nil {
		t.Fatal(err)
	}
	setBack()
	for _, id := range []fulfillment.ID{asked, shipped, gone} {
		if err := s.Updates.Refresh(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	ask(asked)
	orders := map[string]fulfillment.ID{"sent again": s.Load(shipped).OrderID, "not sent again": order}
	for _, id := range orders {
		loss := fulfillment.Loss{Kind: fulfillment.LossOrder, OrderID: id, OrderName: "#1", FoundAt: time.Now()}
		if err := s.Store.Lose(t.Context(), loss); err != nil {
			t.Fatal(err)
		}
	}

	from := Sources{
		Database: devstacktest.Pool(t, string(s.Settings.Database.URL)), Store: s.Store, Temporal: s.Temporal,
		Namespace: s.Settings.Temporal.Namespace, Ledger: s.Ledger(),
	}
	report, err := Check(t.Context(), from, Witness{Orders: []fulfillment.ID{order}})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range report.Violations() {
		t.Errorf("order %d, fulfillment order %d: %s", v.OrderID, v.FulfillmentOrderID, v.What)
	}
	for what, is := range map[string]func(Loss) bool{
		"the request that the provider has": func(l Loss) bool {
			return l.FulfillmentOrderID == asked && len(l.Effects) == 1
		},
		"the shipment that only the provider knows of": func(l Loss) bool {
			return l.FulfillmentID == unheard && l.FulfillmentOrderID == asked && strings.Contains(l.What, key)
		},
		"the shipment": func(l Loss) bool { return l.FulfillmentID == parcel },
		"the order, and the request that the provider has": func(l Loss) bool {
			return l.OrderID == order && l.FulfillmentOrderID == gone && len(l.Effects) == 1
		},
		"the order that was sent again": func(l Loss) bool {
			return l.OrderID == orders["sent again"] && l.What == "order #1 was gone, and is there again"
		},
		"the order that was not": func(l Loss) bool {
			return l.OrderID == orders["not sent again"] && l.What == "order #1 is gone: send it again"
		},
	} {
		if !slices.ContainsFunc(report.Lost, is) {
			t.Errorf("%s is not listed: %+v", what, report.Lost)
		}
	}
}
