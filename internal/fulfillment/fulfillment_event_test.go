package fulfillment

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// news is what a carrier says of an hour of the day before.
func news(status EventStatus, hour int) *RecordEvent {
	return &RecordEvent{
		FulfillmentID: 41, Status: status, HappenedAt: new(testTime.Add(time.Duration(hour-24) * time.Hour)),
	}
}

func TestCarrierNews(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule   string
		events []*RecordEvent
		want   DisplayStatus
		late   []bool
	}{
		{
			"the display status follows", []*RecordEvent{news(EventConfirmed, 1), news(EventInTransit, 2)},
			DisplayInTransit, []bool{false, false},
		},
		{
			"older news is late", []*RecordEvent{news(EventOutForDelivery, 2), news(EventInTransit, 1)},
			DisplayOutForDelivery, []bool{false, true},
		},
		{
			"late news does not count as the newest",
			[]*RecordEvent{news(EventOutForDelivery, 3), news(EventInTransit, 1), news(EventConfirmed, 2)},
			DisplayOutForDelivery, []bool{false, true, true},
		},
		{
			"a delivery always counts", []*RecordEvent{news(EventDelayed, 9), news(EventDelivered, 1)},
			DisplayDelivered, []bool{false, false},
		},
		{
			"nothing turns a delivery back", []*RecordEvent{news(EventDelivered, 1), news(EventFailure, 9)},
			DisplayDelivered, []bool{false, true},
		},
		{
			"carriers may write back and forth", []*RecordEvent{news(EventOutForDelivery, 1), news(EventInTransit, 2)},
			DisplayInTransit, []bool{false, false},
		},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			fo := partShipped(ownLocation)
			for _, e := range c.events {
				fo = done(t, fo, e).State
			}
			f := fo.Fulfillments[0]
			for i, e := range f.Events {
				if e.Late != c.late[i] {
					t.Errorf("event %d is late: %v", i, e.Late)
				}
			}
			if f.DisplayStatus != c.want || len(f.Events) != len(c.events) {
				t.Errorf("%s after %d events, want %s", f.DisplayStatus, len(f.Events), c.want)
			}
		})
	}
}

func TestEventsSetTimes(t *testing.T) {
	t.Parallel()
	fo := done(t, partShipped(ownLocation), news(EventInTransit, 6)).State
	eta := testTime.Add(80 * time.Hour)
	fo = done(
		t, fo,
		&RecordEvent{
			FulfillmentID: 41, Status: EventDelayed, HappenedAt: new(testTime.Add(-17 * time.Hour)),
			EstimatedDeliveryAt: &eta,
		},
	).State
	fo = done(t, fo, news(EventInTransit, 8)).State
	fo = done(t, fo, news(EventDelivered, 10)).State
	d := done(t, fo, news(EventDelivered, 12))
	f := d.State.Fulfillments[0]
	if !f.InTransitAt.Equal(testTime.Add(-18*time.Hour)) || !f.DeliveredAt.Equal(testTime.Add(-14*time.Hour)) ||
		!f.EstimatedDeliveryAt.Equal(eta) {
		t.Errorf("in transit %v, delivered %v, expected %v", f.InTransitAt, f.DeliveredAt, f.EstimatedDeliveryAt)
	}
	if d.Result.EventID != 1000 || d.Result.FulfillmentID != 41 ||
		!slices.Equal(d.Transitions[0].Topics, []string{TopicEventCreated}) {
		t.Errorf("got %+v, topics %v", d.Result, d.Transitions[0].Topics)
	}
}

func TestEventOfACancelledShipmentIsKept(t *testing.T) {
	t.Parallel()
	fo := done(t, partShipped(ownLocation), &CancelFulfillment{FulfillmentID: 41}).State
	f := done(t, fo, news(EventInTransit, 1)).State.Fulfillments[0]
	if f.DisplayStatus != DisplayCanceled || len(f.Events) != 1 || f.InTransitAt == nil {
		t.Errorf("got %+v", f)
	}
}

func TestEventDefaultsToNow(t *testing.T) {
	t.Parallel()
	f := done(
		t, partShipped(ownLocation), &RecordEvent{FulfillmentID: 41, Status: EventConfirmed},
	).State.Fulfillments[0]
	if !f.Events[0].HappenedAt.Equal(testTime) {
		t.Errorf("happened at %v", f.Events[0].HappenedAt)
	}
}

func TestEventRefusals(t *testing.T) {
	t.Parallel()
	fo := partShipped(ownLocation)
	refused(
		t, fo, &RecordEvent{FulfillmentID: 99, Status: EventConfirmed}, CodeFulfillmentNotFound,
		"Fulfillment does not exist.", "fulfillmentEvent", "fulfillmentId",
	)
	refused(t, fo, &RecordEvent{FulfillmentID: 41, Status: "LOST"}, CodeInvalid,
		`Expected "LOST" to be one of: LABEL_PURCHASED, LABEL_PRINTED, READY_FOR_PICKUP, CONFIRMED, IN_TRANSIT, OUT_FOR_DELIVERY, ATTEMPTED_DELIVERY, DELAYED, DELIVERED, FAILURE, CARRIER_PICKED_UP`, "fulfillmentEvent", "status")
	refused(
		t, fo, &RecordEvent{FulfillmentID: 41, Status: EventConfirmed, City: strings.Repeat("x", 256)}, CodeInvalid,
		"is too long (maximum is 255 characters)", "fulfillmentEvent", "city",
	)
	for _, v := range []float64{-91, 91, math.NaN(), math.Inf(1)} {
		refused(
			t, fo, &RecordEvent{FulfillmentID: 41, Status: EventConfirmed, Latitude: &v}, CodeInvalid,
			"Latitude must be between -90 and 90.", "fulfillmentEvent", "latitude",
		)
	}
	refused(
		t, fo, &RecordEvent{FulfillmentID: 41, Status: EventConfirmed, Longitude: new(180.5)}, CodeInvalid,
		"Longitude must be between -180 and 180.", "fulfillmentEvent", "longitude",
	)
}
