package shipbob_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/shipbob/shipbobtest"
)

func check(t *testing.T, what string, news []provider.News, want ...string) {
	t.Helper()
	if got := told(news); !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

// fresh is the news whose IDs were not there before: the others have no second effect.
func (w world) fresh(t *testing.T, cursor *string, seen map[string]bool) []provider.News {
	t.Helper()
	w.clock.pass(time.Minute)
	news, next := w.poll(t, *cursor)
	*cursor = next
	var list []provider.News
	for _, n := range news {
		if !seen[n.ID] {
			seen[n.ID] = true
			list = append(list, n)
		}
	}
	return list
}

// TestSeveralShipments: each is a fulfillment of its own, with its units and its own carrier's news.
func TestSeveralShipments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := request(1)
	w.create(t, r)
	ref, cursor, seen := reference(r), "", map[string]bool{}
	w.server.Split(ref, map[string]int{"MUG": 1}, map[string]int{"MUG": 1, "TEE": 1})
	check(t, "made", w.fresh(t, &cursor, seen))
	w.server.Label(ref, 1, "")
	check(t, "labelled", w.fresh(t, &cursor, seen), "CreateFulfillment 11×1 12×1", "LABEL_PRINTED")
	w.server.Label(ref, 1, "1ZB")
	check(t, "number", w.fresh(t, &cursor, seen), "UpdateTracking 1ZB")
	w.server.Complete(ref, 0, "1ZA")
	check(t, "left", w.fresh(t, &cursor, seen),
		"CreateFulfillment 11×1 1ZA", "UpdateTracking 1ZA", "LABEL_PRINTED", "CARRIER_PICKED_UP")
	w.server.Scan(ref, 0, shipbobtest.Scan{Status: "PreTransit"})
	w.clock.pass(time.Second)
	w.server.Scan(ref, 0, shipbobtest.Scan{Status: "InTransit", Location: "Chicago, IL"})
	w.clock.pass(time.Second)
	w.server.Scan(ref, 0, shipbobtest.Scan{Status: "InTransit", Substatus: "OutForDelivery"})
	check(t, "on its way", w.fresh(t, &cursor, seen), "CONFIRMED", "IN_TRANSIT", "OUT_FOR_DELIVERY")
	w.server.Scan(ref, 0, shipbobtest.Scan{Status: "Delivered"})
	check(t, "there", w.fresh(t, &cursor, seen), "DELIVERED")
	check(t, "nothing more", w.fresh(t, &cursor, seen))
}

// TestLabelComesBeforeLeaving: ShipBob has one time for both, and news may be told in any order.
func TestLabelComesBeforeLeaving(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := request(1)
	w.create(t, r)
	w.server.Complete(reference(r), 0, "1ZA")
	news, _ := w.poll(t, "")
	happened := map[fulfillment.EventStatus]time.Time{}
	for _, n := range news {
		if event, ok := n.Command.(*fulfillment.RecordEvent); ok {
			happened[event.Status] = *event.HappenedAt
		}
	}
	if printed, left := happened["LABEL_PRINTED"], happened["CARRIER_PICKED_UP"]; !printed.Before(left) {
		t.Errorf("the label was printed at %s, and the parcel left at %s", printed, left)
	}
}

// TestCustomerIsToldAsTheMerchantSaid: the order remembers it.
func TestCustomerIsToldAsTheMerchantSaid(t *testing.T) {
	t.Parallel()
	for _, notify := range []bool{true, false} {
		w := newWorld(t)
		r := request(1)
		r.NotifyCustomer = notify
		w.create(t, r)
		w.server.Complete(reference(r), 0, "1ZA")
		news, _ := w.poll(t, "")
		if ship, ok := news[0].Command.(*fulfillment.CreateFulfillment); !ok || ship.NotifyCustomer != notify {
			t.Errorf("%+v, want the customer told: %v", news[0].Command, notify)
		}
	}
}

// TestNewsFindsItsOrder: news says whose it is in every way that ShipBob tells.
func TestNewsFindsItsOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := request(4242)
	created := w.create(t, r)
	w.server.Complete(reference(r), 0, "1ZA")
	news, _ := w.poll(t, "")
	want := provider.Subject{
		FulfillmentOrderID: 4242, RequestKey: r.Key, Reference: created.Reference,
		Shipment: fmt.Sprint(w.server.Shipments(reference(r))[0]), TrackingNumber: "1ZA", Carrier: "UPS",
	}
	if len(news) == 0 {
		t.Fatal("there is no news")
	}
	for _, n := range news {
		if n.About != want || n.Service != 7 {
			t.Errorf("%s is about %+v of %d, want %+v", n.ID, n.About, n.Service, want)
		}
	}
}

// TestStrangers: orders that Packhorse has not made are not its business.
func TestStrangers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := request(1)
	r.Key = "something else"
	w.create(t, r)
	w.server.Complete(reference(r), 0, "1ZA")
	news, _ := w.poll(t, "")
	check(t, "a stranger's", news)
}

// TestEvents: what becomes of each status of a carrier.
func TestEvents(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]fulfillment.EventStatus{
		"PreTransit": "CONFIRMED", "InTransit": "IN_TRANSIT", "OutForDelivery": "OUT_FOR_DELIVERY",
		"Delivered": "DELIVERED", "Available for Pickup": "READY_FOR_PICKUP",
		"Delivery attempt Failed": "ATTEMPTED_DELIVERY", "DeliveryAttemptFailed": "ATTEMPTED_DELIVERY",
		"DeliveryException": "DELAYED", "Exception": "DELAYED", "Failed": "FAILURE", "Return to sender": "FAILURE",
		"Cancelled": "", "SomethingNew": "", "": "",
	} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			r := request(1)
			w.create(t, r)
			w.server.Complete(reference(r), 0, "1ZA")
			cursor, seen := "", map[string]bool{}
			w.fresh(t, &cursor, seen)
			w.server.Scan(reference(r), 0, shipbobtest.Scan{Status: status})
			if want == "" {
				check(t, status, w.fresh(t, &cursor, seen))
			} else {
				check(t, status, w.fresh(t, &cursor, seen), string(want))
			}
		})
	}
}

// TestDetailsWithoutHistory: where ShipBob has no history of parcels, the shipments say how it goes.
func TestDetailsWithoutHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := request(1)
	w.create(t, r)
	w.server.Complete(reference(r), 0, "1ZA")
	cursor, seen := "", map[string]bool{}
	w.fresh(t, &cursor, seen)
	for status, want := range map[string]string{"InTransit": "IN_TRANSIT", "DeliveryAttemptFailed": "ATTEMPTED_DELIVERY"} {
		for range 2 { // In both lists.
			w.server.Fail(shipbobtest.Fault{
				Operation: "GET /shipments-tracking", Do: shipbobtest.FaultAnswer, Status: 404,
			})
		}
		w.server.Scan(reference(r), 0, shipbobtest.Scan{Status: status})
		check(t, status, w.fresh(t, &cursor, seen), want)
		w.clock.pass(time.Hour) // Out of the time that is asked for again.
		w.server.Fail(shipbobtest.Fault{Operation: "GET /shipments-tracking", Do: shipbobtest.FaultAnswer, Status: 404})
		cursor = fmt.Sprintf(`{"since":%q}`, w.clock.now().Format(time.RFC3339))
	}
}

// TestHolds: what stops a shipment becomes a hold of its own, which ends when the shipment goes on.
func TestHolds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.Check = nil // "On Hold" is not in the schema.
	r := request(1)
	w.create(t, r)
	ref := reference(r)
	w.server.Split(ref, map[string]int{"MUG": 2}, map[string]int{"TEE": 1})
	ids := w.server.Shipments(ref)
	hold, exception := fmt.Sprintf("shipbob-hold-%d", ids[0]), fmt.Sprintf("shipbob-exception-%d", ids[1])
	cursor, seen := "", map[string]bool{}
	w.server.Status(ref, 0, "OnHold", shipbobtest.Detail{Name: "InvalidAddress", Description: "The address is not known"})
	w.server.Status(ref, 1, "Exception", shipbobtest.Detail{Name: "OutOfStock"})
	check(t, "both", w.fresh(t, &cursor, seen),
		"Hold "+hold+" INCORRECT_ADDRESS", "Hold "+exception+" INVENTORY_OUT_OF_STOCK")
	check(t, "still", w.fresh(t, &cursor, seen))
	w.server.Status(ref, 0, "Processing")
	check(t, "one goes on", w.fresh(t, &cursor, seen), "ReleaseHold ["+hold+"]")
	w.server.Status(ref, 1, "OnHold", shipbobtest.Detail{Name: "PaymentFailed", Description: "The card was refused"})
	other := fmt.Sprintf("shipbob-hold-%d", ids[1])
	check(t, "another reason", w.fresh(t, &cursor, seen),
		"ReleaseHold ["+exception+"]", "Hold "+other+" AWAITING_PAYMENT")
	w.server.Status(ref, 0, "On Hold") // As the documentation writes it. The same hold once more is another one.
	check(t, "again", w.fresh(t, &cursor, seen), "Hold "+hold+" OTHER")
	w.server.Complete(ref, 0, "")
	got := told(w.fresh(t, &cursor, seen))
	if !slices.Contains(got, "ReleaseHold ["+hold+"]") {
		t.Errorf("it has left, and the hold stays: %q", got)
	}
}

// TestBundles: a bundle of several inventory items is one unit of its line, also when it is split.
func TestBundles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.Bundle("MUG", 1, 2)
	r := request(1)
	r.Lines[0].Quantity = 3
	w.create(t, r)
	w.server.Split(reference(r), map[string]int{"MUG": 2}, map[string]int{"MUG": 1, "TEE": 1})
	w.server.Label(reference(r), 0, "1ZA")
	w.server.Label(reference(r), 1, "1ZB")
	news, _ := w.poll(t, "")
	got := told(news)
	for _, want := range []string{"CreateFulfillment 11×2 1ZA", "CreateFulfillment 11×1 12×1 1ZB"} {
		if !slices.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
}

// TestSameSKUTwice: two lines of one product are filled in their order, and never more than was asked for.
func TestSameSKUTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := request(1)
	r.Lines[1].SKU = "MUG" // 2 and 1.
	w.create(t, r)
	w.server.Split(reference(r), map[string]int{"MUG": 1}, map[string]int{"MUG": 2})
	w.server.Label(reference(r), 0, "1ZA")
	w.server.Label(reference(r), 1, "1ZB")
	news, _ := w.poll(t, "")
	got := told(news)
	for _, want := range []string{"CreateFulfillment 11×1 1ZA", "CreateFulfillment 11×1 12×1 1ZB"} {
		if !slices.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
}

// TestPages: all orders are read, however many have changed.
func TestPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.Check = nil
	const many = 230
	for n := range many {
		r := request(n + 1)
		w.create(t, r)
		w.server.Label(reference(r), 0, fmt.Sprint("1Z", n))
	}
	news, _ := w.poll(t, "")
	shipments := 0
	seen := map[string]bool{}
	for _, n := range news {
		if _, ships := n.Command.(*fulfillment.CreateFulfillment); ships && !seen[n.ID] {
			seen[n.ID] = true
			shipments++
		}
	}
	if shipments != many {
		t.Errorf("%d shipments are told, want %d", shipments, many)
	}
}

// TestChangesAgain: from the same cursor, the same is told.
func TestChangesAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := request(1)
	w.create(t, r)
	_, cursor := w.poll(t, "")
	w.server.Complete(reference(r), 0, "1ZA")
	first, a := w.poll(t, cursor)
	second, b := w.poll(t, cursor)
	if len(first) == 0 || !slices.Equal(told(first), told(second)) || a != b {
		t.Errorf("first %q and %s, then %q and %s", told(first), a, told(second), b)
	}
	if _, _, _, err := w.Changes(t.Context(), provider.Polled{ServiceID: 7}, "no cursor"); provider.Classify(err) !=
		provider.Permanent {
		t.Errorf("a cursor of nobody's: %v", err)
	}
}

// TestOtherPages: ShipBob may give fewer than were asked for, and may not know the order that was asked for.
func TestOtherPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.Check = nil
	w.server.MostOnPage = 25
	for n := range 60 {
		r := request(n + 1)
		w.create(t, r)
		w.server.Label(reference(r), 0, "")
	}
	w.server.Fail(shipbobtest.Fault{
		Operation: "GET /order", Do: shipbobtest.FaultAnswer, Status: 400, Body: `{"SortOrder":["is not valid"]}`,
	})
	news, _ := w.poll(t, "")
	if n := len(told(news)); n != 2*60 {
		t.Errorf("%d things are told, want those of 60 shipments", n)
	}
}

// TestClockAhead: what changes while our clock is ahead of ShipBob's is told all the same.
func TestClockAhead(t *testing.T) {
	t.Parallel()
	r := request(1)
	const ahead = time.Hour
	ours := &clock{at: time.Now().Add(ahead)} // The server's Date is the real time.
	server := shipbobtest.New(nil)
	t.Cleanup(server.Close)
	w := world{Provider: providerFor(server, ours), server: server, clock: ours}
	w.create(t, r)
	_, cursor := w.poll(t, "")
	server.Label(reference(r), 0, "1ZA")
	news, _ := w.poll(t, cursor)
	check(t, "ahead", news, "CreateFulfillment 11×2 12×1 1ZA", "UpdateTracking 1ZA", "LABEL_PRINTED")
}
