package fulfillment

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTracking(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule string
		in   TrackingInput
		want []TrackingInfo
	}{
		{
			"a known carrier's page, whatever the case", TrackingInput{Company: "ups ", Number: "1Z 9"},
			[]TrackingInfo{{"ups ", "1Z 9", "https://www.ups.com/track?tracknum=1Z%209"}},
		},
		{
			"the given URL wins", TrackingInput{Company: "UPS", Number: "1", URL: "https://example.com/1"},
			[]TrackingInfo{{"UPS", "1", "https://example.com/1"}},
		},
		{
			"URLs by position",
			TrackingInput{Company: "X", Numbers: []string{"1", "2"}, URLs: []string{"", "http://example.com/2"}},
			[]TrackingInfo{{"X", "1", ""}, {"X", "2", "http://example.com/2"}},
		},
		{
			"the single number comes first, once", TrackingInput{Number: "2", Numbers: []string{"1", "2"}},
			[]TrackingInfo{{"", "1", ""}, {"", "2", ""}},
		},
		{"a company alone", TrackingInput{Company: "Bike"}, []TrackingInfo{{"Bike", "", ""}}},
		{
			"a number can't break out of the page's address", TrackingInput{Company: "DPD", Number: "1/../?x=#y"},
			[]TrackingInfo{{"DPD", "1/../?x=#y", "https://tracking.dpd.de/status/en_US/parcel/1%2F..%2F%3Fx%3D%23y"}},
		},
		{"nothing", TrackingInput{}, []TrackingInfo{}},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			s := done(t, partShipped(ownLocation), &UpdateTracking{FulfillmentID: 41, Tracking: c.in}).State
			if diff := cmp.Diff(c.want, s.Fulfillments[0].Tracking); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTrackingRefusals(t *testing.T) {
	t.Parallel()
	fo := partShipped(ownLocation)
	const notWeb = "is not a web address: it must begin with https:// or http://."
	for _, address := range []string{"javascript:alert(1)", "ftp://example.com", "https://", "%", "example.com"} {
		refused(
			t, fo, &UpdateTracking{FulfillmentID: 41, Tracking: TrackingInput{Number: "1", URL: address}}, CodeInvalid,
			notWeb, "trackingInfoInput", "urls", "0",
		)
	}
	refused(
		t, fo, &UpdateTracking{FulfillmentID: 99}, CodeFulfillmentNotFound, "Fulfillment does not exist.",
		"fulfillmentId",
	)
	refused(t, fo,
		&UpdateTracking{FulfillmentID: 41, Tracking: TrackingInput{Numbers: []string{"1", strings.Repeat("2", 256)}}},
		CodeInvalid,
		"is too long (maximum is 255 characters)", "trackingInfoInput", "numbers", "1")
	refused(
		t, inState(ownLocation, StatusOpen, RequestUnsubmitted),
		&CreateFulfillment{Tracking: &TrackingInput{URL: "x:y"}}, CodeInvalid, notWeb, "fulfillment", "trackingInfo",
		"urls", "0",
	)
}

func TestTrackingOfACancelledShipment(t *testing.T) {
	t.Parallel()
	cancelled := done(t, partShipped(ownLocation), &CancelFulfillment{FulfillmentID: 41}).State
	done(t, cancelled, &UpdateTracking{FulfillmentID: 41, Tracking: TrackingInput{Number: "1"}})
}

func TestCarriersAreWebAddresses(t *testing.T) {
	t.Parallel()
	for name := range carrierURLs {
		if name != strings.ToLower(name) || webAddress(CarrierURL(name, "1"), nil) != nil ||
			!strings.Contains(CarrierURL(name, "n0"), "n0") {
			t.Errorf("%s: %s", name, CarrierURL(name, "n0"))
		}
	}
}

// TestTrackingIfNone: who only wants to add a number never replaces one.
func TestTrackingIfNone(t *testing.T) {
	t.Parallel()
	fo := partShipped(ownLocation)
	add := func(number string) *UpdateTracking {
		return &UpdateTracking{
			Meta: Meta{CommandID: number}, FulfillmentID: 41, Tracking: TrackingInput{Number: number}, IfNone: true,
		}
	}
	fo.Fulfillments[0].Tracking = []TrackingInfo{{Company: "DHL"}}
	first := done(t, fo, add("1"))
	if got := first.State.Fulfillments[0].Tracking; len(got) != 1 || got[0].Number != "1" {
		t.Errorf("where there was none it is %+v", got)
	}
	second := done(t, first.State, add("2"))
	if got := second.State.Fulfillments[0].Tracking; len(got) != 1 || got[0].Number != "1" || !second.Unchanged() ||
		second.Result.FulfillmentID != 41 {
		t.Errorf("where there was one it is %+v: %+v", got, second.Transitions)
	}
}

// TestEncodeURL: what no address has is encoded, once, and nothing else changes.
func TestEncodeURL(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"":                                  "",
		"https://example.com/a?b=1%202#c":   "https://example.com/a?b=1%202#c",
		" https://example.com/a ":           "https://example.com/a",
		"https://example.com/a b":           "https://example.com/a%20b",
		"https://example.com/a\r\n\tb":      "https://example.com/a%20b",
		"https://example.com/a\x01b\x7f":    "https://example.com/a%01b%7F",
		"https://example.com/stra\u00dfe":   "https://example.com/stra\u00dfe",
		"https://example.com/?q=a\u00a0b\n": "https://example.com/?q=a%20b",
	} {
		got := EncodeURL(given)
		if got != want || EncodeURL(got) != got {
			t.Errorf("%q becomes %q, and then %q; want %q", given, got, EncodeURL(got), want)
		}
	}
}
