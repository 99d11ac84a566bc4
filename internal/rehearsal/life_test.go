package rehearsal

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
)

// The recorded orders of these tests, one for each kind of life and each kind of dirt.
const recorded = `
{"id":"plain","status":"delivered","purchased_at":"2024-03-01 10:00:00","approved_at":"2024-03-01 11:00:00","carrier_at":"2024-03-02 09:00:00","delivered_at":"2024-03-05 15:00:00","estimated_at":"2024-03-08 00:00:00","customer":{"city":"Riverton","state":"RV","zip":"12345"},"items":[{"product_id":"p1","seller_id":"s1","quantity":2,"price":"9.90","shipping_limit_at":"2024-03-03 11:00:00"},{"product_id":"p1","seller_id":"s1","quantity":1,"price":"9.90","shipping_limit_at":"2024-03-04 11:00:00"}]}
{"id":"two-sellers","status":"delivered","purchased_at":"2024-03-01 10:00:01","approved_at":"2024-03-01 11:00:00","carrier_at":"2024-03-04 09:00:00","delivered_at":"2024-03-09 15:00:00","estimated_at":"2024-03-08 00:00:00","items":[{"product_id":"p1","seller_id":"s2","quantity":1,"price":"5","shipping_limit_at":"2024-03-03 11:00:00"},{"product_id":"p2","seller_id":"s1","quantity":4,"price":"5","shipping_limit_at":"2024-03-05 11:00:00"}]}
{"id":"no-items","status":"unavailable","purchased_at":"2024-03-01 12:00:00","approved_at":"2024-03-01 12:00:00","items":[]}
{"id":"early-carrier","status":"delivered","purchased_at":"2024-03-02 10:00:00","approved_at":"2024-03-02 11:00:00","carrier_at":"2024-03-01 09:00:00","delivered_at":"2024-03-05 15:00:00","estimated_at":"2024-03-08 00:00:00","items":[{"product_id":"p1","seller_id":"s1","quantity":1,"price":"5","shipping_limit_at":"2024-03-02 10:30:00"}]}
{"id":"early-delivery","status":"delivered","purchased_at":"2024-03-02 10:00:00","approved_at":"2024-03-02 11:00:00","carrier_at":"2024-03-06 09:00:00","delivered_at":"2024-03-05 15:00:00","estimated_at":"2024-03-08 00:00:00","items":[{"product_id":"p1","seller_id":"s1","quantity":1,"price":"5","shipping_limit_at":"2024-03-04 00:00:00"}]}
{"id":"canceled-at-once","status":"canceled","purchased_at":"2024-03-02 10:00:00","approved_at":null,"estimated_at":"2024-03-08 00:00:00","items":[{"product_id":"p1","seller_id":"s1","quantity":2,"price":"5","shipping_limit_at":"2024-03-04 00:00:00"}]}
{"id":"canceled-in-work","status":"canceled","purchased_at":"2024-03-02 10:00:00","approved_at":"2024-03-02 11:00:00","estimated_at":"2024-03-08 00:00:00","items":[{"product_id":"p1","seller_id":"s1","quantity":2,"price":"5","shipping_limit_at":"2024-03-04 00:00:00"},{"product_id":"p1","seller_id":"s3","quantity":1,"price":"5"}]}
{"id":"canceled-on-its-way","status":"canceled","purchased_at":"2024-03-02 10:00:00","approved_at":"2024-03-02 11:00:00","carrier_at":"2024-03-03 09:00:00","estimated_at":"2024-03-08 00:00:00","items":[{"product_id":"p1","seller_id":"s1","quantity":1,"price":"5","shipping_limit_at":"2024-03-04 00:00:00"}]}
{"id":"canceled-but-delivered","status":"canceled","purchased_at":"2024-03-02 10:00:00","approved_at":"2024-03-02 11:00:00","carrier_at":"2024-03-03 09:00:00","delivered_at":"2024-03-05 15:00:00","estimated_at":"2024-03-08 00:00:00","items":[{"product_id":"p1","seller_id":"s1","quantity":1,"price":"5","shipping_limit_at":"2024-03-04 00:00:00"}]}
{"id":"unavailable","status":"unavailable","purchased_at":"2024-03-02 10:00:00","approved_at":"2024-03-02 11:00:00","estimated_at":"2024-03-08 00:00:00","items":[{"product_id":"p1","seller_id":"s1","quantity":1,"price":"5","shipping_limit_at":"2024-03-04 00:00:00"}]}
{"id":"on-its-way","status":"shipped","purchased_at":"2024-03-02 10:00:00","approved_at":"2024-03-02 11:00:00","carrier_at":"2024-03-03 09:00:00","estimated_at":"2024-03-08 00:00:00","items":[{"product_id":"p1","seller_id":"s1","quantity":1,"price":"5","shipping_limit_at":"2024-03-04 00:00:00"}]}
{"id":"never-approved","status":"delivered","purchased_at":"2024-03-02 10:00:00","approved_at":null,"carrier_at":"2024-03-03 09:00:00","delivered_at":"2024-03-05 15:00:00","estimated_at":"2024-03-08 00:00:00","items":[{"product_id":"p1","seller_id":"s1","quantity":1,"price":"5","shipping_limit_at":"2024-03-04 00:00:00"}]}
{"id":"no-carrier","status":"delivered","purchased_at":"2024-03-02 10:00:00","approved_at":"2024-03-02 11:00:00","carrier_at":null,"delivered_at":"2024-03-05 15:00:00","estimated_at":null,"items":[{"product_id":"p1","seller_id":"s1","quantity":1,"price":"5","shipping_limit_at":"2024-03-04 00:00:00"}]}
{"id":"no-times","status":"delivered","purchased_at":"2024-03-02 10:00:00","approved_at":"2024-03-02 11:00:00","estimated_at":"2024-03-08 00:00:00","items":[{"product_id":"p1","seller_id":"s1","quantity":1,"price":"5","shipping_limit_at":"2024-03-04 00:00:00"}]}
{"id":"invoiced","status":"invoiced","purchased_at":"2024-03-02 10:00:00","approved_at":"2024-03-02 11:00:00","estimated_at":"2024-03-08 00:00:00","items":[{"product_id":"p1","seller_id":"s1","quantity":1,"price":"5","shipping_limit_at":"2024-03-04 00:00:00"}]}
{"id":"created","status":"created","purchased_at":"2024-03-02 10:00:00","approved_at":null,"estimated_at":"2024-03-08 00:00:00","items":[{"product_id":"p1","seller_id":"s1","quantity":1,"price":"5","shipping_limit_at":"2024-03-04 00:00:00"}]}
`

func recordedOrders(t testing.TB) []Record {
	t.Helper()
	records, err := Read(strings.NewReader(recorded), threeDays)
	if err != nil {
		t.Fatal(err)
	}
	return records
}

func TestLife(t *testing.T) {
	t.Parallel()
	const in = "IN_PROGRESS/ACCEPTED"
	want := map[string][2]string{ // steps with their recorded times, and what is expected of each seller's share
		"plain": {
			"create 01 10 request 01 11 accept 01 11 ship 02 09 transit 02 09 deliver 05 15",
			"s1 CLOSED/ACCEPTED 3 left 0",
		},
		"two-sellers": {
			"create 01 10 request 01 11 accept 01 11 ship 04 09 transit 04 09 deliver 09 15",
			"s1 CLOSED/ACCEPTED 4 left 0, s2 CLOSED/ACCEPTED 1 left 0",
		},
		"no-items": {"create 01 12", ""},
		"early-carrier": {
			"create 02 10 request 02 11 accept 02 11 ship 01 09 transit 01 09 deliver 05 15",
			"s1 CLOSED/ACCEPTED 1 left 0",
		},
		"early-delivery": {
			"create 02 10 request 02 11 accept 02 11 ship 06 09 transit 06 09 deliver 05 15",
			"s1 CLOSED/ACCEPTED 1 left 0",
		},
		"canceled-at-once": {"create 02 10 cancel 02 10", "s1 CLOSED/UNSUBMITTED 2 left 0 cancelled 2"},
		"canceled-in-work": {
			"create 02 10 request 02 11 accept 02 11 cancel 02 11",
			"s1 CLOSED/CANCELLATION_ACCEPTED 2 left 0 cancelled 2, s3 CLOSED/CANCELLATION_ACCEPTED 1 left 0 cancelled 1",
		},
		"canceled-on-its-way": {
			"create 02 10 request 02 11 accept 02 11 ship 03 09 transit 03 09 cancel 03 09",
			"s1 CLOSED/ACCEPTED 1 left 0",
		},
		"canceled-but-delivered": {
			"create 02 10 request 02 11 accept 02 11 ship 03 09 transit 03 09 deliver 05 15 cancel 05 15",
			"s1 CLOSED/ACCEPTED 1 left 0",
		},
		"unavailable": {
			"create 02 10 request 02 11 reject 02 11", "s1 OPEN/REJECTED 1 left 1 because INVENTORY_OUT_OF_STOCK",
		},
		"on-its-way": {
			"create 02 10 request 02 11 accept 02 11 ship 03 09 transit 03 09", "s1 CLOSED/ACCEPTED 1 left 0",
		},
		"never-approved": {
			"create 02 10 request 03 09 accept 03 09 ship 03 09 transit 03 09 deliver 05 15",
			"s1 CLOSED/ACCEPTED 1 left 0",
		},
		"no-carrier": {
			"create 02 10 request 02 11 accept 02 11 ship 05 15 deliver 05 15", "s1 CLOSED/ACCEPTED 1 left 0",
		},
		"no-times": {"create 02 10 request 02 11 accept 02 11", "s1 " + in + " 1 left 1"},
		"invoiced": {"create 02 10 request 02 11 accept 02 11", "s1 " + in + " 1 left 1"},
		"created":  {"create 02 10", "s1 OPEN/UNSUBMITTED 1 left 1"},
	}
	records := recordedOrders(t)
	if len(records) != len(want) {
		t.Fatalf("%d records, %d expectations", len(records), len(want))
	}
	for i := range records {
		r := &records[i]
		t.Run(r.ID, func(t *testing.T) {
			t.Parallel()
			var steps, shares []string
			for _, m := range r.life() {
				steps = append(steps, string(m.step)+" "+m.at.Format("02 15"))
			}
			for _, e := range r.expect() {
				share := fmt.Sprintf("%s %s/%s %d left %d", e.seller, e.status, e.requestStatus, e.units, e.remaining)
				if e.cancelled > 0 {
					share += fmt.Sprintf(" cancelled %d", e.cancelled)
				}
				if e.reason != "" {
					share += " because " + string(e.reason)
				}
				shares = append(shares, share)
			}
			if got := strings.Join(steps, " "); got != want[r.ID][0] {
				t.Errorf("steps\n got %s\nwant %s", got, want[r.ID][0])
			}
			if got := strings.Join(shares, ", "); got != want[r.ID][1] {
				t.Errorf("expected\n got %s\nwant %s", got, want[r.ID][1])
			}
		})
	}
}

func TestFileTotals(t *testing.T) {
	t.Parallel()
	records := recordedOrders(t)
	want := Totals{
		Orders: 16, OrdersWithoutItemsRefused: 1, FulfillmentOrders: 17, Lines: 18, Units: 24, HandedToCarrier: 9,
		// two-sellers at s2, and early-delivery. By their own times: early-carrier was not late.
		HandedAfterEarliestLimit: 2, OrdersDelivered: 7, OrdersDeliveredAfterEstimate: 1, RejectedOutOfStock: 1,
		OrdersCancelled: 2, CancellationsRefused: 2,
	}
	if got := fileTotals(records); got != want {
		t.Errorf("totals\n got %+v\nwant %+v", got, want)
	}
	dirt := Dirt{
		WithoutItems: 1, CarrierBeforeApproval: 1, CarrierBeforePurchase: 1, DeliveredBeforeCarrier: 1,
		LimitBeforeApproval:  1,
		CanceledButDelivered: 1, ShippedNeverDelivered: 1, ShippedWithoutApproval: 1, DeliveredWithoutTime: 1,
	}
	if got := dirtOf(records); got != dirt {
		t.Errorf("oddities\n got %+v\nwant %+v", got, dirt)
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	start := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	records := recordedOrders(t)
	order := records[0].order("r1", Clock{Start: start, From: threeDays.From, Day: 24 * time.Second})
	if err := order.Complete(start); err != nil {
		t.Fatal(err)
	}
	if order.ID != OrderID("r1", "plain") || order.ID == OrderID("r2", "plain") {
		t.Errorf("ID %s: want one of the run's own", order.ID)
	}
	if got := order.LineItems[0].FulfillBy; got == nil || !got.Equal(start.Add(59*time.Second)) {
		t.Errorf("deadline %v: want the recorded one (2 days and 11 hours) on the rehearsal's clock", got)
	}
	if got := order.LineItems[0].Metadata[metaLimitAt]; got != "2024-03-03T11:00:00Z" {
		t.Errorf("recorded limit %q", got)
	}
	if got := order.LineItems[0].LocationID; got != locationID("s1") {
		t.Errorf("location %s, want the seller's", got)
	}
	if !order.ProcessedAt.Equal(records[0].PurchasedAt.Time) {
		t.Errorf("processed at %s, want the recorded purchase", order.ProcessedAt)
	}
	if a, b := commandID("r1", "plain", StepShip, "s1"), commandID("r1", "plain", StepTransit, "s1"); a == b ||
		a != "rehearsal/r1/plain/ship/s1" {
		t.Errorf("command IDs %q, %q", a, b)
	}
	empty := records[2].order("r1", Clock{Day: time.Second})
	if refused, ok := fulfillment.AsError(empty.Complete(start)); !ok {
		t.Errorf("an order without items must be refused, got %v", refused)
	}
}

func TestShort(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"": "", "a1b2": "a1b2", "a1b2c3d4e5": "a1b2c3d4", "aäääääääää": "aäääääää",
	} {
		if got := short(id); got != want {
			t.Errorf("%q is %q in short, want %q", id, got, want)
		}
	}
}
