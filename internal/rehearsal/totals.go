package rehearsal

import (
	"time"

	"packhorse/internal/fulfillment"
)

// Totals are what a rehearsal adds up to. The same are counted from the file and from the store.
type Totals struct {
	Orders                       int `json:"orders"`
	OrdersWithoutItemsRefused    int `json:"ordersWithoutItemsRefused"`
	FulfillmentOrders            int `json:"fulfillmentOrders"`
	Lines                        int `json:"lines"`
	Units                        int `json:"units"`
	HandedToCarrier              int `json:"handedToCarrier"`          // fulfillment orders
	HandedAfterEarliestLimit     int `json:"handedAfterEarliestLimit"` // fulfillment orders, by the carrier's own time
	OrdersDelivered              int `json:"ordersDelivered"`          // by the carrier's own time
	OrdersDeliveredAfterEstimate int `json:"ordersDeliveredAfterEstimate"`
	RejectedOutOfStock           int `json:"rejectedOutOfStock"` // fulfillment orders
	OrdersCancelled              int `json:"ordersCancelled"`
	CancellationsRefused         int `json:"cancellationsRefused"` // orders that were shipped by then
}

// rows are the totals by the names of their rows in a table.
func (t Totals) rows() []totalRow {
	return []totalRow{
		{"orders", t.Orders},
		{"orders without items, refused", t.OrdersWithoutItemsRefused},
		{"fulfillment orders", t.FulfillmentOrders},
		{"lines", t.Lines},
		{"units", t.Units},
		{"handed to the carrier", t.HandedToCarrier},
		{"handed after the earliest limit", t.HandedAfterEarliestLimit},
		{"orders delivered", t.OrdersDelivered},
		{"orders delivered after the estimate", t.OrdersDeliveredAfterEstimate},
		{"rejected, out of stock", t.RejectedOutOfStock},
		{"orders cancelled", t.OrdersCancelled},
		{"cancellations refused, shipped already", t.CancellationsRefused},
	}
}

type totalRow struct {
	name  string
	count int
}

// fileTotals counts what the records say.
func fileTotals(records []Record) Totals {
	t := Totals{Orders: len(records)}
	for i := range records {
		r := &records[i]
		if len(r.Items) == 0 {
			t.OrdersWithoutItemsRefused++
			continue
		}
		for _, e := range r.expect() {
			t.FulfillmentOrders++
			t.Lines += e.lines
			t.Units += e.units
			t.RejectedOutOfStock += one(e.reason != "")
			t.handed(e.inTransitAt, e.earliestLimit)
		}
		t.delivered(r.DeliveredAt.ptr(), r.EstimatedAt.ptr())
		t.OrdersCancelled += one(r.cancelled())
		t.CancellationsRefused += one(r.Status == RecordCanceled && r.shipped())
	}
	return t
}

// storeTotals counts what the system says of the orders that were played.
func storeTotals(orders []*played, stored map[fulfillment.ID]*storedOrder) Totals {
	t := Totals{Orders: len(orders)}
	for _, o := range orders {
		s := stored[o.id]
		if s == nil {
			t.OrdersWithoutItemsRefused += one(len(o.record.Items) == 0 && o.refused(StepCreate) != nil)
			continue
		}
		t.Lines += s.Lines
		t.Units += s.Units
		t.OrdersCancelled += one(s.CancelledAt != nil)
		t.CancellationsRefused += one(s.CancelledAt == nil && o.refused(StepCancel) != nil)
		var delivered, estimated *time.Time
		open := 0
		for _, fo := range s.FulfillmentOrders {
			t.FulfillmentOrders++
			t.RejectedOutOfStock += one(fo.RejectionReason != nil)
			var handed *time.Time
			arrived := false
			for _, f := range fo.Fulfillments {
				handed = earlier(handed, f.InTransitAt)
				if f.DeliveredAt != nil {
					arrived = true
					delivered, estimated = later(delivered, f.DeliveredAt), later(estimated, f.EstimatedDeliveryAt)
				}
			}
			open += one(!arrived)
			t.handed(handed, fo.EarliestLimitAt)
		}
		if open == 0 {
			t.delivered(delivered, estimated)
		}
	}
	return t
}

func (t *Totals) handed(at, limit *time.Time) {
	t.HandedToCarrier += one(at != nil)
	t.HandedAfterEarliestLimit += one(at != nil && limit != nil && at.After(*limit))
}

func (t *Totals) delivered(at, estimate *time.Time) {
	t.OrdersDelivered += one(at != nil)
	t.OrdersDeliveredAfterEstimate += one(at != nil && estimate != nil && at.After(*estimate))
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func earlier(a, b *time.Time) *time.Time {
	if a == nil || b != nil && b.Before(*a) {
		return b
	}
	return a
}

func later(a, b *time.Time) *time.Time {
	if a == nil || b != nil && b.After(*a) {
		return b
	}
	return a
}
