package feed_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"packhorse/internal/feed"
	"packhorse/internal/fulfillment"
	"packhorse/internal/postgres"
)

// TestEntry: all that an event says is in its entry, IDs as text; and its ID is the same however often it is read, and
// no other event's.
func TestEntry(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 4, 12, 0, 0, 5000, time.UTC)
	event := fulfillment.Event{
		Version: fulfillment.EventVersion, Topic: fulfillment.TopicMoved, OrderID: 1 << 60, FulfillmentOrderID: 7,
		Sequence: 3, Position: 1, Kind: string(fulfillment.KindMoved), At: at, Verb: fulfillment.VerbMove,
		CommandID: "c", Actor: fulfillment.Actor{Role: fulfillment.RoleMerchant, App: "shop"}, Reason: "It is nearer.",
		Before: fulfillment.State{LocationID: 1}, After: fulfillment.State{LocationID: 2},
		Details: fulfillment.Details{Message: "m"},
	}
	stored := func(e fulfillment.Event, position int64) postgres.FeedEntry {
		body, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		return postgres.FeedEntry{
			Position: position, CommittedAt: at.Add(time.Second), OrderID: e.OrderID,
			FulfillmentOrderID: e.FulfillmentOrderID, Sequence: e.Sequence, Place: e.Position, Topic: e.Topic,
			Event: body,
		}
	}
	read := func(from postgres.FeedEntry) (feed.Entry, map[string]any) {
		e, err := feed.Read(from)
		if err != nil {
			t.Fatal(err)
		}
		body, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var fields map[string]any
		if err := json.Unmarshal(body, &fields); err != nil {
			t.Fatal(err)
		}
		return e, fields
	}
	first, fields := read(stored(event, 9))
	var want map[string]any
	if err := json.Unmarshal(stored(event, 9).Event, &want); err != nil {
		t.Fatal(err)
	}
	want["position"], want["place"], want["id"], want["committedAt"] = 9.0, 1.0, first.ID, "2026-03-04T12:00:01.000005Z"
	if !reflect.DeepEqual(fields, want) || fields["orderId"] != "1152921504606846976" {
		t.Errorf("got  %v\nwant %v", fields, want)
	}
	if moved, _ := read(stored(event, 10)); moved.ID != first.ID {
		t.Error("at another position it has another ID")
	}
	ids := map[string]string{first.ID: "itself"}
	for what, change := range map[string]func(*fulfillment.Event){
		"order":             func(e *fulfillment.Event) { e.OrderID++ },
		"fulfillment order": func(e *fulfillment.Event) { e.FulfillmentOrderID = 0 },
		"return":            func(e *fulfillment.Event) { e.FulfillmentOrderID, e.ReturnID = 0, 7 },
		"sequence":          func(e *fulfillment.Event) { e.Sequence++ },
		"place":             func(e *fulfillment.Event) { e.Position++ },
		"time":              func(e *fulfillment.Event) { e.At = e.At.Add(time.Microsecond) },
	} {
		other := event
		change(&other)
		e, _ := read(stored(other, 9))
		if of := ids[e.ID]; of != "" {
			t.Errorf("with another %s it has the ID of %s", what, of)
		}
		ids[e.ID] = what
	}
	if _, err := feed.Read(postgres.FeedEntry{Event: []byte(`{"sequence": "x"}`)}); err == nil {
		t.Error("what can't be read is no error")
	}
}
