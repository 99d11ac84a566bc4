package watch_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/news"
	"packhorse/internal/postgres"
	"packhorse/internal/watch"
	"packhorse/internal/worker/workertest"
)

const day = 24 * time.Hour

// parcel ships a unit, with a number and what was heard of it.
func parcel(
	s *workertest.Stack, location fulfillment.ID, number string, heard ...fulfillment.EventStatus,
) fulfillment.ID {
	id := s.Order(location, 1)
	shipment := s.Send(id, &fulfillment.CreateFulfillment{
		Tracking: &fulfillment.TrackingInput{Number: number},
	}).FulfillmentID
	for _, status := range heard {
		s.Send(id, &fulfillment.RecordEvent{FulfillmentID: shipment, Status: status})
	}
	return id
}

// TestSilence: people are told, once, when nothing was heard for a while of a parcel that is on its way; not of one
// that no carrier is said to have, that has arrived, or that is the merchant's own; and again after it was heard of and
// is silent anew.
func TestSilence(t *testing.T) {
	t.Parallel()
	s := workertest.Start(t)
	at := s.Service(fulfillment.Service{Name: "Quiet", Provider: fulfillment.ManualProvider})
	lost := parcel(s, at.LocationID, "LOST", fulfillment.EventInTransit)
	parcel(s, at.LocationID, "UNSCANNED")
	parcel(s, at.LocationID, "LABEL", fulfillment.EventLabelPurchased)
	parcel(s, at.LocationID, "ARRIVED", fulfillment.EventInTransit, fulfillment.EventDelivered)
	parcel(s, at.LocationID, "BROKEN", fulfillment.EventInTransit, fulfillment.EventFailure)
	parcel(s, s.Warehouse("Own").ID, "OWN", fulfillment.EventInTransit)
	w := watch.New(watch.Config{Store: s.Store, Temporal: s.Temporal, Updates: s.Updates, Interval: time.Minute,
		Logger: slog.New(slog.NewTextHandler(t.Output(), nil)), Silence: 7 * day})
	defer w.Close()
	now := time.Now().UTC()
	look := func(after time.Duration, want int) {
		t.Helper()
		if n, err := w.HearNothing(t.Context(), now.Add(after)); err != nil || n != want {
			t.Fatalf("after %s people are told of %d parcels, %v; want %d", after, n, err, want)
		}
	}
	alerts := func(want int) []news.Item {
		t.Helper()
		var items []news.Item
		workertest.WaitFor(t, "the alerts", func() bool {
			list, err := s.Store.NewsList(t.Context(), postgres.NewsFilter{Alert: true}, postgres.Page{})
			if err != nil {
				t.Fatal(err)
			}
			items = list.Items
			return len(items) >= want
		})
		if len(items) != want {
			t.Fatalf("there are %d alerts: %+v", len(items), items)
		}
		return items
	}
	look(6*day, 0)
	look(8*day, 1)
	alert := alerts(1)[0]
	shipment := &s.Load(lost).Fulfillments[0]
	const text = "(parcel LOST) for 8 days; it is IN_TRANSIT."
	if alert.Alert != news.NothingHeard || alert.FulfillmentOrderID != lost || alert.State != news.Done ||
		!strings.Contains(alert.Reason, text) || !alert.StillSilent(shipment) {
		t.Errorf("the alert is %+v", alert)
	}
	look(9*day, 0)
	look(80*day, 0) // Nobody looked for so long.

	s.Send(lost, &fulfillment.RecordEvent{FulfillmentID: shipment.ID, Status: fulfillment.EventDelayed})
	look(6*day, 0)
	look(9*day, 1)
	alerts(2)
	w.Silence = 0
	s.Send(lost, &fulfillment.RecordEvent{FulfillmentID: shipment.ID, Status: fulfillment.EventInTransit})
	look(9*day, 0)
}
