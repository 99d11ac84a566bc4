package news

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// TestCommandNamesItsRequest: what is told names the request that it is about, and whether it came with its answer, so
// that it is not taken for news of another one.
func TestCommandNamesItsRequest(t *testing.T) {
	t.Parallel()
	for _, after := range []string{"", "fulfillment-order/7#2"} {
		item := Item{
			Key: "shp_1/shipped", ServiceID: 8, Verb: fulfillment.VerbCreateFulfillment, Payload: []byte(`{}`),
			About: Subject{RequestKey: "fulfillment-order/7#2"}, After: after,
		}
		n, err := item.Command(Target{FulfillmentOrderID: 7})
		if err != nil || n.About.RequestKey != item.About.RequestKey || n.About.FulfillmentOrderID != 7 ||
			n.WithAnswer != (after != "") {
			t.Errorf("after %q it is %+v, %v", after, n, err)
		}
	}
}

// TestCarrierIsProposed: news that tells a number and no carrier is kept with the one that the number leaves no doubt
// of. One that is told stays.
func TestCarrierIsProposed(t *testing.T) {
	t.Parallel()
	const number = "1Z5R89390357567127"
	for rule, c := range map[string]struct {
		told fulfillment.Command
		want string
	}{
		"a shipment": {
			&fulfillment.CreateFulfillment{Tracking: &fulfillment.TrackingInput{Numbers: []string{number}}}, "UPS",
		},
		"new numbers": {&fulfillment.UpdateTracking{Tracking: fulfillment.TrackingInput{Number: number}}, "UPS"},
		"a carrier that is told": {
			&fulfillment.CreateFulfillment{Tracking: &fulfillment.TrackingInput{Company: "DHL", Number: number}}, "DHL",
		},
		"a number that any carrier may have": {
			&fulfillment.CreateFulfillment{Tracking: &fulfillment.TrackingInput{Number: "00340434161094042557"}}, "",
		},
		"no tracking": {&fulfillment.CreateFulfillment{}, ""},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			item, err := Told("http", 8, provider.News{ID: "shp_1", Command: c.told}, FromDelivery, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			n, err := item.Command(Target{FulfillmentOrderID: 7})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			switch cmd := n.Command.(type) {
			case *fulfillment.CreateFulfillment:
				if cmd.Tracking != nil {
					got = cmd.Tracking.Company
				}
			case *fulfillment.UpdateTracking:
				got = cmd.Tracking.Company
			}
			if got != c.want {
				t.Errorf("the carrier is %q, want %q", got, c.want)
			}
		})
	}
}

// TestSystemsURLs: blanks and line ends are encoded in an address that a service's system tells, and one that is none
// is left out: what was shipped counts.
func TestSystemsURLs(t *testing.T) {
	t.Parallel()
	told := &fulfillment.CreateFulfillment{Tracking: &fulfillment.TrackingInput{
		Numbers: []string{"A\n1", "A2", "A3", "A4"},
		URLs:    []string{"https://example.com/?n=A\r\n1", "see the label", "https://example.com/A3\x01", "x\uFFFD"},
	}}
	item, err := Told("http", 8, provider.News{ID: "shp_1", Command: told}, FromDelivery, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	n, err := item.Command(Target{FulfillmentOrderID: 7})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"https://example.com/?n=A%201", "", "https://example.com/A3%01", ""}
	if got := n.Command.(*fulfillment.CreateFulfillment).Tracking; !slices.Equal(got.URLs, want) {
		t.Errorf("the addresses are %q, want %q", got.URLs, want)
	}
	if refused := fulfillment.Admit(n.Command, time.Now()); refused != nil {
		t.Errorf("it is refused: %v", refused)
	}
}

// TestAlertOf: a failure is looked at when it happened after the delivery, and not when it is only heard of then.
func TestAlertOf(t *testing.T) {
	t.Parallel()
	delivered := today.Add(-time.Hour)
	for rule, c := range map[string]struct {
		status fulfillment.EventStatus
		at     *time.Time
		parcel Parcel
		want   Alert
	}{
		"after the delivery": {
			fulfillment.EventFailure, new(delivered.Add(time.Minute)), Parcel{DeliveredAt: &delivered}, AfterDelivery,
		},
		"before the delivery": {
			fulfillment.EventFailure, new(delivered.Add(-time.Minute)), Parcel{DeliveredAt: &delivered}, "",
		},
		"nobody says when": {fulfillment.EventFailure, nil, Parcel{DeliveredAt: &delivered}, AfterDelivery},
		"no failure": {
			fulfillment.EventInTransit, new(delivered.Add(time.Minute)), Parcel{DeliveredAt: &delivered}, "",
		},
		"not delivered": {fulfillment.EventFailure, nil, Parcel{}, ""},
		"a void, which has an alert of its own": {
			fulfillment.EventFailure, new(delivered.Add(time.Minute)),
			Parcel{Cancelled: true, DeliveredAt: &delivered}, "",
		},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			item, err := Told("http", 8, provider.News{
				ID: "evt_1", Command: &fulfillment.RecordEvent{Status: c.status, HappenedAt: c.at},
			}, FromDelivery, today)
			if err != nil {
				t.Fatal(err)
			}
			if got := item.AlertOf([]Parcel{c.parcel}); got != c.want {
				t.Errorf("the alert is %q, want %q", got, c.want)
			}
		})
	}
}

// TestNoShipmentYet: news that names no shipment doesn't say that it is about 0.
func TestNoShipmentYet(t *testing.T) {
	t.Parallel()
	for want, cmd := range map[string]fulfillment.Command{
		`{"status":"FAILURE"}`:                     &fulfillment.RecordEvent{Status: fulfillment.EventFailure},
		`{"fulfillmentId":"7","status":"FAILURE"}`: &fulfillment.RecordEvent{FulfillmentID: 7, Status: fulfillment.EventFailure},
	} {
		item, err := Told("http", 8, provider.News{ID: "evt_1", Command: cmd}, FromDelivery, today)
		if err != nil {
			t.Fatal(err)
		}
		var sorted map[string]any
		if err := json.Unmarshal(item.Payload, &sorted); err != nil {
			t.Fatal(err)
		}
		if text, _ := json.Marshal(sorted); string(text) != want || item.NeedsShipment() != (len(sorted) == 1) {
			t.Errorf("it is kept as %s, want %s", text, want)
		}
	}
	if _, payload := Printed(); string(payload) != `{"status":"LABEL_PRINTED"}` {
		t.Errorf("a print is kept as %s", payload)
	}
}
