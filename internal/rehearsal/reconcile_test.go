package rehearsal

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider/simulated"
)

// stored is what the store says when all went as recorded.
func stored(o *played) (*storedOrder, map[fulfillment.ID][]simulated.Effect) {
	s := &storedOrder{ID: o.id, ProcessedAt: o.record.PurchasedAt.ptr()}
	effects := map[fulfillment.ID][]simulated.Effect{}
	if o.record.cancelled() {
		s.CancelledAt = new(time.Now())
	}
	for i, e := range o.record.expect() {
		fo := &storedFulfillmentOrder{
			ID: fulfillment.ID(i + 1), OrderID: o.id, LocationID: locationID(e.seller), Status: e.status,
			RequestStatus: e.requestStatus,
			Lines:         e.lines, Units: e.units, Remaining: e.remaining, Cancelled: e.cancelled,
			EarliestLimitAt: e.earliestLimit,
			Requests:        e.requests, Cancellations: e.cancellations,
		}
		if e.reason != "" {
			fo.RejectionReason = new(string(e.reason))
		}
		if e.shipped {
			fo.Fulfillments = []*storedFulfillment{{Status: fulfillment.FulfillmentSuccess, Units: e.units,
				InTransitAt: e.inTransitAt, DeliveredAt: e.deliveredAt, EstimatedDeliveryAt: e.estimatedAt}}
		}
		for range e.requests {
			effects[fo.ID] = append(
				effects[fo.ID], simulated.Effect{Key: "request", Kind: simulated.KindCreate, Calls: 2, Effects: 1},
			)
		}
		for range e.cancellations {
			effects[fo.ID] = append(
				effects[fo.ID], simulated.Effect{Key: "cancel", Kind: simulated.KindCancel, Calls: 1, Effects: 1},
			)
		}
		s.FulfillmentOrders = append(s.FulfillmentOrders, fo)
		s.Lines += e.lines
		s.Units += e.units
	}
	return s, effects
}

func playedOrder(t *testing.T, id string) *played {
	t.Helper()
	records := recordedOrders(t)
	for i := range records {
		if records[i].ID == id {
			return newPlayed("r1", &records[i], Clock{Day: time.Second})
		}
	}
	t.Fatalf("there is no record %q", id)
	return nil
}

func TestReconcile(t *testing.T) {
	t.Parallel()
	later := day("2024-04-01")
	first := func(s *storedOrder) *storedFulfillmentOrder { return s.FulfillmentOrders[0] }
	shipment := func(s *storedOrder) *storedFulfillment { return s.FulfillmentOrders[0].Fulfillments[0] }
	type effects = map[fulfillment.ID][]simulated.Effect
	for _, test := range []struct {
		name, record string
		spoil        func(*storedOrder, effects)
		want         string
	}{
		{"nothing", "plain", func(*storedOrder, effects) {}, ""},
		{"purchase_time", "plain", func(s *storedOrder, _ effects) { s.ProcessedAt = &later }, "purchased at"},
		{"cancelled", "plain", func(s *storedOrder, _ effects) { s.CancelledAt = &later }, "cancelled"},
		{"not_cancelled", "canceled-at-once", func(s *storedOrder, _ effects) { s.CancelledAt = nil }, "cancelled"},
		{
			"units_not_cancelled", "canceled-at-once", func(s *storedOrder, _ effects) { first(s).Cancelled = 1 },
			"units cancelled",
		},
		{
			"fulfillment_order_missing", "two-sellers",
			func(s *storedOrder, _ effects) { s.FulfillmentOrders = s.FulfillmentOrders[1:] },
			"fulfillment orders, fulfillment orders of seller s1",
		},
		{
			"fulfillment_order_elsewhere", "plain", func(s *storedOrder, _ effects) { first(s).LocationID++ },
			"fulfillment orders of seller s1",
		},
		{"status", "plain", func(s *storedOrder, _ effects) { first(s).Status = fulfillment.StatusOpen }, "status"},
		{
			"request_status", "invoiced",
			func(s *storedOrder, _ effects) { first(s).RequestStatus = fulfillment.RequestSubmitted }, "status",
		},
		{"lines", "plain", func(s *storedOrder, _ effects) { first(s).Lines-- }, "lines"},
		{"units", "plain", func(s *storedOrder, _ effects) { first(s).Units++ }, "units"},
		{"remaining", "plain", func(s *storedOrder, _ effects) { first(s).Remaining++ }, "units not shipped"},
		{
			"limit", "plain", func(s *storedOrder, _ effects) { first(s).EarliestLimitAt = nil },
			"earliest shipping limit",
		},
		{
			"no_reason", "unavailable", func(s *storedOrder, _ effects) { first(s).RejectionReason = nil },
			"rejected because of",
		},
		{"requested_twice", "plain", func(s *storedOrder, _ effects) { first(s).Requests = 2 }, "fulfillment requests"},
		{"no_shipment", "plain", func(s *storedOrder, _ effects) { first(s).Fulfillments = nil }, "shipments"},
		{
			"two_shipments", "plain",
			func(s *storedOrder, _ effects) { first(s).Fulfillments = append(first(s).Fulfillments, shipment(s)) },
			"shipments",
		},
		{
			"shipment_cancelled", "plain",
			func(s *storedOrder, _ effects) { shipment(s).Status = fulfillment.FulfillmentCancelled },
			"status of the shipment",
		},
		{"units_of_shipment", "plain", func(s *storedOrder, _ effects) { shipment(s).Units-- }, "units shipped"},
		{
			"carrier_time", "plain", func(s *storedOrder, _ effects) { shipment(s).InTransitAt = &later },
			"handed to the carrier",
		},
		{"never_delivered", "plain", func(s *storedOrder, _ effects) { shipment(s).DeliveredAt = nil }, "delivered"},
		{
			"delivered_by_mistake", "on-its-way", func(s *storedOrder, _ effects) { shipment(s).DeliveredAt = &later },
			"delivered",
		},
		{
			"estimate", "plain", func(s *storedOrder, _ effects) { shipment(s).EstimatedDeliveryAt = &later },
			"estimated delivery",
		},
		{
			"never_reached_the_provider", "plain", func(_ *storedOrder, e effects) { delete(e, 1) },
			"requests that reached the provider",
		},
		{
			"effect_twice", "plain", func(_ *storedOrder, e effects) { e[1][0].Effects = 2 },
			"effects at the provider under key request",
		},
		{
			"second_key", "plain", func(_ *storedOrder, e effects) { e[1] = append(e[1], e[1][0]) },
			"requests that reached the provider",
		},
		{
			"cancellation_lost", "canceled-in-work", func(_ *storedOrder, e effects) { e[1] = e[1][:1] },
			"cancellations that reached the provider",
		},
		{"withdrawn", "plain", func(_ *storedOrder, e effects) {
			e[1] = append(e[1], simulated.Effect{Key: "withdraw", Kind: simulated.KindWithdraw, Effects: 1})
		}, "withdrawals that reached the provider"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := playedOrder(t, test.record)
			s, e := stored(o)
			test.spoil(s, e)
			var got []string
			for _, d := range reconcile(o, s, e) {
				got = append(got, d.What)
				if d.RecordID != test.record || d.File == d.Store {
					t.Errorf("odd difference %+v", d)
				}
			}
			if got := strings.Join(got, ", "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestReconcileOrdersThatAreMissing(t *testing.T) {
	t.Parallel()
	o := playedOrder(t, "plain")
	o.refusals = []Refusal{{StepCreate, fulfillment.CodeUnroutable, "Nobody ships it."}}
	differences := reconcile(o, nil, nil)
	if len(differences) != 1 ||
		!strings.Contains(
			differences[0].String(),
			"the file says there, the store says missing; create was refused: Nobody ships it.",
		) {
		t.Errorf("got %v", differences)
	}
	empty := playedOrder(t, "no-items")
	if got := reconcile(empty, nil, nil); len(got) != 1 {
		t.Errorf("an order without items that was not refused: got %v", got)
	}
	empty.refusals = []Refusal{{StepCreate, fulfillment.CodeInvalid, "An order needs at least one line item."}}
	if got := reconcile(empty, nil, nil); len(got) != 0 {
		t.Errorf("an order without items that was refused: got %v", got)
	}
	if got := reconcile(empty, &storedOrder{}, nil); len(got) != 1 {
		t.Errorf("an order without items that is there all the same: got %v", got)
	}
}

func TestReportEndsWithItsSummary(t *testing.T) {
	t.Parallel()
	r := Report{
		Run: "r1", Store: Totals{Orders: 3, FulfillmentOrders: 4},
		Differences: []Difference{{What: "workflow order/1", File: "closed", Store: "open"}},
	}
	var out bytes.Buffer
	if err := r.Write(&out); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(out.String(), "\nrehearsal: 3 orders, 4 fulfillment orders, 1 differences\n") {
		t.Errorf("last line of\n%s", &out)
	}
	if !strings.Contains(out.String(), "workflow order/1: the file says closed, the store says open") {
		t.Errorf("the difference is missing in\n%s", &out)
	}
}
