package easypost

import (
	"slices"
	"testing"

	"packhorse/internal/fulfillment"
)

// TestStatuses is the table of what a carrier's words mean, row by row. Each row stands alone: it is the first time
// that a carrier has the parcel, and then not.
func TestStatuses(t *testing.T) {
	t.Parallel()
	const none fulfillment.EventStatus = ""
	for _, row := range []struct {
		status, detail string
		first, later   fulfillment.EventStatus
	}{
		{"pre_transit", "status_update", fulfillment.EventConfirmed, fulfillment.EventConfirmed},
		{"pre_transit", "label_created", fulfillment.EventConfirmed, fulfillment.EventConfirmed},
		{"in_transit", "received_at_origin_facility", fulfillment.EventCarrierPickedUp, fulfillment.EventInTransit},
		{"in_transit", "departed_origin_facility", fulfillment.EventCarrierPickedUp, fulfillment.EventInTransit},
		{"in_transit", "delayed", fulfillment.EventDelayed, fulfillment.EventDelayed},
		{"in_transit", "weather_delay", fulfillment.EventDelayed, fulfillment.EventDelayed},
		{"in_transit", "missorted", fulfillment.EventDelayed, fulfillment.EventDelayed},
		{"in_transit", "held", fulfillment.EventDelayed, fulfillment.EventDelayed},
		{"in_transit", "address_correction", fulfillment.EventDelayed, fulfillment.EventDelayed},
		{"in_transit", "awaiting_information", fulfillment.EventDelayed, fulfillment.EventDelayed},
		{"in_transit", "transit_exception", fulfillment.EventDelayed, fulfillment.EventDelayed},
		{"in_transit", "arrived_at_facility", fulfillment.EventInTransit, fulfillment.EventInTransit},
		{"in_transit", "status_update", fulfillment.EventInTransit, fulfillment.EventInTransit},
		{"in_transit", "a word of tomorrow", fulfillment.EventInTransit, fulfillment.EventInTransit},
		{"in_transit", "delivery_exception", fulfillment.EventAttemptedDelivery, fulfillment.EventAttemptedDelivery},
		{"out_for_delivery", "out_for_delivery", fulfillment.EventOutForDelivery, fulfillment.EventOutForDelivery},
		{"available_for_pickup", "arrived_at_pickup_location", fulfillment.EventReadyForPickup, fulfillment.EventReadyForPickup},
		{"delivered", "arrived_at_destination", fulfillment.EventDelivered, fulfillment.EventDelivered},
		{"delivered", "damaged", fulfillment.EventDelivered, fulfillment.EventDelivered},
		{"return_to_sender", "return", fulfillment.EventFailure, fulfillment.EventFailure},
		{"failure", "failure", fulfillment.EventFailure, fulfillment.EventFailure},
		{"in_transit", "lost", fulfillment.EventFailure, fulfillment.EventFailure},
		{"in_transit", "damaged", fulfillment.EventFailure, fulfillment.EventFailure},
		{"in_transit", "refused", fulfillment.EventFailure, fulfillment.EventFailure},
		{"in_transit", "expired", fulfillment.EventFailure, fulfillment.EventFailure},
		{"error", "unknown", none, none},
		{"cancelled", "cancelled", none, none},
		{"unknown", "unknown", none, none},
		{"a status of tomorrow", "", none, none},
		{"", "", none, none},
	} {
		if got := eventStatus(row.status, row.detail, true); got != row.first {
			t.Errorf("%s/%s at first is %q, want %q", row.status, row.detail, got, row.first)
		}
		if got := eventStatus(row.status, row.detail, false); got != row.later {
			t.Errorf("%s/%s later is %q, want %q", row.status, row.detail, got, row.later)
		}
	}
}

func statuses(list []fulfillment.RecordEvent) (of []fulfillment.EventStatus) {
	for _, e := range list {
		of = append(of, e.Status)
	}
	return of
}

// TestHistories: an update has all that happened before, in whatever order; a label that is announced twice is
// confirmed once.
func TestHistories(t *testing.T) {
	t.Parallel()
	at := func(hour, status, word string) detail {
		return detail{Status: text(status), StatusDetail: text(word), Datetime: text("2026-03-04T" + hour + ":00:00Z")}
	}
	for name, test := range map[string]struct {
		tracker tracker
		want    []fulfillment.EventStatus
	}{
		"whole_way_shuffled": {tracker{Status: "delivered", Details: list[detail]{
			at("09", "delivered", "arrived_at_destination"), at("03", "in_transit", "received_at_origin_facility"),
			at("01", "pre_transit", "label_created"), at("02", "pre_transit", "status_update"),
			at("08", "out_for_delivery", "out_for_delivery"), at("05", "in_transit", "departed_origin_facility"),
		}}, []fulfillment.EventStatus{fulfillment.EventConfirmed, fulfillment.EventCarrierPickedUp,
			fulfillment.EventInTransit, fulfillment.EventOutForDelivery, fulfillment.EventDelivered}},
		"end_without_a_scan": {tracker{Status: "return_to_sender", Details: list[detail]{
			at("01", "in_transit", "arrived_at_facility"),
		}}, []fulfillment.EventStatus{fulfillment.EventInTransit, fulfillment.EventFailure}},
		"status_without_history": {tracker{Status: "in_transit"}, []fulfillment.EventStatus{fulfillment.EventInTransit}},
		"nothing_known":          {tracker{Status: "unknown"}, nil},
		"cant_be_followed":       {tracker{Status: "error", StatusDetail: "unknown"}, nil},
	} {
		if got := statuses(events(test.tracker)); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestCompany(t *testing.T) {
	t.Parallel()
	for carrier, want := range map[string]string{
		"USPS": "USPS", "UPSDAP": "UPS", "UPS": "UPS", "FedExDefault": "FedEx", "DhlEcs": "DHL eCommerce",
		"DHLExpress": "DHL Express", "CanadaPost": "Canada Post", "Somebody": "Somebody", "": "",
	} {
		if got := company(carrier); got != want {
			t.Errorf("%s is %q, want %q", carrier, got, want)
		}
	}
}
